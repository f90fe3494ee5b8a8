"""Camera: where light falls, how noisy it is, and counts that never wrap around."""

import numpy as np
import pytest

from tasks.data.molecules.blinking import Emitters
from tasks.data.molecules.camera import WIDEST, Camera


def one(row, column, photons=1000.0):
    return Emitters(np.zeros(1, np.int64), np.array([[row, column]]), np.array([photons]))


def light(emitters, side=16, camera=None):
    camera = camera or Camera()
    return camera.expected(np.random.default_rng(0), emitters, 1, side)[0]


def test_a_molecule_at_50_nm_lights_the_first_pixel_symmetrically():
    seen = light(one(0.5, 0.5))
    assert np.unravel_index(seen.argmax(), seen.shape) == (0, 0)
    np.testing.assert_allclose(seen, seen.T, atol=1e-9)
    centred = light(one(8.5, 8.5), 17)
    np.testing.assert_allclose(centred, centred[::-1], atol=1e-9)
    np.testing.assert_allclose(centred, centred[:, ::-1], atol=1e-9)


def test_light_is_centred_on_the_molecule_and_none_is_lost():
    seen = light(one(20.3, 17.8), 40)
    assert seen.sum() == pytest.approx(1000, rel=1e-9)
    rows, columns = np.indices(seen.shape) + 0.5
    assert (seen * rows).sum() / seen.sum() == pytest.approx(20.3, abs=1e-6)
    assert (seen * columns).sum() / seen.sum() == pytest.approx(17.8, abs=1e-6)


def test_counts_have_the_gain_and_twice_the_variance_of_photons():
    camera = Camera(read_noise=0.0)
    counts = camera.read(np.random.default_rng(0), np.full((400, 400), 50.0)).astype(float) - 100
    assert counts.mean() == pytest.approx(100, rel=0.01)
    assert counts.var() == pytest.approx(2 * 50 * 2.0**2, rel=0.03)


def test_counts_neither_wrap_around_nor_saturate():
    camera = Camera(offset=0.0, read_noise=10.0)
    counts = camera.read(np.random.default_rng(0), np.zeros((200, 200)))
    assert counts.dtype == np.uint16
    assert counts.min() == 0
    assert counts.max() < 100
    assert camera.read(np.random.default_rng(0), np.full((2, 2), 1e6)).max() == WIDEST
    assert camera.read(np.random.default_rng(0), np.full((20, 20), -5.0)).max() < 100


def test_the_background_is_uneven_and_positive():
    camera = Camera()
    levels = [camera.uneven_background(np.random.default_rng(seed), 64) for seed in range(20)]
    assert min(level.min() for level in levels) > 0
    assert np.mean(levels) == pytest.approx(camera.background, rel=0.2)
    assert np.mean([np.ptp(level) for level in levels]) > 0.3 * camera.background
