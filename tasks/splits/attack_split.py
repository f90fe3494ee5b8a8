"""Pictures that are attacked: those of held-out parts that a classifier sees as what they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor

from bench.plugin import AttackTarget, TensorSplit, UsageError
from tasks.metrics.pixel_evolution import evolved

Bytes = NDArray[np.uint8]
_NONE = np.empty((0, 1, 1, 1), np.uint8)


@dataclass(frozen=True)
class Attacked:
    """Pictures that are attacked.

    Attributes:
        images: ``(attack, channel, side, side)`` as they are stored.
        labels: ``(attack,)`` classes, which the classifier sees.
        rivals: by number of pixels, the same pictures as differential evolution altered them.
        facts: about the classifier and the choice of the pictures, for the details of trials.
    """

    images: Bytes = field(default_factory=_NONE.copy)
    labels: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    rivals: dict[int, Bytes] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)

    def part(self, rows: slice) -> Attacked:
        """Some of them."""
        rivals = {pixels: images[rows] for pixels, images in self.rivals.items()}
        return Attacked(self.images[rows], self.labels[rows], rivals, self.facts)


@dataclass(frozen=True)
class AttackSplit(TensorSplit):
    """Attacks on pictures; the input is an attack's number, the target what it attacks.

    Attributes:
        pictures: those.
    """

    pictures: Attacked = field(default_factory=Attacked)

    def rival(self, pixels: int) -> Bytes:
        """The pictures as differential evolution altered so many pixels of each.

        Found now, as published, where it was not prepared.
        """
        if pixels in self.pictures.rivals:
            return self.pictures.rivals[pixels]
        target, draw = self.target.to("cpu"), np.random.default_rng([0xE01, pixels])
        pairs = zip(self.pictures.images, self.pictures.labels, strict=True)
        return np.stack(
            [evolved(target.classifier, image, int(label), pixels, draw) for image, label in pairs]
        )


def chosen(right: NDArray[np.bool_], most: int, draw: Generator) -> NDArray[np.int64]:
    """So many of the pictures that the classifier sees as what they are, at random, as indices.

    Raises:
        UsageError: there are fewer.
    """
    candidates = np.flatnonzero(right)
    if len(candidates) < most:
        raise UsageError(
            f"pixel_attack: the classifier is right on {len(candidates)} of {len(right)} pictures, "
            f"and {most} are to be attacked"
        )
    return draw.permutation(candidates)[:most]


def attack_splits(
    classifier: Callable[[Tensor], Tensor], pictures: Attacked, validating: int, first: int
) -> tuple[AttackSplit, AttackSplit, AttackSplit]:
    """Training, validation and test: training attacks all pictures, each on its own.

    Nothing is learned from one picture for another, so nothing of the test reaches validation, and
    settings that are chosen on validation pictures are tested on others.

    Args:
        validating: so many of the pictures, the first ones, validate; the others test.
        first: number of the first attack.
    """

    def part(rows: slice) -> AttackSplit:
        own = pictures.part(rows)
        numbers = torch.arange(first, first + len(pictures.labels))[rows, None]
        pixels = torch.from_numpy(own.images.copy()).float() / 255
        target = AttackTarget(pixels, torch.from_numpy(own.labels.copy()), classifier)
        return AttackSplit(numbers, target, own)

    return part(slice(None)), part(slice(validating)), part(slice(validating, None))
