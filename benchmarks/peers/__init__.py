"""Other libraries, which answer the same questions as our model, each in its own process and environment."""
