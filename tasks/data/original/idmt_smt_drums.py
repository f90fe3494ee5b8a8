"""Reader of IDMT-SMT-Drums V2 (Dittmar & Gärtner 2014): drum-only recordings of three families.

Layout of the published folder: ``audio/<name>#MIX.wav`` (44.1 kHz) beside single-instrument
tracks, which are not used, and ``annotation_xml/<name>#MIX.xml`` with one ``<event>`` per stroke
that holds ``<onsetSec>`` and ``<instrument>`` (KD, SD or HH). Names begin with the family.
Published onsets near 0 may be slightly negative, as ``-1e-05``: these are set to 0.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from bench.plugin import UsageError, nearest
from tasks.data.audio.drum_kits import SAMPLE_RATE
from tasks.data.audio.rendered_drums import Recording
from tasks.data.original.annotated_audio import (
    Line,
    Strokes,
    duration_of,
    folder_with,
    mono,
    strokes,
    visible,
)

FAMILIES: tuple[str, ...] = ("RealDrum", "TechnoDrum", "WaveDrum")
_NUMBERS = {
    "RealDrum01": range(20),
    "TechnoDrum01": range(10),
    "TechnoDrum02": range(4),
    "WaveDrum01": range(10),
    "WaveDrum02": range(1, 61),
}
NAMES: tuple[str, ...] = tuple(
    f"{group}_{number:02d}" for group, numbers in _NUMBERS.items() for number in numbers
)
"""The 104 mixes that were published: 20 of real, 14 of techno and 70 of wave drums."""
KICKS = 2174
"""Kicks in all of them, by a public listing of another format of the annotations."""
PUBLISHED_RATE = 44_100
LABELS: dict[str, int] = {"KD": 0, "SD": 1, "HH": 2}
"""Channel of each label: kick, snare, hi-hat."""


def check(root: Path, *, partial: bool = False) -> list[str]:
    """Check folder, names, headers and annotations without decoding audio.

    Args:
        root: the folder that holds ``audio`` and ``annotation_xml``, or the one around it.
        partial: accept other recordings than those published.

    Returns:
        Warnings: what differs from what is known of the published files, and is read all the same.

    Raises:
        UsageError: one line for every problem found.
    """
    odd, kicks = _other_names(root), 0
    problems, warnings = ([], list(odd)) if partial else (list(odd), [])
    for wav in _mixes(root):
        try:
            _family(wav)
            duration, annotation = duration_of(wav, PUBLISHED_RATE), _annotation(wav)
            found = _strokes(annotation, duration)
            kicks += int((found.channels == LABELS["KD"]).sum())
            said = _parsed(annotation).findtext("globalParameter/audioFileName")
            if said is not None and Path(said.strip()).stem != wav.stem:
                warnings.append(f"'{annotation}' says that it is about '{said.strip()}'")
        except UsageError as error:
            problems += error.problems
    if problems:
        raise UsageError(problems)
    if not odd and kicks != KICKS:
        warnings.append(f"'{root}' has {kicks} kicks, {KICKS} are known")
    return warnings


def recordings_found(root: Path) -> int:
    """How many recordings a folder has; 0 where it is none of this data set."""
    try:
        return len(_mixes(root))
    except UsageError:
        return 0


def fingerprint(root: Path) -> str:
    """Hash of names, sizes of sound files and contents of annotations; not of the folder's path."""
    digest = hashlib.sha256()
    for wav in _mixes(root):
        digest.update(f"{wav.name} {wav.stat().st_size} ".encode())
        digest.update(_annotation(wav).read_bytes())
    return digest.hexdigest()[:16]


def read_all(root: Path) -> Iterator[Recording]:
    """Recordings in order of name, mono, resampled to `SAMPLE_RATE`."""
    for wav in _mixes(root):
        audio = mono(wav)
        found = _strokes(_annotation(wav), len(audio) / SAMPLE_RATE)
        name = wav.stem.removesuffix("#MIX")
        yield Recording(
            audio, SAMPLE_RATE, found.times, found.channels, _family(wav), name, found.notes
        )


def _mixes(root: Path) -> list[Path]:
    folder = folder_with(root, ("audio", "annotation_xml"), "IDMT-SMT-Drums")
    mixes = list(visible((folder / "audio").glob("*#MIX.wav")))
    if not mixes:
        raise UsageError(f"'{folder / 'audio'}' has no file named like 'WaveDrum02_60#MIX.wav'")
    return mixes


def _other_names(root: Path) -> list[str]:
    """How the recordings differ from those published, in a line for each direction."""
    here = {wav.stem.removesuffix("#MIX") for wav in _mixes(root)}
    missing, unknown = set(NAMES) - here, here - set(NAMES)
    lines = []
    if missing:
        lines.append(
            f"IDMT-SMT-Drums has {len(NAMES)} recordings, '{root}' lacks {_listed(missing)}; set "
            "allow_partial to use the others"
        )
    if unknown:
        lines.append(f"'{root}' has recordings that were not published: {_listed(unknown)}")
    return lines


def _listed(names: set[str], most: int = 5) -> str:
    shown = ", ".join(sorted(names)[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


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


def _parsed(path: Path) -> ElementTree.Element:
    content = path.read_bytes()
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:  # the published files have neither
        raise UsageError(f"annotation '{path}' declares a document type, which is not accepted")
    try:
        return ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        raise UsageError(f"annotation '{path}' is no valid XML: {error}") from None


def _strokes(path: Path, duration: float) -> Strokes:
    lines, problems = [], []
    for number, event in enumerate(_parsed(path).iter("event"), start=1):
        label = (event.findtext("instrument") or "").strip()
        if label not in LABELS:
            problems.append(f"'{path}', event {number}: unknown instrument '{label}'")
            continue
        time = (event.findtext("onsetSec") or "").strip()
        lines.append(Line(f"event {number}", time, LABELS[label]))
    if problems:
        raise UsageError(problems)
    return strokes(path, lines, duration)
