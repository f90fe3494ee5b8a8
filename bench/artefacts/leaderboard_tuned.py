"""The tuned column: what the searches of ``search: optuna`` chose, and what that took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from bench.artefacts.leaderboard_columns import Setting, setting_key
from bench.artefacts.leaderboard_runs import Endings, MethodRuns, cell
from bench.planning.plan import Plan
from bench.planning.trial import PlannedTrial, canonical_json
from bench.planning.tuning import Study
from bench.plugin import Metric
from results.leaderboard.board import Runs
from results.leaderboard.tuned import tune


def tuned_methods(
    plans: Sequence[Plan],
    settings: Mapping[str, Setting],
    endings: Endings,
    outcomes: pd.DataFrame,
) -> list[MethodRuns]:
    """One method per loss that was searched, with the columns whose search has ended.

    A search has one objective; in the columns of other metrics its choice is read as it is.

    Args:
        outcomes: of the planned trials.
    """
    methods: dict[str, MethodRuns] = {}
    for study in (study for plan in plans for study in plan.studies):
        finals = [planned for trials in study.finals.values() for planned in trials]
        if finals:
            name = finals[0].method
            key = canonical_json([study.loss, study.given] if name is None else ["as", name])
            made = MethodRuns(study.loss, study.given, "tuned", name)
            method = methods.setdefault(key, made)
            setting = settings[setting_key(finals[0].trial)]
            for metric in setting.metrics:
                method.runs[setting.column(metric)] = _runs(
                    study, setting, metric, endings, outcomes
                )
    return list(methods.values())


def _runs(
    study: Study, setting: Setting, metric: Metric, endings: Endings, outcomes: pd.DataFrame
) -> Runs:
    """The chosen setting's fresh replicates, with the search behind them."""
    finals = [planned for trials in study.finals.values() for planned in trials]
    steps = max(planned.trial.train.steps for planned in finals)
    full = [planned for planned in study.searched if planned.trial.train.steps == steps]
    names = {_setting_key(p): name for name, trials in study.finals.items() for p in trials[:1]}
    tests = endings.of(metric.name, [planned.trial_id for planned in full])
    search = pd.DataFrame(
        {
            "setting": [names.get(_setting_key(p), _setting_key(p)) for p in full],
            "replicate": [planned.trial.replicate for planned in full],
            "validation": [study.values.get(planned.trial_id) for planned in full],
            "test": [one.value if one.fate == "finished" else None for one in tests],
        }
    ).astype({"validation": float, "test": float})
    cells = {
        name: cell(endings.of(metric.name, [p.trial_id for p in trials]), setting.replicates)
        for name, trials in study.finals.items()
    }
    seconds, hardware = _spent([*study.searched, *finals], outcomes)
    tuned = tune(
        search,
        {name: found.values for name, found in cells.items()},
        study.direction,
        core_seconds=seconds,
        hardware=hardware,
    )
    budget = replace(tuned.budget, search_trials=len(study.searched))
    chosen = cells.get(tuned.setting or "", next(iter(cells.values())))
    return replace(chosen, tuning=replace(tuned, budget=budget))


def _setting_key(planned: PlannedTrial) -> str:
    return canonical_json(planned.trial.loss.options())


def _spent(
    planned: Sequence[PlannedTrial], outcomes: pd.DataFrame
) -> tuple[float, tuple[str, ...]]:
    """Seconds of training and evaluation, on one core each, and the processors they ran on."""
    trials = outcomes[outcomes["trial_id"].isin({one.trial_id for one in planned})]
    seconds = trials[["seconds.train", "seconds.evaluate"]].astype(float).sum().sum()
    return float(seconds), tuple(sorted(set(trials["hardware"].dropna())))
