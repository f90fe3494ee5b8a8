"""The marginal likelihood of misaligned labels against the sum over all true event times."""

from __future__ import annotations

import itertools
import math

import pytest
import torch

import losses
from bench.plugin import EventTarget
from losses._shared import misaligned_labels
from losses._shared.misaligned_labels import label_positions
from losses.misaligned_logistic import log_likelihood

torch.set_num_threads(1)


def by_enumeration(p, labels, sigma):
    """-log Σ over increasing true times of the probability of events and of their labels."""
    total = sum(math.exp(-d * d / (2 * sigma**2)) for d in range(-200, 201))
    likelihood = 0.0
    for times in itertools.combinations(range(len(p)), len(labels)):
        value = math.prod(p[t] if t in times else 1 - p[t] for t in range(len(p)))
        for label, t in zip(labels, times, strict=True):
            value *= math.exp(-((label - t) ** 2) / (2 * sigma**2)) / total
        likelihood += value
    return -math.log(likelihood)


def events_at(labels, time):
    y = torch.zeros(1, 1, time, dtype=torch.float64)
    for label in labels:
        y[..., label] += 1
    return y


def draw(*shape, seed=0):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("labels", [[], [3], [0, 9], [2, 2], [1, 4, 5], list(range(10))])
@pytest.mark.parametrize("sigma", [0.3, 1.0, 5.0])
def test_value(labels, sigma):
    p = draw(1, 1, 10)
    loss = losses.create("misaligned_logistic", noise_softness=sigma)
    value = loss(p, EventTarget(events_at(labels, 10), step=1.0))
    assert value.item() == pytest.approx(by_enumeration(p[0, 0].tolist(), labels, sigma), rel=1e-9)


def test_a_batch_of_different_counts_equals_each_alone():
    p = draw(2, 3, 12)
    y = torch.cat([events_at(labels, 12) for labels in ([], [1], [1, 5], [3, 4, 4], [11], [0, 11])])
    y = y.reshape(2, 3, 12)
    value = log_likelihood(p, y, 1.5)
    for row, channel in itertools.product(range(2), range(3)):
        part = slice(row, row + 1), slice(channel, channel + 1)
        torch.testing.assert_close(value[part], log_likelihood(p[part], y[part], 1.5))


def test_label_positions():
    y = torch.tensor([[0.0, 1, 0, 2, 0, 1]])
    assert label_positions(y, 5).tolist() == [[1, 3, 3, 5, 6]]


def test_limits_are_cross_entropy_and_counting():
    p, y = draw(2, 2, 15), (draw(2, 2, 15, seed=1) < 0.2).double()
    target = EventTarget(y, step=1.0)
    sharp = losses.create("misaligned_logistic", noise_softness=0.05)(p, target)
    torch.testing.assert_close(sharp, losses.create("cross_entropy")(p, target))
    sigma = 1e5
    wide = losses.create("misaligned_logistic", noise_softness=sigma)(p, target)
    constant = y.sum(-1).mean(-1) * math.log(sigma * math.sqrt(2 * math.pi))
    counting = losses.create("poisson_binomial")(p, target)
    torch.testing.assert_close(wide - constant, counting, rtol=1e-6, atol=1e-6)


def test_gradient():
    p, y = draw(2, 2, 8) * 0.9 + 0.05, (draw(2, 2, 8, seed=1) < 0.3).double()
    torch.autograd.gradcheck(lambda x: log_likelihood(x, y, 1.0), p.requires_grad_())
    assert len(set(y.sum(-1).flatten().tolist())) > 1  # counts differ, so some gradients are zero
    torch.autograd.gradgradcheck(lambda x: log_likelihood(x, y, 1.0), p)


def test_masked_equals_sliced():
    p, y = draw(2, 2, 20), (draw(2, 2, 20, seed=1) < 0.2).double()
    mask = torch.arange(20)[None] < torch.tensor([[20], [9]])
    p[1, :, 9:] = float("nan")
    loss = losses.create("misaligned_logistic", noise_softness=2.0)
    masked = loss(p, EventTarget(y, step=1.0, mask=mask))
    torch.testing.assert_close(masked[1:], loss(p[1:, :, :9], EventTarget(y[1:, :, :9], step=1.0)))


