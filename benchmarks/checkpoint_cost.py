"""What a checkpoint costs: its size, and its seconds as a share of the training between two.

    python benchmarks/checkpoint_cost.py [--every 120] [--rounds 5]

For the network of each task at both scales, with the moments that its optimiser has after a step,
and for the best weights where the task keeps them. A checkpoint is made as in training: state,
serialisation, and writing to a folder beside the store, here on the disk of the temporary folder.
The median of some rounds counts. Beside them, each step asks the clock whether a checkpoint is due.
Target: at most 1 % of the time of training.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import torch

from bench.execution.best_weights import BestWeights
from bench.execution.checkpoints import EVERY, Checkpoint, Checkpoints
from bench.execution.optimizers import make_optimizer
from bench.execution.training_state import TrainingState
from bench.planning.plan import plan
from bench.planning.trial import Trial
from bench.plugin.registry import tasks
from bench.specs.sweep import shipped

TARGET = 0.01
CALLS = 100_000


def trials() -> Iterator[tuple[str, Trial]]:
    """For each task and scale, a trial that trains, of the first shipped sweep that has one."""
    for scale in ("laptop", "paper"):
        found: dict[str, Trial] = {}
        for name in shipped():
            for planned in plan(name, scale=scale).trials:
                if planned.skip_reason is None and planned.trial.loss.trains:
                    found.setdefault(planned.trial.task.plugin_name, planned.trial)
        for task in tasks.names():
            if task in found:
                yield scale, found[task]


def trained_for_a_step(trial: Trial) -> TrainingState | None:
    """A training of the trial's network whose optimiser has all its moments."""
    torch.manual_seed(0)
    network = trial.task.network(trial.head, trial.loss)
    weights = [weight for weight in network.parameters() if weight.requires_grad]
    if not weights:
        return None
    optimizer = make_optimizer(trial.train, weights, torch.device("cpu"))
    for weight in weights:
        weight.grad = torch.zeros_like(weight)
    optimizer.step()
    best = BestWeights("max") if trial.train.keep == "best" else None
    if best is not None:
        best.see(network, 0.0)
    return TrainingState(network, optimizer, best)


def seconds_to_keep(training: TrainingState, checkpoint: Checkpoint, rounds: int) -> float:
    """Median over rounds."""
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        checkpoint.save(training.content(0.0, 0.0))
        taken.append(time.perf_counter() - started)
    assert checkpoint.problem is None, checkpoint.problem
    return statistics.median(taken)


def seconds_to_ask(checkpoint: Checkpoint) -> float:
    """Seconds of a step's question whether a checkpoint is due."""
    started = time.perf_counter()
    for _ in range(CALLS):
        checkpoint.due()
    return (time.perf_counter() - started) / CALLS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--every", type=float, default=EVERY)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    worst = asked = 0.0
    print("| task | scale | weights | checkpoint [MiB] | seconds | share of training |")
    print("|---|---|---|---|---|---|")
    for scale, trial in trials():
        training = trained_for_a_step(trial)
        if training is None:
            continue
        with tempfile.TemporaryDirectory() as folder:
            where = Checkpoints(folder, every=chosen.every)
            where.offer()
            checkpoint = where.of(trial, "cpu")
            seconds = seconds_to_keep(training, checkpoint, chosen.rounds)
            asked = max(asked, seconds_to_ask(checkpoint))
            size = sum(file.stat().st_size for file in Path(folder).rglob("*.pt")) / 2**20
        count = sum(weight.numel() for weight in training.network.parameters())
        share = seconds / chosen.every
        worst = max(worst, share)
        name = trial.task.plugin_name
        print(f"| {name} | {scale} | {count:,} | {size:.1f} | {seconds:.3f} | {share:.4%} |")
    print(f"\nasking whether one is due: {1e6 * asked:.2f} µs a step")
    print(f"largest share: {worst:.3%} (target: at most {TARGET:.0%})")


if __name__ == "__main__":
    main()
