"""Prediction and target of the `attack` head."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.plugin.on_device import OnDevice

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class AttackPrediction(OnDevice):
    """A perturbation ``p · magnitude`` of images.

    Attributes:
        p: ``(batch, *grid)`` masking probabilities, one per pixel.
        magnitude: ``(batch, channel, *grid)``, in the unit of the image.
    """

    p: Tensor
    magnitude: Tensor


@dataclass(frozen=True)
class AttackTarget(OnDevice):
    """What is attacked.

    Attributes:
        image: ``(batch, channel, *grid)``.
        label: ``(batch,)`` integer: the true class, or for a targeted attack the class to provoke.
        classifier: from images to ``(batch, classes)`` logits; one for the whole batch. A module is
            moved by `to` as ``torch.nn.Module.to`` moves it: in place.
    """

    image: Tensor
    label: Tensor
    classifier: Callable[[Tensor], Tensor]
