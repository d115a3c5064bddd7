"""Offline: ratings and films in, a verified bundle out. `python -m training --help` lists the commands."""
