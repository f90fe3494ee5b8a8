"""Poisson-binomial likelihood against the step-by-step recursion, and what bounds it.

    python benchmarks/loss_sections/counting.py [--repeats 15]

Forward and backward, float32, one core, label counts 0 to 8. The recursion (thesis eq 2.11) keeps
bins 0 to 23, the largest count of the drum data. Seconds are CPU time of this process, so that
others on the machine disturb little; ratios are medians over interleaved runs.
"""

from __future__ import annotations

import argparse
import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median

import torch
from _machine import flops_per_second, resident_megabytes, seconds
from torch import Tensor

import losses
from bench.plugin import EventTarget
from losses.poisson_binomial import log_prob, log_prob_by_tree

LARGEST = 23
SIZES = ((96, 370), (2816, 150))  # drums: 32 × 3 sequences; piano: 32 × 88
FAST_RUNS = 31  # of which the first ones find the caches full of the slower rivals' data
FLOPS = 10.5  # additions and multiplications of the recursion and its adjoint
MEAN_BINS = 5.0  # bins 0…c for counts of 0 to 8
MEMORY_SIZE = (40_000, 370)
Evaluate = Callable[[Tensor, Tensor], Tensor]


def recursion(p: Tensor, count: Tensor) -> Tensor:
    """Thesis eq 2.11, one instance after the other, left to autograd."""
    bins = torch.zeros(*p.shape[:-1], LARGEST + 1)
    bins[..., 0] = 1
    for i in range(p.shape[-1]):
        p_i = p[..., i : i + 1]
        bins = (1 - p_i) * bins + p_i * torch.nn.functional.pad(bins[..., :-1], (1, 0))
    return bins.gather(-1, count[..., None]).squeeze(-1).log()


def trained(sequences: int, n: int) -> Tensor:
    """Probabilities as in training: about one in a hundred, of varying size."""
    return torch.sigmoid(torch.randn(sequences, n) - 5).requires_grad_()


def converged(sequences: int, n: int) -> Tensor:
    """Late in training: four instances next to 1, the others about one in ten million."""
    logits = torch.randn(sequences, n) - 16
    logits[:, :4] += 20
    return torch.sigmoid(logits).requires_grad_()


def untrained(sequences: int, n: int) -> Tensor:
    """Uniform probabilities, which make the label astronomically unlikely."""
    return torch.rand(sequences, n).requires_grad_()


def milliseconds(evaluate: Evaluate, p: Tensor, count: Tensor) -> float:
    p.grad = None
    return 1e3 * seconds(lambda: evaluate(p, count).sum().backward())


def compare(name: str, p: Tensor, repeats: int) -> None:
    count = torch.randint(0, 9, p.shape[:1])
    runs: list[tuple[float, float, float]] = []
    for _ in range(repeats + 1):
        slow = milliseconds(recursion, p, count)
        tree = milliseconds(log_prob_by_tree, p, count)
        fast = median(milliseconds(log_prob, p, count) for _ in range(FAST_RUNS))
        runs.append((slow, tree, fast))
    runs = runs[1:]  # the first one loads and compiles
    slow, tree, fast = (median(column) for column in zip(*runs, strict=True))
    by_tree = median(run[0] / run[1] for run in runs)
    compiled = median(run[0] / run[2] for run in runs)
    copy = min(
        milliseconds(lambda x, _: x.clone(), p.detach().requires_grad_(), count)
        for _ in range(repeats)
    )
    print(
        f"{p.shape[0]:5} × {p.shape[1]}, {name:9} {slow:8.1f} ms {tree:8.1f} ms {by_tree:6.1f} ×"
        f" {fast:8.3f} ms {compiled:6.0f} × {1e6 * fast / p.numel():7.2f} ns {copy:8.3f} ms"
    )


def peak_megabytes(with_loss: bool, answer: Connection) -> None:
    """Largest resident memory of a step, beyond what it is after a small one."""
    log_prob(trained(64, 64), torch.zeros(64, dtype=torch.long)).sum().backward()
    Path("/proc/self/clear_refs").write_text("5")  # forgets the peak
    before = resident_megabytes("VmRSS")
    p = torch.full(MEMORY_SIZE, 0.01, requires_grad=True)
    count = torch.arange(MEMORY_SIZE[0]) % 9
    if with_loss:
        log_prob(p, count).sum().backward()
    answer.send(resident_megabytes("VmHWM") - before)


def memory() -> tuple[float, float]:
    """Megabytes of the input, and of a whole step."""
    found = []
    for with_loss in (False, True):
        ours, theirs = multiprocessing.Pipe()
        child = multiprocessing.get_context("spawn").Process(
            target=peak_megabytes, args=(with_loss, theirs)
        )
        child.start()
        found.append(ours.recv())
        child.join()
    return found[0], found[1]


def softloc_step(repeats: int) -> float:
    """Milliseconds of SoftLoc at 32 × 3 × 150 bins, softness 100 ms, up to 15 events."""
    events = torch.zeros(32, 3, 150)
    for row in events.reshape(-1, 150):
        row[torch.randperm(150)[: int(torch.randint(0, 16, ()))]] = 1
    target, loss = EventTarget(events, step=0.01), losses.create("softloc")
    p = trained(96, 150).detach().reshape(32, 3, 150).requires_grad_()
    step: Evaluate = lambda x, _: loss(x, target, 0.5)  # noqa: E731
    return median(milliseconds(step, p, events) for _ in range(20 * repeats))


def main(repeats: int = 15) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    print("Poisson-binomial log-likelihood, forward + backward, float32")
    print(
        "sequences × n             recursion        tree                compiled       "
        "    per element     copy"
    )
    for size in SIZES:
        for kind in trained, converged, untrained:
            compare(kind.__name__, kind(*size), repeats)
    print(
        "The copy reads and writes as much as the input and its gradient: the least memory allows."
    )
    rate = flops_per_second(torch.float32)
    least = FLOPS * MEAN_BINS / rate
    print(
        f"Arithmetic: {FLOPS} operations per element and bin, {MEAN_BINS:g} bins; at"
        f" {rate / 1e9:.0f} Gflop/s, those of a matrix product, {1e9 * least:.2f} ns per element"
    )
    alone, step = memory()
    print(
        f"memory at {MEMORY_SIZE[0]} × {MEMORY_SIZE[1]}: input {alone:.0f} MB, with the saved"
        f" gradient {2 * alone:.0f} MB; a whole step peaks at {step:.0f} MB"
    )
    print(f"SoftLoc, 32 × 3 × 150 bins: {softloc_step(repeats):.2f} ms a step")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--repeats", type=int, default=15)
    main(parser.parse_args().repeats)
