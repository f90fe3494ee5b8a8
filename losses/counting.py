"""Deterministic counting: the sum of probabilities against the labelled count."""

from __future__ import annotations

from typing import Annotated, ClassVar

import torch
from torch import Tensor
from torch.nn.functional import huber_loss

from bench.plugin import Gt, LogUniform, Loss, PointPrediction, register_loss
from losses._counts import Countable, instances, labelled_counts

HEADS = {"events", "points", "instances"}


def count_error(prediction: Tensor | PointPrediction, target: Countable) -> Tensor:
    """``Σ_i p_i - c``, ``(batch, channel)``."""
    p = instances(prediction, target)
    return p.sum(-1) - labelled_counts(target, p.shape[1]).to(p.dtype)


@register_loss("count_mse", heads=HEADS, space={})
class CountMSE(Loss):
    """Squared error of the expected count; needs no locations.

    L = (Σ_i p_i - c)², per sample the mean over channels. Predictions are probabilities and labels
    counts, in the shapes of `poisson_binomial`. Any probabilities with the right sum are a minimum,
    so that predictions need not become sparse (thesis §3.1.2).

    Source: thesis eq 2.2 and 3.3.
    """

    source: ClassVar[str] = "Schroeter, thesis, §2.1, eq 2.2, 3.3"
    needs_locations: ClassVar[bool] = False

    def __call__(
        self, prediction: Tensor | PointPrediction, target: Countable, progress: float = 1.0
    ) -> Tensor:
        return count_error(prediction, target).square().mean(-1)


@register_loss("count_huber", heads=HEADS, space={"delta": LogUniform(0.1, 10.0)})
class CountHuber(Loss):
    """Huber error of the expected count, linear for errors above ``delta``; needs no locations.

    L = d² / 2 for |d| <= δ, δ (|d| - δ / 2) beyond, with d = Σ_i p_i - c, per sample the mean over
    channels. Predictions are probabilities and labels counts, in the shapes of `poisson_binomial`.

    Source: thesis §1.1.1 names the loss (Huber 1964) with eq 2.2 and no δ. Default δ = 1 count, the
    smallest error that changes a rounded count.
    """

    source: ClassVar[str] = "Schroeter, thesis, §1.1.1 and eq 2.2; Huber 1964"
    needs_locations: ClassVar[bool] = False

    delta: Annotated[float, Gt(0)] = 1.0

    def __call__(
        self, prediction: Tensor | PointPrediction, target: Countable, progress: float = 1.0
    ) -> Tensor:
        error = count_error(prediction, target)
        return huber_loss(error, torch.zeros_like(error), reduction="none", delta=self.delta).mean(
            -1
        )
