"""Ratings and films: reading, checking, splitting."""
