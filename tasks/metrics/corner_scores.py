"""Metrics of corners: on single boards by what is in front of them, and on views of one board."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.plugin import Metric
from tasks.metrics.camera_calibration import reprojection
from tasks.metrics.corner_agreement import agreement, whole_boards
from tasks.metrics.detection_scores import detection_scores
from tasks.metrics.point_lists import Points

BOARD_METRICS = (
    Metric("f1", "max", 0.0, 1.0, description="F1 of corners within 3 px"),
    Metric("precision", "max", 0.0, 1.0, description="share of detections that are right"),
    Metric("recall", "max", 0.0, 1.0, description="share of corners that are found"),
    Metric(
        "deviation",
        "min",
        0.0,
        None,
        "px",
        "mean distance of right detections",
        optional=True,
    ),
    Metric("f1_clear", "max", 0.0, 1.0, description="F1 on boards with nothing in front of them"),
    Metric("f1_occluded", "max", 0.0, 1.0, description="F1 on boards with something in front"),
    Metric(
        "recall_occluded", "max", 0.0, 1.0, description="recall of the corners still seen there"
    ),
    Metric("complete", "max", 0.0, 1.0, description="share of boards with every corner found"),
)
VIEW_METRICS = (
    Metric(
        "displacement",
        "min",
        0.0,
        None,
        "px",
        "mean distance between corners found in a view and in the view shrunk by δ",
        optional=True,
    ),
    Metric("displacement_q90", "min", 0.0, None, "px", "its 0.9 quantile", optional=True),
    Metric(
        "reprojection_error",
        "min",
        0.0,
        None,
        "px",
        "√(Σ d²) / n of the n corners of a board after calibration, as published",
        optional=True,
    ),
    Metric("reprojection_rms", "min", 0.0, None, "px", "the root mean square of d", optional=True),
    Metric(
        "boards_found",
        "max",
        0.0,
        None,
        description="views shrunk by δ with each corner found once",
        digits=1,
        optional=True,
    ),
    Metric(
        "ms_per_image",
        "min",
        0.0,
        None,
        "ms",
        "time for a whole view",
        digits=1,
        optional=True,
        timed=True,
    ),
)
CORNER_METRICS = BOARD_METRICS + VIEW_METRICS


def by_occlusion(
    samples: Mapping[str, Sequence[float]], occluded: NDArray[np.bool_]
) -> tuple[dict[str, float], dict[str, Any]]:
    """Scores of boards with and without something in front of them; details of both."""
    counts = [np.asarray(samples[name], np.float64) for name in ("tp", "fp", "fn")]
    scores = {}
    for name, chosen in (("clear", ~occluded), ("occluded", occluded)):
        right, wrong, missed = (count[chosen].sum(keepdims=True) for count in counts)
        scores[name] = detection_scores(right, wrong, missed)
    values = {
        "f1_clear": float(scores["clear"].f1[0]),
        "f1_occluded": float(scores["occluded"].f1[0]),
        "recall_occluded": float(scores["occluded"].recall[0]),
        "complete": float((counts[2] == 0).mean()),
    }
    details = {
        name: {
            "boards": int(chosen.sum()),
            "precision": float(scores[name].precision[0]),
            "recall": float(scores[name].recall[0]),
        }
        for name, chosen in (("clear", ~occluded), ("occluded", occluded))
    }
    return values, details


def without_views() -> dict[str, float]:
    """What a split without views has."""
    return {metric.name: math.nan for metric in VIEW_METRICS}


def view_scores(
    full: Points,
    low: Points,
    corners: Points,
    pattern: tuple[int, int],
    size: tuple[int, int],
    draws: int,
) -> tuple[dict[str, float], dict[str, Any]]:
    """Agreement, boards and calibration; details of what was left out.

    Args:
        full, low: detections in whole views and in shrunk ones, in pixels of whole views.
        corners: of every view as many as ``pattern`` says, in the order of the board.
        size: width and height of a view.
    """
    each, views = pattern[0] * pattern[1], corners.samples
    agreed = agreement(full, low, corners)
    there = agreed.displacement
    boards = whole_boards(low, corners, each)
    fit = reprojection(boards, views, pattern, size, draws)
    values = {
        "displacement": float(there.mean()) if len(there) else math.nan,
        "displacement_q90": float(np.quantile(there, 0.9)) if len(there) else math.nan,
        "reprojection_error": fit.error,
        "reprojection_rms": fit.rms,
        "boards_found": float(len(boards)),
    }
    details = {
        "views": views,
        "view_corners": len(corners),
        "view_corners_compared": len(there),
        "view_corners_missed": agreed.missed,
        "boards_found_whole_view": len(whole_boards(full, corners, each)),
    }
    return values, details
