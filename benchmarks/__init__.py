"""Benchmarks; each writes its results with machine and versions to benchmarks/results/*.json."""
