"""Base of tasks with the `instances` head: how many of the candidates are real."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from bench.plugin import Evaluation, InstanceTarget, Loss, Metric, Split
from tasks.bases.localization_task import LocalizationTask
from tasks.bases.split_output import Inference
from tasks.metrics.count_errors import CountErrors
from tasks.metrics.sparsity import UNDECIDED, undecided

if TYPE_CHECKING:
    from torch import nn


INSTANCES = "instances"
"""Unit of counts, which are no shares."""


def count_metrics() -> tuple[Metric, ...]:
    """Accuracy, root mean square error, bias, and how undecided the contributions are."""
    return (
        Metric("accuracy", "max", 0.0, 1.0, description="share of samples with the right count"),
        Metric(
            "rmse", "min", 0.0, None, INSTANCES, description="root mean square error of the count"
        ),
        Metric("bias", None, unit=INSTANCES, description="mean of count minus truth"),
        UNDECIDED,
    )


class CountTask(LocalizationTask):
    """A count per sample: the sum of the instances' probabilities, rounded (thesis §3.3).

    `simulate` returns inputs and an `InstanceTarget`, which `target` hands on. Metrics: those of
    `count_metrics`, and what `measures` adds; a task reports the ones that it declares.
    """

    metrics: ClassVar[tuple[Metric, ...]] = count_metrics()

    def target(self, truth: InstanceTarget, head: str) -> Any:
        """The truth itself."""
        return truth

    def evaluate(
        self, network: nn.Module | None, loss: Loss, split: Split, decoding: dict[str, float]
    ) -> Evaluation:
        """Metrics, and per sample: what was counted rightly, too much, and too little.

        Raises:
            NotFinite: the output is NaN or infinite.
        """
        return self.evaluated(self.infer(network, loss, split), split)

    def evaluated(self, found: Inference, split: Split) -> Evaluation:
        """What `evaluate` returns of an output; a task overrides it to compare that otherwise."""
        p = found.unpadded(0.0).astype(np.float64)
        truth = np.concatenate([target.count.numpy() for target in found.targets])
        errors = CountErrors(np.rint(p.sum(1)).astype(np.int64), truth.astype(np.int64))
        return Evaluation(
            self.declared(self.measures(errors, p)),
            {"samples": len(split), "instances": int(truth.sum())},
            {"per_sample": found.seconds},
            {"tp": errors.tp.tolist(), "fp": errors.fp.tolist(), "fn": errors.fn.tolist()},
        )

    def measures(self, errors: CountErrors, p: NDArray[np.float64]) -> dict[str, float]:
        """Values of metrics by name, declared or not; a task overrides it to add its own.

        Args:
            errors: counts found and true.
            p: ``(sample, instance)`` probabilities, 0 on padding.
        """
        return {
            "accuracy": errors.accuracy,
            "rmse": errors.rmse,
            "bias": errors.bias,
            "undecided": undecided(p),
        }
