"""The leaderboard of the sweeps that declare ``leaderboard: true``, made from a trial source."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from bench.artefacts.footnotes import CLEAN_NOTE, loss_notes, resampled_note
from bench.artefacts.leaderboard_columns import Setting, label_columns, planned_settings, ranked
from bench.artefacts.leaderboard_labels import label_methods
from bench.artefacts.leaderboard_methods import fixed_methods
from bench.artefacts.leaderboard_runs import Endings
from bench.artefacts.leaderboard_tuned import tuned_methods
from bench.artefacts.leaderboard_yours import your_trials
from bench.artefacts.outcomes import SweepOutcomes
from bench.artefacts.provenance import borrowed_note
from bench.planning.next_command import alarm, unfinished_words
from bench.plugin import Metric, Task, UsageError
from bench.specs.sweep import load, shipped
from results.leaderboard.board import Column, Leaderboard, Method, Runs, build_leaderboard
from results.leaderboard.costs import Cost, task_costs
from results.store.trial_source import TrialSource
from results.tables.convergence import NOTE
from results.tables.fates import counted, overall


@dataclass(frozen=True)
class Contents:
    """What a leaderboard is made of.

    Attributes:
        runs: by method key and column key.
        notes: what a reader must know of these trials.
        costs: by method key and task.
    """

    columns: list[Column]
    methods: list[Method]
    runs: dict[tuple[str, str], Runs]
    notes: list[str]
    costs: dict[tuple[str, str], Cost]


def leaderboard(
    source: TrialSource, joined: SweepOutcomes, sweeps: Sequence[str] | None = None
) -> Leaderboard:
    """Compare the losses of sweeps.

    Columns are the settings of task and training that the sweeps plan, methods their losses, the
    losses that the source has at the same settings (*yours*), and what tuning chose.

    Args:
        joined: outcomes of sweeps in the source.
        sweeps: names or specification files (default: `board_sweeps`).

    Raises:
        UsageError: no such sweep, or the source has no trial of any of them.
    """
    chosen, sweeps = bool(sweeps), list(sweeps or board_sweeps(joined))
    found = contents(source, joined, sweeps)
    board = build_leaderboard(found.columns, found.methods, found.runs, costs=found.costs)
    alarms = _alarms(joined, sweeps)
    waiting = [] if chosen else [name for name in _declared(joined.scale) if name not in sweeps]
    left = [f"Not run yet, so not on the board: {', '.join(waiting)}."] if waiting else []
    return replace(board, notes=(*alarms, *board_notes(board), *found.notes, *left))


def contents(
    source: TrialSource,
    joined: SweepOutcomes,
    sweeps: Sequence[str] | None = None,
    metrics: Callable[[Task], list[Metric]] = ranked,
) -> Contents:
    """Columns, methods and what they did.

    Args:
        metrics: of a task that have columns.

    Raises:
        UsageError: no such sweep, or the source has no trial of any of them.
    """
    names, scale = list(sweeps or board_sweeps(joined)), joined.scale
    plans = [joined.plan(name) for name in names]
    outcomes = joined.combined(names)
    settings = planned_settings(plans, metrics)
    yours = your_trials(settings, set(outcomes["trial_id"]), source)
    everything = pd.concat([outcomes, yours.outcomes], ignore_index=True).copy()
    endings = Endings(everything)
    fixed = fixed_methods(plans, yours, settings, endings)
    tuned = tuned_methods(plans, settings, endings, outcomes)
    ids = {trial_id for found in [*fixed, *tuned] for trial_id in found.trial_ids()}
    stale = any(cell.counts.get("stale") for one in [*fixed, *tuned] for cell in one.runs.values())
    if not ids and not stale:
        known = [one.sweep.name for one in plans]
        raise UsageError(
            f"{source.shown}: no finished trial of {', '.join(known)} at scale {scale}: "
            + "; ".join(_unfinished(joined, names))
        )
    methods = label_methods([*fixed, *tuned])
    runs: dict[tuple[str, str], Runs] = {}
    for method, found in zip(methods, [*fixed, *tuned], strict=True):
        runs |= {(method.key, key): cell for key, cell in found.runs.items()}
    borrowed = borrowed_note(everything[everything["trial_id"].isin(ids)])
    losses = [name for one in [*fixed, *tuned] for name in one.loss.split(", ")]
    notes = [
        *_trial_notes(settings, scale, runs, yours.foreign),
        *loss_notes(losses),
        *borrowed,
    ]
    columns = label_columns(plans, settings)
    return Contents(columns, methods, runs, notes, _costs(columns, runs, everything))


def _costs(
    columns: Sequence[Column], runs: Mapping[tuple[str, str], Runs], trials: pd.DataFrame
) -> dict[tuple[str, str], Cost]:
    tasks = {column.key: column.task for column in columns}
    rows = dict.fromkeys(
        (method, tasks[column], trial_id)
        for (method, column), cell in runs.items()
        for trial_id in cell.trial_ids.values()
    )
    behind = pd.DataFrame(list(rows), columns=["method", "task", "trial_id"])
    times = ["seconds.cpu", "seconds.train"]
    timed = trials.reindex(columns=["trial_id", "hardware", *times])
    return task_costs(behind.merge(timed, on="trial_id"))


def _unfinished(joined: SweepOutcomes, names: Sequence[str]) -> list[str]:
    """Of each sweep, what became of its trials and what goes on."""
    counts = [(plan, counted(overall(outcomes))) for plan, outcomes in map(joined.of, names)]
    return [words for plan, found in counts if (words := unfinished_words(plan, found))]


def _alarms(joined: SweepOutcomes, names: Sequence[str]) -> list[str]:
    """The same of sweeps of which a trial failed, or none has a value."""
    counts = [(plan, counted(overall(outcomes))) for plan, outcomes in map(joined.of, names)]
    return [
        f"{plan.sweep.name}: {words}." for plan, found in counts if (words := alarm(plan, found))
    ]


def board_sweeps(joined: SweepOutcomes, given: Sequence[str] = ()) -> list[str]:
    """Sweeps of the board that nobody chose: those that declare it, shipped or given, and that have
    trials; all that declare it while none has."""
    declared = [name for name in given if joined.plan(name).sweep.leaderboard]
    declared = [*_declared(joined.scale), *declared]
    begun = [
        name
        for name in declared
        if not joined.of(name)[1]["fate"].isin(["missing", "skipped"]).all()
    ]
    return begun or declared


def _declared(scale: str) -> list[str]:
    return [name for name in shipped() if load(name, scale).sweep.leaderboard]


def board_notes(board: Leaderboard) -> list[str]:
    """How to read the board."""
    cells, count = board.entries.values(), len(board.columns)
    notes = [
        "Mean ± half of the 95% t interval over replicates; then the paired difference to the best "
        "of the column (negative is worse) ± half of its 95% interval, not corrected for the "
        "number of comparisons; the best is the best by these data, so differences to it err on "
        "the large side.",
        "≈: not told apart from the best. Methods that share a letter are not told apart: paired t "
        "tests at 5%, corrected by Holm's rule over all pairs of the column, and over the columns "
        "for each pair. So some two equal losses are told apart in at most 5% of columns, and "
        f"somewhere on the board in up to {1 - 0.95**count:.0%} of boards of {_columns(count)} "
        "(measured with 4 columns: 16 to 18%). With few replicates only large differences can be "
        "told.",
        "Rank: 1 the best of so many methods, mean over the columns of a task, then over tasks, "
        "with a 95% bootstrap interval over tasks, columns and replicates; methods that lack "
        "replicates in a column are marked incomplete, come last, and are ranked over the columns "
        "that they have. A method has no rank, and lacks nothing, where its task cannot use it or "
        "nobody planned it.",
    ]
    if any(entry.unresolved for entry in cells):
        notes.append(
            "Not resolvable: the difference is the same in all replicates, which show no spread to "
            "judge it by."
        )
    if any(entry.unconverged for entry in cells):
        notes.append(NOTE)
    if board.costs:
        wall = any(cost.measured == "train" for cost in board.costs.values())
        notes.append(
            f"{'Training s' if wall else 'CPU s'} a trial: median {'wall' if wall else 'CPU'} time "
            "of training on one processor; –: on several, or on another than most."
            + (" Some of these records are from before CPU time was kept." if wall else "")
        )
    if any(entry.runs.tuning for entry in cells):
        notes.append(
            "Tuned: in every replicate a search of its own; the setting that is best on the "
            "replicate's validation data counts by its test value there, so intervals and tie "
            "marks cover search and choice. The number of settings that each search tried is part "
            "of the result."
        )
    return notes


def _columns(count: int) -> str:
    return "one column" if count == 1 else f"{count} columns"


def _trial_notes(
    settings: dict[str, Setting],
    scale: str,
    runs: Mapping[tuple[str, str], Runs],
    foreign: Sequence[str],
) -> list[str]:
    """What the trials are, and which of them are in no number."""
    replicates = sorted({len(setting.replicates) for setting in settings.values()})
    data = sorted({setting.task.data_name for setting in settings.values()})
    notes = [
        f"Replicates per cell: {' or '.join(map(str, replicates))}. Data: {', '.join(data)}; scale "
        f"{scale}. {CLEAN_NOTE}",
        *resampled_note({one.task.plugin_name: one.task.resampled for one in settings.values()}),
    ]
    if any(cell.counts.get("stale") for cell in runs.values()):
        notes.append(
            "Stale trials ran with another version of a loss, task or data; they are in no number."
        )
    if foreign:
        notes.append(
            f"Not loaded here, so their version is unchecked: {', '.join(foreign)} (--plugin)."
        )
    return notes
