"""Curves of a metric over a planned parameter."""

from __future__ import annotations

import pandas as pd
import pytest

from bench.artefacts.metric_curves import curve
from bench.planning.axes import axis
from bench.planning.plan import plan
from results.stats.inference import mean_interval


@pytest.fixture
def planned():
    return [one for one in plan("drums-noise").trials if one.trial.loss.plugin_name == "softloc"]


def outcomes(planned, values, resampled=0.0):
    """Trials in planned order with values; None did not run."""
    return pd.DataFrame(
        {
            "trial_id": [one.trial_id for one in planned],
            "fate": ["missing" if value is None else "finished" for value in values],
            "metric.f1": [float("nan") if value is None else value for value in values],
            "resampled": resampled,
        }
    )


def test_places_are_in_the_shown_unit_and_means_have_intervals(planned):
    along = axis(planned, "task.noise")
    values = [one.trial.task.noise + 0.1 * one.trial.replicate for one in planned]
    made, frame = curve("ours", planned, outcomes(planned, values), along, "f1")
    assert made.x == (0.0, 25.0, 50.0, 100.0)
    expected = mean_interval([0.025 + 0.1 * n for n in range(5)])
    assert (made.y[1].estimate, made.y[1].low) == pytest.approx((expected.estimate, expected.low))
    assert frame["n"].tolist() == [5, 5, 5, 5]
    assert {len(ids.split()) for ids in frame["trials"]} == {5}


def test_replicates_of_one_data_set_widen_the_interval(planned):
    along = axis(planned, "task.noise")
    values = [0.1 * one.trial.replicate for one in planned]
    narrow, _ = curve("a", planned, outcomes(planned, values), along, "f1")
    wide, _ = curve("a", planned, outcomes(planned, values, resampled=0.2), along, "f1")
    assert wide.y[0].half_width > 1.2 * narrow.y[0].half_width


def test_a_place_without_values_is_a_row_and_no_point(planned):
    along = axis(planned, "task.noise")
    values = [None if one.trial.task.noise == 0.05 else 0.5 for one in planned]
    made, frame = curve("ours", planned, outcomes(planned, values), along, "f1")
    assert made.x == (0.0, 25.0, 100.0)
    assert frame["n"].tolist() == [5, 5, 0, 5]
