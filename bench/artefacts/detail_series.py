"""A panel of a figure: series of points that a trial keeps in its details."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from bench.planning.trial import PlannedTrial
from bench.plugin import UsageError, nearest
from results.figures.series_figure import Panel, Series
from results.store.trial_source import TrialSource
from results.tables.fates import counted, uncounted_texts

_COLUMNS = ["panel", "series", "x", "y", "trial"]


def panel(
    label: str,
    selected: Sequence[PlannedTrial],
    outcomes: pd.DataFrame,
    source: TrialSource,
    detail: str,
) -> tuple[Panel, pd.DataFrame]:
    """The series of the first replicate that finished, and a row for each of their points.

    Args:
        outcomes: of the plan's trials (`bench.artefacts.outcomes.join`).

    Raises:
        UsageError: the trial keeps no such detail, or one of another form.
    """
    first, words = first_finished(selected, outcomes)
    if first is None:
        return Panel(label, words=words), pd.DataFrame(columns=_COLUMNS)
    series = read_series(first, source, detail)
    rows = [
        (label, name, x, y, first)
        for name, points in series.items()
        for x, y in zip(points.x, points.y, strict=True)
    ]
    return Panel(label, series, words), pd.DataFrame(rows, columns=_COLUMNS)


def first_finished(
    selected: Sequence[PlannedTrial], outcomes: pd.DataFrame
) -> tuple[str | None, str]:
    """The first replicate that finished, and words: whose it is, or why there is none."""
    trials = outcomes[outcomes["trial_id"].isin({one.trial_id for one in selected})]
    finished = trials[trials["fate"] == "finished"].sort_values(["replicate", "trial_id"])
    if finished.empty:
        return None, "; ".join(uncounted_texts(counted(trials["fate"]), None).values())
    first = finished.iloc[0]
    return str(first["trial_id"]), f"{first['data_name']}, replicate {first['replicate']}"


def read_detail(trial_id: str, source: TrialSource, detail: str) -> Any:
    """What a trial keeps under a name.

    Raises:
        UsageError: there is no such detail.
    """
    details = source.record(trial_id).details
    if detail not in details:
        raise UsageError(f"trial {trial_id} keeps no '{detail}'{nearest(detail, details)}")
    return details[detail]


def read_series(trial_id: str, source: TrialSource, detail: str) -> dict[str, Series]:
    """``{series: {"x": […], "y": […]}}`` of a trial's details, checked.

    Raises:
        UsageError: there is no such detail, or it has another form.
    """
    kept = read_detail(trial_id, source, detail)
    try:
        return {str(name): _series(points) for name, points in kept.items()}
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        wanted = '{series: {"x": [numbers], "y": [as many]}}'
        raise UsageError(f"trial {trial_id}: '{detail}' is not {wanted}: {error}") from None


def _series(points: dict[str, Any]) -> Series:
    made = Series(*(tuple(float(value) for value in points[name]) for name in ("x", "y")))
    if not all(map(math.isfinite, made.x + made.y)):
        raise ValueError("a number is not finite")
    return made
