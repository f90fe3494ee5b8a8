"""Reader of IDMT-SMT-Drums (Dittmar & Gärtner 2014): drum-only recordings of three families.

Layout of the published folder: ``audio/<name>#MIX.wav`` (44.1 kHz) beside single-instrument
tracks, which are not used, and ``annotation_xml/<name>#MIX.xml`` with one ``<event>`` per stroke
that holds ``<onsetSec>`` and ``<instrument>`` (KD, SD or HH). Names begin with the family.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from bench.plugin import UsageError, nearest
from tasks.data.audio.drum_kits import SAMPLE_RATE
from tasks.data.audio.rendered_drums import Recording

FAMILIES: tuple[str, ...] = ("RealDrum", "TechnoDrum", "WaveDrum")
PUBLISHED = 104
"""Number of mixes in the published data set."""
PUBLISHED_RATE = 44_100
LABELS: dict[str, int] = {"KD": 0, "SD": 1, "HH": 2}
"""Channel of each label: kick, snare, hi-hat."""

Onsets = tuple[NDArray[np.float64], NDArray[np.int64]]


def check(root: Path, *, partial: bool = False) -> None:
    """Check folder, names, headers and annotations without decoding audio.

    Args:
        root: the folder that holds ``audio`` and ``annotation_xml``.
        partial: accept another number of recordings than published.

    Raises:
        UsageError: one line for every problem found.
    """
    import soundfile

    mixes = _mixes(root)
    problems = []
    if len(mixes) != PUBLISHED and not partial:
        problems.append(
            f"IDMT-SMT-Drums has {PUBLISHED} recordings, '{root}' has {len(mixes)}; "
            "set allow_partial to use them anyway"
        )
    for wav in mixes:
        try:
            _family(wav)
            rate = soundfile.info(str(wav)).samplerate
            if rate != PUBLISHED_RATE:
                problems.append(f"'{wav}' has {rate} samples/s, expected {PUBLISHED_RATE}")
            _onsets(_annotation(wav))
        except UsageError as error:
            problems += error.problems
        except soundfile.LibsndfileError as error:
            problems.append(f"'{wav}' is no readable sound file: {error}")
    if problems:
        raise UsageError(problems)


def fingerprint(root: Path) -> str:
    """Hash of names, sizes of sound files and contents of annotations; not of the folder's path."""
    digest = hashlib.sha256()
    for wav in _mixes(root):
        digest.update(f"{wav.name} {wav.stat().st_size} ".encode())
        digest.update(_annotation(wav).read_bytes())
    return digest.hexdigest()[:16]


def read_all(root: Path) -> Iterator[Recording]:
    """Recordings in order of name, mono, resampled to `SAMPLE_RATE`."""
    import soundfile
    from scipy.signal import resample_poly

    for wav in _mixes(root):
        samples, rate = soundfile.read(str(wav), dtype="float32", always_2d=True)
        audio = resample_poly(samples.mean(1), SAMPLE_RATE, rate).astype(np.float32)
        times, channels = _onsets(_annotation(wav))
        yield Recording(audio, SAMPLE_RATE, times, channels, _family(wav))


def _mixes(root: Path) -> list[Path]:
    for folder in (root, root / "audio", root / "annotation_xml"):
        if not folder.is_dir():
            raise UsageError(f"folder '{folder}' of IDMT-SMT-Drums is missing")
    mixes = sorted((root / "audio").glob("*#MIX.wav"))
    if not mixes:
        raise UsageError(f"'{root / 'audio'}' has no file named like 'WaveDrum02_60#MIX.wav'")
    return mixes


def _family(wav: Path) -> str:
    family = wav.name.split("_")[0].rstrip("0123456789")
    if family not in FAMILIES:
        raise UsageError(f"'{wav}' is of unknown family '{family}'{nearest(family, FAMILIES)}")
    return family


def _annotation(wav: Path) -> Path:
    path = wav.parent.parent / "annotation_xml" / f"{wav.stem}.xml"
    if not path.is_file():
        raise UsageError(f"annotation '{path}' of '{wav.name}' is missing")
    return path


def _onsets(path: Path) -> Onsets:
    """Times in seconds and channels of the annotated strokes, sorted by time."""
    content = path.read_bytes()
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:  # the published files have neither
        raise UsageError(f"annotation '{path}' declares a document type, which is not accepted")
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        raise UsageError(f"annotation '{path}' is no valid XML: {error}") from None
    rows = []
    for number, event in enumerate(root.iter("event"), start=1):
        label = (event.findtext("instrument") or "").strip()
        if label not in LABELS:
            raise UsageError(f"'{path}', event {number}: unknown instrument '{label}'")
        text = (event.findtext("onsetSec") or "").strip()
        try:
            time = float(text)
        except ValueError:
            time = float("nan")
        if not 0 <= time < float("inf"):
            raise UsageError(f"'{path}', event {number}: onsetSec '{text}' is no time in seconds")
        rows.append((time, LABELS[label]))
    rows.sort()
    return np.array([row[0] for row in rows]), np.array([row[1] for row in rows], np.int64)
