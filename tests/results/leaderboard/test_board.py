"""Leaderboards as pure functions: ties, best, signs, ranks, incomplete methods."""

from __future__ import annotations

import math

import numpy as np
import pytest

from results.leaderboard.board import Column, Leaderboard, Method, Runs, build_leaderboard
from results.leaderboard.board_rows import rank_text
from results.stats.inference import holm, paired_difference
from results.stats.pairwise_tests import corrected, pairwise_p

Values = dict[str, list[dict[int, float]]]


def board_of(
    values: Values, direction: str = "max", replicates: int = 4, yours: str = ""
) -> Leaderboard:
    """Methods by name, with one dictionary of values by replicate per column.

    Args:
        yours: methods that nobody planned.
    """
    count = max(len(by) for by in values.values())
    columns = [
        Column(
            f"c{k}", "drums", f"c{k}", "F1", direction, "data", "laptop", tuple(range(replicates))
        )
        for k in range(count)
    ]
    methods = [
        Method(name, name, name, "yours" if name in yours.split() else "as published")
        for name in values
    ]
    runs = {
        (name, f"c{k}"): Runs(values=by, counts={"finished": len(by)})
        for name, columns_of in values.items()
        for k, by in enumerate(columns_of)
    }
    return build_leaderboard(columns, methods, runs, resamples=200)


def spread(mean: float, offset: int = 0) -> dict[int, float]:
    """Four replicates with a spread of 0.01, little of it the method's own."""
    own = [0.0, 0.001, -0.001, 0.0005]
    return {r: mean + 0.01 * r + own[(r + offset) % 4] for r in range(4)}


def test_pairwise_tests_are_those_of_each_pair() -> None:
    generator = np.random.default_rng(0)
    values = generator.normal(size=(4, 6))
    values[1, 2] = values[2, 4] = values[3, :5] = math.nan
    values[0, 0] = values[1, 0]
    found = pairwise_p(values)
    by_method = [{r: float(v) for r, v in enumerate(row) if not math.isnan(v)} for row in values]
    for i, first in enumerate(by_method):
        for j, second in enumerate(by_method):
            expected = math.nan if i == j else paired_difference(first, second).p
            assert found[i, j] == pytest.approx(expected, rel=1e-9, nan_ok=True)


def test_pairwise_tests_without_spread() -> None:
    values = np.array([[0.5, 0.75, 1.0], [0.25, 0.5, 0.75], [0.5, 0.75, 1.0]])
    p = pairwise_p(values)
    assert np.isnan(p[0, 1])
    assert p[0, 2] == 1.0
    assert np.isnan(pairwise_p(values[:, :1])).all()
    assert np.isnan(pairwise_p(values[:1])).all()


def test_p_values_are_corrected_over_pairs_and_over_columns() -> None:
    generator = np.random.default_rng(1)
    p = np.full((3, 3, 2), math.nan)
    first, second = np.triu_indices(3, 1)
    raw = generator.random((3, 2)) / 20
    p[first, second] = p[second, first] = raw
    found = corrected(p)
    for pair, (i, j) in enumerate(zip(first, second, strict=True)):
        for column in range(2):
            expected = max(holm(raw[:, column])[pair], holm(raw[pair])[column])
            assert found[i, j, column] == found[j, i, column] == expected


@pytest.mark.parametrize(("direction", "winner"), [("max", "high"), ("min", "low")])
def test_differences_to_the_best_are_negative_where_worse(direction: str, winner: str) -> None:
    board = board_of({"low": [spread(0.5)], "high": [spread(0.7, 1)]}, direction)
    loser = "low" if winner == "high" else "high"
    best, other = board.entries[winner, "c0"], board.entries[loser, "c0"]
    assert best.best
    assert best.tied_with_best
    assert math.isnan(best.p_corrected)
    assert best.difference.estimate == 0.0
    assert other.difference.estimate == pytest.approx(-0.2)
    assert other.difference.high < 0
    assert not other.tied_with_best
    assert (best.letters, other.letters) == ("a", "b")
    assert [method.key for method in board.methods] == [winner, loser]


def test_equal_methods_are_tied() -> None:
    board = board_of({"a": [spread(0.5)], "b": [spread(0.5)], "c": [spread(0.5001, 2)]})
    assert all(entry.tied_with_best for entry in board.entries.values())
    assert {entry.letters for entry in board.entries.values()} == {"a"}
    assert board.ranks["a"].estimate == board.ranks["b"].estimate == 2.5


