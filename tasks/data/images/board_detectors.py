"""Corner detectors that learn nothing: OpenCV's two, and the ChESS corners of `chess_corners`.

All take a grey picture and give corners in edge coordinates: pixel i covers ``[i, i + 1)``. OpenCV
and `chess_corners` have the centre of the first pixel at 0, so half a pixel is added.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tasks.data.images.board_geometry import Numbers, spacing

Image = NDArray[np.uint8]
Found = tuple[Numbers, Numbers]
"""Corners ``(n, 2)`` in pixels and scores ``(n,)`` in [0, 1]."""
Detector = Callable[[Image, tuple[int, int]], Found]

WIDEST = 11
"""Half of the window in which the authors refine corners, whatever the resolution."""
_SHARE = 0.4
"""Of the least distance of corners, the most that half of a window may measure: a wider one sees
the next corners."""
_FEWEST = 3
"""Inner corners along a side that OpenCV's detectors ask for."""
_STRENGTH = 100.0
"""Response of a ChESS corner whose score is a half."""


def nothing() -> Found:
    """No corner at all."""
    return np.empty((0, 2)), np.empty(0)


def fitting_window(corners: Numbers, columns: int) -> int:
    """Half of the window in which a corner of the board can be refined alone, in pixels."""
    return int(np.clip(_SHARE * spacing(corners, columns), 1, WIDEST))


def refine(image: Image, corners: Numbers, half: int) -> Numbers:
    """OpenCV's corners at sub-pixel places; those on the border stay as they are."""
    import cv2

    height, width = image.shape
    inside = ((corners > 0.5) & (corners < np.array([width, height]) - 1.5)).all(1)
    start = np.ascontiguousarray(corners[inside], np.float32).reshape(-1, 1, 2)
    refined = corners.copy()
    if len(start):
        stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 30, 1e-3)
        moved = cv2.cornerSubPix(image, start, (half, half), (-1, -1), stop)
        refined[inside] = moved.reshape(-1, 2)
    return refined


def opencv_classic(image: Image, pattern: tuple[int, int], half: int | None = None) -> Found:
    """``cv2.findChessboardCorners`` and ``cv2.cornerSubPix``: a whole board or nothing.

    Args:
        pattern: inner corners along x and y.
        half: half of the window of the refinement; None fits it to the board.
    """
    import cv2

    if min(pattern) < _FEWEST:
        return nothing()
    whole, corners = cv2.findChessboardCorners(image, pattern)
    if not whole:
        return nothing()
    rough = np.asarray(corners, np.float64).reshape(-1, 2)
    half = fitting_window(rough, pattern[0]) if half is None else half
    return refine(image, rough, half) + 0.5, np.ones(len(rough))


def opencv_classic_11(image: Image, pattern: tuple[int, int]) -> Found:
    """`opencv_classic` with the authors' window, at any resolution."""
    return opencv_classic(image, pattern, WIDEST)


def opencv_sectors(image: Image, pattern: tuple[int, int]) -> Found:
    """``cv2.findChessboardCornersSB`` (Duda & Frese 2018), exhaustive and accurate."""
    import cv2

    if min(pattern) < _FEWEST:
        return nothing()
    flags = cv2.CALIB_CB_EXHAUSTIVE | cv2.CALIB_CB_ACCURACY
    whole, corners = cv2.findChessboardCornersSB(image, pattern, flags=flags)
    if not whole:
        return nothing()
    return np.asarray(corners, np.float64).reshape(-1, 2) + 0.5, np.ones(len(corners))


def chess_corners(image: Image, pattern: tuple[int, int]) -> Found:
    """Corners by their ChESS response (Bennett & Lasenby 2014), without a board."""
    from chess_corners import Detector

    found = Detector().detect(np.ascontiguousarray(image))
    response = np.maximum(np.asarray(found.response, np.float64), 0.0)
    places = np.asarray(found.xy, np.float64).reshape(-1, 2) + 0.5
    return places, response / (response + _STRENGTH)


DETECTORS: dict[str, Detector] = {
    "opencv_classic": opencv_classic,
    "opencv_classic_11": opencv_classic_11,
    "opencv_sectors": opencv_sectors,
    "chess_corners": chess_corners,
}
"""By the name of the method without training that shows them."""
