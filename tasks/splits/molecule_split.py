"""Frames of a microscope as samples: windows of them to train, whole ones to evaluate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bench.plugin import PointTarget
from tasks.data.molecules.simulated_stacks import Stack
from tasks.metrics.point_lists import Points

if TYPE_CHECKING:
    from torch import Tensor

PIXEL = 100.0
"""Side of a pixel in nm."""
FEWEST = 7
"""Molecules in a window to train on; those with fewer are left out, as in Deep-STORM's code."""

Indices = NDArray[np.int64]
ToTarget = Callable[[Points], PointTarget]
"""From molecules in nm to labels in pixels."""


@dataclass(frozen=True)
class Scale:
    """Mean and standard deviation of images that each span [0, 1], averaged over training."""

    mean: float
    sd: float

    @staticmethod
    def of(images: NDArray[np.float32]) -> Scale:
        """Of training images ``(sample, side, side)``."""
        spread = stretched(images)
        return Scale(float(spread.mean((1, 2)).mean()), float(spread.std((1, 2)).mean()))


def stretched(images: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each image ``(sample, side, side)`` between its own least and largest value: [0, 1]."""
    low, high = images.min((1, 2), keepdims=True), images.max((1, 2), keepdims=True)
    return np.asarray((images - low) / np.maximum(high - low, 1.0))


@dataclass(frozen=True)
class MoleculeSplit:
    """Square windows of frames with the molecules in them.

    Attributes:
        frames: ``(frame, row, column)`` counts.
        corner: ``(sample, 3)`` frame, first row and first column of each sample.
        side: of each sample, in pixels.
        scale: of the training data.
        truth: molecules in nm from the corner of their sample.
        notes: on how the data were read.
    """

    frames: NDArray[np.uint16]
    corner: Indices
    side: int
    scale: Scale
    truth: Points
    target: PointTarget
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.corner)

    def images(self, rows: Indices | slice = slice(None)) -> NDArray[np.float32]:
        """Counts ``(sample, side, side)``."""
        frame, row, column = self.corner[rows].T[:, :, None, None]
        along = np.arange(self.side)
        chosen = self.frames[frame, row + along[:, None], column + along]
        return np.asarray(chosen, np.float32)

    def batch(
        self, rows: Indices, draw: np.random.Generator | None = None
    ) -> tuple[Tensor, PointTarget]:
        """Images ``(batch, 1, side, side)`` on the training data's scale, and their molecules."""
        import torch

        images = (stretched(self.images(rows)) - self.scale.mean) / self.scale.sd
        chosen = torch.as_tensor(rows)
        own = replace(
            self.target, position=self.target.position[chosen], mask=self.target.mask[chosen]
        )
        return torch.from_numpy(images[:, None]), own


def windows(stack: Stack, draw: np.random.Generator, per_frame: int, side: int) -> Indices:
    """Corners ``(window, 3)`` of windows anywhere in each frame that hold enough molecules.

    Raises:
        ValueError: no window does.
    """
    height, width = stack.frames.shape[1:]
    frame = np.repeat(np.arange(len(stack)), per_frame)
    rows = draw.integers(0, height - side + 1, len(frame))
    columns = draw.integers(0, width - side + 1, len(frame))
    corner = np.stack([frame, rows, columns], 1)
    counts = np.bincount(molecules(stack, corner, side).sample, minlength=len(corner))
    if not (counts >= FEWEST).any():
        raise ValueError(f"no window of {side} pixels holds {FEWEST} molecules")
    return corner[counts >= FEWEST]


def molecules(stack: Stack, corner: Indices, side: int) -> Points:
    """Molecules of each window, in nm from its corner."""
    order = np.argsort(stack.frame, kind="stable")
    bounds = np.searchsorted(stack.frame[order], np.arange(len(stack) + 1))
    sample, place = [np.empty(0, np.int64)], [np.empty((0, 2))]
    for frame in np.unique(corner[:, 0]):
        own = stack.position[order[bounds[frame] : bounds[frame + 1]]]
        those = np.flatnonzero(corner[:, 0] == frame)
        offset = own[None] - corner[those, None, 1:]
        window, molecule = np.nonzero(((offset >= 0) & (offset < side)).all(2))
        sample.append(those[window])
        place.append(offset[window, molecule] * PIXEL)
    found = np.concatenate(sample)
    return Points(found, np.zeros_like(found), np.concatenate(place), len(corner))


def molecule_split(
    stack: Stack,
    corner: Indices,
    side: int,
    scale: Scale | None,
    target: ToTarget,
    notes: tuple[str, ...] = (),
) -> MoleculeSplit:
    """Samples at ``corner``; without a ``scale`` they are the training data that give it."""
    truth = molecules(stack, corner, side)
    labels = replace(target(truth), grid=(side, side))
    made = MoleculeSplit(stack.frames, corner, side, Scale(0.0, 1.0), truth, labels, notes)
    return replace(made, scale=scale or Scale.of(made.images()))


def whole_frames(
    stack: Stack, scale: Scale, target: ToTarget, notes: tuple[str, ...] = ()
) -> MoleculeSplit:
    """Each frame as it is."""
    corner = np.zeros((len(stack), 3), np.int64)
    corner[:, 0] = np.arange(len(stack))
    return molecule_split(stack, corner, stack.frames.shape[1], scale, target, notes)
