"""Splits of the digits task: digits first, then canvases of each part's own digits."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray

from bench.plugin import EventTarget, Splits, TensorSplit, UsageError
from tasks.data.images.digit_canvases import CLASSES, STEP, Layout, compose, joined, one_each
from tasks.data.images.handwritten_digits import FOLDS, Digits
from tasks.data.images.hilbert_curve import hilbert_curve
from tasks.metrics.point_lists import Points

VALIDATION = 0.1
"""Share of the digits that validates."""

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Amount:
    """How much data there is.

    Attributes:
        digits: so many of the digits are used, None for all.
        train, test: canvases composed for training and for the test; validation has half as many
            as the test.
    """

    digits: int | None
    train: int
    test: int


@dataclass(frozen=True)
class DigitSplit(TensorSplit):
    """Canvases with their digits, in memory as bytes.

    Attributes:
        truth: the digits: channel is the class, position the centre of the box in pixels.
        scenes: so many canvases are composed at random. On those that follow, in validation and
            test, each digit of the part lies alone.
        labels: ``(digit,)`` classes of these single digits.
        images: ``(digit, 28, 28)`` of them, in the test alone.
    """

    truth: Points
    scenes: int = 0
    labels: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    images: NDArray[np.uint8] = field(default_factory=lambda: np.empty((0, 28, 28), np.uint8))

    def batch(
        self, rows: NDArray[np.int64], draw: Generator | None = None
    ) -> tuple[torch.Tensor, EventTarget]:
        """Canvases ``(batch, 1, side, side)`` from 0 to 1, and target; nothing is random."""
        canvas, target = super().batch(rows)
        return canvas.float() / 255, target

    def of_scenes(self) -> DigitSplit:
        """The scenes alone: where digits are to be found."""
        first = self.truth.take(self.truth.sample < self.scenes)
        return self._rows(slice(self.scenes), dataclasses.replace(first, samples=self.scenes))

    def of_single_digits(self) -> DigitSplit:
        """The canvases with a single digit: those that are to be recognised."""
        rest = self.truth.take(self.truth.sample >= self.scenes)
        sample, samples = rest.sample - self.scenes, len(self) - self.scenes
        return self._rows(
            slice(self.scenes, None), dataclasses.replace(rest, sample=sample, samples=samples)
        )

    def with_counts(self) -> DigitSplit:
        """The same canvases, labelled with the number of digits of each class alone."""
        counts = self.target.counts
        return dataclasses.replace(
            self, target=EventTarget(None, self.target.step, known_counts=counts)
        )

    def _rows(self, rows: slice, truth: Points) -> DigitSplit:
        target = dataclasses.replace(self.target, events=self.target.events[rows])
        return DigitSplit(self.inputs[rows], target, truth)


def split_digits(
    digits: Digits, replicate: int, most: int | None = None
) -> tuple[Indices, Indices, Indices]:
    """Digits to train, validate and test with, as indices; no digit is in two parts.

    A published test set is tested, and replicates differ in the digits that validate. Otherwise
    five replicates test each digit once, five more do so after another shuffle.

    Args:
        most: use so many of the digits.

    Raises:
        UsageError: a part would be empty.
    """
    rounds, fold = divmod(replicate, FOLDS)
    if digits.tested:
        draw = np.random.default_rng([0xD2, replicate])
        first = len(digits) - digits.tested
        order, test = draw.permutation(first)[:most], draw.permutation(digits.tested)[:most] + first
    else:
        shuffled = np.random.default_rng([0xD1, rounds]).permutation(len(digits))[:most]
        tested = np.arange(len(shuffled)) % FOLDS == fold
        order, test = shuffled[~tested], shuffled[tested]
    validation, train = np.split(order, [round(VALIDATION * len(order))])
    if not (len(train) and len(validation) and len(test)):
        raise UsageError(f"digits: {len(digits)} digits are too few for three parts")
    return train, validation, test


def compose_splits(
    digits: Digits, replicate: int, layout: Layout, amount: Amount, draws: Sequence[Generator]
) -> Splits:
    """Canvases of each part's own digits; behind those of validation and test, single digits.

    Args:
        draws: for training, validation and test: where digits go, and which.
    """
    parts = split_digits(digits, replicate, amount.digits)
    numbers = (amount.train, amount.test // 2, amount.test)
    made: list[DigitSplit] = []
    for part, n, draw in zip(parts, numbers, draws, strict=True):
        images, labels = digits.images[part], digits.labels[part]
        canvases = compose(draw, images, labels, n, layout)
        if made:
            canvases = joined(canvases, one_each(draw, images, labels, layout))
        truth = Points(
            canvases.canvas, canvases.label, canvases.position, len(canvases.images), CLASSES
        )
        events = events_on_curve(truth, layout.order)
        made.append(
            DigitSplit(
                torch.from_numpy(canvases.images)[:, None],
                EventTarget(events=events, step=float(STEP)),
                truth=truth,
                scenes=n,
                labels=labels,
                images=images if len(made) == 2 else images[:0],
            )
        )
    return Splits(*made)


def events_on_curve(digits: Points, order: int) -> torch.Tensor:
    """``(canvas, class, cell)`` number of digits whose centre lies in each cell of the curve."""
    path = hilbert_curve(order)
    number = np.empty((2**order, 2**order), np.int64)
    number[tuple(path.T)] = np.arange(len(path))
    row, column = np.floor(digits.position / STEP).astype(np.int64).clip(0, 2**order - 1).T
    dense = np.zeros((digits.samples, digits.channels, len(path)), np.float32)
    np.add.at(dense, (digits.sample, digits.channel, number[row, column]), 1.0)
    return torch.from_numpy(dense)


def digits_on_curve(scores: NDArray[Any], lowest: float, order: int) -> Points:
    """Cells whose score ``(canvas, class, cell)`` reaches ``lowest``, at their centres."""
    canvas, digit, cell = np.nonzero(scores >= lowest)
    position = np.asarray((hilbert_curve(order)[cell] + 0.5) * STEP, np.float64)
    score = scores[canvas, digit, cell].astype(np.float64)
    canvases, classes = scores.shape[:2]
    return Points(canvas, digit, position, canvases, classes, score)
