"""What a loss is given, checked once per shape.

Types and shapes are compared the first time that a combination of them is seen, and the values of
probabilities are looked at then, too: afterwards a call costs one look-up, and an accelerator is
never waited for. Where a compiler or a function transform hides values, nothing is checked.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from bench.plugin.errors import LossInputError
from bench.plugin.heads import HEADS, Head
from bench.plugin.mismatch import Mismatch

if TYPE_CHECKING:
    from torch import Tensor


_ROUNDING = 1e-4
"""How far beyond 0 and 1 a probability may lie, as sums and interpolations leave it."""
_MOST = 4096
"""Combinations that are remembered; further ones, of data of ever new lengths, are compared by
shape at each call."""
_SEQUENCES = (tuple, list)
_accepted: set[Any] = set()


class Takes(Protocol):
    """What of a loss says what it takes: see `bench.plugin.loss.Loss`."""

    plugin_name: ClassVar[str]
    heads: ClassVar[frozenset[str]]

    @property
    def upsampling_factor(self) -> int: ...


def forget() -> None:
    """Look at values again, as at the start of a trial: its network is another one."""
    _accepted.clear()


def check_input(loss: Takes, prediction: Any, target: Any, progress: Any) -> bool:
    """Raise unless ``loss`` takes these; whether this form of them was seen for the first time.

    Raises:
        LossInputError: wrong types or shapes, values that are no probabilities, or a progress
            outside of [0, 1]. NaN is left for the loss to report.
    """
    import torch

    if torch.compiler.is_compiling() or torch._C._are_functorch_transforms_active():
        return False
    if not 0.0 <= progress <= 1.0:
        raise LossInputError(
            f"{_name(loss)}: progress is {progress!r}, but a number from 0 to 1 is due "
            "(divide the step by the number of steps)"
        )
    tensor = torch.Tensor
    key = (type(loss), loss.upsampling_factor, _form(prediction, tensor), _form(target, tensor))
    if key in _accepted or not loss.heads:
        return False
    _compare(loss, prediction, target)
    if len(_accepted) < _MOST:
        _accepted.add(key)
    return True


def check_result(loss: Takes, prediction: Any, value: Any) -> None:
    """Raise unless ``value`` is one loss per sample.

    Raises:
        LossInputError: it is no tensor of shape ``(batch,)``.
    """
    rows = len(tensors_of(prediction)[0])
    shape = tuple(getattr(value, "shape", ())) if hasattr(value, "shape") else type(value).__name__
    if shape != (rows,):
        raise LossInputError(
            f"{_name(loss)} returned {shape} for {rows} samples, but one loss per sample is due: "
            f"shape ({rows},) (sum over time, average over channels, leave the batch)"
        )


def _form(value: Any, tensor: type[Any]) -> tuple[Any, ...]:
    """Types, shapes and devices that a check depends on."""
    kind = value.__class__  # cheaper than isinstance, which torch makes slow for what is no tensor
    if kind is tensor:
        return value.shape, value.dtype, value.device
    form: list[Any] = [kind]
    for name in _fields(kind):
        part = getattr(value, name)
        if part is None or part.__class__ is float:
            form.append(part is None)
        elif part.__class__ is tensor:
            form.append(part.shape)
            form.append(part.dtype)
        elif isinstance(part, _SEQUENCES):  # a grid
            form += (item if isinstance(item, int) else _form(item, tensor) for item in part)
        else:
            form.append(_form(part, tensor))
    if len(form) == 1 and isinstance(value, tensor):  # a parameter, or another subclass
        form += value.shape, value.dtype, value.device
    return tuple(form)


def tensors_of(value: Any) -> list[Tensor]:
    """A tensor alone, or those of a dataclass, in their order."""
    import torch

    if isinstance(value, torch.Tensor):
        return [value]
    parts = (getattr(value, name) for name in _fields(value.__class__))
    return [part for part in parts if isinstance(part, torch.Tensor)]


@functools.cache
def _fields(cls: type) -> tuple[str, ...]:
    return tuple(f.name for f in dataclasses.fields(cls)) if dataclasses.is_dataclass(cls) else ()


def _compare(loss: Takes, prediction: Any, target: Any) -> None:
    try:
        head = _head(loss, prediction, target)
        head.check(prediction, target, loss.upsampling_factor)
        if head.probabilities is not None and len(_accepted) < _MOST:
            expect_probabilities(head, head.probabilities(prediction, target))
    except Mismatch as mismatch:
        raise LossInputError(f"{_name(loss)}: {mismatch}") from None


def _head(loss: Takes, prediction: Any, target: Any) -> Head:
    """The head of the loss that has this prediction and target.

    Raises:
        Mismatch: there is none.
    """
    heads = [HEADS[name] for name in HEADS if name in loss.heads]
    fitting = [head for head in heads if head.takes(target)]
    if not fitting:
        due = ", ".join(f"{head.target_names} ({head.name})" for head in heads)
        raise Mismatch("target", f"is {type(target).__name__}", due)
    for head in fitting:
        if head.gives(prediction):
            return head
    due = " or ".join(
        f"{head.prediction_name} ({head.name}, with {type(target).__name__})" for head in fitting
    )
    raise Mismatch("prediction", f"is {type(prediction).__name__}", due)


def expect_probabilities(head: Head, p: Tensor) -> None:
    """Raise `Mismatch` where a value lies outside of [0, 1]; NaN is let through."""
    p = p.detach()
    outside = (p < -_ROUNDING) | (p > 1 + _ROUNDING)
    if not bool(outside.any()):
        return
    wrong = p[outside]
    argument = "prediction" if head.prediction is None else "prediction.p"
    raise Mismatch(
        argument,
        f"holds {len(wrong)} of {p.numel()} values outside of [0, 1], such as {wrong[0]:.4g}",
        "probabilities",
        "logits? apply a sigmoid",
    )


def _name(loss: Takes) -> str:
    return loss.plugin_name or type(loss).__name__
