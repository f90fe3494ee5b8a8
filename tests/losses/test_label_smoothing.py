"""Label smoothing against sums written from eq 5.6 and 5.8."""

from __future__ import annotations

import math

import pytest
import torch

import losses
from bench.plugin import EventTarget, OptionError

torch.set_num_threads(1)
BOTH = pytest.mark.parametrize("name", ["label_smoothing_ce", "label_smoothing_se"])


def scene(time=25, seed=0):
    g = torch.Generator().manual_seed(seed)
    p = torch.rand(2, 2, time, generator=g, dtype=torch.float64)
    y = (torch.rand(2, 2, time, generator=g) < 0.15).double()
    return p, y


def smoothed(y, sigma):
    """Σ_τ y_τ Φ(t - τ) with a filter that sums to one within ceil(4σ) bins."""
    radius = math.ceil(4 * sigma)
    weight = {d: math.exp(-d * d / (2 * sigma**2)) for d in range(-radius, radius + 1)}
    total = sum(weight.values())
    out = torch.zeros_like(y)
    for t in range(y.shape[-1]):
        for s in range(y.shape[-1]):
            out[..., t] += y[..., s] * weight.get(t - s, 0.0) / total
    return out


@pytest.mark.parametrize("sigma", [0.4, 1.0, 2.5])
def test_values(sigma):
    p, y = scene()
    target, options = EventTarget(y, step=0.01), {"softness": sigma * 0.01}
    z = smoothed(y, sigma).clamp(max=1)
    cross_entropy = -(z * p.log() + (1 - z) * (1 - p).log()).sum(-1).mean(-1)
    torch.testing.assert_close(
        losses.create("label_smoothing_ce", **options)(p, target), cross_entropy
    )
    squared = (p - smoothed(y, sigma)).square().sum(-1).mean(-1)
    torch.testing.assert_close(losses.create("label_smoothing_se", **options)(p, target), squared)


def test_no_softness_is_cross_entropy_and_squared_error():
    p, y = scene()
    target = EventTarget(y, step=1.0)
    hard = losses.create("cross_entropy")(p, target)
    assert torch.equal(losses.create("label_smoothing_ce", softness=0.0)(p, target), hard)
    squared = (p - y).square().sum(-1).mean(-1)
    assert torch.equal(losses.create("label_smoothing_se", softness=0.0)(p, target), squared)


@BOTH
def test_unit_and_step(name):
    p, y = scene()
    loss = losses.create(name, softness="20 ms")
    slow = losses.create(name, softness=2.0)
    torch.testing.assert_close(
        loss(p, EventTarget(y, step=0.01)), slow(p, EventTarget(y, step=1.0))
    )
    with pytest.raises(OptionError, match="softness"):
        losses.create(name, softness="3 px")


@BOTH
def test_masked_equals_sliced(name):
    p, y = scene()
    mask = torch.arange(25)[None] < torch.tensor([[25], [14]])
    y = y * mask[:, None]
    loss = losses.create(name, softness=3.0)
    p[1, :, 14:] = float("nan")
    masked = loss(p, EventTarget(y, step=1.0, mask=mask))
    torch.testing.assert_close(
        masked[1:], loss(p[1:, :, :14], EventTarget(y[1:, :, :14], step=1.0))
    )


@BOTH
def test_softness_of_the_sample_replaces_that_of_the_loss(name):
    p, y = scene()
    loss, widths = losses.create(name, softness=1.0), torch.tensor([0.5, 4.0])
    value = loss(p, EventTarget(y, step=1.0, softness=widths))
    for row, width in enumerate(widths.tolist()):
        alone = losses.create(name, softness=width)
        torch.testing.assert_close(
            value[row], alone(p[row : row + 1], EventTarget(y[row : row + 1], step=1.0))[0]
        )


@BOTH
def test_gradient_and_hostile_input(name):
    p, y = scene(time=9)
    loss = losses.create(name, softness=1.0)
    torch.autograd.gradcheck(
        lambda x: loss(x, EventTarget(y, step=1.0)), (p * 0.9 + 0.05).requires_grad_()
    )
    for constant in (0.0, 1.0):
        q = torch.full((2, 2, 9), constant, requires_grad=True)
        crowded = EventTarget(torch.full((2, 2, 9), 3.0), step=1.0)  # more than one event a bin
        (gradient,) = torch.autograd.grad(loss(q, crowded).sum(), q)
        assert gradient.isfinite().all()


def test_counts_alone_are_refused():
    with pytest.raises(ValueError, match="needs event locations"):
        losses.create("label_smoothing_se")(
            torch.rand(1, 1, 4), EventTarget(None, step=1.0, known_counts=torch.tensor([[1]]))
        )
