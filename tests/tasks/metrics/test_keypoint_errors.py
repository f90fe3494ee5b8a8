"""Errors of keypoints."""

import numpy as np

from tasks.metrics.keypoint_errors import normalized_errors, share, within

TRUTH = np.array([[[1.0, 1.0], [4.0, 5.0]], [[0.0, 0.0], [np.nan, np.nan]]])
FOUND = np.array([[[1.0, 1.0], [1.0, 1.0]], [[0.0, 0.3], [7.0, 7.0]]])
LABELLED = np.isfinite(TRUTH).all(-1)


def test_errors_are_distances_over_the_scale_of_their_sample():
    errors = normalized_errors(FOUND, TRUTH, np.array([10.0, 3.0]))
    np.testing.assert_allclose(errors[LABELLED], [0.0, 0.5, 0.1])


def test_an_error_at_exactly_the_limit_is_right_and_unlabelled_ones_count_nowhere():
    errors = normalized_errors(FOUND, TRUTH, np.array([10.0, 3.0]))
    right = within(errors, LABELLED, 0.1)
    assert right.tolist() == [[True, False], [True, False]]
    assert share(right, LABELLED) == 2 / 3
    assert np.isnan(share(right & False, LABELLED & False))
