"""The bundle: its format, where it comes from, and the interpreter that runs its model."""
