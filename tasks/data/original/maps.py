"""Reader of MAPS (Emiya et al. 2010): piano music, software pianos to train, Disklaviers to test.

Layout: ``<PIANO>/MUS/MAPS_MUS-<piece>_<PIANO>.wav`` (44.1 kHz, stereo) beside a ``.txt`` of the
same name, one header line and then onset, offset (seconds) and MIDI pitch of each note; archives
may put folders around it, or divide a piano between two. Onsets alone are used: offsets are
extended by the sustain pedal. Label times belong to their recording; the Disklaviers' are later
than those of software pianos.

The split is that of Hawthorne et al. (2017): the 60 pieces of the two Disklaviers test. Of the 210
others the 71 that are among the test pieces are left out, or not where 210 are asked for.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.plugin import UsageError
from tasks.data.audio.drum_kits import SAMPLE_RATE
from tasks.data.audio.rendered_piano import PianoRecording

PUBLISHED_RATE = 44_100
SOFTWARE = ("AkPnBcht", "AkPnBsdf", "AkPnCGdD", "AkPnStgb", "SptkBGAm", "SptkBGCl", "StbgTGd2")
DISKLAVIERS = ("ENSTDkAm", "ENSTDkCl")
TEST = 60
"""Recordings that test."""
EARLY = 0.05
"""Seconds before the beginning up to which an onset is taken for one at 0."""
_NAME = re.compile(r"MAPS_MUS-(.+)_([A-Za-z0-9]+)\.wav")


@functools.cache
def published_test() -> frozenset[tuple[str, str]]:
    """Piano and piece of the recordings that test, as published."""
    text = Path(__file__).with_name("maps_test_pieces.txt").read_text(encoding="utf-8")
    rows = (line.split() for line in text.splitlines() if not line.startswith("#"))
    return frozenset((row[0], piece) for row in rows for piece in row[1:])


def check(root: Path, training: int, *, partial: bool = False) -> None:
    """Check names, pairs, headers and annotations without decoding audio.

    Args:
        root: a folder that holds the pianos' folders, at any depth.
        training: 139 or 210 recordings to train.
        partial: accept fewer recordings than published.

    Raises:
        UsageError: one line for every problem found.
    """
    import soundfile

    train, test = _parts(root, training)
    problems = []
    expected = (len(train), training, "train"), (len(test), TEST, "test")
    for found, published, what in expected:
        if found != published and not (partial and 0 < found < published):
            hint = "; set allow_partial to use them anyway" if 0 < found < published else ""
            problems.append(
                f"MAPS has {published} recordings to {what}, '{root}' has {found}{hint}"
            )
    missing = sorted(published_test() - {_named(wav) for wav in test})
    if missing and not partial:
        problems.append("missing from the test: " + ", ".join("_".join(m[::-1]) for m in missing))
    for wav in (*train, *test):
        try:
            info = soundfile.info(str(wav))
            if info.samplerate != PUBLISHED_RATE:
                problems.append(f"'{wav}' has {info.samplerate} samples/s, not {PUBLISHED_RATE}")
            _onsets(wav, info.frames / info.samplerate)
        except UsageError as error:
            problems += error.problems
        except soundfile.LibsndfileError as error:
            problems.append(f"'{wav}' is no readable sound file: {error}")
    if problems:
        raise UsageError(problems)


def fingerprint(root: Path, training: int) -> str:
    """Hash of names, sizes of sound files and contents of annotations; not of the folder's path."""
    digest = hashlib.sha256()
    for part in _parts(root, training):
        for wav in part:
            digest.update(f"{wav.name} {wav.stat().st_size} ".encode())
            digest.update(_annotation(wav).read_bytes())
    return digest.hexdigest()[:16]


def left_out(root: Path, training: int) -> dict[str, Any]:
    """Numbers of recordings used, and of those that are not, by reason."""
    music = _music(root)
    train, test = _parts(root, training)
    software = [wav for wav in music if _named(wav)[0] in SOFTWARE]
    return {
        "train": len(train),
        "test": len(test),
        "left_out": {
            "piece of the test set": len(software) - len(train),
            "no piano of MAPS": len(music) - len(software) - len(test),
        },
    }


def read_all(root: Path, training: int) -> Iterator[PianoRecording]:
    """Recordings to train, then to test, in order of name: mono, resampled to `SAMPLE_RATE`."""
    import soundfile
    from scipy.signal import resample_poly

    for part, files in zip(("train", "test"), _parts(root, training), strict=True):
        for wav in files:
            samples, rate = soundfile.read(str(wav), dtype="float32", always_2d=True)
            audio = resample_poly(samples.mean(1), SAMPLE_RATE, rate).astype(np.float32)
            times, keys = _onsets(wav, len(samples) / rate)
            yield PianoRecording(audio, SAMPLE_RATE, times, keys, _named(wav)[1], part)


def _music(root: Path) -> list[Path]:
    if not root.is_dir():
        raise UsageError(f"folder '{root}' of MAPS is missing")
    found = {wav.name: wav for wav in sorted(root.rglob("MAPS_MUS-*.wav"))}
    if not found:
        raise UsageError(f"'{root}' has no file named like 'MUS/MAPS_MUS-bk_xmas1_ENSTDkAm.wav'")
    return [found[name] for name in sorted(found)]


def _named(wav: Path) -> tuple[str, str]:
    """Piano and piece of a recording."""
    match = _NAME.fullmatch(wav.name)
    return (match[2], match[1]) if match else ("", wav.stem)


def _parts(root: Path, training: int) -> tuple[list[Path], list[Path]]:
    music = _music(root)
    tested = {piece for _, piece in published_test()}
    train = [
        wav
        for wav in music
        if _named(wav)[0] in SOFTWARE and (training == 210 or _named(wav)[1] not in tested)
    ]
    return train, [wav for wav in music if _named(wav)[0] in DISKLAVIERS]


def _annotation(wav: Path) -> Path:
    path = wav.with_suffix(".txt")
    if not path.is_file():
        raise UsageError(f"annotation '{path}' of '{wav.name}' is missing")
    return path


def _onsets(wav: Path, duration: float) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Times in seconds and MIDI keys of the annotated notes.

    Raises:
        UsageError: no note, a line that is none, a time or a pitch that cannot be.
    """
    path = _annotation(wav)
    rows = []
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    for number, line in enumerate(lines[1:], start=2):  # the first is a header
        if not line.strip():
            continue
        try:
            onset, _, pitch = (float(word) for word in line.split())
        except ValueError:
            raise UsageError(
                f"'{path}', line {number}: '{line}' is no onset, offset, pitch"
            ) from None
        if not -EARLY <= onset < duration:
            raise UsageError(
                f"'{path}', line {number}: onset {onset:g} s is outside of the recording "
                f"(0 to {duration:g} s); is '{wav.name}' cut short?"
            )
        if not (pitch == int(pitch) and 21 <= pitch <= 108):
            raise UsageError(
                f"'{path}', line {number}: pitch {pitch:g} is no key of a piano, 21 to 108"
            )
        rows.append((max(onset, 0.0), int(pitch)))
    if not rows:
        raise UsageError(f"'{path}' has no note below its header")
    rows.sort()
    return np.array([row[0] for row in rows]), np.array([row[1] for row in rows], np.int64)
