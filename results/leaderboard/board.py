"""Leaderboard: methods by columns, which differences are real, and the overall rank.

A column is one task setting with one metric. Methods meet the same data, initial weights and label
noise in a replicate, so they are compared by paired differences over replicates. Methods of one
selection rule are compared with each other: *as published* and *yours* have fixed settings,
*tuned* ones were chosen on validation data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from results.leaderboard.costs import Cost
from results.leaderboard.ranks import Rank, RankColumn, overall_ranks
from results.leaderboard.tuned import Tuned
from results.stats.inference import (
    LEVEL,
    Difference,
    Floats,
    Interval,
    mean_interval,
    paired_difference,
)
from results.stats.letter_display import letter_groups
from results.stats.pairwise_tests import corrected, pairwise_p
from results.tables.convergence import unconverged
from results.tables.number_style import Direction, NumberStyle

Selection = Literal["as published", "tuned", "yours"]
RESAMPLES = 4000
_SEED = 20_240_601


@dataclass(frozen=True)
class Method:
    """A row: a loss with settings fixed, or with the rule that chooses them.

    Attributes:
        label: unique among methods of one selection rule; a tuned method has the label of the
            published one that it belongs to.
        options: fixed settings; for a tuned method those that were not searched.
    """

    key: str
    loss: str
    label: str
    selection: Selection
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def group(self) -> str:
        """Methods of one group are compared with each other."""
        return "tuned" if self.selection == "tuned" else "fixed"

    @property
    def written(self) -> str:
        """Label and group, which no other method of the board shares."""
        return f"{self.label} (tuned)" if self.group == "tuned" else self.label


@dataclass(frozen=True)
class Column:
    """A task setting and the metric by which methods are compared.

    Attributes:
        direction: ``max`` if more is better, ``min`` if less.
        replicates: those that a method must have to be complete.
        data: name of the data.
        digits: decimals of means, differences and intervals.
        resampled: share of the data that is the test set, where replicates are splits of one data
            set; 0 where each has data of its own.
        rope: differences up to this are equivalent in practice; 0 where nothing is known of that.
    """

    key: str
    task: str
    label: str
    metric: str
    direction: Direction
    data: str
    scale: str
    replicates: tuple[int, ...]
    unit: str = ""
    digits: int = 3
    resampled: float = 0.0
    rope: float = 0.0

    @property
    def style(self) -> NumberStyle:
        """How the column's numbers are shown."""
        return NumberStyle(self.digits, unit=self.unit, direction=self.direction)


