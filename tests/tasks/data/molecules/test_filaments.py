"""Filaments: smooth, through the field, with molecules along them."""

import numpy as np
import pytest

from tasks.data.molecules.filaments import MARGIN, STEP, WIDTH, filament, sites


@pytest.mark.parametrize("seed", range(10))
def test_a_filament_is_one_smooth_curve_through_the_field(seed):
    line = filament(np.random.default_rng(seed), 64)
    steps = np.diff(line, axis=0)
    np.testing.assert_allclose(np.linalg.norm(steps, axis=1), STEP, rtol=1e-9)
    angle = np.unwrap(np.arctan2(steps[:, 0], steps[:, 1]))
    assert np.abs(np.diff(angle)).max() < 0.2
    assert ((line >= -MARGIN) & (line <= 64 + MARGIN)).all()


def test_molecules_lie_on_filaments():
    place = sites(np.random.default_rng(0), 64, 60.0, 4000)
    # Neighbours along a filament are near: a plane full of points would have them farther apart.
    distance = np.linalg.norm(place[:50, None] - place[None], axis=2)
    assert np.median(np.sort(distance, 1)[:, 5]) < WIDTH
    box = np.floor(place).astype(int)
    assert len(np.unique(box, axis=0)) < 800  # of 4,900 pixels
