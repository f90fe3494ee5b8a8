"""Training pieces of which no more than the number of onsets is known, in random views."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from bench.plugin import EventTarget, Splits
from tasks.data.audio.piece_views import FASTEST, drawn_speeds, equalised, played_at
from tasks.splits.drum_split import DERIVATIVE_SCALE, DrumSplit

Views = Literal["stretched", "aligned"]
PART = (0.5, 0.8)
"""Shortest and longest part of a piece that a batch holds: the slowest is as long as a piece."""


@dataclass(frozen=True)
class CountedPieces:
    """Pieces with counts for labels, or with none.

    Attributes:
        whole: the pieces with all that is known of them.
        known: whether counts are told; else they are -1.
        views: ``stretched`` draws a speed for each row of a training batch, ``aligned`` one for
            each piece, so that two views of it have their onsets at the same times.
    """

    whole: DrumSplit
    known: bool
    views: Views

    def __len__(self) -> int:
        return len(self.whole)

    def batch(
        self, rows: NDArray[np.int64], draw: np.random.Generator | None = None
    ) -> tuple[torch.Tensor, EventTarget]:
        """Inputs ``(batch, 2 * bands, bins)`` and counts.

        In training a random part of each piece is heard, the same in both of its views, which have
        an equaliser of their own and a speed. Masks tell where they end.
        """
        rows = np.ascontiguousarray(rows)
        grid = self.whole.pieces.grid
        events = self.whole.labels(grid.base)[torch.from_numpy(rows)]
        if draw is None:
            counts = self._told(events.sum(-1))
            inputs = self.whole.inputs(rows, grid.base)
            return inputs, EventTarget(None, grid.hop, known_counts=counts)
        own, place = np.unique(rows, return_inverse=True)
        bins = events.shape[-1]
        shortest, longest = (round(share * bins) for share in PART)
        lengths = draw.integers(shortest, longest + 1, len(own))
        start = torch.from_numpy(draw.integers(0, bins - lengths + 1))[place]
        length = torch.from_numpy(lengths)[place]
        speed = drawn_speeds(draw, len(own))[place]
        if self.views == "stretched":
            speed = drawn_speeds(draw, len(rows))
        bin_ = torch.arange(bins)
        heard = (bin_ >= start[:, None]) & (bin_ < (start + length)[:, None])
        counts = self._told((events * heard[:, None]).sum(-1))
        canvas = math.ceil(longest * FASTEST)
        mel = self.whole.pieces.features[grid.base][self.whole.members[rows]]
        seen = played_at(torch.from_numpy(mel).float(), start, speed, canvas)
        mask = torch.arange(canvas) < (length / speed).ceil()[:, None]
        inputs = _with_rise(equalised(seen, draw))
        return inputs, EventTarget(None, grid.hop, mask, known_counts=counts)

    def _told(self, counts: torch.Tensor) -> torch.Tensor:
        counts = counts.round().long()
        return counts if self.known else torch.full_like(counts, -1)


def _with_rise(mel: torch.Tensor) -> torch.Tensor:
    """Features and their derivative over time, ``(piece, 2 * band, time)``, as `DrumSplit` has."""
    rise = torch.zeros_like(mel)
    torch.sub(mel[:, 1:], mel[:, :-1], out=rise[:, 1:])
    return torch.cat([mel, rise.mul_(DERIVATIVE_SCALE)], -1).transpose(1, 2)


def divided(whole: Splits, labelled: int, replicate: int, views: Views) -> Splits:
    """Splits of which ``labelled`` training pieces keep their counts and the others keep nothing.

    Pieces are drawn from all recordings, in an order that depends on the replicate alone, so that
    those of a smaller number are among those of a larger one. Validation and test stay as they are.
    """
    train: DrumSplit = whole.train  # type: ignore[assignment]
    order = np.random.default_rng([0x5E, replicate]).permutation(train.members)
    some, rest = (
        DrumSplit(train.pieces, members, train.label_time)
        for members in np.split(order, [labelled])
    )
    return Splits(
        train=CountedPieces(some, known=True, views=views),
        validation=whole.validation,
        test=whole.test,
        unlabelled=CountedPieces(rest, known=False, views=views),
    )
