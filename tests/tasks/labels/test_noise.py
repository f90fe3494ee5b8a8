"""Label noise: distributions, common random numbers, reflection."""

import numpy as np
import pytest
from scipy import stats

from tasks.labels.noise import SKEW, reflect, standard_draws

KINDS = ("normal", "binary", "skewed")


@pytest.mark.parametrize(
    ("kind", "law"), [("normal", stats.norm()), ("skewed", stats.skewnorm(SKEW))]
)
def test_distribution(kind, law):
    draws = standard_draws("drums", 0, 20_000, kind)
    assert stats.kstest(draws, law.cdf).pvalue > 0.01


def test_binary_shifts_are_of_one_size():
    draws = standard_draws("drums", 0, 20_000, "binary")
    assert set(np.unique(draws)) == {-1.0, 1.0}
    assert abs(draws.mean()) < 0.03


@pytest.mark.parametrize("kind", KINDS)
def test_draws_depend_on_task_and_replicate_only(kind):
    first = standard_draws("drums", 0, 100, kind)
    np.testing.assert_array_equal(first, standard_draws("drums", 0, 100, kind))
    np.testing.assert_array_equal(first, standard_draws("drums", 0, 300, kind)[:100])
    assert not np.array_equal(first, standard_draws("drums", 1, 100, kind))
    assert not np.array_equal(first, standard_draws("piano", 0, 100, kind))


def test_reflection_keeps_every_event_inside():
    times = np.array([-0.1, 0.0, 0.3, 1.5, 1.6, -1.6, 4.0])
    np.testing.assert_allclose(reflect(times, 1.5), [0.1, 0.0, 0.3, 1.5, 1.4, 1.4, 1.0])
