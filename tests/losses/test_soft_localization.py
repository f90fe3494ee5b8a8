"""Soft localisation learning against the double sum of eq 5.12."""

from __future__ import annotations

import math

import pytest
import torch

import losses
from bench.plugin import EventTarget

torch.set_num_threads(1)


def scene(time=20, seed=0):
    g = torch.Generator().manual_seed(seed)
    p = torch.rand(2, 2, time, generator=g, dtype=torch.float64)
    y = (torch.rand(2, 2, time, generator=g) < 0.15).double()
    return p, y


def filtered(x, sigma):
    """Σ_τ x_τ Φ(t - τ), nothing outside the grid."""
    if sigma == 0:
        return x
    radius = math.ceil(4 * sigma)
    weight = [math.exp(-d * d / (2 * sigma**2)) for d in range(-radius, radius + 1)]
    out = torch.zeros_like(x)
    for t in range(x.shape[-1]):
        for s in range(x.shape[-1]):
            if abs(t - s) <= radius:
                out[..., t] += x[..., s] * weight[t - s + radius] / sum(weight)
    return out


@pytest.mark.parametrize("sigma", [0.0, 1.0, 3.0])
@pytest.mark.parametrize("noise", [0.0, 1.5])
def test_value(sigma, noise):
    p, y = scene()
    loss = losses.create("soft_localization", softness=sigma, noise_softness=noise)
    expected = (filtered(filtered(p, noise), sigma) - filtered(y, sigma)).square().sum(-1).mean(-1)
    torch.testing.assert_close(loss(p, EventTarget(y, step=1.0)), expected)


def test_the_truth_is_a_zero_whatever_the_softness():
    _, y = scene()
    for softness in (0.0, 0.5, 7.0):
        loss = losses.create("soft_localization", softness=softness)(y, EventTarget(y, step=1.0))
        assert loss.abs().max() == 0


def test_special_cases():
    """Without filters it is the squared error; smoothed predictions meet label_smoothing_se."""
    p, y = scene()
    target = EventTarget(y, step=1.0)
    plain = losses.create("soft_localization", softness=0.0)(p, target)
    assert torch.equal(plain, (p - y).square().sum(-1).mean(-1))
    soft = losses.create("soft_localization", softness=2.0)(p, target)
    met = losses.create("label_smoothing_se", softness=2.0)(filtered(p, 2.0), target)
    torch.testing.assert_close(soft, met)


def test_a_small_shift_costs_little():
    """The loss of a shifted prediction grows smoothly with the shift, as a closed form says.

    For impulses d bins apart, Σ (Φ_t - Φ_{t-d})² is about (1 - exp(-d² / 4σ²)) / (σ √π).
    """
    y = torch.zeros(1, 1, 201, dtype=torch.float64)
    y[..., 100] = 1
    loss = losses.create("soft_localization", softness=8.0)
    for d in (0, 1, 4, 16):
        value = loss(y.roll(d, -1), EventTarget(y, step=1.0)).item()
        expected = (1 - math.exp(-d * d / (4 * 64))) / (8 * math.sqrt(math.pi))
        assert value == pytest.approx(expected, rel=2e-3, abs=1e-9)


def test_masked_equals_sliced():
    p, y = scene()
    mask = torch.arange(20)[None] < torch.tensor([[20], [11]])
    y = y * mask[:, None]
    p[1, :, 11:] = float("nan")
    loss = losses.create("soft_localization", softness=3.0, noise_softness=2.0)
    masked = loss(p, EventTarget(y, step=1.0, mask=mask))
    torch.testing.assert_close(
        masked[1:], loss(p[1:, :, :11], EventTarget(y[1:, :, :11], step=1.0))
    )


def test_gradient():
    p, y = scene(time=8)
    loss = losses.create("soft_localization", softness=1.0, noise_softness=0.7)
    torch.autograd.gradcheck(lambda x: loss(x, EventTarget(y, step=1.0)), p.requires_grad_())


def test_softness_per_sample_and_per_class():
    p, y = scene()
    widths = torch.tensor([[0.5, 1.0], [3.0, 0.0]])
    value = losses.create("soft_localization")(p, EventTarget(y, step=1.0, softness=widths))
    for row in range(2):
        by_class = []
        for channel in range(2):
            loss = losses.create("soft_localization", softness=widths[row, channel].item())
            part = slice(row, row + 1), slice(channel, channel + 1)
            by_class.append(loss(p[part], EventTarget(y[part], step=1.0)))
        torch.testing.assert_close(value[row], torch.cat(by_class).mean())