def test_hostile_input_is_finite():
    for constant in (0.0, 1.0):
        for y in (torch.zeros(1, 1, 5), torch.ones(1, 1, 5), torch.full((1, 1, 5), 3.0)):
            p = torch.full((1, 1, 5), constant, requires_grad=True)
            loss = losses.create("misaligned_logistic", noise_softness=1.0)(
                p, EventTarget(y, step=1.0)
            )
            (gradient,) = torch.autograd.grad(loss.sum(), p)
            assert loss.isfinite().all()
            assert gradient.isfinite().all()


def test_a_shifted_label_is_explained_by_the_noise():
    """A sure event two bins from its label costs what the noise says, not an impossibility."""
    p = torch.full((1, 1, 30), 1e-6, dtype=torch.float64)
    p[..., 10] = 1 - 1e-6
    loss = losses.create("misaligned_logistic", noise_softness=2.0)
    at, near = (loss(p, EventTarget(events_at([t], 30), step=1.0)).item() for t in (10, 12))
    assert near - at == pytest.approx(0.5, abs=1e-3)


def drawn(kind, time, dtype):
    """Probabilities ``(3, 2, time)``."""
    p = draw(3, 2, time).to(dtype)
    if kind == "saturated":
        return torch.where(p < 0.2, 0.0, torch.where(p > 0.8, 1.0, p))
    return p if kind == "random" else torch.full_like(p, float(kind))


def labelled(kind, time, dtype):
    u = draw(3, 2, time, seed=1)
    events = {
        "empty": u < 0,
        "sparse": u < 0.15,
        "crowded": (u < 0.1).long() * 3,
        "full": u < 1,
        "overfull": (u < 0.9).long() * 2,  # more events than bins
    }
    return events[kind].to(dtype)


@pytest.mark.parametrize("kind", ["random", "saturated", "0", "1"])
@pytest.mark.parametrize("events", ["empty", "sparse", "crowded", "full", "overfull"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("sigma", [0.3, 4.0])
def test_compiled_equals_plain(kind, events, dtype, sigma):
    time = 25
    p, y = drawn(kind, time, dtype).requires_grad_(), labelled(events, time, dtype)
    value, plain = (f(p, y, sigma) for f in (log_likelihood, misaligned_labels.log_likelihood))
    # logarithms as large as the value or as Σ log(1 - p) are rounded before they are exponentiated
    size = max(plain.abs().max().item(), -time * math.log(torch.finfo(dtype).eps / 2))
    error = 20 * torch.finfo(dtype).eps * size
    torch.testing.assert_close(value, plain, rtol=error, atol=error)
    gradient, expected = (torch.autograd.grad(v.sum(), p)[0] for v in (value, plain))
    # as a gradient by a logit, which says nothing of what is far below the spacing of floats
    slope = p.clamp(min=1e-30) * (1 - p).clamp(min=torch.finfo(dtype).eps / 2)
    torch.testing.assert_close(gradient * slope, expected * slope, rtol=error, atol=error)


def test_function_transforms_take_the_plain_form():
    p, y = draw(2, 1, 8), torch.zeros(2, 1, 8, dtype=torch.float64)
    y[..., 3:5] = 1
    by_transform = torch.func.grad(lambda x: log_likelihood(x, y, 1.0).sum())(p)
    (gradient,) = torch.autograd.grad(log_likelihood(p.requires_grad_(), y, 1.0).sum(), p)
    torch.testing.assert_close(gradient, by_transform)


def test_a_graph_can_be_passed_twice_and_by_batches_of_scales():
    p, y = draw(1, 3, 8).requires_grad_(), torch.zeros(1, 3, 8, dtype=torch.float64)
    y[..., 2] = 1
    value = log_likelihood(p, y, 1.0)
    (together,) = torch.autograd.grad(value.sum(), p, retain_graph=True)
    scales = torch.eye(3, dtype=torch.float64)[:, None]
    (each,) = torch.autograd.grad(value, p, scales, is_grads_batched=True)
    torch.testing.assert_close(each.sum(0), together)


@pytest.mark.parametrize("shape", [(0, 3, 5), (2, 0, 5), (2, 3, 0)])
def test_nothing_to_sum(shape):
    p = torch.zeros(shape, requires_grad=True)
    value = log_likelihood(p, torch.zeros(shape), 1.0)
    assert value.tolist() == torch.zeros(shape[:2]).tolist()
    assert torch.autograd.grad(value.sum(), p)[0].shape == shape
