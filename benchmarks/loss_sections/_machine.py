"""What all sections measure by: processor time, resident memory, and what arithmetic allows."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import torch


def seconds(run: Callable[..., object], *arguments: object) -> float:
    """CPU time of this process for one call."""
    start = time.process_time()
    run(*arguments)
    return time.process_time() - start


def resident_megabytes(kind: str) -> float:
    """What is resident (``VmRSS``) or was at most (``VmHWM``) since the last reset (Linux only)."""
    status = Path("/proc/self/status").read_text()
    return float(status.split(f"{kind}:")[1].split()[0]) / 1024


def flops_per_second(dtype: torch.dtype) -> float:
    """Of a product of matrices in the cache."""
    a, b = torch.rand(2, 256, 256, dtype=dtype)
    out = torch.empty_like(a)

    def five() -> None:
        for _ in range(5):
            torch.mm(a, b, out=out)

    return float(5 * 2 * 256**3 / median(seconds(five) for _ in range(200)))
