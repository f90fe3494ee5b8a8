"""Calibration: exact corners fit, the published error is what it is, and traps of OpenCV."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tasks.data.images.board_views import HEIGHT, PATTERN, WIDTH, render_views
from tasks.metrics import camera_calibration
from tasks.metrics.camera_calibration import (
    board_plane,
    calibration_error,
    draw_size,
    norm_per_corner,
    reprojection,
)

SIZE = WIDTH, HEIGHT


@pytest.fixture(scope="module")
def corners(request: pytest.FixtureRequest) -> np.ndarray:
    """Exact corners of 8 views; nothing is painted."""
    with pytest.MonkeyPatch.context() as patch:
        blank = np.zeros((HEIGHT, WIDTH), np.float32)
        patch.setattr("tasks.data.images.board_views.background", lambda *_: blank)
        patch.setattr("tasks.data.images.board_views.texture", lambda *_: blank)
        patch.setattr("tasks.data.images.board_views.paint", lambda *_: blank)
        return render_views(np.random.default_rng(2), 8)[1]


def test_exact_corners_are_explained_and_shaken_ones_as_well_as_they_can(
    corners: np.ndarray,
) -> None:
    assert calibration_error(list(corners), PATTERN, SIZE) * math.sqrt(54) < 0.01
    noise = np.random.default_rng(0).normal(0, 0.3, corners.shape)
    rms = calibration_error(list(corners + noise), PATTERN, SIZE) * math.sqrt(54)
    # two axes of 0.3 px, a little of it taken up by the 9 + 6 parameters a view
    assert rms == pytest.approx(0.3 * math.sqrt(2), rel=0.08)


def test_residuals_of_one_pixel_are_a_seventh_in_the_published_measure() -> None:
    """The trap T7."""
    angle = np.linspace(0, 6, 54)
    residuals = np.column_stack([np.cos(angle), np.sin(angle)])
    assert norm_per_corner(residuals) == pytest.approx(1 / math.sqrt(54))


def test_both_measures_stand_beside_each_other(corners: np.ndarray) -> None:
    noise = np.random.default_rng(0).normal(0, 0.3, corners.shape)
    boards = dict(enumerate(corners + noise))
    found = reprojection(boards, len(boards), PATTERN, SIZE, draws=2)
    assert found.rms == pytest.approx(found.error * math.sqrt(54))
    assert 0.2 < found.rms < 0.5


def test_the_order_of_a_board_does_not_matter(corners: np.ndarray) -> None:
    """The trap T4: counted from the other end a board is the same board turned around."""
    noise = np.random.default_rng(0).normal(0, 0.2, corners.shape)
    boards = list(corners + noise)
    error = calibration_error(boards, PATTERN, SIZE)
    turned = calibration_error([board[::-1] for board in boards], PATTERN, SIZE)
    assert turned == pytest.approx(error, abs=1e-5)


def test_width_and_height_are_not_swapped_unnoticed(corners: np.ndarray) -> None:
    """The trap T20."""
    with pytest.raises(ValueError, match="outside of 480×600"):
        calibration_error(list(corners), PATTERN, (HEIGHT, WIDTH))


def test_too_few_boards_have_no_error(corners: np.ndarray) -> None:
    assert [draw_size(views) for views in (4, 13, 40, 206)] == [2, 6, 20, 20]
    found = reprojection(dict(enumerate(corners[:3])), 8, PATTERN, SIZE, draws=2)
    assert math.isnan(found.error)
    assert math.isnan(found.rms)


def test_sets_of_boards_are_the_same_for_every_method(
    corners: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[float]] = []

    def recorded(boards: list[np.ndarray], *_: object) -> float:
        seen.append([float(board[0, 0]) for board in boards])
        return 1.0

    monkeypatch.setattr(camera_calibration, "calibration_error", recorded)
    everything = dict(enumerate(corners))
    reprojection(everything, 8, PATTERN, SIZE, draws=3)
    without = {view: board for view, board in everything.items() if view != 5}
    reprojection(without, 8, PATTERN, SIZE, draws=3)
    missing = float(corners[5, 0, 0])
    for first, second in zip(seen[:3], seen[3:], strict=True):
        assert first == second if missing not in first else len(set(first) - set(second)) == 1
    assert len({tuple(one) for one in seen[:3]}) == 3


def test_the_plane_runs_along_rows_first() -> None:
    plane = board_plane(9, 6)
    assert plane.shape == (54, 3)
    assert plane[:2].tolist() == [[0, 0, 0], [1, 0, 0]]
    assert plane[9].tolist() == [0, 1, 0]
