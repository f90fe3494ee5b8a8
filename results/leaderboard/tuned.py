"""The tuned column: in every replicate the best of a search of its own, by validation.

A replicate's search trains on the replicate's training data and looks at its validation data; the
tuned value of the replicate is the test value of the setting that was chosen there. So a tuned
method has one value per replicate like any other, and the values are independent: the t interval
over replicates covers the whole chain of search, choice and test, and differences are paired by
replicate. What is estimated is the mean that this procedure, with this budget, reaches on fresh
data; ``tests/results/scenarios/test_calibration.py`` simulates how often the interval holds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Tuned:
    """What tuning a loss on a column chose, and what it took.

    Attributes:
        settings: chosen options by replicate, of searches that ended with a choice.
        searched: settings that the search inside one replicate tried; the most of any.
        search_trials: trainings of all searches together.
        unusable: of these, how many ended without a validation value.
        core_seconds: of all trainings; NaN if unknown.
        hardware: processors that the seconds were measured on.
    """

    settings: dict[int, dict[str, Any]]
    searched: int
    search_trials: int
    unusable: int = 0
    core_seconds: float = float("nan")
    hardware: tuple[str, ...] = ()


def choose(validation: Mapping[str, float | None], direction: Literal["max", "min"]) -> str | None:
    """The setting with the best validation value; of equals the first.

    Args:
        validation: by setting; None for one without a value, which is never chosen.

    Returns:
        the setting, or None if none has a value.
    """
    valued = {setting: value for setting, value in validation.items() if value is not None}
    best = max if direction == "max" else min
    return best(valued, key=lambda setting: valued[setting], default=None)
