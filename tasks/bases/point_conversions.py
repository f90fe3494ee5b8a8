"""Between the flat lists that points are compared as and the arrays of the `points` head."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bench.plugin import PointTarget
from tasks.metrics.point_lists import Points

if TYPE_CHECKING:
    from bench.plugin import PointPrediction


def to_target(truth: Points, cell: float) -> PointTarget:
    """Padded sets of points, in cells whose side is ``cell`` units of ``truth``."""
    import torch

    counts = np.bincount(truth.sample, minlength=truth.samples)
    order = np.argsort(truth.sample, kind="stable")
    sample = truth.sample[order]
    rank = np.arange(len(sample)) - np.repeat(np.cumsum(counts) - counts, counts)
    shape = truth.samples, max(1, int(counts.max(initial=0)))
    position = np.zeros((*shape, truth.position.shape[1]), np.float32)
    position[sample, rank] = truth.position[order] / cell
    channel = np.zeros(shape, np.int64)
    channel[sample, rank] = truth.channel[order]
    mask = np.arange(shape[1]) < counts[:, None]
    classes = torch.from_numpy(channel) if truth.channels > 1 else None
    return PointTarget(torch.from_numpy(position), torch.from_numpy(mask), classes)


def from_targets(targets: list[PointTarget], cell: float, channels: int) -> Points:
    """True points of consecutive batches."""
    sample, channel, position, samples = [], [], [], 0
    for target in targets:
        mask = target.mask.numpy()
        sample.append(samples + np.nonzero(mask)[0])
        none = np.zeros(mask.shape, np.int64)
        channel.append((none if target.channel is None else target.channel.numpy())[mask])
        position.append(target.position.numpy()[mask].astype(np.float64) * cell)
        samples += len(mask)
    return Points(
        np.concatenate(sample), np.concatenate(channel), np.concatenate(position), samples, channels
    )


def from_predictions(
    outputs: list[PointPrediction], lowest: float, cell: float, channels: int
) -> Points:
    """Decoded points of consecutive batches whose score reaches ``lowest``.

    A candidate has a score for each channel. Points that were read from maps have one score, and
    each channel has as many of them, next to each other.
    """
    sample, channel, position, score, samples = [], [], [], [], 0
    for output in outputs:
        p = output.p.numpy().astype(np.float64)
        row, candidate, column = np.nonzero(p >= lowest)
        score.append(p[row, candidate, column])
        if p.shape[2] != channels:
            column = candidate // (p.shape[1] // channels)
        sample.append(samples + row)
        channel.append(column)
        position.append(output.position.numpy()[row, candidate].astype(np.float64) * cell)
        samples += len(p)
    return Points(
        np.concatenate(sample),
        np.concatenate(channel),
        np.concatenate(position),
        samples,
        channels,
        np.concatenate(score),
    )
