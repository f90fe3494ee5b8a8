"""Operations that a device is asked for, and how often the host waits for it."""

from __future__ import annotations

import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from _stand_in import DEVICE, stand_in
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_any

_ROOT = Path(__file__).resolve().parents[2]
_OWN = tuple(f"{_ROOT / room}/" for room in ("bench", "losses", "tasks"))


@dataclass
class Counts:
    """Attributes:
    operations: dispatched to the device, forward and backward.
    kernels: those of them that are no mere views.
    waits: how often the host waits for the device.
    where: lines of the project that waited, and how often.
    """

    operations: int = 0
    kernels: int = 0
    waits: int = 0
    where: Counter[str] = field(default_factory=Counter)

    def since(self, before: Counts, times: int = 1) -> tuple[float, float, float, str]:
        """Operations, kernels, waits per time, and the lines that waited, after ``before``."""
        lines = self.where - before.where
        return (
            (self.operations - before.operations) / times,
            (self.kernels - before.kernels) / times,
            (self.waits - before.waits) / times,
            ", ".join(f"{line} ×{number / times:.3g}" for line, number in lines.most_common(6)),
        )

    def copy(self) -> Counts:
        return Counts(self.operations, self.kernels, self.waits, Counter(self.where))

    def saw(self, operation: Any, waited: bool = False) -> None:
        self.operations += 1
        self.kernels += not operation.is_view
        if waited:
            self.waited()

    def waited(self) -> None:
        self.waits += 1
        self.where[_line()] += 1


def place_of(device: str) -> str:
    """Where tensors to be counted live: on the device, or on the stand-in for one."""
    return device if device != "cpu" else DEVICE


@contextmanager
def counting(device: str) -> Iterator[Counts]:
    """Counts what happens on `place_of` the device while this is open."""
    counts = Counts()
    if device == "cpu":
        with stand_in(counts.saw):
            yield counts
        return
    with _warned_of_waits(counts), _Dispatched(counts):
        yield counts


class _Dispatched(TorchDispatchMode):
    """Counts operations that have something to do with a CUDA device."""

    def __init__(self, counts: Counts) -> None:
        super().__init__()
        self._counts = counts

    def __torch_dispatch__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        if tree_any(_on_cuda, (args, kwargs or {})):
            self._counts.saw(function)
        return function(*args, **(kwargs or {}))


def _on_cuda(value: Any) -> bool:
    if isinstance(value, Tensor):
        return value.is_cuda
    return isinstance(value, torch.device) and value.type == "cuda"


@contextmanager
def _warned_of_waits(counts: Counts) -> Iterator[None]:
    """torch warns where the host waits for the device; the warnings are counted."""

    def show(message: Any, *_: Any, **__: Any) -> None:
        if "synchronizing" in str(message):
            counts.waited()

    before = torch.cuda.get_sync_debug_mode()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = show
        torch.cuda.set_sync_debug_mode("warn")
        try:
            yield
        finally:
            torch.cuda.set_sync_debug_mode(before)


def _line() -> str:
    """The innermost line of the project that is at work; in a backward pass, its caller's."""
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_filename.startswith(_OWN):
            name = Path(frame.f_code.co_filename).relative_to(_ROOT)
            return f"{name}:{frame.f_lineno}"
        if frame.f_back is None:
            break
        frame = frame.f_back
    return "elsewhere"
