"""Ways to score a catalogue for one user, each with its own library: what a request of ours is measured beside."""
