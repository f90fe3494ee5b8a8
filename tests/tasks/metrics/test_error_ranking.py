"""Whether certainty ranks errors: known orders, ties, nothing to rank."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from tasks.metrics.error_ranking import rank_correlation


def test_surest_nearest_is_one_and_the_reverse_minus_one() -> None:
    errors = np.array([0.1, 5.0, 2.0, 0.3])
    assert rank_correlation(-(errors**3), errors) == pytest.approx(1)
    assert rank_correlation(errors, errors) == pytest.approx(-1)


def test_the_same_as_scipy_with_ties() -> None:
    draw = np.random.default_rng(0)
    sure, errors = draw.integers(0, 9, 300) / 9, draw.exponential(1, 300).round(1)
    assert rank_correlation(sure, errors) == pytest.approx(spearmanr(sure, -errors).statistic)


def test_what_is_the_same_everywhere_ranks_nothing() -> None:
    errors = np.array([1.0, 2.0, 3.0])
    assert rank_correlation(np.ones(3), errors) == 0.0
    assert rank_correlation(errors, np.ones(3)) == 0.0
    assert rank_correlation(np.zeros(0), np.zeros(0)) == 0.0