def test_a_method_that_lacks_replicates_is_not_the_best() -> None:
    lucky = {0: 0.99, 1: 0.99}
    board = board_of({"lucky": [lucky, spread(0.5)], "whole": [spread(0.9), spread(0.6)]})
    assert board.entries["whole", "c0"].best
    assert not board.entries["lucky", "c0"].complete
    assert board.entries["lucky", "c0"].difference.n == 2
    assert board.incomplete == {"lucky"}
    assert board.ranks["lucky"].n == 1
    assert rank_text(board, board.methods[1]).endswith(" incomplete: 1 of 2")
    assert board.ranks["lucky"].estimate == 2.0
    assert board.ranks["whole"].estimate == 1.0
    assert [method.key for method in board.methods] == ["whole", "lucky"]


def test_incomplete_methods_change_no_other_rank() -> None:
    complete: Values = {"a": [spread(0.9), spread(0.5)], "b": [spread(0.8), spread(0.6)]}
    with_partial = {**complete, "partial": [spread(0.95)]}
    alone, beside = board_of(complete), board_of(with_partial, yours="partial")
    assert beside.incomplete == {"partial"}, "it is not there in the other column of this task"
    assert {key: beside.ranks[key] for key in complete} == alone.ranks
    assert beside.ranks["partial"].estimate == 1.0


def test_more_replicates_of_one_method_do_not_decide_the_best() -> None:
    more = {**spread(0.9), 10: 0.1, 11: 0.1}
    board = board_of({"more": [more], "other": [spread(0.89, 1)]})
    assert board.entries["more", "c0"].best
    assert board.entries["more", "c0"].mean.n == 6
    assert board.ranks["more"].estimate == 1.0


def test_tuned_methods_are_compared_with_each_other_only() -> None:
    column = Column("c", "drums", "c", "F1", "max", "data", "laptop", (0, 1, 2, 3))
    methods = [
        Method("p", "softloc", "softloc", "as published"),
        Method("y", "mine", "mine", "yours"),
        Method("t", "softloc", "softloc", "tuned"),
    ]
    values = {"p": spread(0.8), "y": spread(0.7, 1), "t": spread(0.9, 2)}
    runs = {(key, "c"): Runs(values=by) for key, by in values.items()}
    board = build_leaderboard([column], methods, runs, resamples=50)
    assert [key for key in values if board.entries[key, "c"].best] == ["p", "t"]
    assert board.ranks["t"].estimate == board.ranks["p"].estimate == 1.0
    assert board.ranks["y"].estimate == 2.0


def test_a_column_that_only_tuned_methods_have_makes_no_other_incomplete() -> None:
    columns = [
        Column(f"c{k}", "drums", f"c{k}", "F1", "max", "data", "laptop", (0, 1, 2, 3))
        for k in range(2)
    ]
    methods = [
        Method("p", "softloc", "softloc", "as published"),
        Method("t", "softloc", "softloc", "tuned"),
    ]
    runs = {("p", "c0"): Runs(values=spread(0.8)), ("t", "c1"): Runs(values=spread(0.9))}
    board = build_leaderboard(columns, methods, runs, resamples=50)
    assert not board.incomplete
    assert [board.ranks[key].n for key in "pt"] == [1, 1]


def test_one_replicate_gives_numbers_and_no_test() -> None:
    board = board_of({"a": [{0: 0.9}], "b": [{0: 0.5}]}, replicates=1)
    entry = board.entries["b", "c0"]
    assert entry.difference.estimate == pytest.approx(-0.4)
    assert math.isnan(entry.p_corrected)
    assert not entry.tied_with_best
    assert entry.letters == ""
    assert math.isnan(board.ranks["a"].low)


def test_nothing_finished() -> None:
    board = board_of({"a": [{}], "b": [{}]})
    assert not any(entry.best for entry in board.entries.values())
    assert all(math.isnan(rank.estimate) for rank in board.ranks.values())


def test_two_methods_of_one_key_are_refused() -> None:
    method = Method("a", "a", "a", "as published")
    with pytest.raises(ValueError, match="two methods have the key 'a'"):
        build_leaderboard([], [method, method], {})


