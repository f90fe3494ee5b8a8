"""Prepared drum data on disk: recordings cut into pieces, features per playback rate, onsets.

``features-<k>.npy`` holds the log-mel of every piece at playback rate ``k``, float16
``(piece, bins, bands)``, and is memory-mapped; ``pieces.npz`` holds the rest. What the reader of
original recordings has to say of them is in ``reading.json``.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tasks.data.audio.rendered_drums import Recording

PIECE = 1.5
"""Seconds of a piece (thesis §4.3.1)."""


@dataclass(frozen=True)
class Grid:
    """How a piece is laid out in time and frequency.

    Attributes:
        hop: seconds of played time per bin.
        bands: number of mel bands.
        rates: playback rates; the pieces exist at each.
    """

    hop: float
    bands: int
    rates: tuple[float, ...] = (1.0,)

    def bins(self, rate: float) -> int:
        """Bins of a piece played ``rate`` times as fast."""
        return round(PIECE / rate / self.hop)

    @property
    def base(self) -> int:
        """Index of the playback rate nearest to 1."""
        return int(np.argmin(np.abs(np.log(self.rates))))


_LAYOUT = {"compact": (0.010, 40, 1), "thesis": (0.005, 80, 10)}  # hop, mel bands, rates
_RATE_RANGE = (0.8, 1.25)
_READING = "reading.json"


def grid_of(architecture: str, rates: int | None) -> Grid:
    """Layout for a network, with ``rates`` playback rates instead of its own number of them."""
    hop, bands, own = _LAYOUT[architecture]
    count = rates or own
    speeds = np.geomspace(*_RATE_RANGE, count) if count > 1 else np.ones(1)
    return Grid(hop, bands, tuple(float(speed) for speed in speeds))


@dataclass(frozen=True)
class Pieces:
    """All pieces of a corpus.

    Attributes:
        grid: layout.
        features: per playback rate, float16 ``(piece, bins, bands)``.
        recording: ``(piece,)`` index of the recording a piece was cut from.
        family: ``(recording,)`` family of the kit.
        event_recording, event_channel, event_time: ``(event,)``, sorted by recording and time;
            times are seconds from the start of the recording, at playback rate 1.
        reading: of original recordings: their ``names``, what was done to how many strokes
            (``strokes``), ``warnings``.
    """

    grid: Grid
    features: list[NDArray[np.float16]]
    recording: NDArray[np.int64]
    family: NDArray[np.str_]
    event_recording: NDArray[np.int64]
    event_channel: NDArray[np.int64]
    event_time: NDArray[np.float64]
    reading: dict[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.recording)

    def cut(self, time: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Piece of each event of the corpus, and its time there, were it at ``time``.

        Args:
            time: ``(event,)`` seconds from the start of the event's recording.

        Returns:
            ``(event,)`` pieces, -1 outside of the recording, and seconds from the piece's start.
        """
        first = np.searchsorted(self.recording, np.arange(len(self.family)))
        count = np.bincount(self.recording, minlength=len(self.family))
        number = np.floor(time / PIECE).astype(np.int64)
        inside = (number >= 0) & (number < count[self.event_recording])
        piece = np.where(inside, first[self.event_recording] + number, -1)
        return piece, time - number * PIECE


def write_pieces(
    directory: Path, recordings: Iterable[Recording], grid: Grid, warnings: Sequence[str] = ()
) -> None:
    """Cut ``recordings`` into pieces and write features and onsets into ``directory``.

    Silence fills up the last piece of a recording.

    Raises:
        ValueError: a stroke lies outside of its recording.
    """
    features: list[list[NDArray[np.float16]]] = [[] for _ in grid.rates]
    recording, family, columns = [], [], []
    names, notes = list[str](), Counter[str]()
    for index, source in enumerate(recordings):
        count = math.ceil(len(source.audio) / source.sample_rate / PIECE - 1e-6)
        for rate, collected in zip(grid.rates, features, strict=True):
            collected.append(_cut(source, grid, rate, count))
        order = np.argsort(source.times, kind="stable")
        times, channels = source.times[order], source.channels[order]
        if len(times) and not (times[0] >= 0 and times[-1] < count * PIECE):
            raise ValueError(
                f"strokes of recording {source.name or index} lie from {times[0]} to {times[-1]} "
                f"s, the recording from 0 to {count * PIECE} s"
            )
        columns.append((np.full(len(times), index), channels, times))
        recording += [index] * count
        family.append(source.family)
        names.append(source.name)
        notes.update(source.notes)
    for k, collected in enumerate(features):
        np.save(directory / f"features-{k}.npy", np.concatenate(collected))
    event_recording, event_channel, event_time = (
        np.concatenate(column) for column in zip(*columns, strict=True)
    )
    np.savez(
        directory / "pieces.npz",
        recording=np.array(recording, np.int64),
        family=np.array(family),
        event_recording=event_recording,
        event_channel=event_channel,
        event_time=event_time,
    )
    if any(names):
        reading = {"names": names, "strokes": dict(notes), "warnings": list(warnings)}
        (directory / _READING).write_text(json.dumps(reading, indent=1), encoding="utf-8")


def read_pieces(directory: Path, grid: Grid) -> Pieces:
    """What `write_pieces` wrote, features memory-mapped."""
    with np.load(directory / "pieces.npz", allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    files = [directory / f"features-{k}.npy" for k in range(len(grid.rates))]
    features = [np.load(file, mmap_mode="r", allow_pickle=False) for file in files]
    said = directory / _READING
    reading = json.loads(said.read_text(encoding="utf-8")) if said.is_file() else {}
    return Pieces(grid=grid, features=features, reading=reading, **arrays)


def _cut(source: Recording, grid: Grid, rate: float, count: int) -> NDArray[np.float16]:
    """Features ``(piece, bins, bands)`` of the first ``count`` pieces of a recording."""
    from tasks.data.audio.log_mel import log_mel  # loads SciPy, which trials do not need

    bins = grid.bins(rate)
    centres = np.arange(count)[:, None] * (PIECE / rate) + np.arange(bins) * grid.hop
    mel = log_mel(source.audio, source.sample_rate, centres.ravel(), grid.bands, rate)
    return mel.reshape(grid.bands, count, bins).transpose(1, 2, 0).astype(np.float16)
