"""The model, how it is fitted, and the form in which it is served."""
