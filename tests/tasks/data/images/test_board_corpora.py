"""Worlds of boards."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tasks.data.images.board_corpora import RenderedBoards
from tasks.data.images.board_sets import read_boards


def test_worlds_differ_and_are_the_same_when_made_again(tmp_path: Path) -> None:
    corpus = RenderedBoards((8, 2, 2, 1))
    for name, world in (("first", 0), ("again", 0), ("other", 1)):
        (tmp_path / name).mkdir()
        corpus.write(tmp_path / name, world)
    for part in ("train", "validation", "test", "views"):
        first, again, other = (
            read_boards(tmp_path / name / f"{part}.npz") for name in ("first", "again", "other")
        )
        np.testing.assert_array_equal(first.images, again.images)
        assert not np.array_equal(first.images, other.images)
    train = read_boards(tmp_path / "first" / "train.npz")
    assert (train.pattern == 0).all(1).tolist() == [False] * 6 + [True] * 2
    assert corpus.key() != RenderedBoards((8, 2, 2, 2)).key()
