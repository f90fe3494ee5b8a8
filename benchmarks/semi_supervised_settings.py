"""How the settings of `semi_supervised` were chosen: validation figures of candidates.

    python benchmarks/semi_supervised_settings.py [CASE ...]

Trains each loss under each candidate (steps, batch, learning rate; for losses that compare views
their weight, ramped up over the first third of training) on two worlds of recordings that no
replicate uses, and prints F1 on their validation parts, read with the best threshold there, beside
the share of undecided probability mass. docs/tasks/semi_supervised.md holds a run of it.
"""

from __future__ import annotations

import sys
from typing import Any

from bench.execution.trainer import run
from bench.planning.trial import Trial
from bench.plugin import Schedule, TrainSettings, cosine, create_loss, warmup
from tasks.drums import Drums
from tasks.semi_supervised import SemiSupervised

FIRST_WORLD = 10
"""The shipped sweeps use worlds 0 to 9."""


class HeldBack(Drums):
    """Drums in worlds of their own."""

    heads = Drums.heads

    def world(self, replicate: int) -> int:
        return FIRST_WORLD + replicate % 2


class Development(SemiSupervised):
    """The same for few labels."""

    heads = SemiSupervised.heads

    @property
    def drums(self) -> Drums:
        return HeldBack(size=self.size, architecture=self.architecture, rates=1)


def train(
    loss: str,
    weight: float | None,
    labelled: int,
    views: str,
    replicate: int,
    steps: int,
    batch_size: int,
    lr: Schedule,
) -> dict[str, float]:
    """Metrics and processor seconds of one training."""
    options: dict[str, Any] = {}
    if weight is not None:
        options = {"supervised": "poisson_binomial", "weight": ramp(weight)}
    settings = TrainSettings(steps=steps, batch_size=batch_size, lr=lr, validations=0, device="cpu")
    task = Development(labelled=labelled, views=views)
    found = run(Trial(task, create_loss(loss, **options), settings, "laptop", replicate, "events"))
    return {**found.metrics, "seconds": found.seconds["cpu"]}


def ramp(weight: float) -> Schedule:
    """From 0 at the start to ``weight`` after a third of training."""
    return warmup(weight, finish=1 / 3)


RATE = cosine(8e-3, 1e-4, 0.6)
TRAININGS = {"600 × 8": (600, 8, RATE), "1000 × 4": (1000, 4, RATE)}
METHODS: dict[str, tuple[str, list[float | None], str]] = {
    "labelled alone": ("poisson_binomial", [None], "stretched"),
    "instances": ("instance_consistency", [0.1, 1.0, 10.0], "aligned"),
    "counts": ("count_consistency", [0.01, 0.1, 1.0], "stretched"),
    "distributions": ("poisson_binomial_consistency", [0.1, 0.3, 1.0], "stretched"),
}


def main(names: list[str]) -> None:
    """Print a row for every method, training, weight and number of labelled pieces as it ends."""
    print("| method | training | weight | labelled | replicate | F1 | undecided | CPU s |")
    print("|---|---|---|---|---|---|---|---|")
    for name in names or list(METHODS):
        loss, weights, views = METHODS[name]
        for training, settings in TRAININGS.items():
            for weight in weights:
                for labelled in (16, 256):
                    for replicate in (0, 1):
                        found = train(loss, weight, labelled, views, replicate, *settings)
                        f1, undecided = (found[f"validation.{key}"] for key in ("f1", "undecided"))
                        print(
                            f"| {name} | {training} | {weight} | {labelled} | {replicate} | "
                            f"{f1:.3f} | {undecided:.2f} | {found['seconds']:.0f} |",
                            flush=True,
                        )


if __name__ == "__main__":
    main(sys.argv[1:])
