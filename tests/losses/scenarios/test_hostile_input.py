"""Hostile input for every loss: what the conformance suite leaves to each loss to decide."""

from __future__ import annotations

import dataclasses

import pytest
import torch

import losses
from bench.conformance.case import Draw
from bench.conformance.evaluate import batch_of, both_passes
from bench.conformance.layouts import layouts
from bench.plugin import EventTarget, InstanceTarget, PointPrediction, PointTarget
from bench.plugin.registry import losses as registry
from losses._shared.numerics import FLOOR

CASES = [
    pytest.param(name, layout, id=f"{name}-{layout.name}")
    for name in registry.names()
    for head in sorted(registry.get(name).heads)
    for layout in layouts(registry.get(name), head)
]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize(("name", "layout"), CASES)
def test_gradients_in_low_precision_are_finite_and_of_its_type(name, layout, dtype):
    """The gradient of a logarithm near zero exceeds half precision, whose infinity becomes NaN."""
    loss = losses.create(name)
    for what, case in layout.hostile(Draw(0, torch.float32), batch_of(loss)).items():
        with torch.autocast("cpu", dtype=dtype):
            value, gradients = both_passes(loss, case.in_type(dtype))
        assert not value.isnan().any(), what
        assert all(gradient.isfinite().all() for gradient in gradients), what
        assert all(gradient.dtype == dtype for gradient in gradients), what


@pytest.mark.parametrize(("name", "layout"), CASES)
def test_built_in_losses_are_finite_on_hostile_input(name, layout):
    """The suite lets a loss be infinite; ours have a cap, so that an average stays a number."""
    loss = losses.create(name)
    for what, case in layout.hostile(Draw(0, torch.float32), batch_of(loss)).items():
        value, _ = both_passes(loss, case)
        assert value.isfinite().all(), what


@pytest.mark.parametrize(("name", "layout"), CASES)
def test_an_empty_batch_gives_no_losses(name, layout):
    loss = losses.create(name)
    case = layout.random(Draw(0, torch.float32), batch_of(loss), layout.length)
    value, gradients = both_passes(loss, case.rows(torch.arange(0)))
    assert value.shape == (0,)
    assert [gradient.shape for gradient in gradients] == [(0, *t.shape[1:]) for t in case.tensors]


N, ABOVE = 4, 6
COUNTS = torch.tensor([ABOVE, N])
P = torch.full((2, N), 0.9)
COUNTED = {
    "events": (P[:, None], EventTarget(None, step=1.0, known_counts=COUNTS[:, None])),
    "instances": (P, InstanceTarget(COUNTS)),
    "points": (
        PointPrediction(torch.zeros(2, N, 2), P[..., None]),
        PointTarget(torch.zeros(2, ABOVE, 2), torch.arange(ABOVE) < COUNTS[:, None]),
    ),
}


@pytest.mark.parametrize("head", COUNTED)
def test_counts_above_the_number_of_instances_cost_a_documented_cap(head):
    """`log_prob`: each missing instance costs -log 1e-30 beside the best count that can be."""
    prediction, target = COUNTED[head]
    above, full = losses.create("poisson_binomial")(prediction, target)
    missing = ABOVE - N
    assert (above - full).item() == pytest.approx(-missing * FLOOR.log, rel=1e-6)


@pytest.mark.parametrize("head", COUNTED)
def test_counts_above_the_number_of_instances_are_just_far_for_expected_counts(head):
    prediction, target = COUNTED[head]
    error = ABOVE - 0.9 * N
    mse, huber = (
        losses.create(name)(prediction, target)[0] for name in ("count_mse", "count_huber")
    )
    assert mse.item() == pytest.approx(error**2, rel=1e-5)
    assert huber.item() == pytest.approx(error - 0.5, rel=1e-5)


def test_more_labels_than_candidates_cost_the_heatmap_matching_regulariser_its_cap():
    prediction, target = COUNTED["points"]
    counted, plain = (
        losses.create("heatmap_matching", regularizer=regularizer, weight=1.0)(prediction, target)
        for regularizer in ("count", "none")
    )
    expected = losses.create("poisson_binomial")(prediction, target)
    torch.testing.assert_close(counted - plain, expected, rtol=1e-4, atol=1e-4)


def test_more_events_than_bins_are_impossible_for_misaligned_labels():
    """Documented: about 1e5, finite."""
    p = torch.full((1, 1, 2), 0.5, requires_grad=True)
    loss = losses.create("misaligned_logistic")(p, EventTarget(torch.full((1, 1, 2), 2.0), 0.01))
    loss.sum().backward()
    assert 1e4 < loss.item() < float("inf")
    assert p.grad.isfinite().all()


def test_unlabelled_rows_of_consistency_have_negative_counts():
    p = torch.tensor([[0.9, 0.1], [0.8, 0.3]])
    target = InstanceTarget(torch.tensor([-1, -1]))
    for name in ("instance_consistency", "count_consistency", "poisson_binomial_consistency"):
        loss = losses.create(name, supervised="poisson_binomial")
        plain = losses.create(name)
        assert torch.equal(loss(p, target), plain(p, target))
        labelled = dataclasses.replace(target, count=torch.tensor([-1, 2]))
        extra = loss(p, labelled) - plain(p, labelled)
        assert extra[0] == 0
        assert extra[1].item() == pytest.approx(-torch.log(p[1]).sum().item(), rel=1e-5)
