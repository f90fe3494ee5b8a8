"""The picture of features: series by class, the same every time, classes apart."""

from __future__ import annotations

import json

import numpy as np

from tasks.metrics.feature_map import embedded


def test_classes_that_lie_apart_stay_apart() -> None:
    draw = np.random.default_rng(0)
    labels = np.repeat([1, 4, 7], 20)
    features = (10 * np.eye(8)[labels] + draw.standard_normal((60, 8))).astype(np.float32)
    found = embedded(features, labels)
    assert list(found) == ["digit 1", "digit 4", "digit 7"]
    places = {name: np.array([one["x"], one["y"]]).T for name, one in found.items()}
    assert all(place.shape == (20, 2) for place in places.values())
    middles = np.array([place.mean(0) for place in places.values()])
    spread = max(np.linalg.norm(p - p.mean(0), axis=1).max() for p in places.values())
    apart = min(np.linalg.norm(middles[i] - middles[j]) for i, j in ((0, 1), (0, 2), (1, 2)))
    assert apart > 2 * spread
    assert json.loads(json.dumps(found)) == embedded(features, labels)
