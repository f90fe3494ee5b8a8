"""What a loss promises on ordinary data: values, gradients, preferences, independence of rows."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from bench.conformance.case import Case, Draw, Layout
from bench.conformance.curvature import second_derivatives
from bench.conformance.evaluate import (
    SEED,
    assert_finite,
    batch_of,
    close,
    gradients_of,
    usual_case,
    value_of,
)
from bench.conformance.outcome import NotApplicable
from bench.plugin import Loss

_SMALL = 12  # bins, candidates or cells where every entry is perturbed on its own


def shape(loss: Loss, layout: Layout) -> None:
    """One loss per sample, finite, in the prediction's type."""
    for dtype in (torch.float32, torch.float64):
        case = usual_case(loss, layout, dtype)
        value = value_of(loss, case)
        rows = batch_of(loss)
        assert value.shape == (rows,), f"shape {tuple(value.shape)} instead of ({rows},)"
        assert value.dtype == dtype, f"{value.dtype} for {dtype} predictions"
        assert torch.isfinite(value).all(), f"not finite: {value.tolist()}"


def finite_gradient(loss: Loss, layout: Layout) -> None:
    """Gradients exist, are finite and not all zero."""
    gradients = gradients_of(loss, usual_case(loss, layout))
    for gradient in gradients:
        assert torch.isfinite(gradient).all(), "the gradient is not finite"
    assert any(bool((g != 0).any()) for g in gradients), "the gradient is zero everywhere"


def gradcheck(loss: Loss, layout: Layout) -> None:
    """Analytic gradients equal finite differences in float64."""
    case = layout.random(Draw(SEED, torch.float64), batch_of(loss, 2), _SMALL)
    leaves = [tensor.clone().requires_grad_() for tensor in case.tensors]

    def value(*tensors: Tensor) -> Tensor:
        return value_of(loss, case.with_tensors(*tensors))

    assert torch.autograd.gradcheck(value, leaves, eps=1e-6, atol=1e-5, rtol=1e-4)


def single_precision(loss: Loss, layout: Layout) -> None:
    """float32 agrees with float64, in value and gradient."""
    if _samples(loss, layout):
        raise NotApplicable("it samples, and types may have their own draws")
    single = usual_case(loss, layout)
    double = single.in_type(torch.float64)
    value, exact = value_of(loss, single), value_of(loss, double)
    assert close(value, exact, 1e-4), f"{value.tolist()} in float32, {exact.tolist()} in float64"
    pairs = zip(gradients_of(loss, single), gradients_of(loss, double), strict=True)
    for ours, theirs in pairs:
        assert close(ours, theirs, 1e-3), "the gradients of float32 and float64 differ"


def prefers_truth(loss: Loss, layout: Layout) -> None:
    """A confident right answer costs less than clearly wrong ones.

    For a loss that compares views, right means views that agree.
    """
    case = usual_case(loss, layout, torch.float64)
    right = layout.right(case)
    wrong = layout.wrong(case)
    if loss.views > 1:
        first = next(iter(wrong.values()))
        right, wrong = (
            _views(right, right, loss.views),
            {"views that disagree": _views(right, first, loss.views)},
        )
    cost = value_of(loss, right)
    for name, other in wrong.items():
        more = value_of(loss, other)
        assert (cost < more).all(), f"right costs {cost.tolist()}, {name} {more.tolist()}"


def _views(first: Case, others: Case, views: int) -> Case:
    """Each group's first row from ``first``, the other rows from that row of ``others``."""
    rows = torch.arange(len(first.tensors[0]))
    lead = rows - rows % views
    mixed = []
    for ours, theirs in zip(first.tensors, others.tensors, strict=True):
        own = (rows == lead).view(-1, *[1] * (ours.dim() - 1))
        mixed.append(torch.where(own, ours, theirs[lead]))
    return first.with_tensors(*mixed)


def permutation(loss: Loss, layout: Layout) -> None:
    """A sample's loss depends neither on its place in a batch nor on the rest of it.

    A loss that compares views has groups of rows for samples.
    """
    if _samples(loss, layout):
        raise NotApplicable("it samples, and each place in a batch has its own draws")
    case = usual_case(loss, layout, torch.float64)
    value = value_of(loss, case)
    groups = torch.arange(len(value)).view(-1, loss.views)
    order = groups[torch.tensor([2, 0, 3, 1])].flatten()
    assert close(value_of(loss, case.rows(order)), value[order], 1e-10), (
        "the loss of a sample depends on its place in the batch"
    )
    alone = torch.cat([value_of(loss, case.rows(group)) for group in groups])
    assert close(alone, value, 1e-10), "the loss of a sample depends on the rest of its batch"


def padding(loss: Loss, layout: Layout) -> None:
    """Masked data do not matter, whatever they hold, and get no gradient."""
    case = usual_case(loss, layout, torch.float64)
    value, gradients = value_of(loss, case), gradients_of(loss, case)
    for name, padded in layout.padded(case).items():
        there = value_of(loss, padded.case)
        assert close(there, value, 1e-9), (
            f"padding with {name} changes the loss from {value.tolist()} to {there.tolist()}"
        )
        for ours, theirs in zip(gradients_of(loss, padded.case), gradients, strict=True):
            assert close(padded.crop(ours), theirs, 1e-9), (
                f"padding with {name} changes the gradient of what is real"
            )
            rest = ours.abs().sum() - padded.crop(ours).abs().sum()
            assert rest.abs() < 1e-9, f"padding with {name} gets a gradient"


def deterministic(loss: Loss, layout: Layout) -> None:
    """The same seed gives the same bits, in value and gradient, also after inference mode."""
    case = usual_case(loss, layout)
    with torch.inference_mode():
        first = value_of(loss, case).tolist()
    gradients = gradients_of(loss, case)
    assert value_of(loss, case).tolist() == first, "two calls differ"
    for ours, theirs in zip(gradients_of(loss, case), gradients, strict=True):
        assert torch.equal(ours, theirs), "the gradients of two calls differ"


def schedules(loss: Loss, layout: Layout) -> None:
    """Schedules work over the whole of training."""
    case = usual_case(loss, layout)
    for progress in (0.0, 0.5, 1.0):
        assert_finite(loss, case, f"at progress {progress}", progress)


def decoder(loss: Loss, layout: Layout) -> None:
    """What is read from a right prediction has the right form and says the right thing."""
    if "events" in loss.heads and layout.name == "1-D":
        raise NotApplicable("maps over one axis have the form of events, which it reads them as")
    case = layout.right(usual_case(loss, layout))
    layout.check_decoded(loss.decode(case.pack(*case.tensors)), case)


def _samples(loss: Loss, layout: Layout) -> bool:
    case = usual_case(loss, layout, torch.float64)
    first, second = value_of(loss, case), value_of(loss, case, seed=SEED + 1)
    again = value_of(loss, case)
    return bool(torch.equal(first, again)) and not torch.equal(first, second)


CHECKS: dict[str, Callable[[Loss, Layout], None]] = {
    "shape and dtype": shape,
    "finite gradient": finite_gradient,
    "float64 gradcheck": gradcheck,
    "second derivatives": second_derivatives,
    "single precision": single_precision,
    "prefers the truth": prefers_truth,
    "permutation": permutation,
    "padding": padding,
    "deterministic": deterministic,
    "schedules": schedules,
    "decoder": decoder,
}
