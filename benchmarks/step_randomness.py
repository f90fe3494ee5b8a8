"""What keyed randomness costs in a laptop step of drums: both timed in turn, in one process.

    python benchmarks/step_randomness.py [--steps 40] [--repeats 9]

Prints the time of a training step, that of the step's random streams, and their ratio, each the
median of the repeats with the smallest and largest.
"""

from __future__ import annotations

import argparse
import dataclasses
import statistics
import time

import torch

from bench.execution import trainer
from bench.planning.plan import plan
from bench.planning.seeds import StepStreams

PURPOSES = ("samples", "augmentation", "network", "loss")


def streams(steps: int) -> float:
    """Seconds a step for all that a step draws from."""
    samples, augmentation, network, loss = (StepStreams("drums", 0, p) for p in PURPOSES)
    device = torch.device("cpu")
    started = time.perf_counter()
    for step in range(steps):
        samples.numpy(step)
        augmentation.numpy(step)
        trainer._seed(network.torch(step), device)
        trainer._seed(loss.torch(step), device)
    return (time.perf_counter() - started) / steps


def training(steps: int) -> float:
    """Seconds a step of SoftLoc on drums."""
    trial = next(
        p.trial for p in plan("drums-noise").trials if p.trial.loss.plugin_name == "softloc"
    )
    settings = trial.train.model_copy(update={"steps": steps, "validations": 0})
    outcome = trainer.run(dataclasses.replace(trial, train=settings))
    return outcome.seconds["train"] / steps


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--repeats", type=int, default=9)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    training(2)
    found = [(training(chosen.steps), streams(chosen.steps * 20)) for _ in range(chosen.repeats)]
    for name, values in (
        ("training step [ms]", [1e3 * a for a, _ in found]),
        ("random streams [ms]", [1e3 * b for _, b in found]),
        ("share [%]", [100 * b / a for a, b in found]),
    ):
        middle = statistics.median(values)
        print(f"{name}: {middle:.3g} [{min(values):.3g}, {max(values):.3g}]")


if __name__ == "__main__":
    main()
