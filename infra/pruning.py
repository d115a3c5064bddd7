"""What leaves this machine: the bundle, with the known users who may be shown there and no others."""

from pathlib import Path
from typing import Final, cast

from function.bundle.format import read_bundle
from function.settings import OpenUsers
from training.export.prune import prune

AUTO: Final = "auto"  # of the parameter OpenUsers: by the data
BUNDLES: Final = Path("artifacts/bundles")
PUBLISHED: Final = Path("artifacts/published")


def pruned_bundle(path: Path, published: Path, open_users: str) -> Path:
    """The folder of the bundle at `path` (a bundle, or a bundle root) as it may be published, under `published`.

    `open_users` is a value of the parameter OpenUsers. Raises BundleError if the bundle is missing or damaged.
    """
    bundle = read_bundle(path)
    chosen = bundle.manifest.default_open_users if open_users == AUTO else cast(OpenUsers, open_users)
    return prune(bundle, published, chosen)
