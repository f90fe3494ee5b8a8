"""Overall rank: mean rank over columns, with a bootstrap interval over columns and replicates.

A sample draws columns with replacement, and replicates with replacement: the same ones for all
methods, which are paired, and for all columns of a task with the same replicates, which share data
and initial weights; for a tuned method also a setting, as often as the bootstrap of its search
chooses it (`results.leaderboard.tuned`). Methods are ranked anew by the means of each sample.

The interval is for the rank that a method would have on average on other columns of the kind, with
as many replicates: a board of noisy columns mixes ranks, and more replicates spread them.
Percentiles over few columns are too narrow, so their levels are those of Hesterberg's expanded
percentile interval (see `results.surface.bootstrap_band`) for that number of columns; on a board of
one column, for the number of replicates. How often the interval holds that rank is measured in
``tests/results/scenarios/test_calibration.py`` and stated in ``docs/leaderboard.md``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from results.stats.inference import Floats, Interval
from results.surface.bootstrap_band import tail_probability

Rivals = Mapping[int, tuple[Floats, Floats]]
"""By number of the method: shares (settings,) and values (settings, replicates)."""


@dataclass(frozen=True)
class RankColumn:
    """Values of the methods that are complete in a column; more is better.

    Attributes:
        values: by method and replicate.
        rivals: by tuned method, the settings that its search could have chosen: how often it would,
            and values by replicate.
    """

    task: str
    values: Mapping[str, Mapping[int, float]]
    rivals: Mapping[str, Sequence[tuple[float, Mapping[int, float]]]] = field(default_factory=dict)


def overall_ranks(
    columns: Sequence[RankColumn], keys: Sequence[str], level: float, resamples: int, seed: int
) -> tuple[dict[str, Interval], frozenset[str]]:
    """Rank of every method, and the incomplete ones.

    Methods that are complete in all columns are ranked among themselves. One that is not, is ranked
    over the columns that it has, among itself and the complete ones.

    Returns:
        intervals by key (n is the number of columns; NaN without one), keys of the incomplete.
    """
    everywhere = [key for key in keys if all(key in column.values for column in columns)]
    ranks = _rank(columns, everywhere, level, resamples, seed)
    incomplete = [key for key in keys if key not in everywhere]
    for key in incomplete:
        own = [column for column in columns if key in column.values]
        among = [*everywhere, key] if everywhere else list(keys)
        ranks[key] = _rank(own, among, level, resamples, seed)[key]
    return ranks, frozenset(incomplete)


def _rank(
    columns: Sequence[RankColumn], keys: Sequence[str], level: float, resamples: int, seed: int
) -> dict[str, Interval]:
    if not columns or not keys:
        nan = float("nan")
        return {key: Interval(nan, nan, nan, 0, level) for key in keys}
    values = [_common(column, keys) for column in columns]
    units = [
        (column.task, replicates) for column, (_, replicates) in zip(columns, values, strict=True)
    ]
    matrices = [matrix for matrix, _ in values]
    estimate = np.mean([rank_columns(matrix.mean(axis=1)) for matrix in matrices], axis=0)
    rivals = [
        _rivals(column, keys, replicates)
        for column, (_, replicates) in zip(columns, values, strict=True)
    ]
    samples = bootstrap_ranks(matrices, units, resamples, np.random.default_rng(seed), rivals)
    count = len(columns) if len(columns) > 1 else matrices[0].shape[1]
    if count < 2:  # one replicate of one column: no spread
        low = high = np.full(len(keys), np.nan)
    else:
        tail = float(tail_probability(np.array(float(count)), level))
        low = np.minimum(np.quantile(samples, tail, axis=0), estimate)
        high = np.maximum(np.quantile(samples, 1 - tail, axis=0), estimate)
    return {
        key: Interval(float(estimate[i]), float(low[i]), float(high[i]), len(columns), level)
        for i, key in enumerate(keys)
    }


def _common(column: RankColumn, keys: Sequence[str]) -> tuple[Floats, tuple[int, ...]]:
    """(methods, replicates) over the replicates that all methods in the column share.

    A method that is not in the column has NaN, and no rank there.
    """
    present = [column.values[key] for key in keys if key in column.values]
    replicates = tuple(sorted(set.intersection(*(set(values) for values in present))))
    missing = dict.fromkeys(replicates, np.nan)
    rows = [column.values.get(key, missing) for key in keys]
    return np.array([[row[r] for r in replicates] for row in rows], dtype=np.float64), replicates


def _rivals(column: RankColumn, keys: Sequence[str], replicates: tuple[int, ...]) -> Rivals:
    """Settings that lack one of the replicates have their mean there."""
    found = {}
    for i, key in enumerate(keys):
        if key in column.rivals:
            shares = np.array([share for share, _ in column.rivals[key]])
            rows = [
                [values.get(r, float(np.mean(list(values.values())))) for r in replicates]
                for _, values in column.rivals[key]
            ]
            found[i] = shares / shares.sum(), np.array(rows, dtype=np.float64)
    return found


def bootstrap_ranks(
    matrices: Sequence[Floats],
    units: Sequence[tuple[str, tuple[int, ...]]],
    resamples: int,
    generator: np.random.Generator,
    rivals: Sequence[Rivals] = (),
) -> Floats:
    """``(resamples, methods)`` mean ranks of the samples.

    Args:
        matrices: ``(methods, replicates)`` of each column.
        units: of each column; those of equal ones share the draws of replicates.
        rivals: of each column, in place of some methods' rows.
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
    for number, (matrix, unit) in enumerate(zip(matrices, units, strict=True)):
        means = weights[unit] @ matrix.T / matrix.shape[1]
        for i, (shares, rows) in (rivals[number] if rivals else {}).items():
            setting = generator.choice(len(shares), size=resamples, p=shares)
            means[:, i] = (weights[unit] * rows[setting]).sum(axis=1) / matrix.shape[1]
        total += drawn[:, number, None] * rank_columns(means)
    return total / k


def rank_columns(means: Floats) -> Floats:
    """Ranks along the last axis, 1 for the largest; equal ones share the mean of their ranks.

    NaN has no rank, and takes none.
    """
    own, other = means[..., :, None], means[..., None, :]
    better = (other > own).sum(axis=-1)
    equal = (other == own).sum(axis=-1)
    return np.where(np.isnan(means), np.nan, 1 + better + (equal - 1) / 2)
