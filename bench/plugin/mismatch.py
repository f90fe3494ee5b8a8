"""What does not fit between a prediction and a target, and comparisons of shapes that say it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

Axis = int | str
"""Length of an axis, or its name where any length will do."""


class Mismatch(Exception):
    """A prediction does not fit its target; the message is one clause about one argument.

    Args:
        argument: what is wrong, such as ``target.mask``.
        found: what it is, with its verb, such as ``has shape (2, 3)``.
        due: what it should be.
        cause: a guess at why, or empty.
    """

    def __init__(self, argument: str, found: str, due: str, cause: str = "") -> None:
        super().__init__(f"{argument} {found}, but {due} is due{f' ({cause})' if cause else ''}")


def expect_shape(argument: str, tensor: Any, due: Sequence[Axis], meaning: str = "") -> None:
    """Raise `Mismatch` unless ``tensor`` is a tensor of that shape; names fit any length."""
    shape = getattr(tensor, "shape", None)
    if shape is None:
        raise Mismatch(argument, f"is {type(tensor).__name__}", f"a tensor {_text(due)}{meaning}")
    found = tuple(shape)
    if len(found) != len(due) or any(
        isinstance(axis, int) and axis != length for axis, length in zip(due, found, strict=True)
    ):
        raise Mismatch(
            argument, f"has shape {_text(found)}", f"{_text(due)}{meaning}", _cause(found, due)
        )


def expect_bool(argument: str, tensor: Tensor) -> None:
    """Raise `Mismatch` unless ``tensor`` is bool, which ``~`` needs."""
    if str(tensor.dtype) != "torch.bool":
        raise Mismatch(argument, f"is {tensor.dtype}", "torch.bool", "use `mask.bool()`")


def expect_integer(argument: str, tensor: Tensor) -> None:
    """Raise `Mismatch` unless ``tensor`` holds integers."""
    if tensor.is_floating_point() or tensor.is_complex() or str(tensor.dtype) == "torch.bool":
        raise Mismatch(argument, f"is {tensor.dtype}", "an integer type", "use `.long()`")


def expect_floating(argument: str, tensor: Tensor) -> None:
    """Raise `Mismatch` unless ``tensor`` holds floating-point numbers."""
    if not tensor.is_floating_point():
        raise Mismatch(argument, f"is {tensor.dtype}", "a floating-point type")


def _text(shape: Sequence[Axis]) -> str:
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def _cause(found: tuple[int, ...], due: Sequence[Axis]) -> str:
    """A guess at what happened to an array."""
    if len(found) < len(due):
        return f"an axis missing? {_text(due)} has {len(due)}"
    if len(found) > len(due):
        return f"an axis too many? {_text(due)} has {len(due)}"
    lengths = [axis for axis in due if isinstance(axis, int)]
    if len(lengths) == len(due) and sorted(lengths) == sorted(found):
        return "axes in another order?"
    if len(lengths) == len(due) and found[:2] == tuple(lengths[:2]) and len(found) > 2:
        return "an output of another resolution?"
    return ""
