"""Stepwise cross-entropy against torch's own, and the form with a background class."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn import functional

import losses
from bench.plugin import EventTarget
from losses.cross_entropy import binary_cross_entropy

torch.set_num_threads(1)


def scene(batch=3, channel=2, time=30, seed=0):
    g = torch.Generator().manual_seed(seed)
    p = torch.rand(batch, channel, time, generator=g, dtype=torch.float64)
    y = (torch.rand(batch, channel, time, generator=g) < 0.1).double()
    return p, y


def test_agrees_with_torch():
    p, y = scene()
    expected = functional.binary_cross_entropy(p, y, reduction="none").sum(-1).mean(-1)
    torch.testing.assert_close(
        losses.create("cross_entropy")(p, EventTarget(y, step=1.0)), expected
    )
    p.requires_grad_()
    torch.autograd.gradcheck(lambda x: binary_cross_entropy(x, y), p)


def test_several_events_in_a_bin_are_one():
    p, y = scene()
    loss = losses.create("cross_entropy")
    assert torch.equal(loss(p, EventTarget(3 * y, step=1.0)), loss(p, EventTarget(y, step=1.0)))


def test_masked_equals_sliced():
    p, y = scene()
    mask = torch.arange(30)[None] < torch.tensor([[30], [20], [0]])
    p[~mask[:, None].expand_as(p)] = float("nan")
    for options in ({}, {"classes": "exclusive"}):
        loss = losses.create("cross_entropy", **options)
        scaled = p / 3
        masked = loss(scaled, EventTarget(y, step=1.0, mask=mask))
        for row, length in enumerate((30, 20, 0)):
            part = slice(row, row + 1), slice(None), slice(0, length)
            torch.testing.assert_close(
                masked[row : row + 1], loss(scaled[part], EventTarget(y[part], step=1.0))
            )


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_saturated_probabilities_are_finite(dtype):
    z = torch.tensor([[[-1e4, 1e4, -1e4, 1e4]]], dtype=dtype, requires_grad=True)
    y = torch.tensor([[[0.0, 0.0, 1.0, 1.0]]])
    p = torch.sigmoid(z)
    loss = losses.create("cross_entropy")(p, EventTarget(y, step=1.0))
    (by_p, by_z) = torch.autograd.grad(loss.sum(), (p, z))
    assert loss.isfinite().all()
    assert by_p.isfinite().all()
    assert by_z.isfinite().all()
    assert (by_p.sign() * torch.tensor([1, 1, -1, -1]) > 0).all()  # towards the label
    spacing = -math.log(torch.finfo(dtype if dtype == torch.float64 else torch.float32).eps / 2)
    assert loss.item() == pytest.approx(-math.log(1e-30) + spacing)


def test_exclusive_classes_agree_with_torch_on_logits():
    g = torch.Generator().manual_seed(1)
    z = torch.randn(2, 9, 40, generator=g, dtype=torch.float64)  # the last class is background
    label = torch.randint(0, 9, (2, 40), generator=g)
    y = functional.one_hot(label, 9).movedim(-1, 1)[:, :8].double()
    weight = torch.tensor([1 / 8] * 8 + [1 / 35], dtype=torch.float64)
    expected = functional.cross_entropy(z, label, weight=weight, reduction="none").sum(-1)
    p = torch.softmax(z, dim=1)[:, :8]
    loss = losses.create("cross_entropy", classes="exclusive")
    torch.testing.assert_close(loss(p, EventTarget(y, step=1.0)), expected)
    p.requires_grad_()
    torch.autograd.gradcheck(lambda x: loss(x, EventTarget(y, step=1.0)), p)


def test_rounding_of_a_sure_softmax_does_not_explode():
    """p is 1 in float32, its complement 1e-9: the gradient must not be that of an impossibility."""
    z = torch.tensor([[[20.0], [0.0], [-2.0]]], requires_grad=True)
    p = torch.softmax(z, dim=1)[:, :2]
    loss = losses.create("cross_entropy", classes="exclusive", background_weight=1.0)
    (gradient,) = torch.autograd.grad(loss(p, EventTarget(torch.zeros(1, 2, 1), step=1.0)).sum(), z)
    assert gradient.abs().max() < 2


def test_decodes_peaks_by_default():
    loss = losses.create("cross_entropy")
    p = torch.tensor([[[0.1, 0.8, 0.7, 0.1]]])
    torch.testing.assert_close(loss.decode(p), torch.tensor([[[0.0, 0.8, 0.0, 0.0]]]))
