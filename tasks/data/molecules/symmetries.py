"""The eight symmetries of a square, of images and of the points in them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from bench.plugin import PointTarget

if TYPE_CHECKING:
    from torch import Tensor


def turned(
    images: Tensor, target: PointTarget, draw: np.random.Generator
) -> tuple[Tensor, PointTarget]:
    """Each of the square ``images (batch, channel, side, side)`` under a random symmetry.

    A point at x is at side - x in a mirrored image: pixel i covers [i, i + 1).
    """
    import torch

    side, choice = images.shape[-1], torch.from_numpy(draw.integers(0, 2, (3, len(images))) == 1)
    position = target.position
    for axis in (0, 1):
        mirrored = choice[axis]
        images = torch.where(mirrored[:, None, None, None], images.flip(axis + 2), images)
        place = position[..., axis]
        along = torch.where(mirrored[:, None], side - place, place)
        other = position[..., 1 - axis]
        position = torch.stack([along, other] if axis == 0 else [other, along], -1)
    swapped = choice[2]
    images = torch.where(swapped[:, None, None, None], images.transpose(2, 3), images)
    position = torch.where(swapped[:, None, None], position.flip(-1), position)
    return images, replace(target, position=position)
