"""One part of the golf data: clips of swings with the labelled frames of their events."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from bench.plugin import EventTarget, Splits, UsageError
from tasks.data.video.swing_clips import Indices, SwingClips, swing_length


@dataclass
class SwingSplit:
    """Some clips of a corpus with labels.

    Attributes:
        clips: the corpus.
        members: ``(n,)`` clips of this split.
        labels: ``(n, 8)`` labelled frames, noise included: one outside of the clip is lost.
        window: frames of a training sample, cut at random from clips that are longer. A window ends
            with its clip at the latest, so that no label follows a leap back to the first frame.
    """

    clips: SwingClips
    members: Indices
    labels: Indices
    window: int

    def __len__(self) -> int:
        return len(self.members)

    @property
    def length(self) -> Indices:
        """``(n,)`` frames of each clip."""
        return self.clips.length[self.members]

    @property
    def truth(self) -> Indices:
        """``(n, 8)`` frames of the events."""
        return self.clips.events[self.members]

    @property
    def swing_length(self) -> Indices:
        """``(n,)`` frames from address to impact."""
        return swing_length(self.truth)

    @property
    def lost(self) -> int:
        """Labels that noise moved out of their clips."""
        return int(((self.labels < 0) | (self.labels >= self.length[:, None])).sum())

    def cut(
        self, rows: NDArray[np.int64], draw: np.random.Generator | None
    ) -> tuple[Indices, Indices]:
        """First frame ``(batch,)`` of each sample in its clip, and its number of frames.

        Whole clips without ``draw``.
        """
        length = self.length[rows]
        if draw is None:
            return np.zeros_like(length), length
        size = np.minimum(length, self.window)
        return draw.integers(0, length - size + 1), size

    def frames(self, rows: NDArray[np.int64], first: Indices, size: Indices) -> NDArray[np.uint8]:
        """``(batch, frame, …)``, black behind the end of a shorter sample."""
        shape = self.clips.frames.shape[1:]
        out = np.zeros((len(rows), int(size.max(initial=0)), *shape), np.uint8)
        start = self.clips.start[self.members[rows]] + first
        for row, (begin, count) in enumerate(zip(start, size, strict=True)):
            out[row, :count] = self.clips.frames[begin : begin + count]
        return out

    def batch(
        self, rows: NDArray[np.int64], draw: np.random.Generator | None = None
    ) -> tuple[torch.Tensor, EventTarget]:
        """Frames ``(batch, frame, …)`` from -0.5 to 0.5, and labels in bins of one frame."""
        rows = np.asarray(rows)
        first, size = self.cut(rows, draw)
        frames = self.frames(rows, first, size)
        events = on_frames(self.labels[rows] - first[:, None], size, frames.shape[1])
        real = None
        if len(set(size.tolist())) > 1:
            real = torch.from_numpy(np.arange(frames.shape[1]) < size[:, None])
        return as_input(frames), EventTarget(torch.from_numpy(events), 1.0, real)


def as_input(frames: NDArray[np.uint8]) -> torch.Tensor:
    """Brightness from -0.5 to 0.5."""
    return torch.from_numpy(frames).float().mul_(1 / 255).sub_(0.5)


def on_frames(labels: Indices, size: Indices, frames: int) -> NDArray[np.float32]:
    """Number of events in each frame, ``(batch, class, frame)``; those outside are left out."""
    row, channel = np.nonzero((labels >= 0) & (labels < size[:, None]))
    dense = np.zeros((*labels.shape, frames), np.float32)
    dense[row, channel, labels[row, channel]] = 1.0
    return dense


def swing_parts(
    clips: SwingClips, replicate: int, parts: tuple[float, float, float] | None
) -> tuple[Indices, Indices, Indices]:
    """Clips for training, validation and test; no group is in two of them.

    Args:
        parts: shares of groups of a random split. None takes the published partition: replicate r
            tests the r-th fold, and a tenth of the other groups validate.

    Raises:
        UsageError: a part would be empty.
    """
    draw = np.random.default_rng([0x60, replicate])
    if parts is None:
        folds = np.unique(clips.fold)
        held_out = clips.fold == folds[replicate % len(folds)]
        rest = draw.permutation(np.unique(clips.group[~held_out]))
        validating = np.isin(clips.group, rest[: max(1, len(rest) // 10)]) & ~held_out
        masks = [~held_out & ~validating, validating, held_out]
    else:
        order = draw.permutation(np.unique(clips.group))
        ends = np.rint(np.cumsum(parts[:2]) * len(order)).astype(int)
        masks = [np.isin(clips.group, part) for part in np.split(order, ends)]
    train, validation, test = (np.flatnonzero(mask) for mask in masks)
    if not (len(train) and len(validation) and len(test)):
        raise UsageError(f"golf: {len(clips)} clips are too few to split")
    return train, validation, test


def swing_splits(
    clips: SwingClips,
    replicate: int,
    parts: tuple[float, float, float] | None,
    labels: Indices,
    window: int,
) -> Splits:
    """Training data with the given labels, validation and test data with the true ones.

    Args:
        labels: ``(clip, 8)`` frames that training is told.
    """
    train, validation, test = swing_parts(clips, replicate, parts)
    return Splits(
        train=SwingSplit(clips, train, labels[train], window),
        validation=SwingSplit(clips, validation, clips.events[validation], window),
        test=SwingSplit(clips, test, clips.events[test], window),
    )
