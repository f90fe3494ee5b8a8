"""How the `puffs` task's difficulty and laptop settings were chosen, on people nobody else sees.

    python benchmarks/puffs_settings.py [CANDIDATE ...]

Trains losses under each candidate (steps, learning rate, which weights are kept) on replicates from
1000 on, which no sweep uses, and prints F1 on their test parts, read as their validation parts
chose, beside the share of undecided probability mass. docs/tasks/puffs.md holds a run of it.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

from bench.execution.trainer import run
from bench.planning.trial import Trial
from bench.plugin import Schedule, TrainSettings, constant, cosine, create_loss, create_task, linear

REPLICATES = (1000, 1001)
FALLING = cosine(1e-2, 1e-4, 0.5)
PUBLISHED, EARLY = constant(0.95), linear(0.2, 0.95, 0.15, 0.5)


@dataclass(frozen=True)
class Candidate:
    """Training for all losses, the network's dropout, and SoftLoc's α."""

    train: TrainSettings
    dropout: float = 0.2
    alpha: Schedule = PUBLISHED


def settings(steps: int, batch_size: int, lr: Schedule, **others: Any) -> TrainSettings:
    return TrainSettings(steps=steps, batch_size=batch_size, lr=lr, clip_norm=5.0, **others)


CANDIDATES = {
    "chosen": Candidate(settings(700, 64, FALLING)),
    "best weights kept": Candidate(settings(700, 64, FALLING, validations=9, keep="best")),
    "shorter": Candidate(settings(500, 64, FALLING)),
    "no dropout": Candidate(settings(500, 64, FALLING), 0.0),
    "published dropout": Candidate(settings(500, 32, FALLING), 0.5),
    "small batch": Candidate(settings(800, 32, FALLING)),
    "faster": Candidate(settings(500, 64, cosine(2e-2, 1e-4, 0.5))),
    "early α, no dropout": Candidate(settings(500, 64, FALLING), 0.0, EARLY),
    "early α": Candidate(settings(500, 64, FALLING), alpha=EARLY),
}
SOFTLOC = {"name": "softloc", "softness": 3.0, "weight_step": 1.0}
CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "cross-entropy, σ = 0": ({"name": "cross_entropy"}, {}),
    "cross-entropy, σ = 2": ({"name": "cross_entropy"}, {"noise": 2.0}),
    "SoftLoc, σ = 0": (SOFTLOC, {}),
    "SoftLoc, σ = 2": (SOFTLOC, {"noise": 2.0}),
    "smoothed labels (CE), σ = 0": ({"name": "label_smoothing_ce", "softness": 3.0}, {}),
    "smoothed labels (SE), σ = 0": ({"name": "label_smoothing_se", "softness": 3.0}, {}),
    "smoothed labels (SE), σ = 2": (
        {"name": "label_smoothing_se", "softness": 3.0},
        {"noise": 2.0},
    ),
    "counts alone": ({"name": "poisson_binomial"}, {}),
    "LR-M, σ = 2": (
        {"name": "misaligned_logistic", "noise_softness": 3.0},
        {"noise": 2.0, "architecture": "linear"},
    ),
}


def main() -> None:
    for name in sys.argv[1:] or CANDIDATES:
        candidate = CANDIDATES[name]
        for case, (loss, options) in CASES.items():
            for replicate in REPLICATES:
                own = {key: value for key, value in loss.items() if key != "name"}
                own |= {"alpha": candidate.alpha} if loss is SOFTLOC else {}
                made = create_loss(loss["name"], **own)
                task = create_task("puffs", dropout=candidate.dropout, **options)
                trial = Trial(task, made, candidate.train, "laptop", replicate, "events")
                found = run(trial)
                shown = ", ".join(
                    f"{metric} {found.metrics[metric]:.3f}"
                    for metric in ("f1", "f1_threshold", "f1_peaks", "f1_fold_sd", "undecided")
                )
                print(f"{name} | {case} | {replicate} | {shown} | {found.seconds['cpu']:.1f} s")


if __name__ == "__main__":
    main()
