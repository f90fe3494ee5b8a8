"""Series that show where candidates in a pixel came to, for figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tasks.metrics.point_lists import Points

if TYPE_CHECKING:
    from bench.plugin import PointPrediction

Picture = dict[str, dict[str, list[float]]]


def remaining(output: PointPrediction, truth: Points, least: float) -> Picture:
    """Truths of the first sample, and its candidates with a probability of at least ``least``."""
    left = output.p[0, :, 0].numpy() >= least
    places = output.position[0].numpy()[left]
    return {
        "truths": _plane(truth.position[truth.sample == 0]),
        f"candidates, p ≥ {least:g}": _plane(places),
    }


def probabilities(first: NDArray[Any], output: PointPrediction) -> Picture:
    """Both probabilities of each pair, before and after.

    Args:
        first: ``(sample, 2)``.
    """
    return {"before": _plane(first), "after": _plane(output.p[..., 0].numpy())}


def pulls(pull: NDArray[Any], output: PointPrediction) -> Picture:
    """What pulls at the second candidate of each pair, over its distance from the middle."""
    places = output.position.numpy().astype(np.float64)
    distance = np.linalg.norm(places[:, 1] - places[:, 0], axis=-1) / 2
    return {"gradient": _plane(np.stack([distance, pull], 1)[np.argsort(distance)])}


def _plane(points: ArrayLike) -> dict[str, list[float]]:
    x, y = np.asarray(points, np.float64).reshape(-1, 2).T
    return {"x": np.round(x, 6).tolist(), "y": np.round(y, 6).tolist()}
