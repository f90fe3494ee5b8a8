"""The kernel of misaligned labels against the sum over all true times, in logarithms."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from scipy.special import logsumexp

from losses._kernels.limits import FLOOR
from losses.misaligned_logistic import log_likelihood

torch.set_num_threads(1)
LEAST_COMPLEMENT = 2.0**-53
TIME = 9


def by_enumeration(p, labels, sigma):
    """Log-likelihood and its gradient by p: γ_t / p_t - (1 - γ_t) / (1 - p_t), both floored."""
    yes, no = np.maximum(p, FLOOR), np.maximum(1 - p, LEAST_COMPLEMENT)
    normaliser = logsumexp([-0.5 * (d / sigma) ** 2 for d in range(-200, 201)])
    times = np.array(list(itertools.combinations(range(len(p)), len(labels))), int)
    terms = np.full(len(times), np.log(no).sum())
    for k, label in enumerate(labels):
        t = times[:, k]
        terms += np.log(yes[t]) - np.log(no[t]) - 0.5 * ((label - t) / sigma) ** 2 - normaliser
    value = logsumexp(terms)
    posterior = np.exp(terms - value)
    marginal, missing = np.zeros(len(p)), np.zeros(len(p))
    for t in range(len(p)):
        here = (times == t).any(1)
        marginal[t], missing[t] = posterior[here].sum(), posterior[~here].sum()
    return value, marginal / yes - missing / no


def evaluate(p, labels, sigma):
    y = np.bincount(labels, minlength=len(p)).astype(float)
    x = torch.from_numpy(p)[None, None].requires_grad_()
    value = log_likelihood(x, torch.from_numpy(y)[None, None], sigma)
    (gradient,) = torch.autograd.grad(value.sum(), x)
    return value.item(), gradient[0, 0].numpy()


def probabilities(kind):
    p = np.random.default_rng(0).uniform(0.05, 0.95, TIME)
    if kind == "random":
        return p
    if kind == "tiny":
        return p * 1e-25
    if kind == "saturated":
        return (p > 0.5).astype(float)
    return np.full(TIME, float(kind))


@pytest.mark.parametrize("labels", [[], [4], [0, 8], [1, 1, 1, 1], [3, 4, 7], list(range(TIME))])
@pytest.mark.parametrize("kind", ["random", "tiny", "saturated", "0", "1"])
@pytest.mark.parametrize("sigma", [0.05, 0.6, 20.0])
def test_value_and_gradient(kind, labels, sigma):
    """With the sharpest noise a label one bin off costs 200, one at the other end 12,800."""
    p = probabilities(kind)
    value, gradient = evaluate(p, labels, sigma)
    expected_value, expected = by_enumeration(p, labels, sigma)
    assert value == pytest.approx(expected_value, rel=1e-12)
    # a marginal that is all but 1 leaves a rounding error over the floored complement
    rounding = 1e-14 * len(labels) / np.maximum(1 - p, LEAST_COMPLEMENT)
    assert (np.abs(gradient - expected) <= 1e-9 * np.abs(expected) + rounding).all()


def test_labels_far_from_all_that_is_probable():
    """An event 140 bins of sharp noise away, e^-9800, beats one that the floor allows in vain."""
    p = np.full(150, 1e-30)
    p[145] = 1 - 1e-12
    value, gradient = evaluate(p, [5], 1.0)
    expected_value, expected = by_enumeration(p, [5], 1.0)
    assert value == pytest.approx(expected_value, rel=1e-12)
    np.testing.assert_allclose(gradient, expected, rtol=1e-6, atol=1e-6)


def test_nan_stays_in_its_channel():
    p = torch.full((1, 2, 6), 0.3)
    p[0, 0, 2] = torch.nan
    y = torch.zeros(1, 2, 6)
    y[..., 3] = 1
    p.requires_grad_()
    value = log_likelihood(p, y, 1.0)
    (gradient,) = torch.autograd.grad(value.sum(), p)
    assert value.isnan().tolist() == [[True, False]]
    assert gradient[0, 0].isnan().all()
    assert gradient[0, 1].isfinite().all()
