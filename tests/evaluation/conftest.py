"""Simulated patients with one to several radiographs each."""

from collections.abc import Callable

import numpy as np
import pytest

from screener.evaluation.metrics import Predictions

MakePredictions = Callable[..., Predictions]


@pytest.fixture(scope="session")
def make_predictions() -> MakePredictions:
    """Return a maker of predictions whose probabilities are true to the labels."""

    def make(images: int = 300, patients: int | None = 200, seed: int = 0) -> Predictions:
        random = np.random.default_rng(seed)
        logits = random.normal(1.0, 3.0, images)
        probabilities = 1 / (1 + np.exp(-logits))
        owners = None if patients is None else random.integers(0, patients, images)
        return Predictions(
            labels=(random.random(images) < probabilities).astype(np.int64),
            logits=logits,
            probabilities=probabilities,
            files=tuple(f"ward/{number}.jpeg" for number in range(images)),
            patients=None if owners is None else tuple(f"person{owner}" for owner in owners),
        )

    return make
