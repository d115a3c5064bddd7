"""Response headers of the static page: the same on this machine as behind CloudFront (template.yaml)."""

from typing import Final


def content_security_policy(*connect: str) -> str:
    """The Content-Security-Policy of the page; `connect` are the origins of the identity provider.

    No 'unsafe-inline' anywhere; pictures may come from TMDB, which asks that they be loaded from its own host.
    """
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data: https://image.tmdb.org",
            "font-src 'self'",
            " ".join(("connect-src 'self'", *connect)),
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


CONTENT_SECURITY_POLICY: Final = content_security_policy()

SECURITY_HEADERS: Final = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "x-frame-options": "DENY",
}

# Vite puts a content hash into the names below assets/: they never change. Everything else may.
IMMUTABLE: Final = "public, max-age=31536000, immutable"
REVALIDATE: Final = "no-cache"


def cache_control(path: str) -> str:
    """Cache-Control of a file of the page, by its path below the site's root."""
    return IMMUTABLE if path.lstrip("/").startswith("assets/") else REVALIDATE
