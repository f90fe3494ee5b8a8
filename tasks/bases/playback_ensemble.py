"""Predictions for all pieces of a split, averaged over playback rates, neighbours merged."""

from __future__ import annotations

import math
import time
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from bench.plugin import Loss
from tasks.bases.split_output import Inference, batches, evaluating, finite
from tasks.metrics.sparsity import ProbabilityMass
from tasks.splits.drum_split import DrumSplit

_BATCH = 128
GATHER = 0.02
"""Seconds to either side from which probability is gathered at a local maximum."""


def infer(network: nn.Module, loss: Loss, split: DrumSplit) -> Inference:
    """Decoded scores of a split on the grid at playback rate 1.

    Raises:
        NotFinite: the network's output is NaN or infinite.
    """
    started, grid = time.perf_counter(), split.pieces.grid
    with evaluating(network):
        played = [predict_at(network, split, k) for k in range(len(grid.rates))]
        score = averaged(played, grid.rates, grid.bins(1.0))
        if not loss.picks_peaks:
            score = gather(score, round(GATHER / grid.hop))
        decoded = finite(loss.decode(score))
    seconds = (time.perf_counter() - started) / len(split)
    mass = ProbabilityMass()
    for p in played:
        mass.add(p.numpy())
    return Inference([decoded], [split.target], seconds, mass)


def averaged(played: list[Tensor], rates: tuple[float, ...], bins: int) -> Tensor:
    """Mean of the probabilities at each playback rate, ``(piece, channel, bin)`` at rate 1.

    Args:
        played: at each of ``rates``; one alone is taken as it is.
    """
    if len(played) == 1:
        return played[0]
    on_base = [to_base(p, rate, bins) for p, rate in zip(played, rates, strict=True)]
    return torch.stack(on_base).mean(0)


class Played(Protocol):
    """A split whose pieces are there at several playback rates."""

    def __len__(self) -> int: ...

    def inputs(self, rows: Any, rate: Any) -> Tensor:
        """Of pieces at a rate, given as the split counts them."""
        ...


def predict_at(network: nn.Module, split: Played, rate: float) -> Tensor:
    """Probabilities of all pieces at one playback rate, on the CPU.

    Raises:
        NotFinite: they are NaN or infinite.
    """
    device = next(network.parameters()).device
    parts = [
        network(split.inputs(rows, rate).to(device)).cpu() for rows in batches(len(split), _BATCH)
    ]
    output: Tensor = finite(torch.cat(parts))  # gathering would hide NaN
    return output


def to_base(p: Tensor, rate: float, bins: int) -> Tensor:
    """Probability mass of each played bin, moved to the two nearest bins at playback rate 1."""
    position = torch.arange(p.shape[-1], dtype=torch.float64) * rate
    low = position.floor().long().clamp(max=bins - 1)
    high = (low + 1).clamp(max=bins - 1)
    weight = (position - low).clamp(0, 1).to(p.dtype)
    out = p.new_zeros(*p.shape[:-1], bins)
    out.index_add_(-1, low, p * (1 - weight))
    return out.index_add_(-1, high, p * weight)


def gather(p: Tensor, radius: int) -> Tensor:
    """Mass within ``radius`` bins, at local maxima of its smoothed course, at most 1; 0 elsewhere.

    Args:
        p: ``(piece, channel, bin)``.
        radius: at least 1.

    A network may divide an onset between two bins, and playback rates differ by a bin or two, so
    that their average is a low bump rather than a spike. The published code merges in the same
    spirit (Gaussian kernel, largest first, neighbours suppressed).
    """
    offsets = torch.arange(-2 * radius, 2 * radius + 1, dtype=p.dtype)
    kernel = torch.exp(-0.5 * (offsets / max(radius / 2, 0.5)) ** 2)
    box = torch.ones(2 * radius + 1, dtype=p.dtype)
    flat = p.flatten(0, 1)[:, None]
    smooth = F.conv1d(flat, kernel[None, None], padding=2 * radius)
    mass = F.conv1d(flat, box[None, None], padding=radius).clamp(max=1.0)
    before = F.max_pool1d(F.pad(smooth, (radius, -1)), radius, 1)
    after = F.max_pool1d(F.pad(smooth, (-1, radius)), radius, 1)
    peak = (smooth > before) & (smooth >= after)  # of equals the first
    return torch.where(peak & (smooth > math.ulp(1.0)), mass, 0.0).view_as(p)
