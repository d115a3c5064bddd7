"""Errors in data, each told in one sentence: where, what, and how to fix it."""


class DataError(Exception):
    """Data that cannot be used as it is. The message names the file, the line where there is one, and a fix."""
