"""How the `digits` task's laptop settings were chosen: validation figures of candidates.

    python benchmarks/digits_settings.py [CANDIDATE ...]

Trains on counts alone and with full supervision under each candidate (steps, batch, learning rate),
in replicates that nothing else uses, and prints what the validation digits of these replicates say.
No test digit is looked at. docs/tasks/digits.md holds a run of it.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

from bench.execution.trainer import run
from bench.planning.trial import Trial
from bench.plugin import Schedule, TrainSettings, cosine, create_loss, create_task

FIRST_REPLICATE = 100
"""The shipped sweeps and `bench decide` use 0 to 19."""


@dataclass(frozen=True)
class Candidate:
    """Training for all losses."""

    steps: int
    batch_size: int
    lr: Schedule


CANDIDATES = {
    "chosen": Candidate(2000, 16, cosine(8e-3, 1e-4, 0.5)),
    "fewer steps": Candidate(1400, 16, cosine(8e-3, 1e-4, 0.6)),
    "fewest steps": Candidate(1200, 16, cosine(8e-3, 1e-4, 0.6)),
    "slower": Candidate(1400, 16, cosine(5e-3, 1e-4, 0.6)),
    "faster": Candidate(1200, 16, cosine(1.6e-2, 1e-4, 0.6)),
}
CASES = {"counts": "poisson_binomial", "locations": "cross_entropy"}


def train(candidate: Candidate, supervision: str, replicate: int) -> dict[str, float]:
    """Validation metrics and processor seconds of one training."""
    settings = TrainSettings(
        steps=candidate.steps,
        batch_size=candidate.batch_size,
        lr=candidate.lr,
        validations=1,
        device="cpu",
    )
    task, loss = create_task("digits", supervision=supervision), create_loss(CASES[supervision])
    number = FIRST_REPLICATE + replicate
    found = run(Trial(task, loss, settings, "laptop", number, "events"))
    prefix = "validation."
    values = {k.removeprefix(prefix): v for k, v in found.metrics.items() if k.startswith(prefix)}
    return {**values, "seconds": found.seconds["cpu"]}


def main(names: list[str]) -> None:
    """Print a row for every candidate, case and replicate as it ends."""
    columns = ("accuracy", "f1", "center_distance", "duplicates", "undecided", "seconds")
    print(f"| candidate | labels | replicate | {' | '.join(columns)} |\n|{'---|' * 9}")
    for name in names or list(CANDIDATES):
        for supervision in CASES:
            for replicate in (0, 1):
                values = train(CANDIDATES[name], supervision, replicate)
                row = " | ".join(f"{values[column]:.3f}" for column in columns)
                print(f"| {name} | {supervision} | {replicate} | {row} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
