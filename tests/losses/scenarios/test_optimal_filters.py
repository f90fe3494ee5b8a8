"""The examples of thesis §5.4-5.5: what a filter learns from an impulse with misaligned labels.

An impulse at bin 20 is labelled at 20 + ε with ε from E. The prediction is the filter itself; its
expected loss is the mean over labels, so the optimum is known in closed form.
"""

from __future__ import annotations

import pytest
import torch

import losses
from bench.plugin import EventTarget
from losses._shared.filters import gaussian_weights, smooth

torch.set_num_threads(1)
TIME, EVENT = 41, 20
NOISE = {-4: 0.05, -1: 0.2, 0: 0.4, 2: 0.3, 5: 0.05}


def impulse(bin_):
    y = torch.zeros(1, 1, TIME, dtype=torch.float64)
    y[..., bin_] = 1
    return y


def labels_and_weights(noise):
    y = torch.cat([impulse(EVENT + shift) for shift in noise])
    return EventTarget(y, step=1.0), torch.tensor(list(noise.values()), dtype=torch.float64)


def mean_label(noise):
    target, weights = labels_and_weights(noise)
    return (target.events * weights[:, None, None]).sum(0, keepdim=True)


def expected_loss(loss, p, noise):
    target, weights = labels_and_weights(noise)
    return (loss(p.expand(len(weights), 1, TIME), target) * weights).sum()


def is_optimal(loss, p, noise):
    """No change within (0, 1) lowers the expected loss, which is convex in p."""
    p = p.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(expected_loss(loss, p, noise), p)
    inside = (p > 0) & (p < 1)
    return bool(
        (gradient[inside].abs() < 1e-9).all()
        and (gradient[p == 0] > -1e-9).all()
        and (gradient[p == 1] < 1e-9).all()
    )


def test_cross_entropy_learns_the_noise():
    """Eq 5.4: p* at τ is P(E = τ)."""
    loss = losses.create("cross_entropy")
    assert is_optimal(loss, mean_label(NOISE), NOISE)
    assert not is_optimal(loss, impulse(EVENT), NOISE)
    assert is_optimal(loss, impulse(EVENT), {0: 1.0})


@pytest.mark.parametrize("name", ["label_smoothing_ce", "label_smoothing_se"])
@pytest.mark.parametrize("softness", [1.0, 2.5])
def test_label_smoothing_learns_the_noise_and_the_filter(name, softness):
    """Eq 5.9: p* is E ∗ Φ, dispersed even without noise."""
    loss = losses.create(name, softness=softness)
    assert is_optimal(loss, smooth(mean_label(NOISE), softness), NOISE)
    assert is_optimal(loss, smooth(impulse(EVENT), softness), {0: 1.0})
    assert not is_optimal(loss, impulse(EVENT), {0: 1.0})


@pytest.mark.parametrize("softness", [0.0, 1.0, 6.0])
def test_soft_localization_does_not_disperse(softness):
    """Eq 5.13 with E = id: p* is P(E), and the impulse without noise, whatever Φ is."""
    loss = losses.create("soft_localization", softness=softness)
    assert is_optimal(loss, mean_label(NOISE), NOISE)
    assert is_optimal(loss, impulse(EVENT), {0: 1.0})


@pytest.mark.parametrize("softness", [0.0, 3.0])
def test_soft_localization_that_knows_the_noise_finds_the_truth(softness):
    """Eq 5.13 with E the noise: p* is the impulse at the true location."""
    weights = gaussian_weights(torch.tensor(2.0, dtype=torch.float64), 9).tolist()
    noise = {d: weights[abs(d)] for d in range(-8, 9)}
    loss = losses.create("soft_localization", softness=softness, noise_softness=2.0)
    assert is_optimal(loss, impulse(EVENT), noise)
    assert not is_optimal(loss, mean_label(noise), noise)


def test_counting_and_soft_localization_do_not_conflict():
    """§5.5.2: without noise the truth is optimal for both, so also for their sum."""
    assert is_optimal(losses.create("softloc", softness=3.0), impulse(EVENT), {0: 1.0})
