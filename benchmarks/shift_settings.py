"""How the settings of `shift` were chosen: how near to theory candidates come.

    python benchmarks/shift_settings.py [CANDIDATE ...]

Trains losses with known answers under each candidate (steps, learning rate, spread of the initial
filter) on replicates that no sweep uses, with normal errors of 3 bins, and prints the mean distance
to theory and where the filters are largest. docs/tasks/shift.md holds a run of it.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.execution.trainer import run
from bench.planning.trial import Trial
from bench.plugin import Loss, Schedule, Splits, TrainSettings, cosine, create_loss, linear
from tasks.shift import Shift

if TYPE_CHECKING:
    from torch import nn

FIRST = 1000
"""Replicates of sweeps are far below."""
REPLICATES = 4
SHIPPED_SPREAD = 0.01


@dataclass(frozen=True)
class Candidate:
    """Training for all losses, and the standard deviation of the initial logits."""

    steps: int
    lr: Schedule
    spread: float


CANDIDATES = {
    "chosen": Candidate(1500, cosine(0.05, 1e-3, 0.6), SHIPPED_SPREAD),
    "fewer steps": Candidate(600, cosine(0.05, 1e-3, 0.6), SHIPPED_SPREAD),
    "fewer, faster": Candidate(600, cosine(0.1, 1e-3, 0.3), SHIPPED_SPREAD),
    "uneven start": Candidate(1500, cosine(0.05, 1e-3, 0.6), 0.1),
}
LOSSES: dict[str, dict[str, Any]] = {
    "cross_entropy": {},
    "label_smoothing_ce": {"softness": 3},
    "soft_localization": {"softness": 3},
    "soft_localization, F = E": {"softness": 3, "noise_softness": 3},
    "softloc": {"softness": 3, "weight_step": 1, "alpha": linear(0.2, 0.9, 0.15, 0.35)},
}


class Development(Shift):
    """Other replicates, and another spread of the initial filter."""

    heads = Shift.heads
    spread: float = SHIPPED_SPREAD

    def splits(self, replicate: int, head: str = "events") -> Splits:
        return super().splits(FIRST + replicate, head)

    def network(self, head: str, loss: Loss) -> nn.Module:
        network = super().network(head, loss)
        logits = network.logits.data
        mean = logits.mean()
        network.logits.data = mean + (logits - mean) * self.spread / SHIPPED_SPREAD
        return network


def main(names: list[str]) -> None:
    """Print a row for every candidate and loss as it ends."""
    print("| candidate | loss | distance to theory | peaks | CPU s |\n|---|---|---|---|---|")
    for name in names or list(CANDIDATES):
        candidate = CANDIDATES[name]
        settings = TrainSettings(
            steps=candidate.steps, batch_size=64, lr=candidate.lr, validations=0, device="cpu"
        )
        task = Development(noise=3, spread=candidate.spread)
        for label, options in LOSSES.items():
            loss = create_loss(label.partition(",")[0], **options)
            trials = [Trial(task, loss, settings, "laptop", r, "events") for r in range(REPLICATES)]
            found = [run(trial) for trial in trials]
            far = sum(one.details["distance_to_theory"] for one in found) / REPLICATES
            peaks = ", ".join(f"{one.metrics['peak']:.0f}" for one in found)
            seconds = sum(one.seconds["cpu"] for one in found) / REPLICATES
            print(f"| {name} | {label} | {far:.3f} | {peaks} | {seconds:.1f} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
