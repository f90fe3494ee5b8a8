"""One part of the drum data: batches of features with located or counted labels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from bench.plugin import EventTarget, Splits, UsageError
from tasks.data.audio.drum_patterns import CLASSES
from tasks.data.audio.drum_pieces import Pieces
from tasks.metrics.event_lists import Events

Supervision = Literal["locations", "counts"]
Lengths = Literal["variable", "fixed"]
SHORTEST = 0.5
"""Shortest training length under count supervision, as a fraction of a piece."""

DERIVATIVE_SCALE = 5.0
"""Brings the derivative per bin to about unit variance."""


@dataclass
class DrumSplit:
    """Some pieces of a corpus with labels.

    Attributes:
        pieces: the corpus.
        members: ``(n,)`` pieces of this split.
        label_time: ``(event,)`` labelled time of every event of the corpus in its recording, noise
            included: a label may lie in the piece before or after, or in none.
        supervision: ``counts`` gives counts of random beginnings of the pieces instead of events.
        lengths: ``fixed`` gives counts of whole pieces instead.
    """

    pieces: Pieces
    members: NDArray[np.int64]
    label_time: NDArray[np.float64]
    supervision: Supervision = "locations"
    lengths: Lengths = "variable"
    _labels: dict[int, torch.Tensor] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.members)

    def batch(
        self, rows: NDArray[np.int64], draw: np.random.Generator | None = None
    ) -> tuple[torch.Tensor, EventTarget]:
        """Inputs ``(batch, 2 * bands, bins)`` and target.

        All pieces of a training batch are played at one rate, so they have one length and need no
        padding.

        Args:
            draw: source of playback rates and lengths in training; without it all is played as it
                is.
        """
        rows = np.ascontiguousarray(rows)
        rate = self.pieces.grid.base
        if draw is not None:
            rate = int(draw.integers(len(self.pieces.grid.rates)))
        inputs, events = self.inputs(rows, rate), self.labels(rate)[torch.as_tensor(rows)]
        step = self.pieces.grid.hop
        if self.supervision == "locations" or draw is None:
            return inputs, EventTarget(events=events, step=step)
        if self.lengths == "fixed":
            counts = events.sum(-1).round().long()
            return inputs, EventTarget(events=None, step=step, known_counts=counts)
        bins = events.shape[-1]
        lengths = torch.from_numpy(draw.integers(round(SHORTEST * bins), bins + 1, len(rows)))
        mask = torch.arange(bins) < lengths[:, None]
        counts = (events * mask[:, None, :]).sum(-1).round().long()
        return inputs, EventTarget(events=None, step=step, mask=mask, known_counts=counts)

    def inputs(self, indices: NDArray[np.int64], rate: int) -> torch.Tensor:
        """Log-mel and its derivative over time, ``(batch, 2 * bands, bins)``."""
        mel = torch.from_numpy(self.pieces.features[rate][self.members[indices]])
        bands = mel.shape[2]
        out = torch.zeros(mel.shape[0], mel.shape[1], 2 * bands)
        out[:, :, :bands] = mel
        rise = out[:, 1:, bands:]
        torch.sub(out[:, 1:, :bands], out[:, :-1, :bands], out=rise)
        rise *= DERIVATIVE_SCALE
        return out.transpose(1, 2)

    def labels(self, rate: int) -> torch.Tensor:
        """Labelled events per bin, ``(n, channel, bins)``, on the grid of a playback rate."""
        if rate not in self._labels:
            grid, speed = self.pieces.grid, self.pieces.grid.rates[rate]
            bins = grid.bins(speed)
            events = self.truth
            column = np.rint(events.time / speed / grid.hop).astype(int)
            dense = np.zeros((len(self), len(CLASSES), bins), np.float32)
            where = (events.sample, events.channel, np.clip(column, 0, bins - 1))
            np.add.at(dense, where, 1.0)
            self._labels[rate] = torch.from_numpy(dense)
        return self._labels[rate]

    @property
    def target(self) -> EventTarget:
        """Labels of all pieces, at the playback rate nearest to 1."""
        grid = self.pieces.grid
        return EventTarget(events=self.labels(grid.base), step=grid.hop)

    @property
    def unit(self) -> NDArray[np.int64]:
        """``(n,)`` recording that each piece was cut from."""
        return self.pieces.recording[self.members]

    @property
    def truth(self) -> Events:
        """Labelled onsets at their exact times."""
        place = np.full(len(self.pieces) + 1, -1)  # the last for events of no piece
        place[self.members] = np.arange(len(self.members))
        piece, time = self.pieces.cut(self.label_time)
        row = place[piece]
        own = row >= 0
        return Events(
            sample=row[own],
            channel=self.pieces.event_channel[own],
            time=time[own],
            samples=len(self),
            channels=len(CLASSES),
        )


def drum_splits(
    pieces: Pieces,
    replicate: int,
    held_out: str | None,
    parts: tuple[float, float, float],
    label_time: NDArray[np.float64],
    supervision: Supervision,
    lengths: Lengths = "variable",
    published: bool = False,
) -> Splits:
    """Training data with the given labels, validation and test data with the true ones.

    Args:
        held_out: family of all test recordings, or None for a random split.
        parts: shares of recordings of a random split.
        published: as for `split_recordings`.
        label_time: ``(event,)`` times in their recordings that training is told.

    Raises:
        UsageError: a part would be empty.
    """
    train, validation, test = split_recordings(pieces, replicate, held_out, parts, published)
    return Splits(
        train=DrumSplit(pieces, train, label_time, supervision, lengths),
        validation=DrumSplit(pieces, validation, pieces.event_time),
        test=DrumSplit(pieces, test, pieces.event_time),
    )


def split_recordings(
    pieces: Pieces,
    replicate: int,
    held_out: str | None,
    parts: tuple[float, float, float],
    published: bool = False,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Pieces for training, validation and test; no recording is in two of them.

    Args:
        pieces: the corpus.
        replicate: key of the random split.
        held_out: family of all test recordings, or None for a random split.
        parts: shares for training, validation and test of a random split; with a family held out
            the others are divided as the first two.
        published: as the published code splits: numbers of recordings are rounded down (72, 16 and
            16 of 104), and of a held-out family one half validates and the other one tests.

    Raises:
        UsageError: a part would be empty.
    """
    order = np.random.default_rng([0xD5, replicate]).permutation(len(pieces.family))
    if held_out is None:
        ends = np.cumsum(parts[:2]) * len(order)
        ends = np.floor(ends + 1e-9) if published else np.rint(ends)
        chosen = np.split(order, ends.astype(int))
    else:
        own = pieces.family[order] == held_out
        rest, test = order[~own], order[own]
        if published:
            chosen = [rest, *np.split(test, [len(test) // 2])]
        else:
            share = parts[0] / (parts[0] + parts[1])
            chosen = [*np.split(rest, [round(share * len(rest))]), test]
    train, validation, test = (np.flatnonzero(np.isin(pieces.recording, part)) for part in chosen)
    if not (len(train) and len(validation) and len(test)):
        raise UsageError(f"drums: {len(order)} recordings are too few for a split by recording")
    return train, validation, test
