"""Sampling-argmax against its direct implementation, in time and peak memory.

    python benchmarks/loss_sections/heatmap.py [--repeats 5]

Forward and backward of 30 samples of 32 × 17 maps of 64 × 48 cells (the COCO configuration),
float32, one core. The direct implementation materialises all Gumbel-softmax weights. Seconds are
CPU time of this process, so that others on the machine disturb little; ratios are medians over
interleaved runs. Peak memory is what the first step adds to the resident set of a fresh process
(Linux only).
"""

from __future__ import annotations

import argparse
import multiprocessing
from collections.abc import Callable
from pathlib import Path
from statistics import median

import torch
from _machine import resident_megabytes, seconds
from torch import Tensor

from losses.sampling_argmax import sample

MAPS, GRID, SAMPLES, TAU = (32, 17), (64, 48), 30, 1.0


def direct(logits: Tensor) -> Tensor:
    """SA eq 10-12 with all samples at once; draws per slice of each axis, triangular basis."""
    shape = (SAMPLES, *logits.shape)
    gumbel = -torch.empty(shape).exponential_().log()
    weight = ((logits + gumbel) / TAU).flatten(-2).softmax(-1).view(shape)
    coordinates = []
    for axis, size in enumerate(GRID):
        slices = (*shape[:3], size)
        place = torch.arange(size) + torch.rand(slices) + torch.rand(slices) - 1
        coordinates.append((weight.sum(-1 if axis == 0 else -2) * place).sum(-1))
    return torch.stack(coordinates, -1)


def ours(logits: Tensor) -> Tensor:
    return sample(logits, SAMPLES, TAU)


def arithmetic(logits: Tensor) -> None:
    """Two logarithms and an exponential per perturbed cell, forward and backward, in the cache."""
    buffer = torch.rand(4096)
    for _ in range(2 * SAMPLES * logits.numel() // len(buffer)):
        buffer.log_().abs_().log_().exp_()


def step(run: Callable[[Tensor], Tensor], logits: Tensor) -> None:
    """Forward and backward of the ℓ1 error."""
    run(logits).abs().sum().backward()  # type: ignore[no-untyped-call]


def peak_megabytes(run: Callable[[Tensor], Tensor]) -> float:
    torch.set_num_threads(1)
    step(run, torch.randn(1, 1, *GRID, requires_grad=True))  # loads and compiles
    logits = torch.randn(*MAPS, *GRID, requires_grad=True)
    Path("/proc/self/clear_refs").write_text("5")  # forgets the peak so far
    before = resident_megabytes("VmRSS")
    step(run, logits)
    return resident_megabytes("VmHWM") - before


def main(repeats: int = 5) -> None:
    torch.set_num_threads(1)
    logits = torch.randn(*MAPS, *GRID, requires_grad=True)
    step(ours, logits)  # loads and compiles
    times = [
        (seconds(step, direct, logits), seconds(step, ours, logits), seconds(arithmetic, logits))
        for _ in range(repeats)
    ]
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        memory = pool.map(peak_megabytes, [direct, ours], chunksize=1)
    slow, fast, least = (1e3 * median(column) for column in zip(*times, strict=True))
    ratio = median(row[0] / row[1] for row in times)
    cells = SAMPLES * logits.numel()
    print(f"sampling-argmax, forward + backward, {MAPS[0]} × {MAPS[1]} maps of 64 × 48, 30 samples")
    print(f"  direct {slow:8.0f} ms {memory[0]:8.0f} MB")
    print(f"  ours   {fast:8.0f} ms {memory[1]:8.0f} MB")
    print(f"  ratio  {ratio:8.1f} ×  {memory[0] / memory[1]:8.1f} ×")
    print(f"  {1e6 * fast / cells:.2f} ns per sample and cell, bound by arithmetic: the logarithms")
    print(f"  and exponentials alone take {least:.0f} ms as torch operations on data in the cache")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--repeats", type=int, default=5)
    main(parser.parse_args().repeats)
