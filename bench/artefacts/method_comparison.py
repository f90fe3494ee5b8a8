"""Two methods of the leaderboard, compared in every column and over all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.artefacts.leaderboard_assembly import Contents, contents
from bench.artefacts.leaderboard_choice import find_method
from bench.artefacts.leaderboard_columns import ranked_and_classes
from bench.artefacts.outcomes import SweepOutcomes
from bench.plugin import UsageError, nearest
from results.leaderboard.board import Column
from results.leaderboard.pair_formats import ShownPair
from results.leaderboard.pairs import Pair, compare_pair
from results.store.trial_source import TrialSource

ALL_METRICS = ""
"""Key of the region of practical equivalence of all metrics."""


def compare(
    source: TrialSource,
    joined: SweepOutcomes,
    first: str,
    second: str,
    *,
    task: str | None = None,
    sweeps: Sequence[str] | None = None,
    ropes: Mapping[str, float] | None = None,
) -> ShownPair:
    """Compare two methods.

    Args:
        first, second: as `find_method` understands them.
        task: only in its columns.
        sweeps: as for the leaderboard.
        ropes: half widths of the region of practical equivalence by metric, or one for
            `ALL_METRICS` (default: .01 for shares, none for others).

    Raises:
        UsageError: no such method, task, metric or sweep, or no replicate that both have.
    """
    found = contents(source, joined, sweeps, ranked_and_classes)
    a, b = find_method(first, found.methods), find_method(second, found.methods)
    if a.key == b.key:
        raise UsageError(f"'{first}' and '{second}' are the same row, '{a.written}'")
    columns = _columns_of(found, task)
    pair = compare_pair(columns, found.runs, a.key, b.key, _ropes(columns, ropes or {}))
    if not pair.columns:
        where = "" if task is None else f" on '{task}'"
        raise UsageError(
            f"'{a.written}' and '{b.written}' have no replicate in common{where}; "
            "see: bench leaderboard"
        )
    return ShownPair(a.written, b.written, pair, (*_notes(a.written, pair), *found.notes))


def _columns_of(found: Contents, task: str | None) -> list[Column]:
    tasks = {column.task for column in found.columns}
    if task is not None and task not in tasks:
        raise UsageError(f"no task '{task}' on the leaderboard{nearest(task, tasks)}")
    return [column for column in found.columns if task in (None, column.task)]


def _ropes(columns: Sequence[Column], given: Mapping[str, float]) -> dict[str, float]:
    """By the columns' names of metrics."""
    metrics = dict.fromkeys(column.metric for column in columns)
    named = {_plain(metric): metric for metric in metrics}
    found = dict.fromkeys(metrics, given[ALL_METRICS]) if ALL_METRICS in given else {}
    for name, rope in given.items():
        if name != ALL_METRICS and _plain(name) not in named:
            raise UsageError(f"--rope: unknown metric '{name}'{nearest(name, metrics)}")
        if not 0 <= rope < float("inf"):
            raise UsageError(f"--rope: a region of practical equivalence is 0 or wider, got {rope}")
        if name != ALL_METRICS:
            found[named[_plain(name)]] = rope
    return found


def _plain(metric: str) -> str:
    return metric.lower()


def _notes(first: str, pair: Pair) -> list[str]:
    notes = [
        f"Means over the replicates that both have; the paired difference is so signed that "
        f"positive says that {first} is better, ± half of its 95% interval.",
        f"P(better), P(equivalent), P(worse) of {first}: correlated Bayesian t test (Benavoli et "
        f"al., JMLR 18, 2017) with these regions of practical equivalence: {_regions(pair)}. "
        "Probabilities are of one comparison each, not corrected for their number.",
    ]
    if any(len(one.columns) > 1 for one in pair.overall):
        notes.append(
            "All columns: the mean over the columns, replicate by replicate, then the same test; "
            "about these columns, not about others of their kind."
        )
    if any(one.posterior.rope == 0 for one in pair.columns):
        notes.append(
            "Without a region of practical equivalence nothing is equivalent; "
            "--rope METRIC=NUMBER gives one, in the metric's unit."
        )
    if any(one.posterior.difference.sd == 0 for one in pair.columns):
        notes.append(
            "Not resolvable: the difference is the same in all replicates, which show no spread to "
            "judge it by. Equal: the same value in every replicate."
        )
    return notes


def _regions(pair: Pair) -> str:
    """``±0.01 (F1, recall), ±2 px (MAD)``."""
    metrics: dict[str, dict[str, None]] = {}
    for one in pair.columns:
        unit = f" {one.columns[0].unit}" if one.columns[0].unit else ""
        metrics.setdefault(f"±{one.posterior.rope:g}{unit}", {})[one.metric] = None
    return ", ".join(f"{region} ({', '.join(names)})" for region, names in metrics.items())
