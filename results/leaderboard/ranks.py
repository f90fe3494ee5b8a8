"""Overall rank: over the columns of each task, then over tasks, with a bootstrap interval.

A column is a competition of the methods that are complete in it: a rank is one *of* so many. One
that a column is not for, because its task cannot use that loss or nobody ran it there, has no rank
there and lacks nothing; a column with a single method is no competition, and counts only for one
that has no other. Ranks are averaged over the columns of a task, then over tasks, so that a task
does not count for more by having more settings; the numbers of competitors likewise.

A sample of the bootstrap draws tasks with replacement, in each of them columns, and replicates: the
same ones for all methods, which are paired, and for all columns of a task with the same replicates,
which share data and initial weights; for a tuned method also a setting, as often as the bootstrap
of its search chooses it (`results.leaderboard.tuned`). Methods are ranked anew by the means of each
sample.

The interval is for the rank that a method would have on average on other tasks and columns of the
kind, with as many replicates: a board of noisy columns mixes ranks, and more replicates spread
them. Percentiles over few tasks are too narrow, so their levels are those of Hesterberg's expanded
percentile interval (see `results.surface.bootstrap_band`) for that number of tasks; with one task
for the number of its columns, with one column for that of its replicates. How often the interval
holds that rank is measured in ``tests/results/scenarios/test_calibration.py`` and stated in
``docs/leaderboard.md``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from results.stats.inference import Floats, Interval
from results.surface.bootstrap_band import tail_probability


@dataclass(frozen=True)
class RankColumn:
    """Values of the methods that are complete in a column; more is better.

    Attributes:
        values: by method and replicate.
        exempt: methods that the column is not for.
    """

    task: str
    values: Mapping[str, Mapping[int, float]]
    exempt: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Rank(Interval):
    """A mean rank, 1 the best, with its interval; NaN where a method is in no column.

    Attributes:
        n: columns behind it.
        of: methods in such a column, averaged as the rank is.
        tasks: behind it.
    """

    of: float = float("nan")
    tasks: int = 0

    @property
    def share(self) -> float:
        """0 for the first and 1 for the last of however many; NaN for the only one."""
        return (self.estimate - 1) / (self.of - 1) if self.of > 1 else float("nan")


def overall_ranks(
    columns: Sequence[RankColumn], keys: Sequence[str], level: float, resamples: int, seed: int
) -> tuple[dict[str, Rank], frozenset[str]]:
    """Rank of every method, and the incomplete ones.

    Methods that are complete in all columns that are for them are ranked among themselves. One
    that is not, is ranked over the columns that it has, among itself and the complete ones.

    Returns:
        ranks by key, keys of the incomplete.
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
) -> dict[str, Rank]:
    columns = [column for column in columns if any(key in column.values for key in keys)]
    if not columns:
        nan = float("nan")
        return {key: Rank(nan, nan, nan, 0, level) for key in keys}
    values = [_common(column, keys) for column in columns]
    units = [
        (column.task, replicates) for column, (_, replicates) in zip(columns, values, strict=True)
    ]
    matrices = _contested([matrix for matrix, _ in values])
    ranks = np.array([rank_columns(matrix.mean(axis=1)) for matrix in matrices])
    present = ~np.isnan(ranks)
    samples = bootstrap_ranks(matrices, units, resamples, np.random.default_rng(seed))
    found = {}
    for i, key in enumerate(keys):
        own = np.flatnonzero(present[:, i]).tolist()
        tasks = [columns[k].task for k in own]
        estimate = _over_tasks(tasks, ranks[own, i])
        low, high = _ends(estimate, samples[:, i], _units(tasks, own, matrices), level)
        of = _over_tasks(tasks, present[own].sum(axis=1))
        found[key] = Rank(estimate, low, high, len(own), level, of, len(set(tasks)))
    return found


def _contested(matrices: Sequence[Floats]) -> list[Floats]:
    """Without the methods that are alone in a column and meet others elsewhere."""
    present = np.array([~np.isnan(matrix).any(axis=1) for matrix in matrices])
    contested = present.sum(axis=1) > 1
    elsewhere = present[contested].any(axis=0)
    return [
        matrix if met else np.where(elsewhere[:, None], np.nan, matrix)
        for matrix, met in zip(matrices, contested, strict=True)
    ]


def _over_tasks(tasks: Sequence[str], values: Floats) -> float:
    """Mean over tasks of their means over columns; NaN without one."""
    by_task: dict[str, list[float]] = {}
    for task, value in zip(tasks, values.tolist(), strict=True):
        by_task.setdefault(task, []).append(value)
    return float(np.mean([np.mean(own) for own in by_task.values()])) if by_task else float("nan")


def _units(tasks: Sequence[str], own: Sequence[int], matrices: Sequence[Floats]) -> int:
    """How many units of the widest kind there are several of: tasks, columns, or replicates."""
    if len(set(tasks)) > 1:
        return len(set(tasks))
    return len(own) if len(own) != 1 else matrices[own[0]].shape[1]


def _ends(estimate: float, samples: Floats, units: int, level: float) -> tuple[float, float]:
    """Expanded percentiles of a method's samples, which are NaN where no column of it is drawn."""
    if np.isnan(estimate) or units < 2:  # one replicate of one column: no spread
        return float("nan"), float("nan")
    tail = float(tail_probability(np.array(float(units)), level))
    low, high = np.quantile(samples[~np.isnan(samples)], [tail, 1 - tail])
    return min(float(low), estimate), max(float(high), estimate)


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
        units: task and replicates of each column; equal ones share the draws of replicates.
    """
    by_task: dict[str, list[int]] = {}
    for number, (task, _) in enumerate(units):
        by_task.setdefault(task, []).append(number)
    tasks = _draws(len(by_task), resamples, generator)
    columns = {task: _draws(len(own), resamples, generator) for task, own in by_task.items()}
    weights = {unit: _draws(len(unit[1]), resamples, generator) for unit in dict.fromkeys(units)}
    total = np.zeros((resamples, len(matrices[0])))
    number_of_tasks = np.zeros_like(total)
    for t, (task, own) in enumerate(by_task.items()):
        in_task, there = np.zeros_like(total), np.zeros_like(total)
        for place, number in enumerate(own):
            matrix, weight = matrices[number], weights[units[number]]
            means = weight @ matrix.T / matrix.shape[1]
            ranks = rank_columns(means)
            drawn = columns[task][:, place, None]
            in_task += drawn * np.where(np.isnan(ranks), 0.0, ranks)
            there += drawn * ~np.isnan(ranks)
        mean = np.divide(in_task, there, out=np.zeros_like(total), where=there > 0)
        total += tasks[:, t, None] * mean
        number_of_tasks += tasks[:, t, None] * (there > 0)
    unranked = np.full_like(total, np.nan)
    return np.divide(total, number_of_tasks, out=unranked, where=number_of_tasks > 0)


def _draws(count: int, resamples: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """``(resamples, count)`` how often each of ``count`` is drawn in as many draws."""
    return generator.multinomial(count, np.full(count, 1 / count), size=resamples)


def rank_columns(means: Floats) -> Floats:
    """Ranks along the last axis, 1 for the largest; equal ones share the mean of their ranks.

    NaN has no rank, and takes none.
    """
    own, other = means[..., :, None], means[..., None, :]
    better = (other > own).sum(axis=-1)
    equal = (other == own).sum(axis=-1)
    return np.where(np.isnan(means), np.nan, 1 + better + (equal - 1) / 2)
