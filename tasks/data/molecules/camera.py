"""What a camera makes of light: point spread, photons, gain, offset and read noise.

Levels are those measured on the published stacks of Deep-STORM's first demonstration: offset 100
counts, 2 counts a photon, a variance of twice what photons alone would have.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.data.molecules.blinking import Emitters

Numbers = NDArray[np.float64]

WIDEST = 65535


@dataclass(frozen=True)
class Camera:
    """A camera behind a microscope.

    Attributes:
        spread: lowest and highest standard deviation of a molecule's image, in pixels.
        background: photons per pixel and frame, on average over the field.
        unevenness: how far the background departs from it, as a share of it.
        gain: counts per photon; electrons are multiplied at random, which doubles the variance.
        offset: counts of a pixel without light.
        read_noise: standard deviation, in counts.
    """

    spread: tuple[float, float] = (1.06, 1.15)
    background: float = 18.0
    unevenness: float = 0.4
    gain: float = 2.0
    offset: float = 100.0
    read_noise: float = 3.0

    def expected(
        self, draw: np.random.Generator, emitters: Emitters, frames: int, side: int
    ) -> Numbers:
        """Photons ``(frames, side, side)`` that molecules send, on average."""
        from scipy.special import ndtr

        width = draw.uniform(*self.spread, len(emitters))
        edges = np.arange(side + 1)
        below = ndtr((edges - emitters.position[..., None]) / width[:, None, None])
        along = np.diff(below, axis=-1)  # (emitter, axis, pixel): light integrated over pixels
        light = np.zeros((frames, side, side))
        bounds = np.searchsorted(np.sort(emitters.frame), np.arange(frames + 1))
        order = np.argsort(emitters.frame, kind="stable")
        for frame in range(frames):
            own = order[bounds[frame] : bounds[frame + 1]]
            bright = emitters.photons[own, None] * along[own, 0]
            light[frame] = bright.T @ along[own, 1]
        return light

    def uneven_background(self, draw: np.random.Generator, side: int) -> Numbers:
        """Photons ``(side, side)`` of out-of-focus light, which changes slowly over the field."""
        place = (np.arange(side) + 0.5) / side
        waves = np.zeros((side, side))
        for _ in range(3):
            row, column, phase = *draw.uniform(-1.5, 1.5, 2), draw.uniform(0, 2 * np.pi)
            angle = 2 * np.pi * (row * place[:, None] + column * place) + phase
            waves += np.cos(angle) / 3
        return self.background * (1 + self.unevenness * waves)

    def read(self, draw: np.random.Generator, light: Numbers) -> NDArray[np.uint16]:
        """Counts that the camera gives for ``light``, photons expected in each pixel."""
        photons = draw.poisson(np.clip(light, 0, None))
        electrons = draw.gamma(photons, self.gain)  # 0 where there is none
        counts = electrons + self.offset + self.read_noise * draw.standard_normal(light.shape)
        return np.clip(np.rint(counts), 0, WIDEST).astype(np.uint16)
