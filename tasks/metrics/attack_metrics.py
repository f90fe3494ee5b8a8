"""What is reported of attacks on single pixels."""

from __future__ import annotations

from typing import Literal

from bench.plugin import Metric
from tasks.metrics.sparsity import UNDECIDED


def _share(
    name: str, direction: Literal["max", "min"] | None, what: str, optional: bool = False
) -> Metric:
    return Metric(name, direction, 0.0, 1.0, description=what, optional=optional)


ATTACK_METRICS = (
    _share("success_rate", "max", "pictures seen as another class, by no more pixels than allowed"),
    _share("class_changed", "max", "pictures seen as another class, by however many pixels"),
    Metric(
        "pixels_changed",
        "min",
        0.0,
        None,
        "px",
        "altered, mean over the pictures that are seen as another class",
        2,
        optional=True,
    ),
    _share("true_probability", "min", "probability of the true class after the attack, mean"),
    _share(
        "same_class_as_evolution",
        None,
        "same class reached, of the pictures where differential evolution succeeds, too",
        optional=True,
    ),
    _share("found_by_evolution_only", "min", "pictures where only differential evolution succeeds"),
    _share("missed_by_evolution_only", "max", "pictures where only differential evolution fails"),
    UNDECIDED,
)
"""Shares of the attacked pictures; see `tasks.metrics.attack_outcomes.measures`."""
