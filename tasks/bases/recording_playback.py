"""Predictions for recordings in pieces: speeds averaged, neighbours merged across the cuts."""

from __future__ import annotations

import math
import time

import numpy as np
import torch
from torch import Tensor, nn

from bench.plugin import Loss
from tasks.bases.playback_ensemble import GATHER, averaged, gather, predict_at
from tasks.bases.split_output import Inference, evaluating, finite
from tasks.metrics.sparsity import ProbabilityMass
from tasks.splits.piano_split import PianoSplit


def infer_recordings(
    network: nn.Module, loss: Loss, split: PianoSplit, rates: tuple[float, ...]
) -> Inference:
    """Decoded scores of each piece at speed 1; merging and peak picking see whole recordings.

    Raises:
        NotFinite: the network's output is NaN or infinite.
    """
    started, mass = time.perf_counter(), ProbabilityMass()
    with evaluating(network):
        played = [predict_at(network, split, rate) for rate in rates]
        for p in played:
            mass.add(p.numpy())
        score = averaged(played, rates, split.pieces.grid.bins(1.0))
        ends = np.flatnonzero(np.diff(split.unit)) + 1
        decoded = [
            _decoded(loss, score[torch.from_numpy(own)], split)
            for own in np.split(np.arange(len(split)), ends)
        ]
    seconds = (time.perf_counter() - started) / len(split)
    target = split.batch(np.arange(len(split)))[1]
    return Inference([finite(torch.cat(decoded))], [target], seconds, mass)


def _decoded(loss: Loss, pieces: Tensor, split: PianoSplit) -> Tensor:
    """Scores of the pieces ``(piece, key, bin)`` of one recording, read as one course of time."""
    count, keys, bins = pieces.shape
    course = pieces.transpose(0, 1).reshape(1, keys, count * bins)
    if not loss.picks_peaks:
        course = gather(course, max(1, math.ceil(GATHER / split.pieces.grid.hop)))
    decoded: Tensor = loss.decode(course)
    return decoded.view(keys, count, bins).transpose(0, 1)
