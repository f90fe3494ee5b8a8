"""Scores as means over recordings, as drum transcription publishes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from tasks.metrics.detection_scores import detection_scores


def file_scores(
    counts: Mapping[str, ArrayLike], channels: Sequence[str]
) -> tuple[dict[str, float], dict[str, Any]]:
    """Metrics, and what they are means over.

    A recording without a stroke of a class counts 0 for that class, even where nothing is detected
    there: so `mir_eval` has it, and with it the published numbers. F1, precision and recall of
    all classes are means over the classes.

    Args:
        counts: ``(recording,)`` numbers ``tp_<channel>``, ``fp_<channel>``, ``fn_<channel>``.
        channels: names of the classes.

    Returns:
        ``f1``, ``f1_<channel>``, ``precision``, ``recall``; and the number of recordings, that of
        recordings without a stroke of each class, and F1 of each class without these.
    """
    tp, fp, fn = (
        np.stack([np.asarray(counts[f"{kind}_{name}"], np.float64) for name in channels], axis=1)
        for kind in ("tp", "fp", "fn")
    )
    scores, struck = detection_scores(tp, fp, fn), tp + fn > 0
    f1 = scores.f1.mean(0)
    metrics = {
        "f1": float(f1.mean()),
        **{f"f1_{name}": float(value) for name, value in zip(channels, f1, strict=True)},
        "precision": float(scores.precision.mean()),
        "recall": float(scores.recall.mean()),
    }
    left_out = {
        name: float(scores.f1[own, k].mean()) if own.any() else None
        for k, (name, own) in enumerate(zip(channels, struck.T, strict=True))
    }
    return metrics, {
        "average": "mean over recordings; one without a stroke of a class counts 0",
        "recordings": len(tp),
        "without_stroke": {
            name: int((~own).sum()) for name, own in zip(channels, struck.T, strict=True)
        },
        "f1_of_recordings_with_strokes": left_out,
    }
