"""The tuned column: selection by validation, estimate on fresh replicates, the chain's interval."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from results.leaderboard.tuned import choose, reselect, tune


def search(
    validation: list[float], test: list[float] | None = None, **columns: list
) -> pd.DataFrame:
    names = columns.get("setting", [f"s{i}" for i in range(len(validation))])
    return pd.DataFrame(
        {
            "setting": names,
            "replicate": 1000,
            "validation": validation,
            "test": validation if test is None else test,
        }
    )


FRESH = {0: 0.70, 1: 0.74, 2: 0.69}


def test_the_best_mean_validation_is_chosen() -> None:
    trials = search([0.9, 0.5, 0.8, 0.8], setting=["a", "a", "b", "b"])
    assert choose(trials, "max") == "b"
    assert choose(trials, "min") == "a"
    assert choose(search([0.5, 0.5]), "max") == "s0"


def test_settings_with_a_trial_without_value_are_not_chosen() -> None:
    trials = search([0.9, math.nan, 0.8], setting=["a", "a", "b"])
    assert choose(trials, "max") == "b"
    assert choose(search([math.nan]), "max") is None
    nothing = tune(search([math.nan]), {}, "max")
    assert (nothing.setting, nothing.budget.unusable) == (None, 1)
    assert math.isnan(nothing.interval.estimate)


def test_the_estimate_is_the_mean_of_fresh_replicates() -> None:
    """Neither validation nor the search trial's own test value is in it."""
    tuned = tune(search([0.9, 0.1], test=[0.99, 0.2]), {"s0": FRESH}, "max", core_seconds=12.5)
    assert tuned.setting == "s0"
    assert tuned.interval.estimate == pytest.approx(0.71)
    assert tuned.interval.n == 3
    assert (tuned.budget.search_trials, tuned.budget.core_seconds) == (2, 12.5)


def test_where_one_setting_always_wins_the_interval_is_the_t_interval() -> None:
    tuned = tune(search([0.9]), {"s0": FRESH}, "max", resamples=200_000)
    expected = stats.ttest_1samp(list(FRESH.values()), 0).confidence_interval(0.95)
    assert tuned.selected == {"s0": 1.0}
    assert tuned.interval.low == pytest.approx(expected.low, abs=0.002)
    assert tuned.interval.high == pytest.approx(expected.high, abs=0.002)


def test_reselection_is_as_often_as_counting_says() -> None:
    """The best of n trials is drawn at least once with probability 1 - (1 - 1/n)^n."""
    n, resamples = 8, 20_000
    chosen = reselect(
        np.arange(n, dtype=float), np.arange(n), n, resamples, np.random.default_rng(0)
    )
    expected = [((k + 1) / n) ** n - (k / n) ** n for k in range(n)]
    found = np.bincount(chosen, minlength=n) / resamples
    np.testing.assert_allclose(found, expected, atol=0.015)


def test_settings_without_fresh_replicates_fall_back_on_their_search_trial() -> None:
    finals = {"s0": FRESH, "s1": {0: 0.60, 1: 0.61, 2: 0.62}}
    tuned = tune(search([0.9, 0.8, 0.7, 0.6], test=[0.1, 0.1, 0.0, 0.0]), finals, "max")
    expected = 1 - ((1 - 1 / 4) ** 4 - (1 / 2) ** 4) - (1 - (3 / 4) ** 4)
    assert tuned.fallback == pytest.approx(expected, abs=0.02)
    assert tuned.interval.low < 0.1  # the search trials' values are in the interval
    assert sum(tuned.selected.values()) == pytest.approx(1.0)
    assert next(iter(tuned.selected)) == "s0"
    assert tuned.tests["s0"] == FRESH
    assert tuned.tests["s2"] == dict.fromkeys(FRESH, 0.0)
    assert tuned.tests.keys() == tuned.selected.keys()


def test_smaller_is_better_mirrors_larger_is_better() -> None:
    finals = {"s0": FRESH, "s1": {0: 0.60, 1: 0.61, 2: 0.62}}
    up = tune(search([0.9, 0.8, 0.7]), finals, "max")
    negated = {name: {r: -v for r, v in by.items()} for name, by in finals.items()}
    down = tune(search([-0.9, -0.8, -0.7]), negated, "min")
    assert (down.setting, down.selected) == (up.setting, up.selected)
    assert down.interval.estimate == pytest.approx(-up.interval.estimate)


def test_without_a_search_the_only_setting_is_taken() -> None:
    tuned = tune(search([]), {"{}": FRESH}, "max")
    expected = stats.ttest_1samp(list(FRESH.values()), 0).confidence_interval(0.95)
    assert tuned.setting == "{}"
    assert tuned.interval.low == pytest.approx(expected.low)
    assert tuned.budget.search_trials == 0
    with pytest.raises(ValueError, match="nothing was searched, but there are 2 final settings"):
        tune(search([]), {"a": FRESH, "b": FRESH}, "max")


def test_fresh_replicates_still_to_run_give_no_interval() -> None:
    tuned = tune(search([0.9, 0.8]), {"s0": {}, "s1": FRESH}, "max")
    assert tuned.setting == "s0"
    assert math.isnan(tuned.interval.estimate)
    assert tuned.interval.n == 0
