"""Pictures of boards of random size, colour and texture under the transformations of thesis C.2.2.

Between one and eight of the eight transformations, in equal shares, are applied to a board:
blurring, lighting, sharpening, contrast change, scaling, distortion, perspective and rotation.
Corners go through the same exact maps as the board.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.data.images.board_geometry import Lens, Numbers, Projection, inner_corners, spacing
from tasks.data.images.board_picture import Board, Exposure, Occluder, expose, paint
from tasks.data.images.board_surfaces import Picture, background, texture

SIDE = 96
"""Pixels of a picture along each axis."""
TRANSFORMATIONS = (
    "blurring", "lighting", "sharpening", "contrast", "scaling", "distortion", "perspective",
    "rotation",
)  # fmt: skip
INNER = 3, 6
"""Least number of inner corners along a side, and one more than the most."""
OCCLUDED = 0.25
"""Share of the boards with something in front of them."""
_BORDER, _LEAST_SPACING = 3.0, 5.0


@dataclass(frozen=True)
class BoardPicture:
    """A picture with what is known of it.

    Attributes:
        image: ``(height, width)``.
        corners: ``(n, 2)`` inner corners that can be seen, px.
        pattern: inner corners along x and along y of the board; zeros without a board.
        occluded: whether something lies in front of the board.
    """

    image: NDArray[np.uint8]
    corners: Numbers
    pattern: tuple[int, int]
    occluded: bool


def board_picture(draw: np.random.Generator, side: int = SIDE) -> BoardPicture:
    """One board before a background."""
    shape = side, side
    count = int(draw.integers(1, len(TRANSFORMATIONS) + 1))
    chosen = set(draw.choice(TRANSFORMATIONS, count, replace=False).tolist())
    columns, rows = (int(number) for number in draw.integers(*INNER, 2))
    white = float(draw.uniform(130, 255))
    board = Board(
        columns,
        rows,
        white,
        float(draw.uniform(0, white - 70)),
        float(draw.uniform(0.4, 1.2)),
        bool(draw.random() < 0.5),
        texture(draw, shape) if draw.random() < 0.5 else None,
    )
    projection = _projection(draw, columns, rows, chosen, side)
    corners = projection.seen(inner_corners(columns, rows))
    occluder = _occluder(draw, corners) if draw.random() < OCCLUDED else None
    picture = paint(board, projection, background(draw, shape), occluder)
    image = expose(picture, _exposure(draw, chosen, shape), draw)
    seen = corners if occluder is None else corners[~occluder.hides(corners)]
    return BoardPicture(image, seen, (columns, rows), occluder is not None)


def empty_picture(draw: np.random.Generator, side: int = SIDE) -> BoardPicture:
    """A background alone."""
    shape = side, side
    count = int(draw.integers(1, len(TRANSFORMATIONS) + 1))
    chosen = set(draw.choice(TRANSFORMATIONS, count, replace=False).tolist())
    image = expose(background(draw, shape), _exposure(draw, chosen, shape), draw)
    return BoardPicture(image, np.empty((0, 2)), (0, 0), False)


def light(draw: np.random.Generator, shape: tuple[int, int], most: float) -> Picture:
    """A factor that changes over the picture: from one side to another, or from a spot outwards."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32) / max(shape)
    strength = draw.uniform(0.2, most)
    if draw.random() < 0.5:
        angle = draw.uniform(0, 2 * np.pi)
        way = np.cos(angle) * (x - x.mean()) + np.sin(angle) * (y - y.mean())
        return np.asarray(1 + strength * way, np.float32)
    spot = draw.uniform(0, 1, 2)
    away = (x - spot[0]) ** 2 + (y - spot[1]) ** 2
    return np.asarray(1 - strength / 2 + strength * np.exp(-away / 0.15), np.float32)


def _projection(
    draw: np.random.Generator, columns: int, rows: int, chosen: Set[str], side: int
) -> Projection:
    """A place for the board with all corners in the picture, and not too close to each other."""
    while True:
        made = _drawn_projection(draw, columns, rows, chosen, side)
        corners = made.seen(inner_corners(columns, rows))
        inside = ((corners > _BORDER) & (corners < side - _BORDER)).all()
        if inside and made.lens.grows and spacing(corners, columns) > _LEAST_SPACING:
            return made


def _drawn_projection(
    draw: np.random.Generator, columns: int, rows: int, chosen: Set[str], side: int
) -> Projection:
    size = np.array([columns + 1, rows + 1], float)
    square = side / (size.max() + 1.0) * draw.uniform(0.8, 1.0)
    if "scaling" in chosen:
        square *= draw.uniform(0.6, 1.0)
    to_middle = np.array([[1, 0, -size[0] / 2], [0, 1, -size[1] / 2], [0, 0, 1]])
    tilt = np.eye(3)
    if "perspective" in chosen:
        tilt[2, :2] = draw.uniform(-0.7, 0.7, 2) / size.max()
    angle = draw.uniform(-np.pi, np.pi) if "rotation" in chosen else 0.0
    cos, sin = square * np.cos(angle), square * np.sin(angle)
    place = side / 2 + draw.uniform(-0.12, 0.12, 2) * side
    turn = np.array([[cos, -sin, place[0]], [sin, cos, place[1]], [0, 0, 1]])
    bend = draw.uniform(-0.12, 0.16) if "distortion" in chosen else 0.0
    lens = Lens(np.full(2, side / 2) + draw.uniform(-5, 5, 2), side / 2, float(bend))
    return Projection(turn @ tilt @ to_middle, lens)


def _occluder(draw: np.random.Generator, corners: Numbers) -> Occluder:
    """A disc or a bar over one of the corners."""
    place = corners[int(draw.integers(len(corners)))] + draw.normal(0, 1.5, 2)
    angle = draw.uniform(0, 2 * np.pi)
    bar = draw.random() < 0.5
    direction = np.array([np.cos(angle), np.sin(angle)]) if bar else np.zeros(2)
    radius, colour = draw.uniform(2, 4) if bar else draw.uniform(3, 8), draw.uniform(0, 255)
    return Occluder(place, float(radius), float(colour), direction)


def _exposure(draw: np.random.Generator, chosen: Set[str], shape: tuple[int, int]) -> Exposure:
    return Exposure(
        blur=float(draw.uniform(0.4, 1.6)) if "blurring" in chosen else 0.0,
        light=light(draw, shape, 1.2) if "lighting" in chosen else None,
        sharpening=float(draw.uniform(0.3, 1.5)) if "sharpening" in chosen else 0.0,
        contrast=float(draw.uniform(0.2, 1.0)) if "contrast" in chosen else 1.0,
        brightness=float(draw.uniform(-50, 50)) if "contrast" in chosen else 0.0,
        noise=float(draw.uniform(1, 14)),
    )
