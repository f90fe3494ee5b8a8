"""Symmetries of windows: images and points move together."""

import numpy as np
import torch

from bench.plugin import PointTarget
from tasks.data.molecules.symmetries import turned

SIDE = 12


def lit(position):
    """Images with one pixel lit for each point."""
    images = torch.zeros(len(position), 1, SIDE, SIDE)
    for row, (y, x) in enumerate(position[:, 0].tolist()):
        images[row, 0, int(y), int(x)] = 1.0
    return images


def test_images_and_points_move_together_into_all_eight_symmetries():
    position = torch.tensor([[[2.25, 7.5]]]).repeat(200, 1, 1)
    target = PointTarget(position, torch.ones(200, 1, dtype=torch.bool), grid=(SIDE, SIDE))
    images, moved = turned(lit(position), target, np.random.default_rng(0))
    assert torch.equal(images, lit(moved.position))
    assert len({tuple(place) for place in moved.position[:, 0].tolist()}) == 8
    assert torch.equal(target.position, position)


def test_a_mirrored_point_is_at_the_side_less_its_place():
    target = PointTarget(torch.tensor([[[3.0, 3.0]]] * 64), torch.ones(64, 1, dtype=torch.bool))
    _, moved = turned(torch.zeros(64, 1, SIDE, SIDE), target, np.random.default_rng(1))
    assert set(moved.position.flatten().tolist()) == {3.0, SIDE - 3.0}
