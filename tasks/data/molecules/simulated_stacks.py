"""Stacks of frames with the positions of their molecules: what a microscopy task needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.data.molecules.blinking import blinking
from tasks.data.molecules.camera import Camera

SIDE = 64
"""Pixels of a simulated frame along each side, 6.4 µm, as in the published stacks."""
PER_FIELD = 10
"""Consecutive frames of one structure of filaments."""


@dataclass(frozen=True)
class Stack:
    """Frames of a microscope and the molecules in them.

    Attributes:
        frames: ``(frame, row, column)`` counts.
        frame: ``(molecule,)`` frame of each molecule, from 0.
        position: ``(molecule, 2)`` row and column in pixels; pixel i covers [i, i + 1).
    """

    frames: NDArray[np.uint16]
    frame: NDArray[np.int64]
    position: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.frames)

    def take(self, frames: NDArray[np.int64]) -> Stack:
        """Some frames with their molecules, in this order."""
        place = np.full(len(self.frames), -1)
        place[frames] = np.arange(len(frames))
        kept = place[self.frame] >= 0
        return Stack(self.frames[frames], place[self.frame[kept]], self.position[kept])


def simulated_stack(
    draw: np.random.Generator, frames: int, camera: Camera | None = None, side: int = SIDE
) -> Stack:
    """So many frames, each `PER_FIELD` of a structure of their own."""
    camera = camera or Camera()
    images, owner, position = [], [], []
    for begin in range(0, frames, PER_FIELD):
        count = min(PER_FIELD, frames - begin)
        emitters = blinking(draw, side, count)
        light = camera.expected(draw, emitters, count, side)
        images.append(camera.read(draw, light + camera.uneven_background(draw, side)))
        labelled = emitters.labelled(side)
        owner.append(labelled.frame + begin)
        position.append(labelled.position)
    return Stack(np.concatenate(images), np.concatenate(owner), np.concatenate(position))
