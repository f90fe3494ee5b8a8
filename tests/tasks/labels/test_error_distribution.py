"""The distribution of label errors on a grid is that of labels as tasks move them."""

from __future__ import annotations

import numpy as np
import pytest

from tasks.labels.error_distribution import error_distribution
from tasks.labels.noise import standard_draws

REACH = 20


@pytest.mark.parametrize("kind", ["normal", "binary", "skewed"])
@pytest.mark.parametrize("noise", [0.3, 1.5, 3.0])
def test_it_is_that_of_labels_moved_on_a_grid(kind: str, noise: float) -> None:
    draws = noise * standard_draws("a task", 0, 200_000, kind)
    bins = np.floor(0.5 + draws).astype(int) + REACH  # from the centre of a bin
    found = np.bincount(bins, minlength=2 * REACH + 1) / len(draws)
    expected = error_distribution(kind, noise, REACH)
    assert expected.sum() == pytest.approx(1, abs=1e-9)
    np.testing.assert_allclose(found, expected, atol=4e-3)


def test_no_noise_is_an_impulse_and_little_noise_as_well() -> None:
    for kind in ("normal", "binary", "skewed"):
        for noise in (0.0, 0.01):
            found = error_distribution(kind, noise, 2)
            np.testing.assert_allclose(found, [0, 0, 1, 0, 0], atol=1e-12)


def test_known_values() -> None:
    np.testing.assert_array_equal(error_distribution("binary", 2.0, 3), [0, 0.5, 0, 0, 0, 0.5, 0])
    normal = error_distribution("normal", 1.0, 3)
    np.testing.assert_allclose(normal, normal[::-1])
    assert normal[3] == pytest.approx(0.3829, abs=1e-4)  # of a normal law within half a deviation
    skewed = error_distribution("skewed", 3.0, 20)
    mean = float(skewed @ np.arange(-20, 21))
    assert mean == pytest.approx(3 * -0.7136, abs=0.01)


def test_what_lies_beyond_the_reach_is_left_out() -> None:
    assert error_distribution("binary", 4.0, 2).sum() == 0
    assert error_distribution("normal", 4.0, 4).sum() == pytest.approx(0.7394, abs=1e-3)
