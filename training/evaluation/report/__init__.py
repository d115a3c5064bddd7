"""The evaluation, as a person reads it."""
