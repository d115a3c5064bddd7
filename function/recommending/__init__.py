"""Ranking, and what is shown to whom. Knows no HTTP."""
