"""The demo bundle in memory, once for all tests."""

from pathlib import Path

import pytest

from function.bundle.format import Bundle, read_bundle
from function.bundle.interpreter import Model
from function.bundle.people import Person, mapped_people
from function.recommending.recommender import Recommender
from tests.support.demo_bundle import demo_bundle


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("bundles")
    demo_bundle(root)
    return root


@pytest.fixture(scope="session")
def bundle(root: Path) -> Bundle:
    return read_bundle(root)


@pytest.fixture(scope="session")
def recommender(bundle: Bundle) -> Recommender:
    return Recommender(bundle, Model(bundle.model))


@pytest.fixture(scope="session")
def people(bundle: Bundle) -> list[Person]:
    """All known users, in the order they were written."""
    found = mapped_people(bundle)
    assert found
    return list(found)
