"""Deterministic counting: the sum of probabilities against the labelled count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from bench.plugin import Gt, LogUniform, Loss, PointPrediction, register_loss
from losses._shared.counts import Countable, instances, labelled_counts

if TYPE_CHECKING:
    from torch import Tensor

HEADS = {"events", "points", "instances"}


def count_error(prediction: Tensor | PointPrediction, target: Countable) -> Tensor:
    """``Σ_i p_i - c``, ``(batch, channel)``."""
    p = instances(prediction, target)
    return p.sum(-1) - labelled_counts(target, p.shape[1]).to(p.dtype)


@register_loss("count_mse", heads=HEADS, space={})
class CountMSE(Loss):
    """Squared error of the expected count; needs no locations.

    Equation:
        L = (Σ_i p_i - c)²

    Shapes:
        Probabilities and counts as in `poisson_binomial`. The loss is ``(batch,)``, the mean over
        channels.

    When to use:
        As the baseline of counting. Any probabilities with the right sum are a minimum, so
        predictions need not become sparse (thesis §3.1.2), and locations rarely come out.

    Departures:
        None.

    Defaults:
        It has no options.
    """

    source: ClassVar[str] = "Schroeter, thesis, §2.1, eq 2.2, 3.3"
    needs_locations: ClassVar[bool] = False

    def __call__(
        self, prediction: Tensor | PointPrediction, target: Countable, progress: float = 1.0
    ) -> Tensor:
        return count_error(prediction, target).square().mean(-1)


@register_loss("count_huber", heads=HEADS, space={"delta": LogUniform(0.1, 10.0)})
class CountHuber(Loss):
    """Huber error of the expected count, linear beyond ``delta``; needs no locations.

    Equation:
        L = d² / 2             where |d| <= δ
        L = δ (|d| - δ / 2)    beyond
        d = Σ_i p_i - c

    Shapes:
        Probabilities and counts as in `poisson_binomial`. The loss is ``(batch,)``, the mean over
        channels; d and δ are counts.

    When to use:
        In place of `count_mse` where some counts are large or wrong, and their squares would
        dominate.

    Departures:
        The thesis names the loss without a formula; this one is Huber's (1964).

    Defaults:
        ``delta`` 1: ours, the smallest error that changes a rounded count.
    """

    source: ClassVar[str] = "Schroeter, thesis, §1.1.1 and eq 2.2; Huber 1964"
    needs_locations: ClassVar[bool] = False

    delta: Annotated[float, Gt(0)] = 1.0
    """δ, the error in counts from which the loss is linear."""

    def __call__(
        self, prediction: Tensor | PointPrediction, target: Countable, progress: float = 1.0
    ) -> Tensor:
        import torch
        from torch.nn.functional import huber_loss

        error = count_error(prediction, target)
        return huber_loss(error, torch.zeros_like(error), reduction="none", delta=self.delta).mean(
            -1
        )
