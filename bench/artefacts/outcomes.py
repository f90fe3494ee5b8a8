"""The one join of plan and store: what became of every planned trial, a row each.

Every artefact reads this frame and no other: sweep tables, surfaces and papers' tables,
leaderboard, claims, status and report. What they call a trial is therefore the same everywhere
(`results.tables.fates`).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from bench.artefacts.stale_trials import stale_trials
from bench.planning.plan import Plan, plan
from bench.planning.trial import PlannedTrial
from bench.specs.sweep import load
from results.store.trial_columns import flatten
from results.store.trial_source import TrialSource
from results.tables.convergence import SPARSE

_STORED = ("sweep", "data_name", "hardware", "versions.pointbench")
_TIMES = ("seconds.train", "seconds.cpu", "seconds.evaluate")


def join(planned: Iterable[PlannedTrial], source: TrialSource | None) -> pd.DataFrame:
    """The outcomes of planned trials, in planned order, each once.

    Columns:
        trial_id, task, loss, scale, replicate, and options such as ``task.noise``.
        resampled: the task's (`bench.plugin.Task.resampled`); sparse: whether the loss relies on
            sparse outputs (``Loss.sparse``).
        fate: `results.tables.fates.FATES` without *undefined* and *elsewhere*, which are a matter
            of the metric or time that is looked at (`results.tables.fates.with_value`).
        reason: of trials that were skipped, diverged or failed.
        valued: whether a metric that the task ranks has a value.
        metric.…: every metric of the trials' tasks, test and ``validation.``; NaN without one.
        seconds.train, seconds.cpu, seconds.evaluate, hardware: what it took (s), and on which
            processor; ``cpu`` is the training's processor time, NaN in older records.
        stored: whether the source has it; sweep, data_name, versions.pointbench: what it says.
        borrowed: whether it comes from the reference results.

    Args:
        source: None when there is none yet: nothing has run.
    """
    trials = {one.trial_id: one for one in planned}
    expected = pd.DataFrame([_described(one) for one in trials.values()], columns=_columns(trials))
    metrics = [f"metric.{name}" for name in _metric_names(trials.values())]
    stored = _stored(list(trials), metrics, source)
    frame = expected.merge(stored, on="trial_id", how="left").astype(dict.fromkeys(metrics, float))
    frame["stored"] = frame["fate"].notna()
    absent = [trials[name] for name in frame.loc[~frame["stored"], "trial_id"]]
    fates = _fates(absent, source)
    for column, values in (("fate", fates), ("reason", [one.skip_reason for one in absent])):
        frame[column] = frame[column].astype(object)
        frame.loc[~frame["stored"], column] = pd.Series(
            values, index=frame.index[~frame["stored"]], dtype=object
        )
    borrowed = source.borrowed(list(trials)) if source is not None else frozenset()
    frame["borrowed"] = frame["trial_id"].isin(borrowed)
    frame["valued"] = _valued(frame, trials)
    return frame.copy()  # its columns in a few blocks: artefacts add some of their own


def _fates(absent: Sequence[PlannedTrial], source: TrialSource | None) -> list[str]:
    """Fate of each trial that the source does not have."""
    runnable = [one for one in absent if one.skip_reason is None]
    stale = stale_trials(runnable, source) if source is not None else {}

    def fate(planned: PlannedTrial) -> str:
        if planned.skip_reason is not None:
            return "skipped"
        return "stale" if planned.trial_id in stale else "missing"

    return [fate(planned) for planned in absent]


class SweepOutcomes:
    """Outcomes of sweeps at one scale in one source; each is planned and joined once.

    Args:
        replicates: of sweeps that have replicates, instead of their own number.

    Attributes:
        scale: of all plans.
    """

    def __init__(
        self, source: TrialSource, scale: str = "laptop", replicates: int | None = None
    ) -> None:
        self.scale = scale
        self._source = source
        self._replicates = replicates
        self._known: dict[str, tuple[Plan, pd.DataFrame]] = {}
        self._further: dict[tuple[str, int], tuple[Plan, pd.DataFrame]] = {}
        self._highest: dict[Hashable, int] | None = None

    @property
    def chosen_replicates(self) -> int | None:
        """Replicates instead of the sweeps' own number; None for that."""
        return self._replicates

    def ran_beyond(self, sweep: str) -> bool:
        """Whether the source has more replicates of a sweep than it plans."""
        own = self.plan(sweep).sweep
        if self._highest is None:
            frame = self._source.load(columns=["sweep", "scale", "replicate"])
            here = frame[frame["scale"] == self.scale]
            self._highest = here.groupby("sweep")["replicate"].max().to_dict()
        return own.replicates is not None and self._highest.get(own.name, -1) >= own.replicates

    def of_replicates(self, sweep: str, number: int) -> tuple[Plan, pd.DataFrame]:
        """Plan and outcomes of a sweep with so many replicates instead of its own number."""
        if (sweep, number) not in self._further:
            made = plan(sweep, self.scale, replicates=number, results=self._source)
            self._further[sweep, number] = made, join(made.trials, self._source)
        return self._further[sweep, number]

    def plan(self, sweep: str) -> Plan:
        """The plan of a shipped sweep or specification file, as far as the source allows."""
        return self.of(sweep)[0]

    def of(self, sweep: str) -> tuple[Plan, pd.DataFrame]:
        """Plan and outcomes of a shipped sweep or specification file."""
        if sweep not in self._known:
            replicates = self._replicates
            if replicates is not None and load(sweep, self.scale).sweep.replicates is None:
                replicates = None
            made = plan(sweep, self.scale, replicates=replicates, results=self._source)
            self._known[sweep] = made, join(made.trials, self._source)
        return self._known[sweep]

    def combined(self, sweeps: Iterable[str]) -> pd.DataFrame:
        """Outcomes of several sweeps, a trial that several have once."""
        frames = [self.of(sweep)[1] for sweep in sweeps]
        both = pd.concat(frames, ignore_index=True)
        return both.drop_duplicates("trial_id", ignore_index=True)


