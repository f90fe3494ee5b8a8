"""How the `golf` task's laptop settings were chosen: figures of candidates on worlds of their own.

    python benchmarks/golf_settings.py [CANDIDATE ...]

Trains each candidate on two worlds of clips that no replicate of the shipped sweeps uses, and
prints accuracy on their test parts beside the share of undecided probability mass.
docs/tasks/golf.md holds a run of it.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from bench.execution.trainer import run
from bench.planning.trial import Trial
from bench.plugin import create_loss, linear
from tasks.golf import Golf

FIRST_WORLD = 10
"""The shipped sweeps use worlds 0 to 9."""
EARLY, LATE = linear(0.2, 0.9, 0.15, 0.35), linear(0.2, 0.9, 1 / 3, 0.8)


class Development(Golf):
    """Golf in worlds of its own."""

    heads = Golf.heads

    def world(self, replicate: int) -> int:
        return FIRST_WORLD + replicate % 2


def softloc(**options: Any) -> dict[str, Any]:
    """SoftLoc with time in frames."""
    return {"name": "softloc", "weight_step": 1.0, **options}


CANDIDATES: dict[str, dict[str, Any]] = {
    "cross-entropy": {"name": "cross_entropy", "classes": "exclusive"},
    "smoothing CE, S 2": {"name": "label_smoothing_ce", "softness": 2.0},
    "smoothing CE, S 5": {"name": "label_smoothing_ce", "softness": 5.0},
    "smoothing SE, S 2": {"name": "label_smoothing_se", "softness": 2.0},
    "smoothing SE, S 5": {"name": "label_smoothing_se", "softness": 5.0},
    "SoftLoc, S 2, w 200, late α": softloc(softness=2.0, localization_weight=200.0, alpha=LATE),
    "SoftLoc, S 2, w 32, late α": softloc(softness=2.0, alpha=LATE),
    "SoftLoc, S 3, w 200, late α": softloc(softness=3.0, localization_weight=200.0, alpha=LATE),
    "SoftLoc, S 3, w 32, early α": softloc(softness=3.0, alpha=EARLY),
    "SoftLoc, S 5, w 32, late α": softloc(softness=5.0, alpha=LATE),
    "SoftLoc, S 5, w 32, early α": softloc(softness=5.0, alpha=EARLY),
    "soft localisation alone, S 2": {"name": "soft_localization", "softness": 2.0},
    "counts alone": {"name": "poisson_binomial"},
}
CASES = [(3.0, "bidirectional"), (0.0, "bidirectional"), (3.0, "causal"), (0.0, "causal")]


def train(name: str, noise: float, direction: str, replicate: int) -> dict[str, float]:
    """Metrics and processor seconds of one training."""
    options = dict(CANDIDATES[name])
    loss = create_loss(options.pop("name"), **options)
    task = Development(noise=noise, direction=direction)
    found = run(Trial(task, loss, task.train, "laptop", replicate, "events"))
    return {**found.metrics, "seconds": found.seconds["cpu"]}


def main(names: list[str]) -> None:
    """Print a row for every candidate, network, noise and replicate as it ends."""
    started = time.monotonic()
    print("| candidate | network | σ | replicate | accuracy | undecided | CPU s |")
    print("|---|---|---|---|---|---|---|")
    for noise, direction in CASES:
        for name in names or list(CANDIDATES):
            for replicate in (0, 1):
                m = train(name, noise, direction, replicate)
                print(
                    f"| {name} | {direction} | {noise:g} | {replicate} | {m['accuracy']:.3f} | "
                    f"{m['undecided']:.2f} | {m['seconds']:.1f} |",
                    flush=True,
                )
    print(f"\n{time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main(sys.argv[1:])
