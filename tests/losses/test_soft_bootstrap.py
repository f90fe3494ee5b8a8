"""Soft bootstrapping: value, limits, and the entropy it penalises."""

from __future__ import annotations

import pytest
import torch

import losses
from bench.plugin import EventTarget, OptionError

torch.set_num_threads(1)


def scene():
    g = torch.Generator().manual_seed(0)
    p = torch.rand(2, 2, 12, generator=g, dtype=torch.float64)
    return p, (torch.rand(2, 2, 12, generator=g) < 0.2).double()


def test_is_a_mixture_of_cross_entropy_and_entropy():
    p, y = scene()
    target = EventTarget(y, step=1.0)
    entropy = -(p * p.log() + (1 - p) * (1 - p).log()).sum(-1).mean(-1)
    hard = losses.create("cross_entropy")(p, target)
    for trust in (0.0, 0.3, 0.95, 1.0):
        loss = losses.create("soft_bootstrap", trust=trust)(p, target)
        torch.testing.assert_close(loss, trust * hard + (1 - trust) * entropy)


def test_gradient_flows_through_both_places_of_the_prediction():
    p, y = scene()
    loss = losses.create("soft_bootstrap", trust=0.4)
    torch.autograd.gradcheck(lambda x: loss(x, EventTarget(y, step=1.0)), p.requires_grad_())


def test_zero_at_the_truth_and_finite_at_the_border():
    _, y = scene()
    loss = losses.create("soft_bootstrap")
    assert loss(y, EventTarget(y, step=1.0)).abs().max() == 0
    p = (1 - y).requires_grad_()
    value = loss(p, EventTarget(y, step=1.0))
    (gradient,) = torch.autograd.grad(value.sum(), p)
    assert value.isfinite().all()
    assert gradient.isfinite().all()


def test_masked_equals_sliced():
    p, y = scene()
    mask = torch.arange(12)[None] < torch.tensor([[12], [5]])
    loss = losses.create("soft_bootstrap")
    masked = loss(p, EventTarget(y, step=1.0, mask=mask))
    torch.testing.assert_close(masked[1:], loss(p[1:, :, :5], EventTarget(y[1:, :, :5], step=1.0)))


def test_options():
    with pytest.raises(OptionError, match="trust"):
        losses.create("soft_bootstrap", trust=1.5)