def _described(planned: PlannedTrial) -> dict[str, Any]:
    trial = planned.trial
    return {
        "trial_id": planned.trial_id,
        "task": trial.task.plugin_name,
        "loss": trial.loss.plugin_name,
        "scale": trial.scale,
        "replicate": trial.replicate,
        "resampled": trial.task.resampled,
        SPARSE: getattr(trial.loss, "sparse", False),
        **dict(flatten("task", trial.task.options())),
        **dict(flatten("loss", trial.loss.options())),
        **dict(flatten("train", trial.train.options())),
    }


def _columns(trials: Mapping[str, PlannedTrial]) -> list[str] | None:
    """Columns of an empty frame; None for those of its rows."""
    given = ["trial_id", "task", "loss", "scale", "replicate", "resampled", SPARSE]
    return None if trials else given


def _metric_names(planned: Iterable[PlannedTrial]) -> list[str]:
    tasks = dict.fromkeys(type(one.trial.task) for one in planned)
    names = dict.fromkeys(metric.name for task in tasks for metric in task.metrics)
    return [*names, *(f"validation.{name}" for name in names)]


def _stored(ids: list[str], metrics: list[str], source: TrialSource | None) -> pd.DataFrame:
    columns = ["trial_id", "status", "reason", *_STORED, *_TIMES, *metrics]
    if source is None:
        frame = pd.DataFrame(columns=columns)
    else:
        frame = source.load(ids=ids, columns=columns)
    return frame.rename(columns={"status": "fate"})


def _valued(frame: pd.DataFrame, trials: dict[str, PlannedTrial]) -> pd.Series[bool]:
    valued = pd.Series(False, index=frame.index)
    kinds = pd.Series([type(trials[name].trial.task) for name in frame["trial_id"]], dtype=object)
    for kind in kinds.unique():
        ranked = [f"metric.{metric.name}" for metric in kind.ranked_metrics()]
        valued |= (kinds == kind) & np.isfinite(frame[ranked]).any(axis=1)
    return valued
