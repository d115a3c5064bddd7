from pathlib import Path

import pytest

from tests.support.demo_bundle import demo_bundle


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of bundles with one in it."""
    root = tmp_path_factory.mktemp("bundles")
    demo_bundle(root)
    return root
