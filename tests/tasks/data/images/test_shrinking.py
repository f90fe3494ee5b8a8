"""Lower resolution does not move corners: the trap T1."""

from __future__ import annotations

import numpy as np
import pytest

from tasks.data.images.board_detectors import opencv_classic
from tasks.data.images.board_views import PATTERN, render_views
from tasks.data.images.shrinking import shrunk


@pytest.fixture(scope="module")
def view() -> tuple[np.ndarray, np.ndarray]:
    images, corners = render_views(np.random.default_rng(5), 1)
    return images, corners[0]


@pytest.mark.parametrize("factor", [1, 2, 4, 6])
def test_corners_stay_where_they_are(view: tuple[np.ndarray, np.ndarray], factor: int) -> None:
    images, corners = view
    found, _ = opencv_classic(shrunk(images, factor)[0], PATTERN)
    away = factor * found[:, None] - corners[None]
    nearest = np.linalg.norm(away, axis=-1).argmin(1)
    assert sorted(nearest.tolist()) == list(range(len(corners)))
    signed = away[np.arange(len(found)), nearest].mean(0)
    np.testing.assert_allclose(signed, 0.0, atol=0.05 * factor)


def test_blocks_are_means_and_the_rest_is_left_out() -> None:
    images = np.arange(2 * 5 * 7, dtype=np.uint8).reshape(2, 5, 7)
    small = shrunk(images, 2)
    assert small.shape == (2, 2, 3)
    assert small[1, 1, 2] == round(float(images[1, 2:4, 4:6].mean()))
    assert shrunk(images, 1) is images
