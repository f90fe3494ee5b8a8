"""Sets of pictures: written, read and shrunk."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tasks.data.images.board_sets import at_resolution, gather, read_boards, whole_boards
from tasks.data.images.synthetic_boards import board_picture, empty_picture


def test_what_is_written_is_read(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    pictures = [board_picture(draw), empty_picture(draw), board_picture(draw)]
    made = gather(pictures)
    made.write(tmp_path / "boards.npz")
    read = read_boards(tmp_path / "boards.npz")
    for name, value in vars(made).items():
        np.testing.assert_array_equal(getattr(read, name), value)
    np.testing.assert_array_equal(read.position[read.sample == 2], pictures[2].corners)
    assert not (read.sample == 1).any()
    assert read.pattern[1].tolist() == [0, 0]


def test_views_shrink_with_their_corners() -> None:
    corners = np.arange(24.0).reshape(2, 6, 2)
    views = whole_boards(np.zeros((2, 12, 24), np.uint8), corners, (3, 2))
    small = at_resolution(views, 4)
    assert small.images.shape == (2, 3, 6)
    np.testing.assert_array_equal(small.position.reshape(2, 6, 2), corners / 4)
    assert small.pattern.tolist() == [[3, 2], [3, 2]]
