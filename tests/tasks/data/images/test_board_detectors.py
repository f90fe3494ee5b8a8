"""Classical detectors on an easy view, and what each of them is told."""

from __future__ import annotations

import numpy as np
import pytest

from tasks.data.images.board_detectors import DETECTORS, WIDEST, fitting_window, refine
from tasks.data.images.board_geometry import inner_corners
from tasks.data.images.board_views import PATTERN, render_views


@pytest.fixture(scope="module")
def view() -> tuple[np.ndarray, np.ndarray]:
    images, corners = render_views(np.random.default_rng(5), 1)
    return images[0], corners[0]


@pytest.mark.parametrize("name", DETECTORS)
def test_each_finds_the_corners_in_our_coordinates(
    view: tuple[np.ndarray, np.ndarray], name: str
) -> None:
    image, corners = view
    found, score = DETECTORS[name](image, PATTERN)
    assert found.shape == (len(score), 2)  # whatever shape a version of OpenCV gives: T6
    assert ((score >= 0) & (score <= 1)).all()
    away = found[None] - corners[:, None]
    nearest = np.linalg.norm(away, axis=-1).argmin(1)
    error = away[np.arange(len(corners)), nearest]
    assert np.linalg.norm(error, axis=1).max() < 1.0
    np.testing.assert_allclose(error.mean(0), 0.0, atol=0.06)


def test_detectors_of_boards_give_up_without_one(view: tuple[np.ndarray, np.ndarray]) -> None:
    empty = np.full((96, 96), 128, np.uint8)
    for detect in DETECTORS.values():
        places, score = detect(empty, (4, 4))
        assert places.shape == (0, 2)
        assert score.shape == (0,)
    for name in ("opencv_classic", "opencv_sectors"):
        assert len(DETECTORS[name](view[0], (0, 0))[0]) == 0  # pictures without a board say so


@pytest.mark.parametrize("square", [5.0, 12.0, 60.0])
def test_the_window_sees_no_other_corner(square: float) -> None:
    """The trap T2: half of the window is at most 0.4 of the distance to the next corner."""
    half = fitting_window(square * inner_corners(5, 4), 5)
    assert 1 <= half <= min(0.4 * square, WIDEST)


def test_corners_on_the_border_stay(view: tuple[np.ndarray, np.ndarray]) -> None:
    image = view[0]
    height, width = image.shape
    border = np.array([[width - 0.4, 50.0], [0.2, 0.2], [100.0, height - 1.2]])
    np.testing.assert_array_equal(refine(image, border, 5), border)
