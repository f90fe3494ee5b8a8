"""Pictures of boards with their corners, in memory and in files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tasks.data.images.board_geometry import Numbers
from tasks.data.images.shrinking import shrunk
from tasks.data.images.synthetic_boards import BoardPicture


@dataclass(frozen=True)
class BoardSet:
    """Pictures of one size.

    Attributes:
        images: ``(n, height, width)`` grey values.
        sample: ``(m,)`` picture of each corner.
        position: ``(m, 2)`` corners of all pictures, px, in the order of the boards: row by row.
        pattern: ``(n, 2)`` inner corners along x and y of each board; zeros without a board.
        occluded: ``(n,)`` whether something lies in front of the board.
    """

    images: NDArray[np.uint8]
    sample: NDArray[np.int64]
    position: Numbers
    pattern: NDArray[np.int64]
    occluded: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.images)

    def write(self, path: Path) -> None:
        """One file, ``.npz``."""
        np.savez(
            path,
            images=self.images,
            sample=self.sample,
            position=self.position,
            pattern=self.pattern,
            occluded=self.occluded,
        )


def read_boards(path: Path) -> BoardSet:
    """What `BoardSet.write` wrote."""
    with np.load(path) as file:
        return BoardSet(**{name: file[name] for name in file.files})


def gather(pictures: Sequence[BoardPicture]) -> BoardSet:
    """Drawn pictures as a set."""
    counts = [len(picture.corners) for picture in pictures]
    return BoardSet(
        np.stack([picture.image for picture in pictures]),
        np.repeat(np.arange(len(pictures)), counts),
        np.concatenate([picture.corners for picture in pictures]),
        np.array([picture.pattern for picture in pictures], np.int64),
        np.array([picture.occluded for picture in pictures]),
    )


def whole_boards(images: NDArray[np.uint8], corners: Numbers, pattern: tuple[int, int]) -> BoardSet:
    """Views of one board, all of whose corners ``(view, corner, 2)`` are known."""
    views, each = corners.shape[:2]
    return BoardSet(
        images,
        np.repeat(np.arange(views), each),
        corners.reshape(-1, 2),
        np.tile(np.array(pattern, np.int64), (views, 1)),
        np.zeros(views, bool),
    )


def at_resolution(boards: BoardSet, factor: int) -> BoardSet:
    """Pictures shrunk by ``factor``, corners with them."""
    images = shrunk(boards.images, factor)
    return replace(boards, images=images, position=boards.position / factor)
