"""What the Makefile calls, with nothing but Python's own library: when the first of it runs, nothing is installed."""
