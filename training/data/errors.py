"""What is wrong with data, in one sentence: where, what, and how to mend it."""


class DataError(Exception):
    """Data that cannot be used as it is. The message names the file, the line where there is one, and the mend."""
