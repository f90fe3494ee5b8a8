"""Rendered boards with their corners, and a view of the camera, as a picture for the documentation.

python benchmarks/checkerboard_picture.py FILE.png
"""

from __future__ import annotations

import sys

import cv2
import numpy as np
from PIL import Image

from tasks.data.images.board_views import render_views
from tasks.data.images.shrinking import shrunk
from tasks.data.images.synthetic_boards import board_picture

BOARDS, ROWS, ZOOM, VIEW = 8, 2, 2, 6
LEVELS = 8
"""Grey values in the picture, so that it stays small."""


def coarse(image: np.ndarray) -> np.ndarray:
    """Few grey values, as colours."""
    step = 256 // LEVELS
    return cv2.cvtColor(image // step * step + step // 2, cv2.COLOR_GRAY2BGR)


def main(path: str) -> None:
    """Rows of boards, their corners marked, and at the right a view shrunk by `VIEW`."""
    draw = np.random.default_rng(12)
    tiles = []
    for _ in range(BOARDS):
        one = board_picture(draw)
        tile = cv2.resize(
            coarse(one.image), None, fx=ZOOM, fy=ZOOM, interpolation=cv2.INTER_NEAREST
        )
        for corner in one.corners:
            cv2.circle(tile, tuple(int(v) for v in corner * ZOOM), 3, (0, 0, 255), 1)
        tiles.append(tile)
    rows = np.split(np.stack(tiles), ROWS)
    boards = np.vstack([np.hstack(list(row)) for row in rows])
    view = coarse(shrunk(render_views(draw, 1)[0], VIEW)[0])
    size = round(view.shape[1] * len(boards) / len(view)), len(boards)
    large = cv2.resize(view, size, interpolation=cv2.INTER_NEAREST)
    picture = Image.fromarray(np.hstack([boards, large])[..., ::-1])
    picture.quantize(LEVELS + 1, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main(sys.argv[1])
