"""Kernels run with denormal numbers flushed to zero.

Probabilities of a trained network are tiny, their products fall below the smallest normal float,
and processors take a hundred times longer over such numbers. None of them matters: see the
kernels' remarks on underflow.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

_DENORMAL = 5e-324


@contextmanager
def flushed() -> Iterator[None]:
    """Flush denormals in this thread, where the processor can; leave the setting as it was."""
    if _DENORMAL * 1.0 == 0.0 or not torch.set_flush_denormal(True):
        yield
        return
    try:
        yield
    finally:
        torch.set_flush_denormal(False)
