"""Painted boards: corners where they are said to be, and things in front of them."""

from __future__ import annotations

import numpy as np
import pytest

from tasks.data.images.board_detectors import opencv_classic
from tasks.data.images.board_geometry import Lens, Projection, inner_corners
from tasks.data.images.board_picture import Board, Exposure, Occluder, expose, paint

COLUMNS, ROWS = 6, 5
FLAT = Lens(np.array([80.0, 80.0]), 80.0)


def painted(plane: np.ndarray, lens: Lens = FLAT, occluder: Occluder | None = None) -> np.ndarray:
    board = Board(COLUMNS, ROWS, 220.0, 20.0, 0.8)
    behind = np.full((160, 170), 128, np.float32)
    picture = paint(board, Projection(plane, lens), behind, occluder)
    return expose(picture, Exposure(blur=0.7), np.random.default_rng(0))


def upright(x: float, y: float, square: float = 17.3) -> np.ndarray:
    return np.array([[square, 0, x - square], [0, square, y - square], [0, 0, 1.0]])


def matched(found: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Found minus true, of each found corner the nearest."""
    away = found[:, None] - truth[None]
    nearest = np.linalg.norm(away, axis=-1).argmin(1)
    assert len(set(nearest.tolist())) == len(truth)
    return away[np.arange(len(found)), nearest]


@pytest.mark.parametrize("place", [(40.0, 40.0), (40.3, 39.6), (40.5, 40.5)])
def test_opencv_finds_a_corner_half_a_pixel_before_its_place(place: tuple[float, float]) -> None:
    """OpenCV has the centre of the first pixel at 0, we have it at 0.5: the trap T3."""
    import cv2

    image = painted(upright(*place))
    whole, corners = cv2.findChessboardCorners(image, (COLUMNS, ROWS))
    assert whole
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 30, 1e-3)
    start = np.asarray(corners, np.float32).reshape(-1, 1, 2)
    raw = cv2.cornerSubPix(image, start, (5, 5), (-1, -1), stop).reshape(-1, 2)
    truth = Projection(upright(*place), FLAT).seen(inner_corners(COLUMNS, ROWS))
    np.testing.assert_allclose(matched(raw, truth).mean(0), -0.5, atol=0.03)
    found, _ = opencv_classic(image, (COLUMNS, ROWS))
    error = matched(found, truth)
    np.testing.assert_allclose(error.mean(0), 0.0, atol=0.03)
    assert np.abs(error).max() < 0.1


@pytest.mark.parametrize("bend", [-0.1, 0.12])
def test_corners_go_through_tilt_and_lens(bend: float) -> None:
    plane = upright(40.0, 40.0) @ np.array([[0.96, -0.2, 0.6], [0.2, 0.96, -0.4], [0.02, 0.01, 1]])
    lens = Lens(np.array([85.0, 80.0]), 85.0, bend)
    found, _ = opencv_classic(painted(plane, lens), (COLUMNS, ROWS))
    truth = Projection(plane, lens).seen(inner_corners(COLUMNS, ROWS))
    error = matched(found, truth)
    np.testing.assert_allclose(error.mean(0), 0.0, atol=0.03)
    assert np.abs(error).max() < 0.25


def test_a_board_turned_around_has_the_same_corners_in_another_order() -> None:
    """The trap T4: which corner is first says nothing, so corners are compared as a set."""
    plane = upright(40.0, 40.0)
    turned = plane @ np.array([[-1.0, 0, COLUMNS + 1], [0, -1.0, ROWS + 1], [0, 0, 1]])
    truth = Projection(plane, FLAT).seen(inner_corners(COLUMNS, ROWS))
    for image in (painted(plane), painted(turned)):
        found, _ = opencv_classic(image, (COLUMNS, ROWS))
        assert np.abs(matched(found, truth)).max() < 0.1
        assert np.abs(matched(found[::-1], truth)).max() < 0.1


def test_one_hidden_corner_costs_opencv_the_whole_board() -> None:
    """The trap T5."""
    truth = Projection(upright(40.0, 40.0), FLAT).seen(inner_corners(COLUMNS, ROWS))
    disc = Occluder(truth[8], 12.0, 128.0, np.zeros(2))
    assert disc.hides(truth).sum() == 1
    found, _ = opencv_classic(painted(upright(40.0, 40.0), occluder=disc), (COLUMNS, ROWS))
    assert len(found) == 0


def test_a_bar_goes_on_in_its_direction_alone() -> None:
    bar = Occluder(np.array([10.0, 10.0]), 3.0, 0.0, np.array([1.0, 0.0]))
    points = np.array([[30.0, 10.0], [30.0, 16.0], [0.0, 10.0], [10.0, 14.0]])
    np.testing.assert_allclose(bar.distance(points), [-3, 3, 7, 1])
    assert bar.hides(points).tolist() == [True, False, False, True]


def test_values_are_clipped_and_not_wrapped() -> None:
    """Part of the trap T16: eight bits end at 0 and 255."""
    bright = np.full((8, 8), 250, np.float32)
    image = expose(bright, Exposure(contrast=3.0, noise=20.0), np.random.default_rng(0))
    assert image.min() > 200
    dark = expose(0 * bright, Exposure(noise=20.0), np.random.default_rng(0))
    assert dark.max() < 100
