"""Cases of the `attack` head: a linear classifier that one bright pixel turns."""

from __future__ import annotations

import torch
from torch import Tensor

from bench.conformance.case import Case, Draw, Layout, Padded
from bench.plugin import AttackPrediction, AttackTarget

_CLASSES = 3
_WIDTH = 4


class Attacks(Layout):
    """Perturbations of images that are four pixels wide; ``length`` is the number of pixels."""

    length = 24

    def __init__(self, channels: int) -> None:
        self.name = f"{channels} channel{'s' if channels > 1 else ''}"
        self.channels = channels

    def random(self, draw: Draw, batch: int, length: int) -> Case:
        width = _WIDTH if length % _WIDTH == 0 else 1
        grid = (length // width, width)
        magnitude = draw.normal((batch, self.channels, *grid))
        p = draw.uniform((batch, *grid), 0.02, 0.3)
        image = draw.uniform((batch, self.channels, *grid), 0.0, 1.0)
        classifier = _Linear(draw.normal((_CLASSES, self.channels * length)))
        label = classifier(image).argmax(-1) if length else torch.zeros(batch, dtype=torch.long)
        return Case((magnitude, p), _pack, AttackTarget(image, label, classifier))

    def right(self, case: Case) -> Case:
        magnitude, p = case.tensors
        mask = torch.zeros_like(p).flatten(1)
        mask[torch.arange(len(p)), torch.arange(len(p)) % mask.shape[1]] = 1.0
        return case.with_tensors(self._turning(case, magnitude), _confident(mask.view_as(p)))

    def _turning(self, case: Case, magnitude: Tensor) -> Tensor:
        """Magnitudes that take the label's class down and another one up, wherever they are."""
        weights: Tensor = case.target.classifier.weights.to(magnitude.dtype)
        other = (case.target.label + 1) % _CLASSES
        push = weights[other] - weights[case.target.label]
        return 20 * push.sign().view_as(magnitude)

    def wrong(self, case: Case) -> dict[str, Case]:
        magnitude, p = case.tensors
        twice = torch.zeros_like(p).flatten(1)
        twice[:, [3, 7]] = 1.0
        against = -self._turning(case, magnitude)
        return {
            "two pixels, and against the attack": case.with_tensors(
                against, _confident(twice.view_as(p))
            ),
            "undecided": case.with_tensors(against, torch.full_like(p, 0.5)),
            "all pixels": case.with_tensors(against, _confident(torch.ones_like(p))),
        }

    def padded(self, case: Case) -> dict[str, Padded]:
        return {}  # images have no padding

    def hostile(self, draw: Draw, batch: int) -> dict[str, Case]:
        case = self.random(draw, batch, self.length)
        magnitude, p = case.tensors
        return {
            "p exactly 0": case.with_last(torch.zeros_like(p)),
            "p exactly 1": case.with_last(torch.ones_like(p)),
            "logits of ±1e4": case.through_sigmoid((p - 0.1).sign() * 1e4),
            "magnitudes of ±1e4": case.with_tensors(magnitude.sign() * 1e4, p),
            "no magnitude": case.with_tensors(torch.zeros_like(magnitude), p),
            "a class that is all but impossible": case.with_tensors(
                50 * self._turning(case, magnitude), torch.ones_like(p)
            ),
        }


class _Linear:
    """Logits ``(batch, classes)`` by sums of products, which autocast leaves alone."""

    def __init__(self, weights: Tensor) -> None:
        self.weights = weights

    def __call__(self, image: Tensor) -> Tensor:
        return (image.flatten(1)[:, None] * self.weights.to(image.dtype)).sum(-1)


def _confident(mask: Tensor) -> Tensor:
    return 0.001 + 0.979 * mask


def _pack(magnitude: Tensor, p: Tensor) -> AttackPrediction:
    return AttackPrediction(p, magnitude)
