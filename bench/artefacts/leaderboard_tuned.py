"""The tuned column: what the searches of ``search: optuna`` chose, and what that took."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import pandas as pd

from bench.artefacts.leaderboard_columns import Setting, setting_key
from bench.artefacts.leaderboard_runs import Ended, Endings, MethodRuns, cell
from bench.planning.plan import Plan
from bench.planning.replicate_search import Search
from bench.planning.trial import canonical_json
from bench.planning.tuning import Study
from bench.plugin import Metric
from results.leaderboard.tuned import Tuned


def tuned_methods(
    plans: Sequence[Plan],
    settings: Mapping[str, Setting],
    endings: Endings,
    outcomes: pd.DataFrame,
) -> list[MethodRuns]:
    """One method per loss that was searched, with the columns where a search has ended.

    A search has one objective; in the columns of other metrics its choice is read as it is.

    Args:
        outcomes: of the planned trials.
    """
    methods: dict[str, MethodRuns] = {}
    for study in (study for plan in plans for study in plan.studies):
        if any(search.ended for search in study.searches):
            name = study.method
            key = canonical_json([study.loss, study.given] if name is None else ["as", name])
            made = MethodRuns(study.loss, study.given, "tuned", name)
            method = methods.setdefault(key, made)
            setting = settings[setting_key(study.examples[0].trial)]
            tuning = _tuned(study, outcomes)
            for metric in setting.metrics:
                found = [
                    _ended(study, search, metric, endings)
                    for search in study.searches
                    if search.ended
                ]
                method.runs[setting.column(metric)] = dataclasses.replace(
                    cell(found, setting.replicates), tuning=tuning
                )
    return list(methods.values())


def _ended(study: Study, search: Search, metric: Metric, endings: Endings) -> Ended:
    """The chosen trial; of a search that could choose none, a trial that has no value."""
    trial_id = study.chosen(search)
    if trial_id is not None:
        return endings.of(metric.name, [trial_id])[0]
    without = [one for one, value in search.values.items() if value is None]
    [ended] = endings.of(metric.name, [*without, *search.values][:1])
    # It may have a test value all the same, which nothing chose.
    return dataclasses.replace(ended, fate="undefined") if ended.fate == "finished" else ended


def _tuned(study: Study, outcomes: pd.DataFrame) -> Tuned:
    """Choices, and seconds of training and evaluation on one core each, with the processors."""
    ids = {planned.trial_id for planned in study.trials}
    trials = outcomes[outcomes["trial_id"].isin(ids)]
    values = [value for search in study.searches for value in search.values.values()]
    choices = {
        search.replicate: (search, study.chosen(search))
        for search in study.searches
        if search.ended
    }
    return Tuned(
        settings={
            replicate: search.candidates[trial_id]
            for replicate, (search, trial_id) in choices.items()
            if trial_id is not None
        },
        searched=max(search.tried for search in study.searches),
        search_trials=len(ids),
        unusable=values.count(None),
        core_seconds=float(trials[["seconds.train", "seconds.evaluate"]].astype(float).sum().sum()),
        hardware=tuple(sorted(set(trials["hardware"].dropna()))),
    )
