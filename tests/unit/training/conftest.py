"""A small data set and a model fitted to it, once for all tests."""

import pytest

from training.data.dataset import Dataset, Interactions
from training.data.splits import random_split
from training.data.synthetic import synthetic
from training.model.config import ModelConfig
from training.model.fit import fit
from training.model.fitted import Fitted


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    return synthetic(users=150, films=120, ratings=6000)


@pytest.fixture(scope="session")
def config() -> ModelConfig:
    return ModelConfig(
        embedding=8, epochs=20, learning_rate=0.01, batch_rows=16, relevance_rank=24, relevance_factors=16
    )


@pytest.fixture(scope="session")
def parts(dataset: Dataset) -> tuple[Interactions, Interactions]:
    """Training and held-out ratings."""
    mask = random_split(dataset.interactions, 0.2, 1)
    return dataset.interactions.take(~mask), dataset.interactions.take(mask)


@pytest.fixture(scope="session")
def fitted(dataset: Dataset, parts: tuple[Interactions, Interactions], config: ModelConfig) -> Fitted:
    return fit(dataset, parts[0], config)
