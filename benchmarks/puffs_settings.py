"""How the `puffs` task's difficulty and laptop settings were chosen, on people nobody else sees.

    python benchmarks/puffs_settings.py [CANDIDATE ...]

Trains losses under each candidate (steps, learning rate, which weights are kept) on replicates from
1000 on, which no sweep uses, and prints F1 on their test parts, read as their validation parts
chose, beside the share of undecided probability mass. docs/tasks/puffs.md holds a run of it.
"""

from __future__ import annotations

import sys
from typing import Any

from bench.execution.trainer import run
from bench.planning.trial import Trial
from bench.plugin import TrainSettings, constant, cosine, create_loss, create_task

REPLICATES = (1000, 1001)
CLIP = 5.0
CANDIDATES = {
    "chosen": TrainSettings(steps=500, lr=cosine(1e-2, 1e-4, 0.5), clip_norm=CLIP),
    "best": TrainSettings(
        steps=500, lr=cosine(1e-2, 1e-4, 0.5), clip_norm=CLIP, validations=9, keep="best"
    ),
    "slower": TrainSettings(steps=500, lr=cosine(5e-3, 1e-4, 0.5), clip_norm=CLIP),
    "longer": TrainSettings(steps=1000, lr=cosine(1e-2, 1e-4, 0.5), clip_norm=CLIP),
    "published rate": TrainSettings(steps=1000, lr=constant(1e-3), clip_norm=CLIP),
}
SOFTLOC = {"name": "softloc", "softness": 3.0, "weight_step": 1.0, "alpha": 0.95}
CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "cross-entropy, σ = 0": ({"name": "cross_entropy"}, {}),
    "cross-entropy, σ = 2": ({"name": "cross_entropy"}, {"noise": 2.0}),
    "SoftLoc, σ = 0": (SOFTLOC, {}),
    "SoftLoc, σ = 2": (SOFTLOC, {"noise": 2.0}),
    "smoothed labels (SE), σ = 0": ({"name": "label_smoothing_se", "softness": 3.0}, {}),
    "counts alone": ({"name": "poisson_binomial"}, {}),
    "LR-M, σ = 2": (
        {"name": "misaligned_logistic", "noise_softness": 3.0},
        {"noise": 2.0, "architecture": "linear"},
    ),
}


def main() -> None:
    for name in sys.argv[1:] or CANDIDATES:
        for case, (loss, options) in CASES.items():
            for replicate in REPLICATES:
                options_of_loss = {key: value for key, value in loss.items() if key != "name"}
                made = create_loss(loss["name"], **options_of_loss)
                task = create_task("puffs", **options)
                found = run(Trial(task, made, CANDIDATES[name], "laptop", replicate, "events"))
                shown = ", ".join(
                    f"{metric} {found.metrics[metric]:.3f}"
                    for metric in ("f1", "f1_threshold", "f1_peaks", "f1_fold_sd", "undecided")
                )
                print(f"{name} | {case} | {replicate} | {shown} | {found.seconds['cpu']:.1f} s")


if __name__ == "__main__":
    main()
