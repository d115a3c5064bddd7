"""What the Makefile calls. Set-up needs nothing but Python's own library: when it first runs, nothing is installed."""
