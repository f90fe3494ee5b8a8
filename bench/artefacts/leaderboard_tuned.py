"""The tuned column: what the searches of ``search: optuna`` chose, and what that took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from bench.artefacts.leaderboard_columns import Setting, column_key
from bench.artefacts.leaderboard_runs import Ended, MethodRuns, cell
from bench.planning.plan import Plan
from bench.planning.trial import PlannedTrial, canonical_json
from bench.planning.tuning import Study
from results.leaderboard.board import Runs
from results.leaderboard.tuned import tune
from results.store.trial_source import TrialSource


def tuned_runs(
    plans: Sequence[Plan],
    settings: Mapping[str, Setting],
    ended: Mapping[str, Ended],
    source: TrialSource,
) -> list[MethodRuns]:
    """One method per loss that was searched, with the columns whose search has ended.

    Args:
        ended: how the planned trials ended, by id.
    """
    methods: dict[str, MethodRuns] = {}
    for study in (study for plan in plans for study in plan.studies):
        trials = [planned for finals in study.finals.values() for planned in finals]
        if trials:
            key = canonical_json([study.loss, study.given])
            method = methods.setdefault(key, MethodRuns(study.loss, study.given, "tuned"))
            column = column_key(trials[0].trial)
            method.runs[column] = _runs(study, settings[column], ended, source)
    return list(methods.values())


def _runs(study: Study, setting: Setting, ended: Mapping[str, Ended], source: TrialSource) -> Runs:
    """The chosen setting's fresh replicates, with the search behind them."""
    steps = max(planned.trial.train.steps for trials in study.finals.values() for planned in trials)
    full = [planned for planned in study.searched if planned.trial.train.steps == steps]
    values = {_setting_key(p): name for name, trials in study.finals.items() for p in trials[:1]}
    tests = [ended[planned.trial_id] for planned in full]
    search = pd.DataFrame(
        {
            "setting": [values.get(_setting_key(p), _setting_key(p)) for p in full],
            "replicate": [planned.trial.replicate for planned in full],
            "validation": [study.values.get(planned.trial_id) for planned in full],
            "test": [one.value if one.status == "finished" else None for one in tests],
        }
    ).astype({"validation": float, "test": float})
    finals = {
        name: cell([ended[p.trial_id] for p in trials], setting.replicates)
        for name, trials in study.finals.items()
    }
    everything = [*study.searched, *(p for trials in study.finals.values() for p in trials)]
    seconds, hardware = _spent(everything, source)
    tuned = tune(
        search,
        {name: found.values for name, found in finals.items()},
        setting.task.metrics[0].best,
        core_seconds=seconds,
        hardware=hardware,
    )
    budget = replace(tuned.budget, search_trials=len(study.searched))
    chosen = finals.get(tuned.setting or "", next(iter(finals.values())))
    return replace(chosen, tuning=replace(tuned, budget=budget))


def _setting_key(planned: PlannedTrial) -> str:
    return canonical_json(planned.trial.loss.options())


def _spent(planned: Sequence[PlannedTrial], source: TrialSource) -> tuple[float, tuple[str, ...]]:
    """Seconds of training and evaluation, on one core each, and the processors they ran on."""
    columns = ["hardware", "seconds.train", "seconds.evaluate"]
    frame = source.load(ids=[p.trial_id for p in planned], columns=columns)
    seconds = frame[["seconds.train", "seconds.evaluate"]].sum().sum()
    return float(seconds), tuple(sorted(set(frame["hardware"])))
