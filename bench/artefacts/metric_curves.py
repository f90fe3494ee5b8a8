"""A curve of a figure: the mean of a metric over replicates, place by place."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from bench.planning.axes import Axis
from bench.planning.trial import PlannedTrial
from results.figures.curves_figure import Curve
from results.stats.inference import mean_interval
from results.tables.fates import with_value


def curve(
    label: str, selected: Sequence[PlannedTrial], outcomes: pd.DataFrame, along: Axis, metric: str
) -> tuple[Curve, pd.DataFrame]:
    """A curve, and a row for each of its places.

    Columns: curve; the parameter in its shown unit; mean, low and high; n; trials, their ids. A
    place of which no trial has a value is a row with n = 0 and no point of the curve.

    Args:
        outcomes: of the plan's trials (`bench.artefacts.outcomes.join`).
    """
    places = pd.DataFrame(
        [(one.trial_id, along.value(one)) for one in selected], columns=["trial_id", "place"]
    ).dropna()
    trials = places.merge(with_value(outcomes, f"metric.{metric}"), on="trial_id")
    rows, x, y = [], [], []
    for place, here in trials.groupby("place", sort=True):
        valued = here[here["fate"] == "finished"].sort_values("trial_id")
        mean = mean_interval(valued["value"].to_numpy(float), resampled=_resampled(valued))
        shown = float(str(place)) * along.factor
        ids = " ".join(valued["trial_id"])
        rows.append((label, shown, mean.estimate, mean.low, mean.high, mean.n, ids))
        if mean.n:
            x.append(shown)
            y.append(mean)
    columns = ["curve", along.parameter, "mean", "low", "high", "n", "trials"]
    return Curve(label, tuple(x), tuple(y)), pd.DataFrame(rows, columns=columns)


def _resampled(trials: pd.DataFrame) -> float:
    """The share of the data that is tested; the widest where trials differ."""
    return float(trials["resampled"].max()) if len(trials) else 0.0
