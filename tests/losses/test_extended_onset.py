"""Extended onsets: which bins become positive."""

from __future__ import annotations

import pytest
import torch

import losses
from bench.plugin import EventTarget
from losses.extended_onset import extend

torch.set_num_threads(1)


def test_extends_forwards_and_stops_at_the_border():
    y = torch.tensor([[[0.0, 1, 0, 0, 0, 2, 0, 1]]])
    assert extend(y, 0)[0, 0].tolist() == [0, 1, 0, 0, 0, 1, 0, 1]
    assert extend(y, 1)[0, 0].tolist() == [0, 1, 1, 0, 0, 1, 1, 1]
    assert extend(y, 3)[0, 0].tolist() == [0, 1, 1, 1, 1, 1, 1, 1]
    assert extend(y, 100)[0, 0].tolist() == [0, 1, 1, 1, 1, 1, 1, 1]


@pytest.mark.parametrize(("length", "bins"), [(0.0, 0), (0.009, 0), (0.01, 1), (0.1, 10)])
def test_is_cross_entropy_against_extended_labels(length, bins):
    g = torch.Generator().manual_seed(0)
    p = torch.rand(2, 2, 40, generator=g, dtype=torch.float64)
    y = (torch.rand(2, 2, 40, generator=g) < 0.1).double()
    loss = losses.create("extended_onset", onset_length=length)
    expected = losses.create("cross_entropy")(p, EventTarget(extend(y, bins), step=1.0))
    assert torch.equal(loss(p, EventTarget(y, step=0.01)), expected)


def test_masked_equals_sliced():
    g = torch.Generator().manual_seed(1)
    p = torch.rand(2, 2, 30, generator=g, dtype=torch.float64)
    y = (torch.rand(2, 2, 30, generator=g) < 0.1).double()
    mask = torch.arange(30)[None] < torch.tensor([[30], [13]])
    loss = losses.create("extended_onset", onset_length=4.0)
    masked = loss(p, EventTarget(y, step=1.0, mask=mask))
    torch.testing.assert_close(
        masked[1:], loss(p[1:, :, :13], EventTarget(y[1:, :, :13], step=1.0))
    )


def test_gradient_is_finite_at_the_border():
    y = torch.zeros(1, 1, 6)
    y[..., 2] = 1
    p = torch.tensor([[[0.0, 1, 0, 1, 0, 1]]], requires_grad=True)
    (gradient,) = torch.autograd.grad(
        losses.create("extended_onset")(p, EventTarget(y, step=1.0)).sum(), p
    )
    assert gradient.isfinite().all()
