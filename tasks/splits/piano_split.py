"""One part of the piano data: batches of features with located or counted labels."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from bench.plugin import EventTarget, Splits, UsageError
from tasks.data.audio.piano_pieces import PIECE, PianoPieces
from tasks.metrics.event_lists import Events

Supervision = Literal["locations", "counts"]
STACKED = 0.5
"""Share of the training extracts that another one is played with."""
SHORTEST = 0.5
"""Shortest training length under count supervision, as a fraction of an extract."""


@dataclass(frozen=True)
class PianoSplit:
    """Some recordings of a corpus with labels, piece by piece.

    Attributes:
        pieces: the corpus.
        members: ``(n,)`` pieces of this split, all of each recording, in order.
        keys: first MIDI key and number of keys that are asked for; others sound all the same.
        label_time: ``(event,)`` labelled time of every event of the corpus in its recording, noise
            included: a label may lie in the piece before or after, or in none.
        supervision: ``counts`` gives counts of random beginnings of the extracts instead of events.
        remarks: what an evaluation of the split tells in its details.
    """

    pieces: PianoPieces
    members: NDArray[np.int64]
    keys: tuple[int, int]
    label_time: NDArray[np.float64]
    supervision: Supervision = "locations"
    remarks: dict[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.members)

    def batch(
        self, rows: NDArray[np.int64], draw: np.random.Generator | None = None
    ) -> tuple[torch.Tensor, EventTarget]:
        """Inputs ``(batch, bands, bins)`` and target.

        In training all extracts of a batch are stretched to one speed, and some are stacked on
        others: both sound, and the labels of both count.

        Args:
            draw: source of speeds, stacking and lengths in training; without it all is as it is.
        """
        grid = self.pieces.grid
        if draw is None:
            events = self.labels(rows, 1.0)
            return self.inputs(rows, 1.0), EventTarget(events=events, step=grid.hop)
        rate = grid.rates[int(draw.integers(len(grid.rates)))]
        chosen = np.flatnonzero(draw.random(len(rows)) < STACKED)
        partners = draw.integers(len(self), size=len(rows))[chosen]
        inputs, events = self.inputs(rows, rate), self.labels(rows, rate)
        inputs[chosen] = stacked(inputs[chosen], self.inputs(partners, rate))
        events[chosen] += self.labels(partners, rate)
        if self.supervision == "locations":
            return inputs, EventTarget(events=events, step=grid.hop)
        bins = events.shape[-1]
        lengths = torch.from_numpy(draw.integers(round(SHORTEST * bins), bins + 1, len(rows)))
        mask = torch.arange(bins) < lengths[:, None]
        counts = (events * mask[:, None, :]).sum(-1).round().long()
        return inputs, EventTarget(events=None, step=grid.hop, mask=mask, known_counts=counts)

    def inputs(self, rows: NDArray[np.int64], rate: float) -> torch.Tensor:
        """Spectrograms at a speed, ``(batch, bands, bins)``; between two frames both count."""
        frames = torch.from_numpy(self.pieces.features[self.members[rows]]).float()
        if rate != 1.0:
            last = frames.shape[1] - 1
            place = (torch.arange(self.pieces.grid.bins(rate)) + 0.5) * rate - 0.5
            place = place.clamp(0, last)
            low = place.floor().long()
            weight = (place - low)[:, None]
            high = (low + 1).clamp(max=last)
            frames = frames[:, low] * (1 - weight) + frames[:, high] * weight
        return frames.transpose(1, 2).contiguous()

    def labels(self, rows: NDArray[np.int64], rate: float) -> torch.Tensor:
        """Labelled events per bin at a speed, ``(batch, key, bins)``; two in a bin count two."""
        grid, events = self.pieces.grid, self.truth
        bins = grid.bins(rate)
        begin = np.searchsorted(events.sample, rows)
        count = np.searchsorted(events.sample, rows, side="right") - begin
        own = np.repeat(np.arange(len(rows)), count)
        index = np.arange(count.sum()) + np.repeat(begin - np.cumsum(count) + count, count)
        column = np.floor(events.time[index] / (rate * grid.hop) + 1e-6).astype(np.int64)
        dense = np.zeros((len(rows), self.keys[1], bins), np.float32)
        np.add.at(dense, (own, events.channel[index], column.clip(0, bins - 1)), 1.0)
        return torch.from_numpy(dense)

    @functools.cached_property
    def truth(self) -> Events:
        """Labelled onsets at their exact times, sorted by piece."""
        pieces, (lowest, keys) = self.pieces, self.keys
        place = np.full(len(pieces) + 1, -1)  # the last for events of no piece
        place[self.members] = np.arange(len(self.members))
        piece, time = pieces.cut(self.label_time)
        row, key = place[piece], pieces.event_key - lowest
        own = np.flatnonzero((row >= 0) & (key >= 0) & (key < keys))
        own = own[np.argsort(row[own], kind="stable")]
        return Events(row[own], key[own], time[own], len(self), keys)

    @property
    def unit(self) -> NDArray[np.int64]:
        """``(n,)`` recording that each piece was cut from."""
        return self.pieces.recording[self.members]

    def joined(self, events: Events) -> Events:
        """Events of pieces as events of recordings, at times from the start of these."""
        units, number = np.unique(self.unit, return_inverse=True)
        start = PIECE * (self.members - self.pieces.first[self.unit])
        return replace(
            events,
            sample=number[events.sample],
            time=events.time + start[events.sample],
            samples=len(units),
        )

    def of(self, recording: int) -> PianoSplit:
        """One recording alone."""
        return replace(self, members=self.members[self.unit == recording])


def stacked(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """Spectrogram of two sounds played together, power adding to power.

    Features are (log a + 6) / 2 of amplitudes a.
    """
    return torch.logaddexp(4 * first, 4 * second) / 4


def piano_splits(
    pieces: PianoPieces,
    replicate: int,
    keys: tuple[int, int],
    validation: float,
    label_time: NDArray[np.float64],
    supervision: Supervision,
) -> Splits:
    """Training data with the given labels, validation and test data with the true ones.

    The test is what the corpus names as such. The rest is divided by piece of music, so that no
    piece is in two parts.

    Args:
        validation: share of the pieces of music that validate.
        label_time: ``(event,)`` times in their recordings that training is told.

    Raises:
        UsageError: a part would be empty.
    """
    music = np.unique(pieces.name[pieces.part == "train"])
    order = np.random.default_rng([0x91, replicate]).permutation(len(music))
    chosen = music[order[: round(validation * len(music))]]
    validates = (pieces.part == "train") & np.isin(pieces.name, chosen)
    parts = (pieces.part == "train") & ~validates, validates, pieces.part == "test"
    train, validation_, test = (np.flatnonzero(part[pieces.recording]) for part in parts)
    if not (len(train) and len(validation_) and len(test)):
        raise UsageError(f"piano: {len(music)} pieces of music are too few to train and validate")
    return Splits(
        train=PianoSplit(pieces, train, keys, label_time, supervision),
        validation=PianoSplit(pieces, validation_, keys, pieces.event_time),
        test=PianoSplit(pieces, test, keys, pieces.event_time),
    )
