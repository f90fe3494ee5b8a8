"""Errors of keypoints, one detection for each: normalised distance and the share within reach."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tasks.metrics.event_matching import SLACK

Numbers = NDArray[np.float64]


def normalized_errors(found: Numbers, truth: Numbers, scale: Numbers) -> Numbers:
    """Euclidean distance over the sample's scale, ``(sample, keypoint)``.

    Args:
        found, truth: ``(sample, keypoint, dim)``; truth may hold anything where it is unlabelled.
        scale: ``(sample,)`` a length in the same unit, such as the distance between the eyes.
    """
    return np.asarray(np.linalg.norm(found - truth, axis=-1) / scale[:, None])


def within(errors: Numbers, labelled: NDArray[np.bool_], limit: float) -> NDArray[np.bool_]:
    """``(sample, keypoint)`` labelled keypoints whose error is at most ``limit``."""
    return labelled & (errors <= limit + SLACK)


def share(part: NDArray[np.bool_], labelled: NDArray[np.bool_]) -> float:
    """Share of the labelled keypoints, such as PCK; NaN where nothing is labelled."""
    return float(part.sum() / labelled.sum()) if labelled.any() else float("nan")
