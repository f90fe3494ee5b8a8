"""How hard drums amid percussion are: the oracle and plain cross-entropy, on validation data.

    python benchmarks/percussion_difficulty.py [DECIBELS ...]

Renders worlds 10 and 11, which no replicate uses, with and without further percussion, trains
cross-entropy on clean labels, and prints F1 on their validation parts. Beside it is that of a
constant, of random numbers and of the labels themselves (the oracle), all read as a network's
output is. With DECIBELS, at other levels of the further percussion
than the one chosen. docs/tasks/drums.md holds the rule and a run.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from bench.execution.trainer import run
from bench.planning.trial import Trial
from bench.plugin import Loss, create_loss
from tasks.data.audio import rendered_drums
from tasks.drums import Drums

FIRST_WORLD = 10
"""The shipped sweeps use worlds 0 to 9."""


class Development(Drums):
    """Drums in worlds of their own, and at any level of the further percussion."""

    heads = Drums.heads

    def world(self, replicate: int) -> int:
        return FIRST_WORLD + replicate % 2

    def data_key(self) -> dict[str, Any]:
        level = rendered_drums.DENSE.level
        return {**super().data_key(), **({"level": level} if self.percussion else {})}


class Output(nn.Module):
    """Gives the same output for a split whatever it is, in the order of its samples."""

    def __init__(self, output: Tensor) -> None:
        super().__init__()
        self.output, self.position = nn.Parameter(output), 0

    def forward(self, features: Tensor) -> Tensor:
        rows = self.output[self.position : self.position + len(features)]
        self.position = (self.position + len(features)) % len(self.output)
        return rows


def references(task: Drums, loss: Loss, replicate: int) -> list[float]:
    """F1 on the validation part of a constant, of chance and of the labels."""
    split = task.splits(replicate).validation
    labels = split.batch(torch.arange(len(split)).numpy())[1].events.clamp(max=1)
    chance = torch.rand(labels.shape, generator=torch.Generator().manual_seed(0))
    found = []
    for output in (torch.full_like(labels, 0.3), chance, labels):
        network = Output(output)
        decoding = task.calibrate(network, loss, split)
        found.append(task.evaluate(network, loss, split, decoding).metrics["f1"])
    return found


def rows(level: float | None) -> Iterator[str]:
    """Lines of the table for one level of the further percussion; None for drums alone."""
    loss = create_loss("cross_entropy", decoder="peaks")
    if level is not None:
        rendered_drums.DENSE = replace(rendered_drums.DENSE, level=level)
    for replicate in (0, 1):
        task = Development(percussion=level is not None)
        found = run(Trial(task, loss, task.train, "laptop", replicate, "events")).metrics
        own = [found[f"validation.f1{channel}"] for channel in ("", "_kick", "_snare", "_hihat")]
        f1 = " | ".join(f"{value:.3f}" for value in [*references(task, loss, replicate), *own])
        name = "alone" if level is None else f"{level:+.0f} dB"
        yield f"| {name} | {task.world(replicate)} | {f1} |"


def main(levels: list[str]) -> None:
    """Print a row for each level and world as it ends."""
    print("| percussion | world | constant | chance | oracle | CE | kick | snare | hi-hat |")
    print("|---|---|---|---|---|---|---|---|---|")
    for level in [None, *(map(float, levels) if levels else [rendered_drums.DENSE.level])]:
        for row in rows(level):
            print(row, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
