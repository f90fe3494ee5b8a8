"""What readers of annotated recordings share: folder, sound, and onsets that lie within the sound.

A reader lists every problem it finds, and drops nothing: what it changes or leaves out is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.plugin import UsageError
from tasks.data.audio.drum_kits import SAMPLE_RATE

EARLIEST = -0.05
"""Onsets later than this and before 0 s are rounding of the annotation, and are set to 0."""
CLIPPED = "onsets before 0 set to 0"


@dataclass(frozen=True)
class Line:
    """One annotated stroke.

    Attributes:
        place: where it stands, for errors: ``line 3``.
        time: seconds, as written.
        channel: class; None for a stroke of no class.
        ignored: what such a stroke is counted as.
    """

    place: str
    time: str
    channel: int | None
    ignored: str = ""


@dataclass(frozen=True)
class Strokes:
    """Strokes of one recording.

    Attributes:
        times: ``(stroke,)`` seconds, sorted.
        channels: ``(stroke,)`` class of each.
        notes: how many onsets were set to 0, and how many strokes belong to no class, by reason.
    """

    times: NDArray[np.float64]
    channels: NDArray[np.int64]
    notes: Mapping[str, int] = field(default_factory=dict)


def strokes(path: Path, lines: Iterable[Line], duration: float) -> Strokes:
    """The strokes of an annotation.

    Args:
        path: of the annotation, for errors.
        duration: of the recording, in seconds.

    Raises:
        UsageError: one line for each time that is no number, lies `EARLIEST` or more before the
            recording or not before its end, and for an annotation without strokes.
    """
    rows, problems, notes, found = [], [], Counter[str](), 0
    for line in lines:
        found += 1
        where = f"'{path}', {line.place}"
        time = _seconds(line.time)
        if not np.isfinite(time):
            problems.append(f"{where}: onset '{line.time}' is no time in seconds")
        elif time <= EARLIEST:
            problems.append(f"{where}: onset {line.time} s lies before the recording")
        elif time >= duration:
            problems.append(
                f"{where}: onset {line.time} s lies past the end of the recording at "
                f"{duration:.3f} s; is the sound file cut off?"
            )
        elif line.channel is None:
            notes[line.ignored] += 1
        else:
            notes[CLIPPED] += time < 0
            rows.append((max(time, 0.0), line.channel))
    if not found:
        problems.append(f"annotation '{path}' holds no stroke")
    if problems:
        raise UsageError(problems)
    rows.sort()
    return Strokes(
        np.array([row[0] for row in rows], np.float64),
        np.array([row[1] for row in rows], np.int64),
        {reason: int(number) for reason, number in notes.items() if number},
    )


def folder_with(root: Path, names: Sequence[str], data_set: str) -> Path:
    """``root``, or the one folder in it, that holds the folders ``names``.

    Raises:
        UsageError: neither does.
    """
    if not root.is_dir():
        raise UsageError(f"folder '{root}' of {data_set} is missing")
    inside = [path for path in visible(root.iterdir()) if path.is_dir()]
    lacks = {
        place: [name for name in names if not (place / name).is_dir()] for place in (root, *inside)
    }
    best = min(lacks, key=lambda place: len(lacks[place]))  # of several the first
    if lacks[best]:
        raise UsageError(f"folder '{best / lacks[best][0]}' of {data_set} is missing")
    return best


def visible(paths: Iterable[Path]) -> Iterator[Path]:
    """Sorted, without the hidden files that some systems add (``._name``)."""
    return (path for path in sorted(paths) if not path.name.startswith("."))


def duration_of(sound: Path, rate: int) -> float:
    """Seconds that a sound file's header promises.

    Raises:
        UsageError: it is missing, no sound file, or has another sample rate than ``rate``.
    """
    import soundfile

    if not sound.is_file():
        raise UsageError(f"sound file '{sound}' is missing")
    try:
        info = soundfile.info(str(sound))
    except soundfile.LibsndfileError as error:
        raise UsageError(f"'{sound}' is no readable sound file: {error}") from None
    if info.samplerate != rate:
        raise UsageError(f"'{sound}' has {info.samplerate} samples/s, expected {rate}")
    return float(info.duration)


def mono(sound: Path) -> NDArray[np.float32]:
    """Mean of the channels, resampled to `SAMPLE_RATE`: sample n of 2n at twice the rate."""
    import soundfile
    from scipy.signal import resample_poly

    samples, rate = soundfile.read(str(sound), dtype="float32", always_2d=True)
    return np.asarray(resample_poly(samples.mean(1), SAMPLE_RATE, rate), np.float32)


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")
