"""Pairs of methods: in each column and over all, the difference and what is probable of it.

Over several columns of one metric, a replicate's difference is the mean of its differences in the
columns, and the test is the same (`results.stats.bayesian_comparison`). Columns of a task share the
data and initial weights of a replicate, so their differences are no independent cases; replicates
are. The result is about these columns, not about others of their kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from results.leaderboard.board import Column, Leaderboard, Runs
from results.stats.bayesian_comparison import Posterior, correlated_t_test
from results.stats.inference import LEVEL

Values = Mapping[int, float]


@dataclass(frozen=True)
class Compared:
    """Two methods in one column, or over several of one metric.

    Attributes:
        columns: one, or those that are pooled.
        first, second: means over the replicates that both have.
        posterior: of first - second, so signed that positive is better.
    """

    columns: tuple[Column, ...]
    first: float
    second: float
    posterior: Posterior

    @property
    def metric(self) -> str:
        """Of all the columns."""
        return self.columns[0].metric


@dataclass(frozen=True)
class Pair:
    """Two methods, by their keys, in every column that both have values in.

    Attributes:
        overall: one for each metric, also where only one column has it.
    """

    first: str
    second: str
    columns: tuple[Compared, ...]
    overall: tuple[Compared, ...]


def compare_pair(
    columns: Sequence[Column],
    runs: Mapping[tuple[str, str], Runs],
    first: str,
    second: str,
    ropes: Mapping[str, float] | None = None,
    level: float = LEVEL,
) -> Pair:
    """Compare two methods.

    Args:
        runs: by method key and column key.
        first, second: keys of the methods.
        ropes: half widths of the region of practical equivalence by metric (default: the
            column's).
    """
    values = [
        (column, a, b)
        for column in columns
        if (a := _values(runs, first, column)).keys() & (b := _values(runs, second, column)).keys()
    ]
    by_metric: dict[tuple[str, str, str], list[tuple[Column, Values, Values]]] = {}
    for one in values:
        column = one[0]
        by_metric.setdefault((column.metric, column.unit, column.direction), []).append(one)
    chosen = ropes or {}
    singles = [_compared([one], chosen, level) for one in values]
    pooled = [_compared(several, chosen, level) for several in by_metric.values()]
    return Pair(
        first,
        second,
        tuple(one for one in singles if one is not None),
        tuple(one for one in pooled if one is not None),
    )


def all_pairs(board: Leaderboard) -> Iterator[Pair]:
    """Every pair of methods of one selection rule, in the order of the board."""
    runs = {place: entry.runs for place, entry in board.entries.items()}
    for first, second in combinations(board.methods, 2):
        if first.group == second.group:
            yield compare_pair(board.columns, runs, first.key, second.key, level=board.level)


def _values(runs: Mapping[tuple[str, str], Runs], method: str, column: Column) -> Values:
    found = runs.get((method, column.key))
    return found.values if found else {}


def _compared(
    several: Sequence[tuple[Column, Values, Values]], ropes: Mapping[str, float], level: float
) -> Compared | None:
    """Of columns of one metric; None if no replicate is in all of them."""
    columns = tuple(column for column, _, _ in several)
    common = sorted(set.intersection(*({*a} & {*b} for _, a, b in several)))
    if not common:
        return None
    first = {r: float(np.mean([a[r] for _, a, _ in several])) for r in common}
    second = {r: float(np.mean([b[r] for _, _, b in several])) for r in common}
    posterior = correlated_t_test(
        *((first, second) if columns[0].direction == "max" else (second, first)),
        rope=ropes.get(columns[0].metric, columns[0].rope),
        resampled=max(column.resampled for column in columns),
        level=level,
    )
    return Compared(columns, _mean(first), _mean(second), posterior)


def _mean(values: Values) -> float:
    return float(np.mean(list(values.values())))
