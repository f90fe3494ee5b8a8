"""The leaderboard of the sweeps that declare ``leaderboard: true``, made from a trial source."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from bench.artefacts.footnotes import CLEAN_NOTE, resampled_note
from bench.artefacts.leaderboard_columns import Setting, label_columns, planned_settings, ranked
from bench.artefacts.leaderboard_labels import label_methods
from bench.artefacts.leaderboard_methods import fixed_methods
from bench.artefacts.leaderboard_runs import Endings
from bench.artefacts.leaderboard_tuned import tuned_methods
from bench.artefacts.leaderboard_yours import your_trials
from bench.artefacts.outcomes import SweepOutcomes
from bench.artefacts.provenance import borrowed_note
from bench.plugin import Metric, Task, UsageError
from bench.specs.sweep import load, shipped
from results.leaderboard.board import Column, Leaderboard, Method, Runs, build_leaderboard
from results.store.trial_source import TrialSource


@dataclass(frozen=True)
class Contents:
    """What a leaderboard is made of.

    Attributes:
        runs: by method key and column key.
        notes: what a reader must know of these trials.
    """

    columns: list[Column]
    methods: list[Method]
    runs: dict[tuple[str, str], Runs]
    notes: list[str]


def leaderboard(
    source: TrialSource, joined: SweepOutcomes, sweeps: Sequence[str] | None = None
) -> Leaderboard:
    """Compare the losses of sweeps.

    Columns are the settings of task and training that the sweeps plan, methods their losses, the
    losses that the source has at the same settings (*yours*), and what tuning chose.

    Args:
        joined: outcomes of sweeps in the source.
        sweeps: names or specification files (default: the shipped ones that declare
            ``leaderboard: true``).

    Raises:
        UsageError: no such sweep, or the source has no trial of any of them.
    """
    found = contents(source, joined, sweeps)
    notes = [*board_notes(found), *found.notes]
    return build_leaderboard(found.columns, found.methods, found.runs, notes=notes)


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
    names, scale = list(sweeps or _declared(joined.scale)), joined.scale
    plans = [joined.plan(name) for name in names]
    outcomes = joined.combined(names)
    settings = planned_settings(plans, metrics)
    yours = your_trials(settings, set(outcomes["trial_id"]), source)
    everything = pd.concat([outcomes, yours.outcomes], ignore_index=True)
    endings = Endings(everything)
    fixed = fixed_methods(plans, yours, settings, endings)
    tuned = tuned_methods(plans, settings, endings, outcomes)
    ids = {trial_id for found in [*fixed, *tuned] for trial_id in found.trial_ids()}
    stale = any(cell.counts.get("stale") for one in [*fixed, *tuned] for cell in one.runs.values())
    if not ids and not stale:
        names = [one.sweep.name for one in plans]
        scaled = "" if scale == "laptop" else f" --scale {scale}"
        raise UsageError(
            f"{source.shown}: no finished trial of {', '.join(names)} at scale {scale}; "
            f"first: bench run {names[0]}{scaled}"
        )
    methods = label_methods([*fixed, *tuned])
    runs: dict[tuple[str, str], Runs] = {}
    for method, found in zip(methods, [*fixed, *tuned], strict=True):
        runs |= {(method.key, key): cell for key, cell in found.runs.items()}
    borrowed = borrowed_note(everything[everything["trial_id"].isin(ids)])
    notes = [*_trial_notes(settings, scale, runs, yours.foreign), *borrowed]
    return Contents(label_columns(plans, settings), methods, runs, notes)


def _declared(scale: str) -> list[str]:
    return [name for name in shipped() if load(name, scale).sweep.leaderboard]


def board_notes(found: Contents) -> list[str]:
    """How to read the board."""
    notes = [
        "Mean ± half of the 95% t interval over replicates; then the paired difference to the best "
        "of the column (negative is worse) ± half of its 95% interval, not corrected for the "
        "number of comparisons; the best is the best by these data, so differences to it err on "
        "the large side.",
        "≈: not told apart from the best. Methods that share a letter are not told apart: paired t "
        "tests at 5%, corrected by Holm's rule over all pairs of the column, and over the columns "
        "for each pair. With few replicates only large differences can be told.",
        "Rank: mean over columns, 1 the best, with a 95% bootstrap interval over columns and "
        "replicates, and over searches for tuned methods; methods that lack replicates in a "
        "column are marked incomplete, come last, and are ranked over the columns that they have.",
    ]
    if any(not cell.applies for cell in found.runs.values()):
        notes.append(
            "A loss that a task cannot use has no rank there and is not incomplete; its rank is "
            "over the columns that apply to it."
        )
    if any(cell.tuning for cell in found.runs.values()):
        notes.append(
            "Tuned: best of the search by validation, tested on replicates that the search never "
            "saw; the interval is a bootstrap of search, selection and test, the tie marks are for "
            "the settings chosen here. The number of settings searched is part of the result."
        )
    return notes


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
