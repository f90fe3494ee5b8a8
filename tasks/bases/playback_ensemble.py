"""Predictions for all pieces of a split, averaged over playback rates."""

from __future__ import annotations

import math
import time

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from bench.plugin import Loss
from tasks.bases.split_output import Inference, batches, evaluating, finite
from tasks.splits.drum_split import DrumSplit

_BATCH = 128
GATHER = 0.02
"""Seconds to either side from which the ensemble gathers probability at a local maximum."""


def infer(network: nn.Module, loss: Loss, split: DrumSplit) -> Inference:
    """Decoded scores of a split on the grid at playback rate 1.

    Raises:
        NotFinite: the network's output is NaN or infinite.
    """
    started = time.perf_counter()
    decoded = finite(loss.decode(predict(network, split)))
    seconds = (time.perf_counter() - started) / len(split)
    return Inference([decoded], [split.target], seconds)


def predict(network: nn.Module, split: DrumSplit) -> Tensor:
    """Probabilities ``(piece, channel, bin)`` on the grid at playback rate 1.

    The network runs in evaluation mode and is left in the mode it was in.

    Raises:
        NotFinite: the network's output is NaN or infinite.
    """
    grid = split.pieces.grid
    with evaluating(network):
        if len(grid.rates) == 1:
            return _predict_at(network, split, 0)
        bins = grid.bins(1.0)
        total = sum(
            _to_base(_predict_at(network, split, k), rate, bins)
            for k, rate in enumerate(grid.rates)
        )
        assert isinstance(total, Tensor)
        return gather(total / len(grid.rates), round(GATHER / grid.hop))


def _predict_at(network: nn.Module, split: DrumSplit, rate: int) -> Tensor:
    device = next(network.parameters()).device
    parts = [
        network(split.inputs(rows, rate).to(device)).cpu() for rows in batches(len(split), _BATCH)
    ]
    output: Tensor = finite(torch.cat(parts))  # gathering would hide NaN
    return output


def _to_base(p: Tensor, rate: float, bins: int) -> Tensor:
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

    The rates' detections of one onset differ by a bin or two, so their average is a low bump
    rather than a spike. The published code merges them in the same spirit (Gaussian kernel,
    largest first, neighbours suppressed).
    """
    offsets = torch.arange(-2 * radius, 2 * radius + 1, dtype=p.dtype)
    kernel = torch.exp(-0.5 * (offsets / max(radius / 2, 0.5)) ** 2)
    box = torch.ones(2 * radius + 1, dtype=p.dtype)
    flat = p.flatten(0, 1)[:, None]
    smooth = F.conv1d(flat, kernel[None, None], padding=2 * radius)
    mass = F.conv1d(flat, box[None, None], padding=radius).clamp(max=1.0)
    peak = F.max_pool1d(smooth, 2 * radius + 1, 1, radius) == smooth
    return torch.where(peak & (smooth > math.ulp(1.0)), mass, 0.0).view_as(p)
