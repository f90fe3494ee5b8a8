"""How the `piano` task's laptop settings were chosen: figures on recordings that no replicate uses.

    python benchmarks/piano_settings.py [CANDIDATE ...]

Trains the losses that are hardest to please under each candidate (batch, steps, learning rate) on
two worlds of recordings that no replicate uses, and prints F1 on their test parts, read with the
threshold of their validation parts, beside the share of undecided probability mass. No trial of
the shipped sweeps sees these recordings. docs/tasks/piano.md holds a run of it.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

from bench.execution.trainer import run
from bench.planning.trial import Trial
from bench.plugin import Schedule, TrainSettings, cosine, create_loss, linear
from tasks.piano import Piano

FIRST_WORLD = 10
"""The shipped sweeps use worlds 0 to 9."""
ALPHA = linear(0.2, 0.9, 0.3, 0.6)
EARLY = linear(0.2, 0.9, 0.15, 0.35)
"""SoftLoc's α of the sweeps, and an earlier one that was tried."""


class Development(Piano):
    """Piano in worlds of their own."""

    heads = Piano.heads

    def world(self, replicate: int) -> int:
        return FIRST_WORLD + replicate % 2


@dataclass(frozen=True)
class Candidate:
    """Training for all losses."""

    steps: int
    batch_size: int
    lr: Schedule


CANDIDATES = {
    "chosen": Candidate(800, 8, cosine(1e-2, 1e-4, 0.6)),
    "fewer steps": Candidate(500, 8, cosine(1e-2, 1e-4, 0.6)),
}

CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "cross-entropy, σ = 0": ({"name": "cross_entropy", "pick_radius": 2}, {}),
    "cross-entropy, σ = 100 ms": ({"name": "cross_entropy", "pick_radius": 2}, {"noise": 0.1}),
    "counts alone": ({"name": "poisson_binomial"}, {"supervision": "counts"}),
    "softloc, σ = 0": ({"name": "softloc", "alpha": ALPHA}, {}),
    "softloc, σ = 100 ms": ({"name": "softloc", "alpha": ALPHA}, {"noise": 0.1}),
    "softloc, early α, σ = 100 ms": ({"name": "softloc", "alpha": EARLY}, {"noise": 0.1}),
}


def train(candidate: Candidate, case: str, replicate: int) -> dict[str, float]:
    """Metrics and processor seconds of one training."""
    loss, task = CASES[case]
    method = create_loss(**loss)
    settings = TrainSettings(
        steps=candidate.steps,
        batch_size=candidate.batch_size,
        lr=candidate.lr,
        validations=0,
        device="cpu",
    )
    found = run(Trial(Development(**task), method, settings, "laptop", replicate, "events"))
    return {**found.metrics, "seconds": found.seconds["cpu"]}


def main(names: list[str]) -> None:
    """Print a row for every candidate, case and replicate as it ends."""
    print("| candidate | case | world | F1 | precision | recall | undecided | CPU s |")
    print("|---|---|---|---|---|---|---|---|")
    for name in names or list(CANDIDATES):
        for case in CASES:
            for replicate in (0, 1):
                m = train(CANDIDATES[name], case, replicate)
                print(
                    f"| {name} | {case} | {FIRST_WORLD + replicate} | {m['f1']:.3f} | "
                    f"{m['precision']:.3f} | {m['recall']:.3f} | {m['undecided']:.2f} | "
                    f"{m['seconds']:.0f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main(sys.argv[1:])
