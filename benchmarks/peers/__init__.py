"""Other libraries under the same questions as our model; each runs in a process, and an environment, of its own."""
