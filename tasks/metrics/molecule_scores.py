"""How localised molecules are scored beside the base's metrics: the challenge tool's rule, fixed
thresholds, time, and a picture of what was found."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bench.plugin import Metric
from tasks.metrics.detection_scores import scores_of_channels
from tasks.metrics.point_lists import Points
from tasks.metrics.point_matching import match_points, nearest_pairs

TOLERANCES = (25.0, 50.0)
"""nm."""
FIXED: dict[str, float] = {"thesis": 0.3, "code": 0.1}
"""Thresholds of the thesis's text, and of its code."""
DRAWN = 10
"""Test frames laid over each other in a picture: those of one structure."""

MS_PER_IMAGE = Metric(
    "ms_per_image",
    "min",
    0.0,
    None,
    "ms",
    "time of the network for a test frame, without the decoder",
    digits=2,
    timed=True,
)


def tool_name(tolerance: float, threshold: str = "") -> str:
    """Name of a Jaccard index by the tool's rule, such as ``tool_jaccard_25nm``."""
    return f"tool_jaccard_{tolerance:g}nm" + (f"_{threshold}" if threshold else "")


def molecule_metrics(usual: Iterable[Metric]) -> tuple[Metric, ...]:
    """The ``usual`` metrics of points, Jaccard indices first; those by the tool's rule; time."""
    rule = "Jaccard index within {:g} nm, pairs taken by increasing distance"
    tool = [Metric(tool_name(t), "max", 0.0, 1.0, description=rule.format(t)) for t in TOLERANCES]
    tool += [
        Metric(
            tool_name(t, name),
            "max",
            0.0,
            1.0,
            description=f"{rule.format(t)}, threshold {value:g}",
        )
        for t in TOLERANCES
        for name, value in FIXED.items()
    ]
    first = sorted(usual, key=lambda metric: not metric.name.startswith("jaccard"))
    return (*first, *tool, MS_PER_IMAGE)


def tool_scores(truth: Points, detected: Points, candidates: Points) -> dict[str, float]:
    """Jaccard indices over all frames as the challenge's tool computes them.

    All frames count, those without detections too.

    Args:
        detected: at the threshold that validation data chose.
        candidates: with scores, from the lowest of `FIXED` on.
    """
    found = {}
    above = {name: candidates.above(threshold) for name, threshold in FIXED.items()}
    for name, points in {"": detected, **above}.items():
        for tolerance in TOLERANCES:
            matches = match_points(truth, points, tolerance, nearest_pairs)
            found[tool_name(tolerance, name)] = float(scores_of_channels(matches).jaccard.mean())
    return found


def picture(truth: Points, detected: Points, pixel: float) -> dict[str, Any]:
    """Molecules and detections of the first frames laid over each other, as series in pixels."""
    found = {}
    for name, points in (("molecules", truth), ("detections", detected)):
        row, column = points.position[points.sample < DRAWN].T / pixel
        found[name] = {"x": column.round(2).tolist(), "y": (-row).round(2).tolist()}
    return found
