"""A training step of every registered task: its time, what it asks of the device, memory.

At the task's own (`laptop`) settings with one loss for each head. What is counted is a whole step:
batch, its way to the device, network, loss, gradient, optimiser, and the trainer's look at the
losses every 25 steps.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from _card import Watched
from _findings import Findings, Settings, section
from _steps import asked_for, on_device, pace

from bench.conformance.tiny import tiny_options
from bench.planning.trial import Trial
from bench.plugin.registry import losses, tasks

PREFERRED = ("softloc", "heatmap_matching", "sampling_argmax", "poisson_binomial")
"""The losses of the publications, where a head has them."""


def measure(settings: Settings, found: Findings) -> None:
    table = found.table(
        "Training steps",
        *("task", "head", "loss", "batch", "step [ms]", "GPU busy [%]", "peak memory [MiB]"),
        *("operations", "kernels", "waits", "where it waits"),
    )
    warm, seconds, most = (1, 0.0, 1) if settings.quick else (25, 5.0, 500)
    counted = (1, 1) if settings.device == "cpu" else (10, 25)
    for trial in trials(settings.quick):
        name = f"{trial.task.plugin_name}, {trial.head}"
        with found.guarded(name):
            if settings.device != "cpu":
                torch.cuda.reset_peak_memory_stats()
            with Watched() as watched:
                step = pace(trial, settings.device, warm, seconds, most)
            peak = None
            if settings.device != "cpu":
                peak = torch.cuda.max_memory_allocated() / 2**20
            found.row(
                table,
                *(trial.task.plugin_name, trial.head, trial.loss.plugin_name),
                *(trial.train.batch_size, 1e3 * step, watched.busy, peak),
                *asked_for(trial, settings.device, *counted),
            )


def trials(quick: bool) -> Iterator[Trial]:
    """One trial for each task and head."""
    for name in tasks.names():
        cls = tasks.get(name)
        task = cls(**tiny_options(cls)) if quick else cls()
        for head in sorted(cls.heads):
            fitting = [
                losses.get(loss)()
                for loss in [*PREFERRED, *losses.names()]
                if head in losses.get(loss).heads and losses.get(loss).trains
            ]
            chosen = next((loss for loss in fitting if not task.skip(loss)), None)
            if chosen is not None:
                trial = Trial(task, chosen, cls.train, "laptop", 0, head)
                yield on_device(trial, "auto", batch_size=4) if quick else trial


if __name__ == "__main__":
    section(measure)
