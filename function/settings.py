"""Settings from the environment. The defaults are safe on the open network."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

OpenUsers = Literal["none", "samples", "all"]


@dataclass(frozen=True)
class Settings:
    """The function's settings. `from_environment` reads each from the variable of the same name in capitals."""

    bundle_dir: Path = Path("artifacts/bundles")
    """A bundle's folder, or a bundle root, whose current bundle is served."""

    bundle_uri: str = ""
    """Releases in S3, as s3://bucket/prefix (function/bundle/remote.py). The current one is served instead, if any."""

    open_users: OpenUsers | None = None
    """Whose recommendations may be read without proof of identity: nobody's, the sample profiles', or all known users'.
    None ("auto" in the environment) decides by the data: samples of MovieLens, nobody of your own."""

    allow_origins: tuple[str, ...] = ()
    """Other sites whose pages may call the API (CORS), separated by commas. The project's own page needs none."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Raises ValueError, naming the variable, if a value is invalid."""
        open_users = environment.get("OPEN_USERS", "auto")
        if open_users not in ("auto", *get_args(OpenUsers)):
            raise ValueError(f"OPEN_USERS={open_users}: use auto, none, samples or all")
        origins = tuple(origin.strip() for origin in environment.get("ALLOW_ORIGINS", "").split(",") if origin.strip())
        if "*" in origins:
            raise ValueError("ALLOW_ORIGINS=*: name the sites, for example https://films.example.org")
        return cls(
            bundle_dir=Path(environment.get("BUNDLE_DIR", cls.bundle_dir)),
            bundle_uri=environment.get("BUNDLE_URI", cls.bundle_uri),
            open_users=None if open_users == "auto" else cast(OpenUsers, open_users),
            allow_origins=origins,
        )
