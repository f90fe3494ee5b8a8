"""What became of attacks, as a picture is stored: class reached and pixels altered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class Outcomes:
    """Of attacks on pictures; all arrays are ``(attack,)`` but the first two.

    Attributes:
        images: ``(attack, channel, side, side)`` after the attack.
        probabilities: ``(attack, class)`` that the classifier sees in them.
        label: the true class.
        altered: pixels that differ in any channel.
        allowed: pixels that may.
    """

    images: Bytes
    probabilities: NDArray[np.float64]
    label: NDArray[np.int64]
    altered: NDArray[np.int64]
    allowed: int

    @property
    def reached(self) -> NDArray[np.int64]:
        """The class that is seen."""
        return np.asarray(self.probabilities.argmax(1))

    @property
    def changed(self) -> NDArray[np.bool_]:
        """Whether it is another one than the true one."""
        return np.asarray(self.reached != self.label)

    @property
    def success(self) -> NDArray[np.bool_]:
        """Whether it is, with no more pixels altered than allowed."""
        return self.changed & (self.altered <= self.allowed)

    def per_picture(self) -> dict[str, list[float]]:
        """Success, pixels altered and class reached of each."""
        numbers = {"success": self.success, "altered": self.altered, "reached": self.reached}
        return {name: values.astype(float).tolist() for name, values in numbers.items()}


def stored(images: NDArray[np.floating]) -> Bytes:
    """Pictures in [0, 1] as bytes, values beyond cut off."""
    return (images.clip(0.0, 1.0) * 255).round().astype(np.uint8)


def outcomes(
    before: Bytes,
    after: Bytes,
    label: NDArray[np.int64],
    classifier: Callable[[Tensor], Tensor],
    allowed: int,
) -> Outcomes:
    """Look at stored pictures after an attack.

    Args:
        before, after: ``(attack, channel, side, side)``.
        label: ``(attack,)``.
        classifier: from images in [0, 1] to logits.
        allowed: pixels that an attack may alter.
    """
    with torch.no_grad():
        logits = classifier(torch.from_numpy(after).float() / 255)
    altered = (before != after).any(1).sum((-1, -2))
    return Outcomes(after, logits.double().softmax(-1).numpy(), label, altered, allowed)


def mean_where(values: NDArray[np.generic], where: NDArray[np.bool_]) -> float:
    """Mean of some values; NaN of none."""
    return float(values[where].mean()) if where.any() else float("nan")


def measures(ours: Outcomes, rival: Outcomes) -> dict[str, float]:
    """The task's metrics of attacks, beside those of a rival on the same pictures."""
    both = ours.success & rival.success
    own = np.take_along_axis(ours.probabilities, ours.label[:, None], 1)[:, 0]
    return {
        "success_rate": float(ours.success.mean()),
        "class_changed": float(ours.changed.mean()),
        "pixels_changed": mean_where(ours.altered, ours.changed),
        "true_probability": float(own.mean()),
        "same_class_as_evolution": mean_where(ours.reached == rival.reached, both),
        "found_by_evolution_only": float((rival.success & ~ours.success).mean()),
        "missed_by_evolution_only": float((ours.success & ~rival.success).mean()),
    }
