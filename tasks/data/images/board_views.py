"""Photographs of one board by one camera, as for its calibration, with exact corners."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tasks.data.images.board_geometry import Lens, Numbers, Projection, inner_corners, spacing
from tasks.data.images.board_picture import Board, Exposure, expose, paint
from tasks.data.images.board_surfaces import background, texture
from tasks.data.images.synthetic_boards import light

HEIGHT, WIDTH = 480, 600
PATTERN = 9, 6
"""Inner corners along x and y."""
_BORDER, _LEAST_SPACING = 12.0, 30.0


def render_views(draw: np.random.Generator, count: int) -> tuple[NDArray[np.uint8], Numbers]:
    """``(view, height, width)`` photographs and ``(view, corner, 2)`` corners, row by row."""
    lens = Lens(
        np.array([WIDTH, HEIGHT]) / 2 + draw.uniform(-8, 8, 2),
        float(draw.uniform(0.9, 1.2)) * WIDTH,
        float(draw.uniform(-0.25, -0.05)),
        float(draw.uniform(0.0, 0.08)),
        reach=0.8,
    )
    shape = HEIGHT, WIDTH
    white = float(draw.uniform(190, 245))
    surface = texture(draw, shape) ** 0.5
    board = Board(*PATTERN, white, float(draw.uniform(10, 60)), 0.8, texture=surface)
    images, corners = [], []
    for _ in range(count):
        projection = _posed(draw, lens)
        picture = paint(board, projection, background(draw, shape))
        exposure = Exposure(
            blur=float(draw.uniform(0.5, 1.2)),
            light=light(draw, shape, 0.9),
            contrast=float(draw.uniform(0.5, 1.0)),
            brightness=float(draw.uniform(-25, 25)),
            noise=float(draw.uniform(2, 8)),
        )
        images.append(expose(picture, exposure, draw))
        corners.append(projection.seen(inner_corners(*PATTERN)))
    return np.stack(images), np.stack(corners)


def _posed(draw: np.random.Generator, lens: Lens) -> Projection:
    """The board somewhere before the camera, turned and tilted, all of its corners in view."""
    columns, rows = PATTERN
    camera = np.array([[lens.focal, 0, lens.centre[0]], [0, lens.focal, lens.centre[1]], [0, 0, 1]])
    while True:
        turn = _rotation(draw.uniform(-0.55, 0.55), draw.uniform(-0.55, 0.55), draw.normal(0, 0.12))
        distance = lens.focal / draw.uniform(38.0, 52.0)  # of the middle, in squares
        aside = draw.uniform(-1.2, 1.2, 2)
        middle = np.array([(columns + 1) / 2, (rows + 1) / 2, 0.0])
        move = np.array([*aside, distance]) - turn @ middle
        projection = Projection(camera @ np.column_stack([turn[:, 0], turn[:, 1], move]), lens)
        corners = projection.seen(inner_corners(columns, rows))
        limit = np.array([WIDTH, HEIGHT]) - _BORDER
        inside = ((corners > _BORDER) & (corners < limit)).all()
        if inside and spacing(corners, columns) > _LEAST_SPACING:
            return projection


def _rotation(about_x: float, about_y: float, about_z: float) -> Numbers:
    (cx, sx), (cy, sy), (cz, sz) = ((np.cos(a), np.sin(a)) for a in (about_x, about_y, about_z))
    x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    return np.asarray(z @ y @ x)
