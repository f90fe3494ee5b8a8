"""Prepared piano data on disk: recordings cut into pieces of 1.5 s, features, onsets.

``features.npy`` holds a spectrogram of every piece, float16 ``(piece, bins, bands)``, and is
memory-mapped; ``pieces.npz`` holds the rest. Playing a piece faster or slower without changing its
pitch is reading its frames at other places, so features exist at one speed only.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tasks.data.audio.rendered_piano import PianoRecording

PIECE = 1.5
"""Seconds of a piece (thesis §4.3.2)."""

LOWEST_BAND, BANDS = 21, 103
"""MIDI key of the first semitone band, and their number: up to 9.4 kHz."""

Bands = Literal["semitones", "mel"]


@dataclass(frozen=True)
class PianoGrid:
    """How a piece is laid out in time and frequency.

    Attributes:
        hop: seconds of a bin.
        kind: bands of a semitone each, or evenly spaced in mel.
        bands: their number.
        rates: speeds that pieces are stretched to, in training.
    """

    hop: float
    kind: Bands
    bands: int
    rates: tuple[float, ...] = (1.0,)

    def bins(self, rate: float) -> int:
        """Bins of a piece played ``rate`` times as fast."""
        return round(PIECE / rate / self.hop)

    @property
    def base(self) -> int:
        """Index of the speed nearest to 1."""
        return int(np.argmin(np.abs(np.log(self.rates))))


def piano_grid(architecture: str, rates: int) -> PianoGrid:
    """Layout for a network, with ``rates`` speeds from 0.8 to 1.25."""
    spaced = np.geomspace(0.8, 1.25, rates) if rates > 1 else np.ones(1)
    speeds = tuple(round(float(speed), 6) for speed in spaced)
    if architecture == "thesis":
        return PianoGrid(0.005, "mel", 80, speeds)
    return PianoGrid(0.020, "semitones", BANDS, speeds)


@dataclass(frozen=True)
class PianoPieces:
    """All pieces of a corpus.

    Attributes:
        grid: layout.
        features: float16 ``(piece, bins, bands)``.
        recording: ``(piece,)`` recording that a piece was cut from, ascending.
        name: ``(recording,)`` score or piece of music.
        part: ``(recording,)`` whether it trains or tests.
        event_recording, event_key, event_time: ``(event,)``, sorted by recording and time: MIDI
            keys, and seconds from the start of the recording.
    """

    grid: PianoGrid
    features: NDArray[np.float16]
    recording: NDArray[np.int64]
    name: NDArray[np.str_]
    part: NDArray[np.str_]
    event_recording: NDArray[np.int64]
    event_key: NDArray[np.int64]
    event_time: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.recording)

    @property
    def first(self) -> NDArray[np.int64]:
        """``(recording,)`` first piece of each."""
        return np.searchsorted(self.recording, np.arange(len(self.name)))

    def cut(self, time: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Piece of each event of the corpus, and its time there, were it at ``time``.

        Args:
            time: ``(event,)`` seconds from the start of the event's recording.

        Returns:
            ``(event,)`` pieces, -1 outside of the recording, and seconds from the piece's start.
        """
        count = np.bincount(self.recording, minlength=len(self.name))
        number = np.floor(time / PIECE).astype(np.int64)
        inside = (number >= 0) & (number < count[self.event_recording])
        piece = np.where(inside, self.first[self.event_recording] + number, -1)
        return piece, time - number * PIECE


def write_piano(directory: Path, recordings: Iterable[PianoRecording], grid: PianoGrid) -> None:
    """Cut ``recordings`` into pieces and write features and onsets into ``directory``.

    Silence fills up the last piece of a recording.

    Raises:
        ValueError: an onset lies outside of its recording.
    """
    features, recording, names, parts = [], [], [], []
    columns: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]] = []
    for index, source in enumerate(recordings):
        count = math.ceil(len(source.audio) / source.sample_rate / PIECE - 1e-6)
        features.append(_features(source, grid, count))
        order = np.argsort(source.times, kind="stable")
        times = source.times[order]
        if len(times) and not (times[0] >= 0 and times[-1] < count * PIECE):
            raise ValueError(f"'{source.piece}' has onsets outside of its recording")
        columns.append((np.full(len(times), index), source.keys[order], times))
        recording += [index] * count
        names.append(source.piece)
        parts.append(source.part)
    np.save(directory / "features.npy", np.concatenate(features))
    event_recording, event_key, event_time = (
        np.concatenate(column) for column in zip(*columns, strict=True)
    )
    np.savez(
        directory / "pieces.npz",
        recording=np.array(recording, np.int64),
        name=np.array(names),
        part=np.array(parts),
        event_recording=event_recording.astype(np.int64),
        event_key=event_key.astype(np.int64),
        event_time=event_time,
    )


def read_piano(directory: Path, grid: PianoGrid) -> PianoPieces:
    """What `write_piano` wrote, features memory-mapped."""
    with np.load(directory / "pieces.npz", allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    features = np.load(directory / "features.npy", mmap_mode="r", allow_pickle=False)
    return PianoPieces(grid=grid, features=features, **arrays)


def _features(source: PianoRecording, grid: PianoGrid, count: int) -> NDArray[np.float16]:
    """Features ``(piece, bins, bands)``, each frame centred at the centre of its bin."""
    from tasks.data.audio.log_mel import log_mel  # loads SciPy, which trials do not need
    from tasks.data.audio.log_semitones import log_semitones

    bins = grid.bins(1.0)
    centres = np.asarray((np.arange(count * bins) + 0.5) * grid.hop, np.float64)
    if grid.kind == "semitones":
        bands = log_semitones(source.audio, source.sample_rate, centres)
    else:
        bands = log_mel(source.audio, source.sample_rate, centres, grid.bands)
    return bands.reshape(grid.bands, count, bins).transpose(1, 2, 0).astype(np.float16)
