"""All 210 `laptop` trials of `softness-noise`, packed on one GPU.

With Ray where Ray and MLflow can be imported (``bench run``), else in processes that share the
device, as many at once as memory allows and a short measurement finds fastest. What does not end in
time is estimated from what did.
"""

from __future__ import annotations

import time
from statistics import mean, median

import _on_ray
import torch
from _card import Watched, cores
from _findings import Findings, Settings, section
from _shared_device import Ended, run_all, started, steps_per_second
from _trials import SWEEP, laptop_trials, with_data

from bench.planning.plan import plan
from bench.planning.trial import Trial

TRIALS, MINUTES, BUSY = 210, 4.0, 60.0
_LEAST_GIB = 1.5
"""Memory that a process is given room for before it is measured: its context and small tensors."""
_TRY_SECONDS = 4.0


def measure(settings: Settings, found: Findings) -> None:
    begin = time.perf_counter()
    trials = laptop_trials(settings.quick)
    if settings.ray and _on_ray.available():
        scale, at_once = ("smoke" if settings.quick else "laptop"), _most(settings.device)
        with Watched() as watched:
            finished, wall = _on_ray.run(SWEEP, scale, at_once, settings.device, settings.seconds)
        found.note(f"on Ray, {at_once} trials at once")
        _conclude(found, settings, finished, len(plan(SWEEP, scale).trials), wall, watched)
        return
    trials = with_data(trials)
    configs = [trial.to_config() for trial in trials]
    most = min(_most(settings.device), len(configs))
    before = _used(settings.device)
    pool = started(most, configs[0], settings.device)
    try:
        each = (_used(settings.device) - before) / most
        found.note(
            f"{most} processes were ready after {time.perf_counter() - begin:.0f} s, each with"
            f" {each:.0f} MiB of the device before its trial"
        )
        table = found.table("Trials at once", "processes", "steps/s of all", "steps/s of each")
        rates: dict[int, float] = {}
        for number in _candidates(most):
            seconds, steps = (0.0, 1) if settings.quick else (_TRY_SECONDS, 10**6)
            rates[number] = steps_per_second(
                pool, configs[:number], settings.device, seconds, steps
            )
            found.row(table, number, rates[number], rates[number] / number)
        at_once = max(rates, key=lambda number: rates[number])
        estimate = sum(trial.train.steps for trial in trials) / rates[at_once]
        found.note(
            f"{at_once} at once; training steps alone would take {estimate:.0f} s for all"
            f" {len(trials)} trials"
        )
        left = settings.seconds - (time.perf_counter() - begin)
        with Watched() as watched:
            ended = run_all(pool, configs, settings.device, at_once, left)
        _describe(found, ended, trials)
        last = max(ended.at, default=left)
        _conclude(found, settings, len(ended.results), len(trials), last, watched)
    finally:
        pool.terminate()


def _most(device: str) -> int:
    """Processes that cores and memory have room for."""
    if device == "cpu":
        return min(2, cores())
    free = torch.cuda.mem_get_info()[0] / 2**30
    return max(1, min(cores() * 3 // 2, int(free / _LEAST_GIB)))


def _candidates(most: int) -> list[int]:
    """Numbers of processes that are tried: a third, two thirds and all of them."""
    return sorted({max(1, round(most * share)) for share in (1 / 3, 2 / 3, 1)})


def _used(device: str) -> float:
    """MiB in use on the card."""
    if device == "cpu":
        return 0.0
    free, total = torch.cuda.mem_get_info()
    return (total - free) / 2**20


def _describe(found: Findings, ended: Ended, trials: list[Trial]) -> None:
    """Where the time of a trial went, and that the trials learned what they should."""
    for failure in sorted(set(ended.failures)):
        found.note(f"FAILED {ended.failures.count(failure)} trials: {failure}")
    if not ended.results:
        return
    table = found.table(
        "Seconds of a trial, median", "total", "train", "validate", "evaluate", "cpu", "mean F1"
    )
    names = ("total", "train", "validate", "evaluate", "cpu")
    values = [median(result["seconds"][name] for result in ended.results) for name in names]
    score = trials[0].task.metrics[0].name
    found.row(table, *values, mean(result["metrics"][score] for result in ended.results))


def _conclude(
    found: Findings,
    settings: Settings,
    finished: int,
    whole: int,
    seconds: float,
    watched: Watched,
) -> None:
    """Rate, what all trials take or would take, and the targets."""
    table = found.table(
        "The sweep",
        *("finished", "in [s]", "trials/min", f"all {whole} take [min]", "GPU busy [%]"),
        "memory of the card [MiB]",
    )
    rate = 60 * finished / seconds
    minutes = whole / rate if finished else None
    found.row(table, f"{finished} of {whole}", seconds, rate, minutes, watched.busy, watched.memory)
    measured = settings.device != "cpu" and not settings.quick
    kind = "" if finished == whole else ", estimated from those that ended"
    found.target(
        f"{TRIALS} laptop trials of {SWEEP} on one GPU",
        f"≤ {MINUTES:g} min",
        f"{minutes:.2g} min{kind}" if measured and minutes else "not measured",
        minutes <= MINUTES if measured and minutes else None,
    )
    found.target(
        "GPU busy in the sweep",
        f"≥ {BUSY:g} %",
        "not measured" if watched.busy is None else f"{watched.busy:.0f} %",
        None if watched.busy is None or not measured else watched.busy >= BUSY,
    )


if __name__ == "__main__":
    section(measure)
