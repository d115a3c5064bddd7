"""Side-by-side measurements; each writes benchmarks/results/*.json with machine, versions and figures."""
