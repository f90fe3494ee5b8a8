"""The choice among candidate thresholds."""

import numpy as np
import pytest

from tasks.metrics.thresholds import THRESHOLDS, best_threshold


def test_candidates_are_evenly_spaced_in_logit():
    logits = np.log(THRESHOLDS / (1 - THRESHOLDS))
    np.testing.assert_allclose(np.diff(logits), 0.2)
    assert (len(THRESHOLDS), THRESHOLDS[0]) == (61, pytest.approx(0.00247, abs=1e-5))


def test_the_largest_value_wins():
    values = np.random.default_rng(0).random(61)
    assert best_threshold(values) == THRESHOLDS[values.argmax()]


def test_of_equal_values_the_threshold_nearest_to_a_half_wins_then_the_lower():
    assert best_threshold(np.zeros(61)) == pytest.approx(0.5)
    values = np.ones(61)
    values[30] = 0
    assert best_threshold(values) == THRESHOLDS[29]
    values[29] = 1 - 1e-15  # rounding is no difference
    assert best_threshold(values) == THRESHOLDS[29]
