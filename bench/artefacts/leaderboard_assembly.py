"""The leaderboard of the sweeps that declare ``leaderboard: true``, made from a trial source."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from bench.artefacts.footnotes import CLEAN_NOTE
from bench.artefacts.leaderboard_columns import Setting, label_columns, planned_settings
from bench.artefacts.leaderboard_labels import label_methods
from bench.artefacts.leaderboard_methods import fixed_methods
from bench.artefacts.leaderboard_runs import Endings, MethodRuns
from bench.artefacts.leaderboard_tuned import tuned_methods
from bench.artefacts.leaderboard_yours import your_trials
from bench.artefacts.outcomes import SweepOutcomes
from bench.artefacts.provenance import borrowed_note
from bench.planning.next_command import alarm, unfinished_words
from bench.plugin import UsageError
from bench.specs.sweep import load, shipped
from results.leaderboard.board import Leaderboard, Runs, build_leaderboard
from results.store.trial_source import TrialSource
from results.tables.fates import counted, overall


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
    names, scale = list(sweeps or _declared(joined.scale)), joined.scale
    plans = [joined.plan(name) for name in names]
    outcomes = joined.combined(names)
    settings = planned_settings(plans)
    yours = your_trials(settings, set(outcomes["trial_id"]), source)
    everything = pd.concat([outcomes, yours.outcomes], ignore_index=True)
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
    columns = label_columns(plans, settings)
    methods = label_methods([*fixed, *tuned])
    runs: dict[tuple[str, str], Runs] = {}
    for method, found in zip(methods, [*fixed, *tuned], strict=True):
        runs |= {(method.key, key): cell for key, cell in found.runs.items()}
    return build_leaderboard(
        columns,
        methods,
        runs,
        notes=[
            *_alarms(joined, names),
            *_notes(
                settings,
                scale,
                [*fixed, *tuned],
                yours.foreign,
                list(borrowed_note(everything[everything["trial_id"].isin(ids)])),
            ),
        ],
    )


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


def _declared(scale: str) -> list[str]:
    return [name for name in shipped() if load(name, scale).sweep.leaderboard]


def _notes(
    settings: dict[str, Setting],
    scale: str,
    methods: Sequence[MethodRuns],
    foreign: Sequence[str],
    borrowed: Sequence[str],
) -> list[str]:
    replicates = sorted({len(setting.replicates) for setting in settings.values()})
    data = sorted({setting.task.data_name for setting in settings.values()})
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
        f"Replicates per cell: {' or '.join(map(str, replicates))}. Data: {', '.join(data)}; scale "
        f"{scale}. {CLEAN_NOTE}",
    ]
    if any(not cell.applies for found in methods for cell in found.runs.values()):
        notes.append(
            "A loss that a task cannot use has no rank there and is not incomplete; its rank is "
            "over the columns that apply to it."
        )
    if any(cell.tuning for found in methods for cell in found.runs.values()):
        notes.append(
            "Tuned: best of the search by validation, tested on replicates that the search never "
            "saw; the interval is a bootstrap of search, selection and test, the tie marks are for "
            "the settings chosen here. The number of settings searched is part of the result."
        )
    if any(cell.counts.get("stale") for found in methods for cell in found.runs.values()):
        notes.append(
            "Stale trials ran with another version of a loss, task or data; they are in no number."
        )
    if foreign:
        notes.append(
            f"Not loaded here, so their version is unchecked: {', '.join(foreign)} (--plugin)."
        )
    return [*notes, *borrowed]
