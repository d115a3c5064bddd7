"""A bundle with rows to score again by, as one of 8-bit numbers has."""

from pathlib import Path

from function.bundle.format import CONTENT, ROWS, Bundle, read_bundle
from training.export.publish import publish, stage


def with_rows(bundle: Bundle, content: bytes, root: Path) -> Bundle:
    """The bundle with `content` as its rows.npy, published under `root`."""
    facts = bundle.manifest
    staged = stage(
        root,
        content={**{name: (bundle.folder / name).read_bytes() for name in CONTENT}, ROWS: content},
        created=facts.created,
        model=facts.model,
        data=facts.data,
        training=facts.training,
        metrics=facts.metrics,
    )
    return read_bundle(publish(staged, root))
