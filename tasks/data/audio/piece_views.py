"""Views of pieces: played faster or slower, and through another equaliser, on features alone.

Neither changes how many onsets a piece holds. The features exist at one playback rate, so that a
view of another speed is interpolated between their bins: the pitch stays, as in time-stretching.
"""

from __future__ import annotations

import functools
import math

import numpy as np
import torch
from torch import Tensor

FASTEST = 1.25
"""Views are up to so many times as fast or as slow, as the thesis's playback rates."""
TILT = 0.25
"""Standard deviation of the equaliser in units of the features: 4.3 dB."""
_KNOTS = 5
"""Bands that the equaliser draws; between them it is linear."""


def drawn_speeds(draw: np.random.Generator, number: int) -> Tensor:
    """``(number,)`` speeds, even in the logarithm from 1 / `FASTEST` to `FASTEST`."""
    reach = math.log(FASTEST)
    return torch.from_numpy(np.exp(draw.uniform(-reach, reach, number))).float()


def played_at(mel: Tensor, start: Tensor, speed: Tensor, bins: int) -> Tensor:
    """Features at other speeds, ``(piece, bins, band)``; the last bin lasts beyond a piece's end.

    Args:
        mel: ``(piece, time, band)``.
        start, speed: ``(piece,)``; bin i of a view shows bin ``start + speed * i`` of the piece.
    """
    pieces, time, _ = mel.shape
    position = start[:, None] + speed[:, None] * torch.arange(bins)
    low = position.floor().long().clamp(max=time - 1)
    weight = (position - low).clamp(0, 1)[..., None]
    first = torch.arange(pieces)[:, None] * time
    flat = mel.flatten(0, 1)
    return torch.lerp(flat[first + low], flat[first + (low + 1).clamp(max=time - 1)], weight)


def equalised(mel: Tensor, draw: np.random.Generator) -> Tensor:
    """Each piece with gains of its own, smooth over bands: ``(piece, time, band)``."""
    gain = torch.from_numpy(draw.standard_normal((len(mel), _KNOTS)).astype(np.float32)) * TILT
    return mel + (gain @ _between(mel.shape[-1]))[:, None]


@functools.cache
def _between(bands: int) -> Tensor:
    """``(knot, band)`` weights of linear interpolation."""
    place = torch.linspace(0, _KNOTS - 1, bands)
    return (1 - (place - torch.arange(_KNOTS)[:, None]).abs()).clamp(min=0)
