"""Boards as a network sees them."""

from __future__ import annotations

import numpy as np
import torch

from tasks.bases.point_conversions import to_target
from tasks.data.images.board_sets import gather
from tasks.data.images.synthetic_boards import board_picture
from tasks.splits.board_split import BoardSplit, corners_of, padded_points


def test_a_batch_is_pictures_and_their_corners() -> None:
    draw = np.random.default_rng(0)
    pictures = [board_picture(draw) for _ in range(3)]
    boards = gather(pictures)
    split = BoardSplit(boards, to_target(corners_of(boards), 1.0))
    images, target = split.batch(np.array([2, 0]))
    assert images.shape == (2, 1, 96, 96)
    assert -0.5 <= float(images.min()) < float(images.max()) <= 0.5
    torch.testing.assert_close(255 * images[1, 0] + 127.5, torch.tensor(pictures[0].image).float())
    np.testing.assert_allclose(target.position[0][target.mask[0]], pictures[2].corners, rtol=1e-6)


def test_detections_of_a_detector_are_padded_with_score_0() -> None:
    places = np.array([[3.0, 4.0], [5.0, 6.0]])
    found = padded_points([(places, np.array([0.9, 0.4])), (np.empty((0, 2)), np.empty(0))])
    assert found.position[0].tolist() == places.tolist()
    assert found.p[..., 0].sum(1).tolist() == [np.float32(0.9) + np.float32(0.4), 0]
    assert padded_points([(np.empty((0, 2)), np.empty(0))]).p.shape == (1, 1, 1)
