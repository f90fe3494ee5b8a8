"""Errors of counts."""

import numpy as np
import pytest
from sklearn.metrics import root_mean_squared_error

from tasks.metrics.count_errors import CountErrors

FOUND, TRUTH = np.array([3, 0, 5, 2]), np.array([3, 2, 1, 2])


def test_scores():
    errors = CountErrors(FOUND, TRUTH)
    assert errors.accuracy == 0.5
    assert errors.rmse == pytest.approx(root_mean_squared_error(TRUTH, FOUND))
    assert errors.bias == pytest.approx(0.5)


def test_what_is_counted_adds_up_to_both_counts():
    errors = CountErrors(FOUND, TRUTH)
    assert (errors.tp + errors.fp).tolist() == FOUND.tolist()
    assert (errors.tp + errors.fn).tolist() == TRUTH.tolist()
    assert (errors.fp * errors.fn == 0).all()
