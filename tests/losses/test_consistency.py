"""Consistency of views: pairing of views, exact agreement probability, labelled rows."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.stats import poisson_binom

import losses
from bench.plugin import EventTarget, InstanceTarget, OptionError, UsageError
from losses.consistency import log_prob_equal

torch.set_num_threads(1)
NAMES = ["instance_consistency", "count_consistency", "poisson_binomial_consistency"]
EACH = pytest.mark.parametrize("name", NAMES)


def draw(*shape, seed=0):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def unlabelled(batch, channel=1, **fields):
    return EventTarget(None, step=1.0, known_counts=torch.full((batch, channel), -1), **fields)


@pytest.mark.parametrize(("n", "m"), [(1, 1), (5, 9), (40, 40), (30, 0)])
def test_agreement_is_the_sum_over_counts(n, m):
    p, other = draw(1, n), draw(1, m, seed=1)
    bins = np.arange(max(n, m) + 1)
    first = poisson_binom.pmf(bins, p[0].numpy())
    second = poisson_binom.pmf(bins, other[0].numpy()) if m else (bins == 0).astype(float)
    value = log_prob_equal(p, other)
    assert value.item() == pytest.approx(math.log((first * second).sum()), rel=1e-10)
    torch.testing.assert_close(log_prob_equal(other, p), value)  # symmetric


def test_gradient_of_the_agreement():
    inputs = draw(2, 5).requires_grad_(), draw(2, 4, seed=1).requires_grad_()
    torch.autograd.gradcheck(log_prob_equal, inputs)
    torch.autograd.gradgradcheck(log_prob_equal, inputs)


def test_values_and_pairs():
    p = draw(4, 2, 9)
    target = unlabelled(4, 2)
    squared = (p[0::2].sum(-1) - p[1::2].sum(-1)).square().mean(-1)
    value = losses.create("count_consistency", weight=3.0)(p, target)
    torch.testing.assert_close(value, 3 * squared.repeat_interleave(2))
    apart = torch.linalg.vector_norm(p[0::2] - p[1::2], dim=-1).square().mean(-1)
    value = losses.create("instance_consistency", weight=2.0)(p, target)
    torch.testing.assert_close(value, 2 * apart.repeat_interleave(2))
    agreement = -log_prob_equal(p[0::2], p[1::2]).mean(-1)
    value = losses.create("poisson_binomial_consistency")(p, target)
    torch.testing.assert_close(value, agreement.repeat_interleave(2))


def test_sparse_views_with_equal_counts_are_the_minimum():
    p = torch.zeros(2, 1, 20, dtype=torch.float64)
    p[0, 0, [1, 7, 9]] = 1
    p[1, 0, [0, 3, 19]] = 1
    for name in ("count_consistency", "poisson_binomial_consistency"):
        assert losses.create(name)(p, unlabelled(2)).abs().max() == 0
    one_by_one = losses.create("instance_consistency")
    assert one_by_one(p, unlabelled(2)).min() == 6  # three of each view are nowhere in the other
    assert one_by_one(p[[0, 0]], unlabelled(2)).max() == 0
    spread = torch.full((2, 1, 20), 3 / 20, dtype=torch.float64)
    assert losses.create("count_consistency")(spread, unlabelled(2)).max() < 1e-12
    assert losses.create("poisson_binomial_consistency")(spread, unlabelled(2)).min() > 1


@EACH
def test_masked_equals_sliced_and_heads_agree(name):
    loss, p = losses.create(name), draw(2, 1, 15)
    mask = torch.arange(15)[None] < torch.tensor([[10], [10]])
    p[..., 10:] = float("nan")
    sliced = loss(p[..., :10], unlabelled(2))
    torch.testing.assert_close(loss(p, unlabelled(2, mask=mask)), sliced)
    instances = InstanceTarget(torch.tensor([-1, -1]), mask=mask)
    torch.testing.assert_close(loss(p[:, 0], instances), sliced)


@EACH
def test_labelled_rows_add_the_supervised_loss(name):
    p, y = draw(6, 2, 12), (draw(6, 2, 12, seed=2) < 0.2).double()
    counts = y.sum(-1).long()
    counts[2:4] = -1
    target = EventTarget(y, step=1.0, known_counts=counts, softness=torch.arange(6) + 0.5)
    alone = losses.create(name, weight=0.5)
    both = losses.create(name, weight=0.5, supervised="softloc")
    difference = both(p, target, 0.6) - alone(p, target, 0.6)
    expected = losses.create("softloc")(p, EventTarget(y, step=1.0, softness=target.softness), 0.6)
    expected[2:4] = 0
    torch.testing.assert_close(difference, expected)
    assert torch.equal(both(p[2:4], unlabelled(2, 2)), alone(p[2:4], unlabelled(2, 2)))
    p.requires_grad_()
    (gradient,) = torch.autograd.grad(both(p, target).sum(), p)
    assert gradient.isfinite().all()


@EACH
def test_weight_is_a_schedule(name):
    warm = {"schedule": "warmup", "end": 2.0, "finish": 0.5}
    p, target = draw(2, 1, 6), unlabelled(2)
    loss = losses.create(name, weight=warm)
    plain = losses.create(name)(p, target)
    torch.testing.assert_close(loss(p, target, 0.25), plain)
    torch.testing.assert_close(loss(p, target, 1.0), 2 * plain)
    assert type(loss)(**loss.options()) == loss


@EACH
def test_errors(name):
    with pytest.raises(ValueError, match=r"rows 2i and 2i \+ 1 .* but got 3 rows"):
        losses.create(name)(draw(3, 1, 5), unlabelled(3))
    with pytest.raises((OptionError, UsageError), match="did you mean 'softloc'"):
        losses.create(name, supervised="softlok")


@EACH
def test_border_probabilities_are_finite(name):
    p = torch.tensor([[[0.0, 0, 0]], [[1, 1, 1]]], requires_grad=True)
    loss = losses.create(name)(p, unlabelled(2))
    (gradient,) = torch.autograd.grad(loss.sum(), p)
    assert loss.isfinite().all()
    assert gradient.isfinite().all()
