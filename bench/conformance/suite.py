"""The checks, one function each, and the runner that reports them all."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from bench.conformance.cases import (
    BATCH,
    Case,
    hostile_cases,
    padded_case,
    permuted_case,
    random_case,
    truthful_case,
)
from bench.plugin import Loss, Task

_SEED = 20


@dataclass(frozen=True)
class CheckResult:
    """Outcome of one check: ``passed`` is None when it does not apply."""

    name: str
    head: str
    passed: bool | None
    message: str = ""


class NotApplicable(Exception):
    """The check says nothing about this plugin; the message says why."""


def check_loss(cls: type[Loss]) -> list[CheckResult]:
    """Run every check on a registered loss with its default options, for each of its heads."""
    results = [_outcome(name, "", check, cls) for name, check in _CLASS_CHECKS.items()]
    for head in sorted(cls.heads):
        results += [_outcome(name, head, check, cls(), head) for name, check in _CHECKS.items()]
    return results


def check_task(cls: type[Task]) -> list[CheckResult]:
    """Run every check on a registered task with its default options."""
    return [_outcome(name, "", check, cls) for name, check in _TASK_CHECKS.items()]


def _outcome(name: str, head: str, check: Callable[..., None], *arguments: Any) -> CheckResult:
    try:
        check(*arguments)
    except NotApplicable as reason:
        return CheckResult(name, head, None, str(reason))
    except AssertionError as failure:
        return CheckResult(name, head, False, str(failure))
    except Exception:
        return CheckResult(name, head, False, traceback.format_exc(limit=-2))
    return CheckResult(name, head, True)


def _documented(cls: type[Loss]) -> None:
    """A one-line summary, a description, a source."""
    assert cls.__doc__, "the class has no docstring"
    assert cls.source, "`source` is empty: name paper, section and equation"


def _round_trip(cls: type[Loss]) -> None:
    """Options survive being written out and read back."""
    loss = cls()
    assert cls(**loss.options()) == loss, f"{loss.options()} gives another loss when read back"


def _space_in_range(cls: type[Loss]) -> None:
    """Both ends of every search domain are valid options."""
    for option, domain in cls.space.items():
        for fraction in (0.0, 0.5, 1 - 2.0**-53):
            cls(**{option: domain.at(fraction)})


def _shape(loss: Loss, head: str) -> None:
    """One loss per sample, finite, in the prediction's dtype."""
    for dtype in (torch.float32, torch.float64):
        value = _value(loss, _case(head, dtype))
        assert value.shape == (BATCH,), f"shape {tuple(value.shape)} instead of ({BATCH},)"
        assert value.dtype == dtype, f"{value.dtype} for {dtype} predictions"
        assert torch.isfinite(value).all(), f"not finite: {value.tolist()}"


def _finite_gradient(loss: Loss, head: str) -> None:
    """Gradients exist, are finite and not all zero."""
    gradients = _gradients(loss, _case(head, torch.float32))
    assert any(bool((g != 0).any()) for g in gradients), "the gradient is zero everywhere"


def _gradcheck(loss: Loss, head: str) -> None:
    """Analytic gradients equal finite differences in float64."""
    case = _case(head, torch.float64)
    leaves = [tensor.clone().requires_grad_() for tensor in case.tensors]

    def value(*tensors: Tensor) -> Tensor:
        return _value(loss, case.with_tensors(*tensors))

    assert torch.autograd.gradcheck(value, leaves, eps=1e-6, atol=1e-5, rtol=1e-4)


def _prefers_truth(loss: Loss, head: str) -> None:
    """A confident right answer costs less than a confident wrong one."""
    case = _case(head, torch.float64)
    right, wrong = (_value(loss, truthful_case(head, case, right)) for right in (True, False))
    assert (right < wrong).all(), f"right {right.tolist()}, wrong {wrong.tolist()}"


def _permutation(loss: Loss, head: str) -> None:
    """A sample's loss depends neither on its place in a batch nor on the rest of it."""
    case, order = _case(head, torch.float64), torch.tensor([2, 0, 3, 1])
    value = _value(loss, case)
    if not torch.equal(value, _value(loss, case, seed=_SEED + 1)):
        raise NotApplicable("it samples, and each place in a batch has its own draws")
    assert torch.allclose(_value(loss, permuted_case(case, order)), value[order], atol=1e-10), (
        "the loss of a sample depends on its place in the batch"
    )
    rows = [permuted_case(case, torch.tensor([row])) for row in range(BATCH)]
    alone = torch.cat([_value(loss, row) for row in rows])
    assert torch.allclose(alone, value, atol=1e-10), (
        "the loss of a sample depends on the rest of its batch"
    )


