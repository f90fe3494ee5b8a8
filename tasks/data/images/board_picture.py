"""One picture of a board: painted exactly, then blurred, lit, sharpened and photographed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.data.images.board_geometry import Numbers, Projection, pixel_grid
from tasks.data.images.board_surfaces import Picture

HIDING = 2.0
"""Pixels from a thing in front of a board within which a corner counts as hidden."""


@dataclass(frozen=True)
class Board:
    """Size and colours of a board.

    Attributes:
        columns, rows: inner corners.
        white, black: grey values.
        margin: white around the pattern, in squares.
        inverted: whether the square in the first corner is white.
        texture: ``(height, width)`` factor in the picture, or None.
    """

    columns: int
    rows: int
    white: float
    black: float
    margin: float
    inverted: bool = False
    texture: Picture | None = None


@dataclass(frozen=True)
class Exposure:
    """What happens to the light between board and file; zeros leave it as it is.

    Attributes:
        blur: standard deviation of the Gaussian blur, px.
        light: ``(height, width)`` factor, or None.
        sharpening: amount of the unsharp mask of width 1 px.
        contrast, brightness: factor about 127.5, and what is added.
        noise: standard deviation of the noise, grey values.
    """

    blur: float = 0.0
    light: Picture | None = None
    sharpening: float = 0.0
    contrast: float = 1.0
    brightness: float = 0.0
    noise: float = 0.0


@dataclass(frozen=True)
class Occluder:
    """A disc, or a bar of half the width, in front of the board.

    Attributes:
        place: ``(2,)`` its middle, px.
        direction: ``(2,)`` unit vector along a bar; zero of a disc.
    """

    place: Numbers
    radius: float
    colour: float
    direction: Numbers

    def distance(self, points: Numbers) -> Numbers:
        """Of points ``(…, 2)`` from its border, negative inside, px."""
        away = points - self.place
        along = np.maximum(away @ self.direction, 0.0)[..., None]  # a bar goes on in one direction
        return np.asarray(np.linalg.norm(away - along * self.direction, axis=-1) - self.radius)

    def hides(self, corners: Numbers) -> NDArray[np.bool_]:
        """Which of ``(n, 2)`` corners it covers, or comes too near to."""
        return np.asarray(self.distance(corners) < HIDING)


def paint(
    board: Board,
    projection: Projection,
    behind: Picture,
    occluder: Occluder | None = None,
) -> Picture:
    """The board before ``behind``, ``(height, width)`` grey values; nothing is out of focus.

    An edge through a pixel is a ramp as wide as the pixel, so that a pixel is the mean of what it
    covers, up to the shape of its corners, and symmetric about each corner of the board.
    """
    pixels = pixel_grid(*behind.shape)
    place = projection.shown(pixels).astype(np.float32)
    columns, rows = board.columns + 1, board.rows + 1
    footprint = [_footprint(place[..., axis]) for axis in (0, 1)]
    pattern = np.ones_like(place[..., 0])
    for axis, size in ((0, columns), (1, rows)):
        pattern *= _checker(place[..., axis], footprint[axis], size)
    bright = (pattern + 1) / 2 if board.inverted else (1 - pattern) / 2
    inside = np.ones_like(bright)
    around = np.ones_like(bright)
    for axis, size in ((0, columns), (1, rows)):
        away = np.abs(place[..., axis] - size / 2) - size / 2
        inside *= _below(away, footprint[axis])
        around *= _below(away - board.margin, footprint[axis])
    bright = 1 + inside * (bright - 1)
    colour = board.black + (board.white - board.black) * bright
    if board.texture is not None:
        colour = colour * board.texture
    picture = behind + around * (colour - behind)
    if occluder is not None:
        hidden = np.clip(0.5 - occluder.distance(pixels), 0, 1).astype(np.float32)
        picture = picture + hidden * (occluder.colour - picture)
    return np.asarray(picture, np.float32)


def expose(picture: Picture, exposure: Exposure, draw: np.random.Generator) -> NDArray[np.uint8]:
    """The picture as a file: eight bits, clipped at both ends."""
    import cv2

    if exposure.light is not None:
        picture = picture * exposure.light
    if exposure.blur:
        picture = cv2.GaussianBlur(picture, (0, 0), exposure.blur)  # type: ignore[assignment]
    picture = 127.5 + exposure.contrast * (picture - 127.5) + exposure.brightness
    picture = picture + exposure.noise * draw.standard_normal(picture.shape, np.float32)
    if exposure.sharpening:
        picture = picture + exposure.sharpening * (picture - cv2.GaussianBlur(picture, (0, 0), 1.0))
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def _footprint(coordinate: Picture) -> Picture:
    """Half of what a pixel covers along a coordinate of the board."""
    down, across = np.gradient(coordinate)
    return np.asarray(np.maximum(0.5 * np.hypot(down, across), 1e-6), np.float32)


def _checker(coordinate: Picture, footprint: Picture, size: int) -> Picture:
    """-1 and 1 in turn from one whole number to the next, ramps of the footprint between.

    The first and the last square go on beyond 0 and ``size``.
    """
    line = np.clip(np.rint(coordinate), 1, size - 1)
    sign = 1 - 2 * np.mod(line, 2)
    return np.asarray(sign * np.clip((coordinate - line) / footprint, -1, 1), np.float32)


def _below(distance: Picture, footprint: Picture) -> Picture:
    """1 where a distance is negative, 0 where it is positive, a ramp between."""
    return np.asarray(np.clip(0.5 - 0.5 * distance / footprint, 0, 1), np.float32)
