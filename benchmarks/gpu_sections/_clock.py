"""Time of a call on a device: CUDA events there, a wall clock elsewhere; medians of repeats."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import torch


def milliseconds(run: Callable[[], object], device: str, seconds: float, repeats: int) -> float:
    """Median of at most ``repeats`` calls, as many as fit into ``seconds``, after warm-up."""
    run()
    once = _once(run, device)
    number = max(3, min(repeats, int(1e3 * seconds / max(once, 1e-3))))
    return median(_once(run, device) for _ in range(number))


def _once(run: Callable[[], object], device: str) -> float:
    if device == "cpu":
        started = time.perf_counter()
        run()
        return 1e3 * (time.perf_counter() - started)
    begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    torch.cuda.synchronize()
    begin.record()
    run()
    end.record()
    torch.cuda.synchronize()
    return float(begin.elapsed_time(end))
