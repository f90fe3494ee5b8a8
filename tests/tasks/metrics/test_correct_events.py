"""PCE: tolerance by the length of the swing, ties, hits."""

import numpy as np
import pytest

from tasks.metrics.correct_events import correct_events, likeliest, scaled_tolerance


@pytest.mark.parametrize(
    ("length", "frames"),
    [(1, 1), (30, 1), (44, 1), (45, 2), (46, 2), (74, 2), (75, 2), (76, 3), (105, 4), (300, 10)],
)
def test_a_thirtieth_of_the_swing_with_halves_to_even(length, frames):
    assert scaled_tolerance(np.array([length])).tolist() == [frames]


def test_of_equal_scores_the_last_is_the_detection():
    scores = np.array([[0.1, 0.9, 0.2], [0.5, 0.5, 0.1], [0.0, 0.0, 0.0]])
    assert likeliest(scores).tolist() == [1, 1, 2]


def test_a_hit_is_at_most_the_tolerance_away():
    found = np.array([[10, 20, 33], [10, 20, 33]])
    truth = np.array([[11, 22, 30], [11, 22, 30]])
    hits = correct_events(found, truth, np.array([1, 2]))
    assert hits.tolist() == [[True, False, False], [True, True, False]]
