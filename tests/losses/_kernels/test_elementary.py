"""Elementary functions that vectorise, against numpy's."""

import math

import numpy as np
import pytest

from losses._kernels.compiling import Array, compiled
from losses._kernels.elementary import exp, log


@compiled
def _logs(x: Array, result: Array) -> None:
    for i in range(x.shape[0]):
        result[i] = log(x[i])


@compiled
def _exps(x: Array, result: Array) -> None:
    for i in range(x.shape[0]):
        result[i] = exp(x[i])


def _random(low: float, high: float) -> Array:
    return np.random.default_rng(0).uniform(low, high, 100_000)


@pytest.mark.parametrize(
    "x",
    [
        np.exp(_random(-708, 709)),
        _random(0.5, 2),
        1 + _random(-1e-6, 1e-6),
        np.array([1, math.sqrt(0.5), np.nextafter(math.sqrt(0.5), 0), math.sqrt(2), 2.0**1023]),
    ],
    ids=["any", "moderate", "near 1", "edges"],
)
def test_logarithm_is_within_2_ulp(x: Array) -> None:
    result = np.empty_like(x)
    _logs(x, result)
    expected = np.log(x)
    assert np.all(np.abs(result - expected) <= 2 * np.spacing(np.abs(expected)))


def test_exponential() -> None:
    x = np.concatenate([_random(-700, 700), _random(-1e-3, 1e-3), np.zeros(1)])
    result = np.empty_like(x)
    _exps(x, result)
    np.testing.assert_allclose(result, np.exp(x), rtol=1e-14)


def test_what_is_out_of_range() -> None:
    result = np.empty(2)
    _logs(np.array([math.nan, 1.0]), result)
    assert math.isnan(result[0])
    assert result[1] == 0
    _exps(np.array([-1e4, -700.0]), result)
    assert result[0] == result[1] > 0
