"""Which film and user ids a path of the API can carry.

Not all can be escaped. API Gateway's HTTP APIs decode a path before the function sees it, so that an escaped "/" or "?"
becomes the real one, and Mangum decodes it once more, so that "%25" does not survive. Browsers and CDNs resolve "." and
".." even where they are escaped (RFC 3986, 5.2.4; WHATWG URL). Data with such ids is refused when it is imported.
"""

import re
from typing import Final

MAX_ID: Final = 100  # characters
_RESERVED: Final = re.compile(r"[/\\?#%\x00-\x1f\x7f]")


def id_fault(text: str) -> str | None:
    """What is wrong with an id that no path can carry; None if nothing is."""
    if text in (".", ".."):
        return 'is a relative path; use another id than "." and ".."'
    if reserved := _RESERVED.search(text):
        return rf"has {reserved[0]!r}; use ids without / \ ? # % and control characters"
    if len(text) > MAX_ID:
        return f"has {len(text)} characters; use ids of at most {MAX_ID}"
    return None
