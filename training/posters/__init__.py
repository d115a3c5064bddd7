"""Posters from TMDB, looked up offline."""
