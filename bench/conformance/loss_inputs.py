"""What a loss survives: extreme values, odd sizes, low precision, odd memory layouts."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from bench.conformance.case import Case, Draw, Layout
from bench.conformance.evaluate import (
    SEED,
    assert_finite,
    assert_usable,
    batch_of,
    close,
    gradients_of,
    usual_case,
    value_of,
)
from bench.plugin import Choice, Domain, Loss

_LONG = 1000
_LOW_PRECISION = (torch.float16, torch.bfloat16)
_LAST = 1 - 2.0**-53  # largest draw below 1


def hostile_input(loss: Loss, layout: Layout) -> None:
    """No NaN, in value or gradient, on inputs at the ends of their range.

    The value may be infinite, the gradient may not.
    """
    for name, case in _hostile(loss, layout).items():
        assert_usable(loss, case, name)


def sizes(loss: Loss, layout: Layout) -> None:
    """Nothing, one and thousands of bins, candidates or cells; a batch of one sample."""
    draw = Draw(SEED, torch.float32)
    for length in layout.unusual:
        case = layout.random(draw, batch_of(loss, 1 if length > _LONG else 2), length)
        assert_usable(loss, case, f"n = {length}")
    assert_usable(loss, layout.random(draw, loss.views, layout.length), "a batch of one sample")


def low_precision(loss: Loss, layout: Layout) -> None:
    """Half precision and bfloat16, with and without autocast, give what float32 gives.

    To two per cent, and no NaN in the loss on inputs at the ends of their range. Gradients there
    may exceed what half precision holds.
    """
    for dtype in _LOW_PRECISION:
        half = usual_case(loss, layout).in_type(dtype)
        full = half.in_type(torch.float32)
        expected = value_of(loss, full)
        for name, case in ((f"{dtype}", half), ("float32", full)):
            for autocast in (True,) if case is full else (False, True):
                where = f"{name}{f' under autocast to {dtype}' if autocast else ''}"
                with torch.autocast("cpu", dtype=dtype, enabled=autocast):
                    value = assert_finite(loss, case, where)
                assert close(value, expected, 2e-2), (
                    f"{where}: {value.tolist()}, in float32 {expected.tolist()}"
                )
        for name, case in _hostile(loss, layout).items():
            with torch.autocast("cpu", dtype=dtype):
                value = value_of(loss, case.in_type(dtype))
            assert not torch.isnan(value).any(), f"{name} in {dtype}: NaN in the loss"


def non_contiguous(loss: Loss, layout: Layout) -> None:
    """Tensors with gaps between their entries give what contiguous ones give."""
    for dtype in (torch.float32, torch.float64):
        case = usual_case(loss, layout, dtype)
        for name, arrange in (("gaps", _with_gaps), ("transposed", _transposed)):
            other = case.on_all(arrange)
            assert close(value_of(loss, other), value_of(loss, case), 1e-5), (
                f"{name} in memory change the loss"
            )
            pairs = zip(gradients_of(loss, other), gradients_of(loss, case), strict=True)
            for ours, theirs in pairs:
                assert close(ours, theirs, 1e-5), f"{name} in memory change the gradient"


def untouched_input(loss: Loss, layout: Layout) -> None:
    """Prediction and target stay as they are, through both passes."""
    case = usual_case(loss, layout)
    before = case.on_all(torch.clone)
    gradients_of(loss, case)
    changed: list[bool] = []
    for ours, theirs in zip(case.tensors, before.tensors, strict=True):
        changed.append(not torch.equal(ours, theirs))
    for name, theirs in vars(before.target).items():
        if isinstance(theirs, Tensor):
            changed.append(not torch.equal(getattr(case.target, name), theirs))
    assert not any(changed), "the loss writes into its prediction or target"


def nan_is_reported(loss: Loss, layout: Layout) -> None:
    """NaN in a prediction gives NaN for its sample, and for no other one."""
    case = usual_case(loss, layout)
    last = case.tensors[-1].clone()
    last[0].view(-1)[0] = float("nan")
    value = value_of(loss, case.with_last(last))
    own, others = value[: loss.views], value[loss.views :]
    assert torch.isnan(own).all(), f"NaN in the prediction becomes a loss of {own.tolist()}"
    assert torch.isfinite(others).all(), "NaN in a sample reaches the others"


def search_space(loss: Loss, layout: Layout) -> None:
    """Finite at both ends of every search domain, one option at a time and all at once."""
    case = usual_case(loss, layout)
    space = loss.space
    settings = [{option: end} for option, domain in space.items() for end in _ends(domain)]
    for fraction in (0.0, _LAST):
        settings += [{option: domain.at(fraction) for option, domain in space.items()}]
    for options in settings:
        other = type(loss)(**options)
        assert_finite(other, case, f"{options}")


def _ends(domain: Domain) -> list[object]:
    if isinstance(domain, Choice):
        return list(domain.values)
    return [domain.at(0.0), domain.at(_LAST)]


def _hostile(loss: Loss, layout: Layout) -> dict[str, Case]:
    return layout.hostile(Draw(SEED, torch.float32), batch_of(loss))


def _with_gaps(tensor: Tensor) -> Tensor:
    return torch.stack([tensor, torch.zeros_like(tensor)], -1)[..., 0]


def _transposed(tensor: Tensor) -> Tensor:
    return tensor.transpose(0, -1).contiguous().transpose(0, -1)


CHECKS: dict[str, Callable[[Loss, Layout], None]] = {
    "hostile input": hostile_input,
    "sizes": sizes,
    "low precision": low_precision,
    "non-contiguous": non_contiguous,
    "untouched input": untouched_input,
    "NaN is reported": nan_is_reported,
    "search space": search_space,
}
