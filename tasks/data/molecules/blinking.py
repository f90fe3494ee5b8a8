"""Molecules that blink: each shines for about a frame, and its light is shared among frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.data.molecules.filaments import MARGIN, sites

Numbers = NDArray[np.float64]
Indices = NDArray[np.int64]

DENSITY = 5.5
"""Molecules per µm² and frame: that of the EPFL challenge's bundled tubulins."""
LENGTH = 10.0
"""Pixels of filament per µm² of the field: 225 molecules on 41 µm."""
PHOTONS = 2250.0
"""A frame of a molecule that shines throughout: the middle of Deep-STORM's training data."""
SPREAD = 0.3
"""Standard deviation of the logarithm of its brightness."""
LASTS = 1.0
"""Frames that a molecule shines for, on average (exponentially distributed)."""
FAINTEST = 250.0
"""Photons in a frame below which a molecule is light of the background and not labelled."""


@dataclass(frozen=True)
class Emitters:
    """Molecules that shine in some frames, one row for each of them and each frame.

    Attributes:
        frame: ``(n,)`` from 0.
        position: ``(n, 2)`` row and column in pixels: pixel i covers [i, i + 1).
        photons: ``(n,)`` that reach the camera in this frame, on average.
    """

    frame: Indices
    position: Numbers
    photons: Numbers

    def __len__(self) -> int:
        return len(self.frame)

    def take(self, which: NDArray[np.bool_]) -> Emitters:
        """Those that a mask chooses."""
        return Emitters(self.frame[which], self.position[which], self.photons[which])

    def labelled(self, side: int) -> Emitters:
        """Those within a square field that are not too faint."""
        within = ((self.position >= 0) & (self.position < side)).all(1)
        return self.take(within & (self.photons >= FAINTEST))


def blinking(draw: np.random.Generator, side: int, frames: int) -> Emitters:
    """Molecules of one structure of filaments in consecutive frames, those around the field too.

    Args:
        side: of the square field, in pixels of 100 nm.
    """
    area = ((side + 2 * MARGIN) / 10) ** 2  # µm²
    # Where molecules shine for Exp(1) frames, each is labelled in 1.8 of them on average.
    activations = draw.poisson(area * DENSITY * (frames + 4) / 1.8)
    place = sites(draw, side, LENGTH * (side / 10) ** 2, activations)
    begin = draw.uniform(-4, frames, activations)
    end = begin + draw.exponential(LASTS, activations)
    bright = PHOTONS * np.exp(SPREAD * draw.standard_normal(activations))
    first = np.floor(begin).astype(np.int64)
    number = np.ceil(end).astype(np.int64) - first
    row = np.repeat(np.arange(activations), number)
    frame = first[row] + np.arange(len(row)) - np.repeat(np.cumsum(number) - number, number)
    share = np.minimum(end[row], frame + 1) - np.maximum(begin[row], frame)
    seen = (frame >= 0) & (frame < frames)
    return Emitters(frame[seen], place[row[seen]], (bright[row] * share)[seen])