@dataclass(frozen=True)
class Runs:
    """What a method did in a column.

    Attributes:
        values: metric by replicate, of trials that finished with a value.
        trial_ids: trial by replicate, in the same order.
        counts: planned trials by what became of them: ``finished`` and the names of
            `results.tables.fates.UNCOUNTED`.
        unaveraged: trials by what became of them, for the names of `results.tables.fates.RUN`.
        reason: why trials were skipped.
        tuning: how settings were chosen.
        undecided: by replicate, share of the probability mass that is neither near 0 nor near 1,
            of trials whose loss relies on that and that report it.
    """

    values: dict[int, float] = field(default_factory=dict)
    trial_ids: dict[int, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    unaveraged: dict[str, tuple[str, ...]] = field(default_factory=dict)
    reason: str | None = None
    tuning: Tuned | None = None
    undecided: dict[int, float] = field(default_factory=dict)

    @property
    def applies(self) -> bool:
        """Whether the column's task can use the method: not all that there is was skipped."""
        return not (self.counts.get("skipped") and self.counts.keys() <= {"skipped", "missing"})


@dataclass(frozen=True)
class Entry:
    """One cell.

    Attributes:
        mean: t interval over replicates.
        difference: to the best of the column, paired, in the metric's unit, and so signed that
            negative is worse. Interval and p are those of this one comparison.
        p_corrected: p of the difference, corrected for all comparisons (see
            `results.stats.pairwise_tests`); NaN for the best, and where no test is possible: with
            one replicate, or a difference that is the same in each of a few.
        tied_with_best: the test does not tell it from the best.
        letters: methods that share one are not told apart; empty without two replicates.
        complete: has all of the column's replicates.
    """

    runs: Runs
    mean: Interval
    difference: Difference
    p_corrected: float
    best: bool
    tied_with_best: bool
    letters: str
    complete: bool

    @property
    def unconverged(self) -> bool:
        """Whether its trials have not converged (`results.tables.convergence`)."""
        return unconverged(self.runs.undecided.values())

    @property
    def unresolved(self) -> bool:
        """Whether replicates are there and still no test: the difference is the same in all."""
        return not self.best and self.difference.n > 1 and bool(np.isnan(self.p_corrected))

    @property
    def stale(self) -> int:
        """Planned trials that ran with another version of a plugin only; in no number here."""
        return self.runs.counts.get("stale", 0)


@dataclass(frozen=True)
class Leaderboard:
    """The result.

    Attributes:
        methods: by group, then overall rank; those without a rank last.
        entries: by method key and column key; none where a method has nothing in a column.
        ranks: mean rank over the columns that are for the method, then over tasks, by method key.
        incomplete: keys of methods that lack replicates in such a column: their rank is over the
            columns that they have, among themselves and the complete methods.
        notes: what a reader must know, one sentence or two each.
        costs: what a trial takes, by method key and task.
    """

    columns: tuple[Column, ...]
    methods: tuple[Method, ...]
    entries: dict[tuple[str, str], Entry]
    ranks: dict[str, Rank]
    incomplete: frozenset[str]
    notes: tuple[str, ...] = ()
    level: float = LEVEL
    costs: Mapping[tuple[str, str], Cost] = field(default_factory=dict)

    def applies(self, method: str, column: str) -> bool:
        """Whether a column is for a method, by their keys (see `competes`)."""
        one = next(one for one in self.methods if one.key == method)
        place = next(one for one in self.columns if one.key == column)
        return competes(one, place, self.columns, self._runs)

    def _runs(self, method: str, column: str) -> Runs | None:
        entry = self.entries.get((method, column))
        return entry.runs if entry else None

    def ranked_columns(self, group: str) -> list[Column]:
        """Columns in which a method of the group has anything that might be ranked."""
        keys = [method.key for method in self.methods if method.group == group]
        return [
            column
            for column in self.columns
            if any(
                (key, column.key) in self.entries and self.entries[key, column.key].runs.applies
                for key in keys
            )
        ]


def build_leaderboard(
    columns: Sequence[Column],
    methods: Sequence[Method],
    runs: Mapping[tuple[str, str], Runs],
    *,
    notes: Sequence[str] = (),
    level: float = LEVEL,
    resamples: int = RESAMPLES,
    costs: Mapping[tuple[str, str], Cost] | None = None,
) -> Leaderboard:
    """Compare methods.

    Args:
        runs: by method key and column key.
        costs: by method key and task.
        resamples: bootstrap samples of the overall rank.

    Raises:
        ValueError: two methods or two columns of one key.
    """
    for kind, keys in (
        ("columns", [c.key for c in columns]),
        ("methods", [m.key for m in methods]),
    ):
        if len(set(keys)) < len(keys):
            raise ValueError(f"two {kind} have the key '{max(keys, key=keys.count)}'")
    entries: dict[tuple[str, str], Entry] = {}
    ranks: dict[str, Rank] = {}
    incomplete: set[str] = set()
    for group in sorted({method.group for method in methods}):
        keys = [method.key for method in methods if method.group == group]
        grouped = {place: found for place, found in runs.items() if place[0] in keys}
        entries |= _entries(columns, keys, grouped, level)
        rivals = [method for method in methods if method.group == group]
        ranked = [
            _rank_column(column, rivals, columns, runs, entries)
            for column in columns
            if _has_any(column, keys, runs)
        ]
        found, lacking = overall_ranks(ranked, keys, level, resamples, _SEED)
        ranks |= found
        incomplete |= lacking
    order = {method.key: number for number, method in enumerate(methods)}

    def place(method: Method) -> tuple[str, bool, float, int]:
        rank = ranks[method.key].share
        lacking = method.key in incomplete
        return method.group, lacking, rank if rank == rank else np.inf, order[method.key]

    return Leaderboard(
        tuple(columns),
        tuple(sorted(methods, key=place)),
        entries,
        ranks,
        frozenset(incomplete),
        tuple(notes),
        level,
        dict(costs or {}),
    )


def _entries(
    columns: Sequence[Column],
    keys: Sequence[str],
    runs: Mapping[tuple[str, str], Runs],
    level: float,
) -> dict[tuple[str, str], Entry]:
    """Cells of one group of methods."""
    p = np.full((len(keys), len(keys), len(columns)), np.nan)
    for number, column in enumerate(columns):
        p[:, :, number] = pairwise_p(_matrix(column, keys, runs), column.resampled)
    p = corrected(p)
    entries = {}
    for number, column in enumerate(columns):
        present = [i for i, key in enumerate(keys) if (key, column.key) in runs]
        values = {keys[i]: runs[keys[i], column.key].values for i in present}
        complete = {key for key, by in values.items() if by.keys() >= set(column.replicates)}
        order = sorted(values, key=lambda key: _badness(column, key, values, complete))
        best = order[0] if order and values[order[0]] else None
        tested = [keys.index(key) for key in order if len(values[key]) > 1]
        letters = letter_groups(p[np.ix_(tested, tested)][:, :, number] < 1 - level)
        by_key = dict(zip((keys[i] for i in tested), letters, strict=True))
        for i in present:
            key = keys[i]
            found = runs[key, column.key]
            to_best = _difference(column, found.values, values[best] if best else {}, level)
            adjusted = float("nan") if best is None else float(p[i, keys.index(best), number])
            entries[key, column.key] = Entry(
                runs=found,
                mean=_mean(column, found.values, level),
                difference=to_best,
                p_corrected=adjusted,
                best=key == best,
                tied_with_best=key == best or adjusted >= 1 - level,
                letters=by_key.get(key, ""),
                complete=key in complete,
            )
    return entries


def _matrix(column: Column, keys: Sequence[str], runs: Mapping[tuple[str, str], Runs]) -> Floats:
    """(methods, replicates) values, NaN where there is none."""
    found = [runs[key, column.key].values if (key, column.key) in runs else {} for key in keys]
    replicates = sorted(set().union(*found))
    rows = [[values.get(replicate, np.nan) for replicate in replicates] for values in found]
    return np.array(rows, dtype=np.float64).reshape(len(keys), len(replicates))


def _badness(
    column: Column, key: str, values: Mapping[str, Mapping[int, float]], complete: set[str]
) -> tuple[bool, float]:
    """The best has the least: complete methods first, by their mean over common replicates."""
    own = values[key]
    if key in complete:
        common = set.intersection(*(set(values[other]) for other in complete))
        own = {replicate: own[replicate] for replicate in common}
    sign = -1.0 if column.direction == "max" else 1.0
    mean = float(np.mean(list(own.values()))) if own else np.inf
    return key not in complete, sign * mean if own else mean


def _difference(
    column: Column, values: Mapping[int, float], best: Mapping[int, float], level: float
) -> Difference:
    first, second = (values, best) if column.direction == "max" else (best, values)
    return paired_difference(first, second, level, resampled=column.resampled)


def _mean(column: Column, values: Mapping[int, float], level: float) -> Interval:
    return mean_interval(list(values.values()), level, column.resampled)


def _has_any(column: Column, keys: Sequence[str], runs: Mapping[tuple[str, str], Runs]) -> bool:
    """Whether a method of these has anything in the column that it might be ranked by."""
    return any((key, column.key) in runs and runs[key, column.key].applies for key in keys)


def competes(
    method: Method,
    column: Column,
    columns: Sequence[Column],
    runs: Callable[[str, str], Runs | None],
) -> bool:
    """Whether a method is to be ranked in a column.

    It is where it has runs, or was to have them, and its task can use it. Where nothing was planned
    for it, it lacks nothing, as on a task that another user added; but a method that nobody planned
    (*yours*) is to have all columns of a task that it has any of, and not the easiest alone.

    Args:
        runs: by method key and column key; None where there are none.
    """
    found = runs(method.key, column.key)
    if found is not None:
        return found.applies
    return method.selection == "yours" and any(
        runs(method.key, other.key) is not None for other in columns if other.task == column.task
    )


def _rank_column(
    column: Column,
    methods: Sequence[Method],
    columns: Sequence[Column],
    runs: Mapping[tuple[str, str], Runs],
    entries: Mapping[tuple[str, str], Entry],
) -> RankColumn:
    """Values of the methods that are complete in the column."""
    sign = 1.0 if column.direction == "max" else -1.0
    values = {
        one.key: {r: sign * value for r, value in entry.runs.values.items()}
        for one in methods
        if (entry := entries.get((one.key, column.key))) is not None and entry.complete
    }

    def found(method: str, of: str) -> Runs | None:
        return runs.get((method, of))

    exempt = {one.key for one in methods if not competes(one, column, columns, found)}
    return RankColumn(column.task, values, frozenset(exempt))
