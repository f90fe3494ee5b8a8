"""How the `drums` task's laptop settings were chosen: validation figures of candidates.

    python benchmarks/drums_settings.py [CANDIDATE ...]

Trains the losses that are hardest to please under each candidate (batch, learning rate, share α
of counting) on two worlds of recordings that no replicate uses, and prints F1 on their test parts,
read with the threshold of their validation parts, beside the share of undecided probability mass.
No trial of the shipped sweeps sees these recordings. docs/tasks/drums.md holds a run of it.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from typing import Any

from bench.execution.trainer import run
from bench.planning.trial import Trial
from bench.plugin import Schedule, TrainSettings, constant, cosine, create_loss, linear
from tasks.drums import Drums

FIRST_WORLD = 10
"""The shipped sweeps use worlds 0 to 9."""
PUBLISHED, EARLY = linear(0.2, 0.9, 1 / 3, 0.8), linear(0.2, 0.9, 0.15, 0.35)


class Development(Drums):
    """Drums in worlds of their own."""

    heads = Drums.heads

    def world(self, replicate: int) -> int:
        return FIRST_WORLD + replicate % 2


@dataclass(frozen=True)
class Candidate:
    """Training for all losses, and SoftLoc's α."""

    steps: int
    batch_size: int
    lr: Schedule
    alpha: Schedule


CANDIDATES = {
    "chosen": Candidate(1500, 32, cosine(8e-3, 1e-4, 0.6), EARLY),
    "slower": Candidate(1500, 32, cosine(5e-3, 1e-4, 0.6), EARLY),
    "slow": Candidate(1500, 32, cosine(3e-3, 1e-4, 0.6), EARLY),
    "constant": Candidate(1500, 32, constant(3e-3), EARLY),
    "falls at once": Candidate(1500, 32, cosine(6e-3, 1e-4), EARLY),
    "falls at once, published α": Candidate(1500, 32, cosine(6e-3, 1e-4), PUBLISHED),
    "falls at once from more": Candidate(1500, 32, cosine(1e-2, 1e-4), EARLY),
    "fewer steps": Candidate(1200, 32, cosine(8e-3, 1e-4, 0.6), EARLY),
    "small batch": Candidate(1500, 16, cosine(6e-3, 1e-4), EARLY),
}

CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "softloc, σ = 0": ({"name": "softloc"}, {}),
    "softloc, σ = 100 ms": ({"name": "softloc"}, {"noise": 0.1}),
    "counts alone": ({"name": "poisson_binomial"}, {"supervision": "counts"}),
    "cross-entropy, σ = 0": ({"name": "cross_entropy"}, {}),
}


def train(candidate: Candidate, case: str, replicate: int) -> dict[str, float]:
    """Metrics and processor seconds of one training."""
    loss, task = CASES[case]
    options = {key: value for key, value in loss.items() if key != "name"}
    if loss["name"] == "softloc":
        options["alpha"] = candidate.alpha
    settings = TrainSettings(
        steps=candidate.steps,
        batch_size=candidate.batch_size,
        lr=candidate.lr,
        validations=0,
        device="cpu",
    )
    method = create_loss(loss["name"], **options)
    found = run(Trial(Development(**task), method, settings, "laptop", replicate, "events"))
    return {**found.metrics, "seconds": found.seconds["cpu"]}


def main(names: list[str]) -> None:
    """Print a row for every candidate, case and replicate as it ends."""
    started = time.monotonic()
    print("| candidate | case | replicate | F1 | undecided | CPU s |\n|---|---|---|---|---|---|")
    for name in names or list(CANDIDATES):
        for case in CASES:
            for replicate in (0, 1):
                m = train(CANDIDATES[name], case, replicate)
                print(
                    f"| {name} | {case} | {replicate} | {m['f1']:.3f} | {m['undecided']:.2f} | "
                    f"{m['seconds']:.0f} |",
                    flush=True,
                )
    print(f"\n{time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main(sys.argv[1:])
