"""Peak picking: reading detections from predictions that are spread over several bins."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import max_pool1d, pad

Decoder = Literal["peaks", "threshold"]

DEFAULT_PICK_RADIUS = 3
"""Bins; 30 ms at 10 ms a bin, as in onset detection (Böck et al. 2013)."""


def pick_peaks(scores: Tensor, radius: int) -> Tensor:
    """``scores (..., time)`` where they are the largest within ``radius`` bins, 0 elsewhere.

    Of equal neighbours the first one is the peak.
    """
    if radius == 0 or scores.shape[-1] == 0:
        return scores
    rows = scores.reshape(-1, 1, scores.shape[-1])
    lowest = float("-inf")
    before = max_pool1d(pad(rows, (radius, 0), value=lowest)[..., :-1], radius, stride=1)
    after = max_pool1d(pad(rows, (0, radius), value=lowest)[..., 1:], radius, stride=1)
    peak = (rows > before) & (rows >= after)
    return torch.where(peak, rows, 0.0).reshape(scores.shape)


def decode(scores: Tensor, decoder: Decoder, radius: int) -> Tensor:
    """Score per bin, after peak picking or as it is."""
    return pick_peaks(scores, radius) if decoder == "peaks" else scores
