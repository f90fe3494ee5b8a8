"""Pairs of methods in columns and over all, against SciPy's t distribution."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from results.leaderboard.board import Column, Method, Runs, build_leaderboard
from results.leaderboard.pairs import all_pairs, compare_pair

GENERATOR = np.random.default_rng(31)
F1 = Column("f", "drums", "clean", "F1", "max", "kits", "laptop", (0, 1, 2, 3), rope=0.01)
NOISY = replace(F1, key="g", label="noisy")
ERROR = replace(F1, key="e", metric="MAD", direction="min", unit="px", rope=0.0)


def runs_of(**values: dict[str, np.ndarray]) -> dict[tuple[str, str], Runs]:
    return {
        (method, key): Runs(dict(enumerate(row.tolist())))
        for method, by in values.items()
        for key, row in by.items()
    }


def drawn() -> dict[str, np.ndarray]:
    return {key: GENERATOR.normal(0.9, 0.02, 4) for key in "fge"}


def above(differences: np.ndarray, edge: float, factor: float | None = None) -> float:
    n = len(differences)
    factor = 1 / n if factor is None else factor
    scale = differences.std(ddof=1) * math.sqrt(factor)
    return float(stats.t.sf(edge, n - 1, differences.mean(), scale))


def test_columns_are_compared_in_their_own_direction() -> None:
    a, b = drawn(), drawn()
    pair = compare_pair([F1, ERROR], runs_of(a=a, b=b), "a", "b")
    f1, error = pair.columns
    assert f1.posterior.better == pytest.approx(above(a["f"] - b["f"], 0.01))
    assert f1.posterior.worse == pytest.approx(1 - above(a["f"] - b["f"], -0.01))
    assert (f1.first, f1.second) == pytest.approx((a["f"].mean(), b["f"].mean()))
    assert error.posterior.better == pytest.approx(above(b["e"] - a["e"], 0.0))
    assert error.posterior.equivalent == 0.0


def test_over_all_replicates_are_averaged_and_metrics_kept_apart() -> None:
    a, b = drawn(), drawn()
    pair = compare_pair([F1, NOISY, ERROR], runs_of(a=a, b=b), "a", "b")
    assert [one.metric for one in pair.overall] == ["F1", "MAD"]
    both = ((a["f"] - b["f"]) + (a["g"] - b["g"])) / 2
    assert pair.overall[0].columns == (F1, NOISY)
    assert pair.overall[0].posterior.better == pytest.approx(above(both, 0.01))
    assert pair.overall[0].posterior.difference.estimate == pytest.approx(both.mean())


def test_resampled_columns_have_their_factor_and_pass_it_on() -> None:
    a, b = drawn(), drawn()
    splits = replace(NOISY, resampled=0.2)
    pair = compare_pair([F1, splits], runs_of(a=a, b=b), "a", "b")
    assert pair.columns[0].posterior.better == pytest.approx(above(a["f"] - b["f"], 0.01))
    factor = 1 / 4 + 0.25
    assert pair.columns[1].posterior.better == pytest.approx(above(a["g"] - b["g"], 0.01, factor))
    both = ((a["f"] - b["f"]) + (a["g"] - b["g"])) / 2
    assert pair.overall[0].posterior.better == pytest.approx(above(both, 0.01, factor))


def test_only_common_replicates_and_columns_count() -> None:
    a, b = drawn(), drawn()
    runs = runs_of(a=a, b={"f": b["f"][:3]})
    pair = compare_pair([F1, NOISY], runs, "a", "b")
    assert [one.columns for one in pair.columns] == [(F1,)]
    assert pair.columns[0].posterior.difference.n == 3
    assert pair.columns[0].first == pytest.approx(a["f"][:3].mean())
    assert compare_pair([NOISY], runs, "a", "b").overall == ()


def test_columns_without_a_common_replicate_are_not_pooled() -> None:
    early, late = {0: 0.5, 1: 0.6}, {2: 0.7, 3: 0.9}
    runs = {(m, key): Runs(by) for m in "ab" for key, by in (("f", early), ("g", late))}
    pair = compare_pair([F1, NOISY], runs, "a", "b")
    assert len(pair.columns) == 2
    assert pair.overall == ()


def test_regions_of_equivalence_can_be_given() -> None:
    a, b = drawn(), drawn()
    pair = compare_pair([F1, ERROR], runs_of(a=a, b=b), "a", "b", {"MAD": 0.5})
    assert [one.posterior.rope for one in pair.columns] == [0.01, 0.5]


def test_every_pair_of_one_selection_rule_is_compared() -> None:
    methods = [Method(key, key, key, "as published") for key in "abc"]
    methods += [Method("t", "a", "a", "tuned"), Method("u", "b", "b", "tuned")]
    runs = runs_of(**{method.key: {"f": drawn()["f"]} for method in methods})
    board = build_leaderboard([F1], methods, runs, resamples=20)
    found = {frozenset((pair.first, pair.second)) for pair in all_pairs(board)}
    assert found == {frozenset(pair) for pair in ("ab", "ac", "bc", "tu")}
    order = [method.key for method in board.methods]
    assert all(order.index(pair.first) < order.index(pair.second) for pair in all_pairs(board))