def test_a_loss_that_a_task_cannot_use_is_not_incomplete() -> None:
    columns = [
        Column(f"c{k}", f"t{k}", f"c{k}", "F1", "max", "data", "laptop", (0, 1, 2, 3))
        for k in range(2)
    ]
    methods = [Method(name, name, name, "as published") for name in "abc"]
    skipped = Runs(counts={"skipped": 3, "missing": 1}, reason="needs locations")
    runs = {
        (name, column.key): Runs(spread(level), counts={"finished": 4})
        for name, level in (("a", 0.9), ("b", 0.8), ("c", 0.7))
        for column in columns
    } | {("b", "c1"): skipped}
    board = build_leaderboard(columns, methods, runs, resamples=200)
    assert board.incomplete == frozenset()
    assert {key: board.ranks[key].estimate for key in "abc"} == {"a": 1.0, "b": 2.0, "c": 2.5}
    assert [board.applies("b", key) for key in ("c0", "c1")] == [True, False]
    assert rank_text(board, methods[1]) == "2.0 of 3 [2.0, 2.0] in this setting: c0"
    assert rank_text(board, methods[0]) == "1.0 of 2.5 [1.0, 1.0]"
    only_b = build_leaderboard(columns[1:], methods[1:2], {("b", "c1"): skipped}, resamples=20)
    assert rank_text(only_b, methods[1]) == "–"
    assert only_b.ranked_columns("fixed") == []


def test_an_extra_task_makes_nobody_incomplete() -> None:
    """Three planned losses on drums; one of them, and one's own, on a task beside."""
    places = {"d0": "drums", "d1": "drums", "x": "extra"}
    columns = [
        Column(key, task, key, "F1", "max", "data", "laptop", (0, 1, 2, 3))
        for key, task in places.items()
    ]
    methods = [Method(name, name, name, "as published") for name in "abc"]
    methods.append(Method("own", "own", "own", "yours"))
    runs = {
        (name, key): Runs(spread(level, k))
        for k, (name, level) in enumerate((("a", 0.9), ("b", 0.8), ("c", 0.7)))
        for key in ("d0", "d1")
    }
    runs |= {("c", "x"): Runs(spread(0.9)), ("own", "x"): Runs(spread(0.5, 1))}
    board = build_leaderboard(columns, methods, runs, resamples=100)
    assert board.incomplete == frozenset()
    texts = {key: rank_text(board, method) for key, method in zip("abco", methods, strict=True)}
    assert texts["a"] == "1.0 of 3 [1.0, 1.0] over 2 of 3"
    assert texts["c"] == "2.0 of 2.5 [1.0, 3.0]", "third of three on drums, first of two beside"
    assert texts["o"] == "2.0 of 2 [2.0, 2.0] in this setting: x"
    assert [method.key for method in board.methods] == ["a", "b", "c", "own"]


def test_the_columns_of_a_task_count_together() -> None:
    """First in three settings of one task and last of two in another task: between the two."""
    columns = [
        Column(f"c{k}", task, f"c{k}", "F1", "max", "data", "laptop", (0, 1, 2, 3))
        for k, task in enumerate(["drums", "drums", "drums", "spikes"])
    ]
    methods = [Method(name, name, name, "as published") for name in "ab"]
    runs = {
        (name, column.key): Runs(spread(0.8 + sign * (0.1 if column.task == "drums" else -0.1)))
        for name, sign in (("a", 1), ("b", -1))
        for column in columns
    }
    board = build_leaderboard(columns, methods, runs, resamples=100)
    assert [board.ranks[key].estimate for key in "ab"] == [1.5, 1.5]
    assert (board.ranks["a"].n, board.ranks["a"].tasks, board.ranks["a"].of) == (4, 2, 2.0)


def test_a_rank_of_one_column_is_not_called_overall() -> None:
    board = board_of({"a": [spread(0.9)], "b": [spread(0.5, 1)]})
    assert rank_text(board, board.methods[0]) == "1.0 of 2 [1.0, 1.0] in this setting"


def test_a_loss_that_was_not_run_is_incomplete() -> None:
    some = [spread(0.9), spread(0.8)]
    board = board_of({"a": some, "b": [spread(0.7), {}]})
    assert board.incomplete == {"b"}
    assert rank_text(board, board.methods[1]).endswith(" incomplete: 1 of 2")
