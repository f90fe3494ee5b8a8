"""Deterministic counting: values, heads, and what it leaves undecided."""

from __future__ import annotations

import pytest
import torch

import losses
from bench.plugin import EventTarget, InstanceTarget, OptionError, PointPrediction, PointTarget

torch.set_num_threads(1)
BOTH = pytest.mark.parametrize("name", ["count_mse", "count_huber"])


def draw(*shape, seed=0):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def counts(*values):
    return EventTarget(None, step=1.0, known_counts=torch.tensor(values))


def test_mse():
    p = draw(2, 3, 10)
    count = torch.tensor([[0, 5, 9], [4, 4, 4]])
    expected = ((p.sum(-1) - count) ** 2).mean(-1)
    torch.testing.assert_close(losses.create("count_mse")(p, counts(*count.tolist())), expected)


@pytest.mark.parametrize(
    ("error", "delta", "expected"), [(0.5, 1.0, 0.125), (-3.0, 1.0, 2.5), (3.0, 2.0, 4.0)]
)
def test_huber(error, delta, expected):
    p = torch.full((1, 1, 8), (4 + error) / 8, dtype=torch.float64)
    loss = losses.create("count_huber", delta=delta)(p, counts([4]))
    assert loss.item() == pytest.approx(expected)


def test_huber_meets_mse_for_small_errors():
    p = draw(4, 1, 3) * 0.3
    target = counts(*[[0]] * 4)
    torch.testing.assert_close(
        2 * losses.create("count_huber", delta=5.0)(p, target),
        losses.create("count_mse")(p, target),
    )


@BOTH
def test_any_split_of_the_count_is_a_minimum(name):
    """Eq 3.4: p_1 + p_2 = 1 is stable, sparse or not; this is what Poisson-binomial cures."""
    loss, target = losses.create(name), counts(*[[1]] * 3)
    p = torch.tensor([[[0.0, 1.0]], [[0.5, 0.5]], [[0.3, 0.7]]], requires_grad=True)
    value = loss(p, target)
    (gradient,) = torch.autograd.grad(value.sum(), p)
    assert value.abs().max() < 1e-12
    assert gradient.abs().max() < 1e-6
    assert losses.create("poisson_binomial")(p, target)[1] > 0.5


@BOTH
def test_heads_agree(name):
    loss, p = losses.create(name), draw(2, 12)
    count = torch.tensor([3, 7])
    by_events = loss(p[:, None], EventTarget(None, step=1.0, known_counts=count[:, None]))
    torch.testing.assert_close(loss(p, InstanceTarget(count)), by_events)
    points = PointPrediction(torch.zeros(2, 12, 2), p[..., None])
    mask = torch.arange(9) < count[:, None]
    nowhere = torch.full((2, 9, 2), float("nan"))
    torch.testing.assert_close(loss(points, PointTarget(nowhere, mask)), by_events)


@BOTH
def test_masked_equals_sliced(name):
    loss, p = losses.create(name), draw(2, 3, 10)
    mask = torch.arange(10)[None] < torch.tensor([[10], [6]])
    p[1, :, 6:] = float("nan")
    target = counts([1, 2, 3], [0, 2, 2])
    masked = loss(p, EventTarget(None, step=1.0, mask=mask, known_counts=target.known_counts))
    torch.testing.assert_close(masked[1:], loss(p[1:, :, :6], counts([0, 2, 2])))
    row = InstanceTarget(torch.tensor([2, 2]), mask=mask)
    assert loss(p[:, 0], row).isfinite().all()


@BOTH
def test_gradient(name):
    loss = losses.create(name)
    p = draw(2, 2, 5).requires_grad_()
    torch.autograd.gradcheck(lambda x: loss(x, counts([0, 1], [4, 2])), p)
    assert not loss.needs_locations


def test_options():
    with pytest.raises(OptionError, match="delta"):
        losses.create("count_huber", delta=0.0)