def _padding(loss: Loss, head: str) -> None:
    """Masked data do not matter, whatever they hold."""
    case = _case(head, torch.float64)
    padded = padded_case(head, case)
    if padded is None:
        raise NotApplicable("this head has no padding")
    difference = (_value(loss, padded) - _value(loss, case)).abs().max()
    assert difference < 1e-9, f"padding changes the loss by {difference:.2g}"


def _hostile(loss: Loss, head: str) -> None:
    """No NaN, in value or gradient, on inputs at the ends of their range."""
    for name, case in hostile_cases(head, _case(head, torch.float32)).items():
        value = _value(loss, case)
        assert not torch.isnan(value).any(), f"{name}: NaN in the loss"
        for gradient in _gradients(loss, case):
            assert torch.isfinite(gradient).all(), f"{name}: gradient not finite"


def _deterministic(loss: Loss, head: str) -> None:
    """The same seed gives the same bits."""
    case = _case(head, torch.float32)
    assert torch.equal(_value(loss, case), _value(loss, case)), "two calls differ"


def _progress(loss: Loss, head: str) -> None:
    """Schedules work over the whole of training."""
    case = _case(head, torch.float32)
    for progress in (0.0, 0.5, 1.0):
        assert torch.isfinite(_value(loss, case, progress)).all(), f"at progress {progress}"


def _decodes(loss: Loss, head: str) -> None:
    """The decoder of the events head gives a finite score per bin."""
    if head != "events":
        raise NotApplicable("the form of decoded output is the task's business")
    p = _case(head, torch.float32).tensors[0]
    scores = loss.decode(p)
    assert scores.shape == p.shape, f"shape {tuple(scores.shape)} instead of {tuple(p.shape)}"
    assert torch.isfinite(scores).all(), "scores are not finite"


def _case(head: str, dtype: torch.dtype) -> Case:
    return random_case(head, torch.Generator().manual_seed(_SEED), dtype)


def _value(loss: Loss, case: Case, progress: float = 1.0, seed: int = _SEED) -> Tensor:
    torch.manual_seed(seed)  # losses that sample draw from torch's global generator
    return loss(case.pack(*case.tensors), case.target, progress=progress)


def _gradients(loss: Loss, case: Case) -> list[Tensor]:
    leaves = [tensor.clone().requires_grad_() for tensor in case.tensors]
    total = _value(loss, case.with_tensors(*leaves)).sum()
    if not total.requires_grad:
        return [torch.zeros_like(leaf) for leaf in leaves]
    found = torch.autograd.grad(total, leaves, allow_unused=True)
    gradients = [
        torch.zeros_like(leaf) if gradient is None else gradient
        for gradient, leaf in zip(found, leaves, strict=True)
    ]
    for gradient in gradients:
        assert torch.isfinite(gradient).all(), "the gradient is not finite"
    return gradients


def _task_described(cls: type[Task]) -> None:
    """A docstring, heads, and metrics with direction and range."""
    assert cls.__doc__, "the class has no docstring"
    assert cls.metrics, "the task declares no metrics"
    assert cls.heads, "the task offers no head"


def _task_options(cls: type[Task]) -> None:
    """Options survive being written out and read back, and name the data."""
    task = cls()
    assert cls(**task.options()) == task, f"{task.options()} gives another task when read back"
    assert task.data_name, "the data have no name"
    assert task.data_version == cls().data_version, "the data's version changes"


_CLASS_CHECKS: dict[str, Callable[..., None]] = {
    "documented": _documented,
    "options round trip": _round_trip,
    "search space in range": _space_in_range,
}
_CHECKS: dict[str, Callable[..., None]] = {
    "shape and dtype": _shape,
    "finite gradient": _finite_gradient,
    "float64 gradcheck": _gradcheck,
    "prefers the truth": _prefers_truth,
    "permutation": _permutation,
    "padding": _padding,
    "hostile input": _hostile,
    "deterministic": _deterministic,
    "schedules": _progress,
    "decoder": _decodes,
}
_TASK_CHECKS: dict[str, Callable[..., None]] = {
    "described": _task_described,
    "options round trip": _task_options,
}
