"""Crops of photographs as affine maps, where pixel i covers [i, i + 1) and positions are (x, y)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.plugin import UsageError

Floats = NDArray[np.float64]


def crop_map(
    centre: Floats,
    height: float,
    shape: tuple[int, int],
    angle: float = 0.0,
    flipped: bool = False,
) -> Floats:
    """``(2, 3)`` map of positions in a photograph to those in its crop.

    Args:
        centre: ``(x, y)`` that comes to the middle of the crop.
        height: pixels of the photograph that the crop is high.
        shape: ``(height, width)`` of the crop in pixels.
        angle: radians that the crop is turned by, clockwise as seen.
        flipped: whether left and right are exchanged.
    """
    cos, sin = np.cos(angle), np.sin(angle)
    linear = shape[0] / height * np.array([[cos, -sin], [sin, cos]])
    if flipped:
        linear[0] *= -1
    middle = np.array(shape[::-1]) / 2
    return np.column_stack([linear, middle - linear @ centre])


def mapped(position: Floats, matrix: Floats) -> Floats:
    """Positions ``(…, 2)`` under a map ``(2, 3)``."""
    return np.asarray(position @ matrix[:, :2].T + matrix[:, 2])


def inverse(matrix: Floats) -> Floats:
    """The map back."""
    linear = np.linalg.inv(matrix[:, :2])
    return np.column_stack([linear, -linear @ matrix[:, 2]])


def read_photograph(path: Path) -> NDArray[np.uint8]:
    """Colours ``(height, width, 3)``, red first, as stored: a note on rotation is not followed.

    Raises:
        UsageError: the file is missing or no image.
    """
    import cv2

    image = cv2.imread(str(path), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    if image is None:
        raise UsageError(f"'{path}' is missing or cannot be read as an image")
    return np.asarray(image[..., ::-1], np.uint8)


def cropped(
    photograph: NDArray[np.uint8], matrix: Floats, shape: tuple[int, int]
) -> NDArray[np.uint8]:
    """The crop ``(height, width, 3)``, black where it reaches beyond the photograph.

    OpenCV has the centre of the first pixel at 0, the map has it at .5.
    """
    import cv2

    shifted = matrix.copy()
    shifted[:, 2] += matrix[:, :2] @ np.array([0.5, 0.5]) - 0.5
    return np.asarray(
        cv2.warpAffine(np.ascontiguousarray(photograph), shifted, shape[::-1]), np.uint8
    )
