"""What a trial of a method costs on a task: CPU seconds of its training, on one hardware.

Seconds of different processors are never compared: the numbers of a task are those of the hardware
on which most of its methods ran, and a method that ran elsewhere, or on several, has none. Records
without the CPU time of the training process have its wall time; a task with such records shows
wall times for all of its methods.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

Measured = Literal["cpu", "train"]


@dataclass(frozen=True)
class Cost:
    """Seconds of a trial.

    Attributes:
        seconds: median over the trials; NaN where they cannot be compared.
        n: trials behind it.
        measured: CPU time of the training, or its wall time (``train``).
        hardware: processors that the trials ran on.
        reason: why there is no number; None where there is.
    """

    seconds: float
    n: int
    measured: Measured
    hardware: tuple[str, ...]
    reason: str | None = None


def task_costs(trials: pd.DataFrame) -> dict[tuple[str, str], Cost]:
    """Costs by method and task; none where no trial was timed.

    Args:
        trials: finished ones, a row each: ``method``, ``task``, ``hardware``, ``seconds.cpu`` and
            ``seconds.train``, NaN where unknown.
    """
    found: dict[tuple[str, str], Cost] = {}
    timed = trials[np.isfinite(trials[["seconds.cpu", "seconds.train"]].astype(float)).any(axis=1)]
    for task in timed["task"].unique():
        for method, cost in _of_task(timed[timed["task"] == task]):
            found[method, str(task)] = cost
    return found


def _of_task(trials: pd.DataFrame) -> Iterator[tuple[str, Cost]]:
    measured: Measured = (
        "cpu" if np.isfinite(trials["seconds.cpu"].astype(float)).all() else "train"
    )
    places = {
        str(method): tuple(sorted(set(own["hardware"].astype(str))))
        for method, own in trials.groupby("method", sort=False)
    }
    alone = Counter(hardware[0] for hardware in places.values() if len(hardware) == 1)
    common = max(alone, key=lambda name: alone[name]) if alone else None
    for method, hardware in places.items():
        seconds = trials.loc[trials["method"] == method, f"seconds.{measured}"].astype(float)
        reason = None
        if len(hardware) > 1:
            reason = f"timed on several processors: {', '.join(hardware)}"
        elif hardware[0] != common:
            reason = f"timed on {hardware[0]}, most others on {common}"
        elif not np.isfinite(seconds).all():
            reason = "not timed"
        value = float(seconds.median()) if reason is None else float("nan")
        yield method, Cost(value, len(seconds), measured, hardware, reason)
