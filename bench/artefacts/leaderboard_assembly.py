"""The leaderboard of the sweeps that declare ``leaderboard: true``, made from a trial source."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from bench.artefacts.footnotes import CLEAN_NOTE
from bench.artefacts.leaderboard_columns import Setting, label_columns, planned_settings
from bench.artefacts.leaderboard_labels import label_methods
from bench.artefacts.leaderboard_runs import MethodRuns, ends, fixed_runs
from bench.artefacts.leaderboard_tuned import tuned_runs
from bench.artefacts.sweep_artefacts import borrowed_note
from bench.planning.plan import Plan, plan
from bench.plugin import UsageError
from bench.specs.sweep import load, shipped
from results.leaderboard.board import Leaderboard, Runs, build_leaderboard
from results.store.trial_source import TrialSource


def leaderboard(
    source: TrialSource, scale: str = "laptop", sweeps: Sequence[str] | None = None
) -> Leaderboard:
    """Compare the losses of sweeps.

    Columns are the settings of task and training that the sweeps plan, methods their losses, the
    losses that the source has at the same settings (*yours*), and what tuning chose.

    Args:
        sweeps: names or specification files (default: the shipped ones that declare
            ``leaderboard: true``).

    Raises:
        UsageError: no such sweep, or the source has no trial of any of them.
    """
    plans = [plan(name, scale, results=source) for name in sweeps or _declared(scale)]
    settings = planned_settings(plans)
    ended = ends([planned for one in plans for planned in one.trials], source)
    fixed, foreign = fixed_runs(plans, settings, ended, source)
    tuned = tuned_runs(plans, settings, ended, source)
    ids = pd.Series(
        [trial_id for found in [*fixed, *tuned] for trial_id in found.trial_ids()], dtype=str
    )
    if ids.empty:
        names = [one.sweep.name for one in plans]
        scaled = "" if scale == "laptop" else f" --scale {scale}"
        raise UsageError(
            f"{source.shown}: no finished trial of {', '.join(names)} at scale {scale}; "
            f"first: bench run {names[0]}{scaled}"
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
        notes=_notes(settings, plans, [*fixed, *tuned], foreign, list(borrowed_note(source, ids))),
    )


def _declared(scale: str) -> list[str]:
    return [name for name in shipped() if load(name, scale).sweep.leaderboard]


def _notes(
    settings: dict[str, Setting],
    plans: Sequence[Plan],
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
        f"{plans[0].scale}. {CLEAN_NOTE}",
    ]
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
