"""Overall ranks, against SciPy and counted by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from results.leaderboard.ranks import RankColumn, bootstrap_ranks, overall_ranks, rank_columns


def test_ranks_equal_scipys() -> None:
    values = np.random.default_rng(0).integers(0, 4, (5, 7)).astype(float)
    np.testing.assert_array_equal(rank_columns(values), stats.rankdata(-values, axis=1))
    assert np.isnan(rank_columns(np.array([1.0, np.nan, 2.0]))[1])
    np.testing.assert_array_equal(rank_columns(np.array([1.0, np.nan, 2.0]))[[0, 2]], [2.0, 1.0])


def test_the_bootstrap_draws_the_same_replicates_for_all_methods() -> None:
    """A method that is better by a constant is first in every sample, however replicates vary."""
    base = np.random.default_rng(1).normal(size=5)
    samples = bootstrap_ranks(
        [np.stack([base, base - 0.001])], [("t", (0, 1, 2, 3, 4))], 200, np.random.default_rng(2)
    )
    np.testing.assert_array_equal(samples, np.tile([1.0, 2.0], (200, 1)))


def test_columns_of_a_task_share_the_draws_of_replicates() -> None:
    """Equal columns of one task agree in every sample, so their mean rank is a whole number."""
    values = np.random.default_rng(3).normal(size=(2, 3))
    replicates = (0, 1, 2)
    one_task = bootstrap_ranks(
        [values, values], [("t", replicates)] * 2, 300, np.random.default_rng(4)
    )
    two_tasks = bootstrap_ranks(
        [values, values], [("t", replicates), ("u", replicates)], 300, np.random.default_rng(4)
    )
    assert set(np.unique(one_task)) <= {1.0, 1.5, 2.0}
    assert (one_task == 1.5).mean() < (two_tasks == 1.5).mean()


def test_samples_of_columns_are_weighted_by_how_often_they_are_drawn() -> None:
    """Opposite columns without spread: the mean rank is binomial."""
    first = np.array([[1.0, 1.0], [0.0, 0.0]])
    units = [("t", (0, 1)), ("u", (0, 1))]
    samples = bootstrap_ranks([first, 1 - first], units, 4000, np.random.default_rng(5))[:, 0]
    shares = [(samples == value).mean() for value in (1.0, 1.5, 2.0)]
    assert shares == pytest.approx([0.25, 0.5, 0.25], abs=0.03)


def test_intervals_hold_the_estimate_and_stay_among_ranks() -> None:
    generator = np.random.default_rng(6)
    keys = list("abcd")
    columns = [
        RankColumn(f"t{k}", {key: dict(enumerate(generator.normal(size=3))) for key in keys})
        for k in range(4)
    ]
    ranks, incomplete = overall_ranks(columns, keys, 0.95, 500, 0)
    assert not incomplete
    assert sum(rank.estimate for rank in ranks.values()) == pytest.approx(10.0)
    for rank in ranks.values():
        assert 1.0 <= rank.low <= rank.estimate <= rank.high <= 4.0
        assert rank.n == 4


def test_when_no_method_is_complete_each_is_ranked_where_it_is() -> None:
    values = {0: 0.1, 1: 0.2}
    columns = [RankColumn("t", {"a": values}), RankColumn("u", {"b": values})]
    ranks, incomplete = overall_ranks(columns, ["a", "b", "c"], 0.95, 50, 0)
    assert incomplete == {"a", "b", "c"}
    assert (ranks["a"].estimate, ranks["b"].estimate) == (1.0, 1.0)
    assert np.isnan(ranks["c"].estimate)


def test_a_method_is_ranked_where_it_applies() -> None:
    """Second of two, then second of three: where the task cannot use it, it has no rank."""
    both = {"a": {0: 3.0, 1: 3.1}, "b": {0: 2.0, 1: 2.1}}
    columns = [
        RankColumn("t", {**both, "c": {0: 1.0, 1: 1.1}}),
        RankColumn("u", both, exempt=frozenset({"c"})),
        RankColumn("v", {"c": {0: 1.0, 1: 1.1}}, exempt=frozenset({"a", "b"})),
        RankColumn("w", {}, exempt=frozenset({"a", "b", "c", "d"})),
    ]
    ranks, incomplete = overall_ranks(columns, ["a", "b", "c", "d"], 0.95, 500, 1)
    assert [ranks[key].estimate for key in "abc"] == [1.0, 2.0, 3.0]  # c: third; alone is no rank
    assert [ranks[key].n for key in "abc"] == [2, 2, 1]
    assert [ranks[key].of for key in "abc"] == [2.5, 2.5, 3.0]
    assert (ranks["c"].low, ranks["c"].high) == (3.0, 3.0)
    assert (ranks["b"].low, ranks["b"].high) == (2.0, 2.0)
    assert incomplete == {"d"}, "nothing is known of it in t, u and v"


def test_a_method_that_no_column_applies_to_has_no_rank() -> None:
    column = RankColumn("t", {"a": {0: 1.0, 1: 1.1}}, exempt=frozenset({"b"}))
    ranks, incomplete = overall_ranks([column], ["a", "b"], 0.95, 100, 1)
    assert ranks["a"].estimate == 1.0
    assert np.isnan(ranks["b"].estimate)
    assert ranks["b"].n == 0
    assert incomplete == frozenset()


def test_columns_that_do_not_apply_change_no_other_rank() -> None:
    generator = np.random.default_rng(3)
    columns = [
        RankColumn("t", {key: dict(enumerate(generator.normal(size=4))) for key in "abc"})
        for _ in range(3)
    ]
    alone, _ = overall_ranks(columns, "abc", 0.95, 300, 1)
    exempt = [RankColumn(c.task, c.values, exempt=frozenset("d")) for c in columns]
    beside, _ = overall_ranks(exempt, "abcd", 0.95, 300, 1)
    assert {key: beside[key] for key in "abc"} == alone
