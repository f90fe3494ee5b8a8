"""Overall rank: mean rank over columns, with a bootstrap interval over columns and replicates.

A sample draws columns with replacement, and replicates with replacement: the same ones for all
methods, which are paired, and for all columns of a task with the same replicates, which share data
and initial weights. Methods are ranked anew by the means of each sample.

A method that a column does not apply to, because its task cannot use that loss, has no rank there,
and its mean is over the other columns.

The interval is for the rank that a method would have on average on other columns of the kind, with
as many replicates: a board of noisy columns mixes ranks, and more replicates spread them.
Percentiles over few columns are too narrow, so their levels are those of Hesterberg's expanded
percentile interval (see `results.surface.bootstrap_band`) for that number of columns; on a board of
one column, for the number of replicates. How often the interval holds that rank is measured in
``tests/results/scenarios/test_calibration.py`` and stated in ``docs/leaderboard.md``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from results.stats.inference import Floats, Interval
from results.surface.bootstrap_band import tail_probability


@dataclass(frozen=True)
class RankColumn:
    """Values of the methods that are complete in a column; more is better.

    Attributes:
        values: by method and replicate.
        exempt: methods that the column does not apply to.
    """

    task: str
    values: Mapping[str, Mapping[int, float]]
    exempt: frozenset[str] = frozenset()


def overall_ranks(
    columns: Sequence[RankColumn], keys: Sequence[str], level: float, resamples: int, seed: int
) -> tuple[dict[str, Interval], frozenset[str]]:
    """Rank of every method, and the incomplete ones.

    Methods that are complete in all columns that apply to them are ranked among themselves. One
    that is not, is ranked over the columns that it has, among itself and the complete ones.

    Returns:
        intervals by key (n is the number of columns; NaN without one), keys of the incomplete.
    """
    exempt = [key for key in keys if columns and all(key in column.exempt for column in columns)]
    complete = [
        key
        for key in keys
        if key not in exempt
        and all(key in column.values or key in column.exempt for column in columns)
    ]
    ranks = _rank(columns, complete, level, resamples, seed)
    ranks |= _rank([], exempt, level, resamples, seed)
    incomplete = [key for key in keys if key not in ranks]
    for key in incomplete:
        own = [column for column in columns if key in column.values]
        among = [*complete, key] if complete else list(keys)
        ranks[key] = _rank(own, among, level, resamples, seed)[key]
    return ranks, frozenset(incomplete)


def _rank(
    columns: Sequence[RankColumn], keys: Sequence[str], level: float, resamples: int, seed: int
) -> dict[str, Interval]:
    columns = [column for column in columns if any(key in column.values for key in keys)]
    if not columns:
        nan = float("nan")
        return {key: Interval(nan, nan, nan, 0, level) for key in keys}
    values = [_common(column, keys) for column in columns]
    units = [
        (column.task, replicates) for column, (_, replicates) in zip(columns, values, strict=True)
    ]
    matrices = [matrix for matrix, _ in values]
    ranks = np.array([rank_columns(matrix.mean(axis=1)) for matrix in matrices])
    samples = bootstrap_ranks(matrices, units, resamples, np.random.default_rng(seed))
    found = {}
    for i, key in enumerate(keys):
        own = [number for number, column in enumerate(columns) if key in column.values]
        count = len(own) if len(own) != 1 else matrices[own[0]].shape[1]
        found[key] = _interval(ranks[own, i], samples[:, i], count, level)
    return found


def _interval(ranks: Floats, samples: Floats, count: int, level: float) -> Interval:
    """Mean of a method's ranks, and expanded percentiles of its samples.

    Args:
        samples: NaN where none of its columns was drawn.
        count: columns, or replicates of the only one.
    """
    if not len(ranks):
        return Interval(np.nan, np.nan, np.nan, 0, level)
    estimate = float(np.mean(ranks))
    if count < 2:  # one replicate of one column: no spread
        return Interval(estimate, np.nan, np.nan, len(ranks), level)
    tail = float(tail_probability(np.array(float(count)), level))
    low, high = np.quantile(samples[~np.isnan(samples)], [tail, 1 - tail])
    return Interval(
        estimate, min(float(low), estimate), max(float(high), estimate), len(ranks), level
    )


def _common(column: RankColumn, keys: Sequence[str]) -> tuple[Floats, tuple[int, ...]]:
    """(methods, replicates) over the replicates that all methods in the column share.

    A method that is not in the column has NaN, and no rank there.
    """
    present = [column.values[key] for key in keys if key in column.values]
    replicates = tuple(sorted(set.intersection(*(set(values) for values in present))))
    missing = dict.fromkeys(replicates, np.nan)
    rows = [column.values.get(key, missing) for key in keys]
    return np.array([[row[r] for r in replicates] for row in rows], dtype=np.float64), replicates


def bootstrap_ranks(
    matrices: Sequence[Floats],
    units: Sequence[tuple[str, tuple[int, ...]]],
    resamples: int,
    generator: np.random.Generator,
) -> Floats:
    """``(resamples, methods)`` mean ranks of the samples; NaN where no column of a method is drawn.

    Args:
        matrices: ``(methods, replicates)`` of each column; rows of NaN for methods not in it.
        units: of each column; those of equal ones share the draws of replicates.
    """
    k = len(matrices)
    drawn = generator.multinomial(k, np.full(k, 1 / k), size=resamples)
    weights = {
        unit: generator.multinomial(
            len(unit[1]), np.full(len(unit[1]), 1 / len(unit[1])), resamples
        )
        for unit in dict.fromkeys(units)
    }
    total = np.zeros((resamples, len(matrices[0])))
    columns = np.zeros_like(total)
    for number, (matrix, unit) in enumerate(zip(matrices, units, strict=True)):
        means = weights[unit] @ matrix.T / matrix.shape[1]
        ranks = rank_columns(means)
        there = ~np.isnan(ranks)
        total += drawn[:, number, None] * np.where(there, ranks, 0.0)
        columns += drawn[:, number, None] * there
    return np.divide(total, columns, out=np.full_like(total, np.nan), where=columns > 0)


def rank_columns(means: Floats) -> Floats:
    """Ranks along the last axis, 1 for the largest; equal ones share the mean of their ranks.

    NaN has no rank, and takes none.
    """
    own, other = means[..., :, None], means[..., None, :]
    better = (other > own).sum(axis=-1)
    equal = (other == own).sum(axis=-1)
    return np.where(np.isnan(means), np.nan, 1 + better + (equal - 1) / 2)
