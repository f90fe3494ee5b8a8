"""Percentage of correct events, PCE: each event happens once, and is found near or not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Frames = NDArray[np.int64]

SWING_FRAMES = 30
"""Frames from address to impact for each frame of tolerance."""


def scaled_tolerance(length: Frames) -> Frames:
    """Frames that an event may be off: a thirtieth of the swing, at least one frame.

    The rule of McNally et al. 2019. Halves are rounded to even, as their code does.

    Args:
        length: ``(clip,)`` frames from address to impact.
    """
    return np.maximum(np.round(np.asarray(length) / SWING_FRAMES), 1).astype(np.int64)


def likeliest(scores: NDArray[np.floating]) -> Frames:
    """Index of the largest of the scores ``(…, place)``; of equal ones the last, as published."""
    last = scores.shape[-1] - 1
    return np.asarray(last - np.argmax(scores[..., ::-1], axis=-1), np.int64)


def correct_events(found: Frames, truth: Frames, tolerance: Frames) -> NDArray[np.bool_]:
    """Which events ``(clip, class)`` were found at most ``tolerance (clip,)`` frames away."""
    return np.asarray(np.abs(found - truth) <= tolerance[:, None])
