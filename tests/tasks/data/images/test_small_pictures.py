"""Small pictures: borders, resolutions, sources."""

from __future__ import annotations

import numpy as np

from tasks.data.images.small_pictures import DigitPictures, at_resolution


def test_digits_get_a_border_and_lose_nothing() -> None:
    pictures, plain = DigitPictures().read(), DigitPictures.digits.read()
    assert pictures.images.shape == (5000, 1, 32, 32)
    assert len(pictures) == 5000
    assert pictures.tested == 0
    np.testing.assert_array_equal(pictures.images[:, 0, 2:30, 2:30], plain.images)
    assert pictures.images.sum(dtype=np.int64) == plain.images.sum(dtype=np.int64)
    assert pictures.names[int(pictures.labels[0])] == str(plain.labels[0])


def test_half_the_resolution_averages_two_by_two_pixels_of_each_channel() -> None:
    images = np.random.default_rng(0).integers(0, 256, (3, 2, 8, 8)).astype(np.uint8)
    half = at_resolution(images, "half")
    assert half.shape == (3, 2, 4, 4)
    assert half.dtype == np.uint8
    expected = images[1, 1, 4:6, 2:4].astype(float).mean()
    assert abs(half[1, 1, 2, 1] - expected) <= 0.5
    assert at_resolution(np.full((1, 1, 4, 4), 255, np.uint8), "half").min() == 255
    assert at_resolution(images, "full") is images
