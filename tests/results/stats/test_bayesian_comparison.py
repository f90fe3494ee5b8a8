"""The correlated Bayesian t test against the integrated likelihood and baycomp's formula."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from results.stats.bayesian_comparison import Posterior, correlated_t_test

GENERATOR = np.random.default_rng(21)


def of_differences(differences: np.ndarray, rope: float, resampled: float = 0.0) -> Posterior:
    by_replicate = dict(enumerate(differences.tolist()))
    return correlated_t_test(by_replicate, dict.fromkeys(by_replicate, 0.0), rope, resampled)


def integrated(x: np.ndarray, rho: float, rope: float) -> tuple[float, float, float]:
    """Above, within and below ±rope: the likelihood itself, summed over a grid.

    The generative model of Corani and Benavoli (2015, section 3): differences are jointly normal
    with mean μ, variance σ² and equal correlation ρ, and the prior of (μ, σ²) is 1/σ².
    """
    n = len(x)
    shape = (1 - rho) * np.eye(n) + rho
    inverse, log_volume = np.linalg.inv(shape), np.linalg.slogdet(shape)[1]
    mu = x.mean() + x.std() * np.linspace(-60, 60, 24_001)
    log_sigma = np.log(x.std()) + np.linspace(-4, 8, 600)
    residual = x[:, None] - mu
    square = np.einsum("im,ij,jm->m", residual, inverse, residual)
    density = np.zeros_like(mu)
    for log_s in log_sigma:  # dσ²/σ² is constant in log σ
        density += np.exp(-n * log_s - log_volume / 2 - square / (2 * np.exp(2 * log_s)))
    density /= density.sum()
    above, below = density[mu > rope].sum(), density[mu < -rope].sum()
    return float(above), float(1 - above - below), float(below)


@pytest.mark.parametrize(("n", "rho"), [(5, 0.0), (5, 0.2), (10, 0.1)])
def test_probabilities_are_those_of_the_integrated_likelihood(n: int, rho: float) -> None:
    x = GENERATOR.normal(0.01, 0.02, n)
    found = of_differences(x, 0.01, rho)
    expected = integrated(x, rho, 0.01)
    assert (found.better, found.equivalent, found.worse) == pytest.approx(expected, abs=5e-3)


def test_probabilities_are_those_of_baycomp() -> None:
    """Its `CorrelatedTTest`: variance times 1/n + 1/(folds - 1), t with n - 1; one run of folds.

    Drawn here, not computed: a million values of mean + scale · t.
    """
    folds, rope = 10, 0.01
    x = GENERATOR.normal(0.005, 0.01, folds)
    scale = math.sqrt(np.var(x, ddof=1) * (1 / folds + 1 / (folds - 1)))
    drawn = x.mean() + scale * np.random.default_rng(5).standard_t(folds - 1, 1_000_000)
    shares = [(drawn > rope).mean(), (abs(drawn) <= rope).mean(), (drawn < -rope).mean()]
    found = of_differences(x, rope, 1 / folds)
    assert [found.better, found.equivalent, found.worse] == pytest.approx(shares, abs=2e-3)


@pytest.mark.parametrize("resampled", [0.0, 0.2])
def test_without_a_region_the_worse_side_is_the_one_sided_p(resampled: float) -> None:
    x = GENERATOR.normal(0.01, 0.02, 6)
    found = of_differences(x, 0.0, resampled)
    assert found.equivalent == 0.0
    assert min(found.better, found.worse) == pytest.approx(found.difference.p / 2)
    if not resampled:
        assert found.worse == pytest.approx(stats.ttest_1samp(x, 0, alternative="greater").pvalue)


def test_sides_change_with_the_order_of_the_two() -> None:
    a = dict(enumerate(GENERATOR.normal(0.9, 0.02, 5)))
    b = dict(enumerate(GENERATOR.normal(0.91, 0.02, 5)))
    one, other = correlated_t_test(a, b, 0.01), correlated_t_test(b, a, 0.01)
    assert (one.better, one.worse) == pytest.approx((other.worse, other.better))
    assert one.equivalent == pytest.approx(other.equivalent)
    assert one.better + one.equivalent + one.worse == pytest.approx(1.0)


def test_without_a_spread_nothing_is_certain() -> None:
    constant = of_differences(np.full(4, 0.2), 0.01)
    assert constant.difference.estimate == pytest.approx(0.2)
    assert np.isnan([constant.better, constant.equivalent, constant.worse]).all()
    assert not constant.equal
    single = of_differences(np.array([0.2]), 0.01)
    assert np.isnan([single.better, single.equivalent, single.worse]).all()
    assert not single.equal


def test_identical_trials_are_equal() -> None:
    found = of_differences(np.zeros(3), 0.01)
    assert found.equal
    assert (found.better, found.equivalent, found.worse) == (0.0, 1.0, 0.0)


def test_a_region_has_no_negative_width() -> None:
    with pytest.raises(ValueError, match=r"width of 0 or more, got -0.01"):
        of_differences(np.array([0.1, 0.2]), -0.01)
