"""The trials that the sections train: those of `softness-noise`, on data that this machine has."""

from __future__ import annotations

import dataclasses

from bench.planning.plan import plan
from bench.planning.trial import Trial

SWEEP = "softness-noise"
_QUICK_TRIALS, _QUICK_BATCH = 2, 4


def laptop_trials(quick: bool) -> list[Trial]:
    """All of the sweep at the scale `laptop`; two tiny ones in a quick run."""
    if quick:
        return [_small(planned.trial) for planned in plan(SWEEP, "smoke").trials[:_QUICK_TRIALS]]
    return [planned.trial for planned in plan(SWEEP).trials]


def paper_trial(quick: bool) -> Trial:
    """One of the sweep at the scale `paper`, with the published network and number of steps.

    Its recordings are the few of ``size: tiny``, since rendering the others takes hours of one
    core: the time of a step does not depend on how many there are, as long as they fit into memory.
    """
    trial = plan(SWEEP, "paper").trials[0].trial
    trial = dataclasses.replace(trial, task=trial.task.model_copy(update={"size": "tiny"}))
    return _small(trial) if quick else trial


def with_data(trials: list[Trial]) -> list[Trial]:
    """The trials with replicates whose data are prepared, in place of those whose data are not.

    Raises:
        FileNotFoundError: no data are prepared.
    """
    there = [t.replicate for t in trials if t.task.data_folder(t.task.world(t.replicate)).is_dir()]
    if not there:
        missing = trials[0].task.data_folder(trials[0].task.world(trials[0].replicate))
        raise FileNotFoundError(f"no prepared data, such as {missing}")
    kept = set(there)
    return [
        t if t.replicate in kept else dataclasses.replace(t, replicate=there[i % len(there)])
        for i, t in enumerate(trials)
    ]


def _small(trial: Trial) -> Trial:
    settings = trial.train.model_copy(update={"batch_size": _QUICK_BATCH})
    return dataclasses.replace(trial, train=settings)
