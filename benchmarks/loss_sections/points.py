"""Continuous heatmap matching against the sum over all pairs of points.

    python benchmarks/loss_sections/points.py [--repeats 5]

Forward and backward, float32, one core, 16 patches of 26 × 26 pixels with two candidates each and
up to 100 labels (the microscopy experiment). Seconds are CPU time of this process, so that others
on the machine disturb little; ratios are medians over interleaved runs.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from statistics import median

import torch
from _machine import flops_per_second, seconds
from torch import Tensor

from losses._kernels.heatmap_pairs_kernel import REACH
from losses.heatmap_matching import distance

BATCH, SIDE, LABELS = 16, 26, 100
FLOPS = 38  # additions and multiplications per pair, 28 of them for the exponential
Evaluate = Callable[[Tensor, Tensor, Tensor, Tensor, float], tuple[Tensor, Tensor, Tensor]]


def scene() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Candidates within their own pixels, probabilities as early in training, labels."""
    g = torch.Generator().manual_seed(0)
    pixel = torch.cartesian_prod(torch.arange(SIDE), torch.arange(SIDE)).repeat_interleave(2, 0)
    position = pixel + torch.rand(BATCH, len(pixel), 2, generator=g)
    p = torch.sigmoid(torch.randn(BATCH, len(pixel), generator=g) - 3)
    target = SIDE * torch.rand(BATCH, LABELS, 2, generator=g)
    mask = torch.arange(LABELS) < torch.randint(1, LABELS + 1, (BATCH, 1), generator=g)
    return position, p, target, mask


def by_autograd(evaluate: Callable[..., Tensor]) -> Evaluate:
    """Value and gradients of a differentiable function."""

    def run(
        position: Tensor, p: Tensor, target: Tensor, mask: Tensor, bandwidth: float
    ) -> tuple[Tensor, Tensor, Tensor]:
        position, p = position.clone().requires_grad_(), p.clone().requires_grad_()
        value = evaluate(position, p, target, mask, bandwidth)
        return value.detach(), *torch.autograd.grad(value.sum(), (position, p))

    return run


@by_autograd
def all_pairs(position: Tensor, p: Tensor, target: Tensor, mask: Tensor, lam: float) -> Tensor:
    """Thesis eq 6.4, left to autograd."""
    weight = torch.cat([p, -mask.to(p)], 1)
    points = torch.cat([position, target], 1)
    squared = (points[:, :, None] - points[:, None]).square().sum(-1)
    kernel = torch.exp(-squared / (2 * lam**2))
    return math.pi * lam**2 / 2 * (weight[:, :, None] * kernel * weight[:, None]).sum((1, 2))


def all_pairs_by_hand(
    position: Tensor, p: Tensor, target: Tensor, mask: Tensor, lam: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Thesis eq 6.4 with the gradients C.7 and C.14, sample by sample (which fits the caches)."""
    values, by_position, by_p = [], [], []
    for x, w, y, known in zip(position, p, target, mask, strict=True):
        y = y[known]
        to_points, to_labels = x[:, None] - x, x[:, None] - y
        points = torch.exp(to_points.square().sum(-1) / (-2 * lam**2))
        labels = torch.exp(to_labels.square().sum(-1) / (-2 * lam**2))
        truth = torch.exp((y[:, None] - y).square().sum(-1) / (-2 * lam**2))
        near, labelled = points @ w, labels.sum(1)
        values.append(math.pi * lam**2 / 2 * (truth.sum() + w @ near - 2 * w @ labelled))
        pull = (labels[..., None] * to_labels).sum(1)
        pull -= ((points * w)[..., None] * to_points).sum(1)
        by_position.append(math.pi * w[:, None] * pull)
        by_p.append(math.pi * lam**2 * (near - labelled))
    return torch.stack(values), torch.stack(by_position), torch.stack(by_p)


def near_pairs(position: Tensor, target: Tensor, mask: Tensor, lam: float) -> int:
    """Pairs that the compiled version must not leave out: nearer than its reach."""
    number = 0
    for x, y, known in zip(position, target, mask, strict=True):
        points = torch.cat([x, y[known]]).double()
        number += int((torch.cdist(points, points) < REACH * lam).sum())
    return number


def error(found: Tensor, exact: Tensor) -> float:
    return float((found.double() - exact).norm() / exact.norm())


def main(repeats: int = 5) -> None:
    torch.set_num_threads(1)
    inputs = scene()
    exact_inputs = [x.double() if x.is_floating_point() else x for x in inputs]
    near = by_autograd(distance)
    near(*inputs, 1.0)  # loads and compiles
    print(f"heatmap matching, forward + backward, {BATCH} × {SIDE} × {SIDE} × 2 predictions")
    print("   λ  autograd  by hand     ours  ratio to faster  error of value, ∂x, ∂p   arithmetic")
    rate = flops_per_second(torch.float64)
    for lam in (0.2, 0.5, 1.0, 2.0):
        times: list[list[float]] = []
        for _ in range(repeats):
            row = [
                seconds(run, *inputs, lam)
                for run in (all_pairs, all_pairs_by_hand, near, near, near)
            ]
            times.append([row[0], row[1], median(row[2:])])
        ratio = median(min(row[:2]) / row[2] for row in times)
        columns = [f"{1e3 * median(column):7.1f}ms" for column in zip(*times, strict=True)]
        exact = all_pairs_by_hand(*exact_inputs, lam)
        errors = [error(ours, best) for ours, best in zip(near(*inputs, lam), exact, strict=True)]
        shown = "  ".join(f"{e:.0e}" for e in errors)
        least = 1e3 * FLOPS * near_pairs(inputs[0], *inputs[2:], lam) / rate
        print(f"{lam:4}{' '.join(columns)}{ratio:12.0f}×     {shown}    {least:6.1f}ms")
    print(
        f"Arithmetic: {FLOPS} operations for each pair nearer than the reach, at"
        f" {rate / 1e9:.0f} Gflop/s, those of a product of float64 matrices."
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--repeats", type=int, default=5)
    main(parser.parse_args().repeats)
