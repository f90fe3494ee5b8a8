"""Reader of ENST-Drums minus-one (Gillet & Richard 2006): three drummers who play to music.

Layout of the published folder: ``drummer_<1-3>/annotation/<stem>.txt`` with a time in seconds and
a label on each line, and ``drummer_<1-3>/audio/<mix>/<stem>.wav``. Of its 318 recordings the 64
named ``<number>_minus-one_…`` or ``<number>_MIDI-minus-one_…`` are read, of the drums alone. Titles
and numbers repeat between drummers.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, get_args

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

Mix = Literal["wet_mix", "dry_mix"]
"""Folders of the whole drum set; the others hold one microphone each, or the music."""
CrossStick = Literal["snare", "other"]
PUBLISHED_RATE = 44_100
PIECES: dict[str, tuple[int, ...]] = {
    "drummer_1": (*range(107, 116), *range(121, 144, 2)),
    "drummer_2": (*range(115, 125), *range(130, 153, 2)),
    "drummer_3": (*range(126, 135), *range(140, 163, 2)),
}
"""Numbers of the 21 + 22 + 21 minus-one recordings; of those to MIDI music every second one."""
DRUMMERS: tuple[str, ...] = tuple(PIECES)

LABELS: dict[str, int] = {"bd": 0, "sd": 1, "sd-": 1, "chh": 2, "ohh": 2}
"""Channel of the labels that all sources agree on: kick, snare, hi-hat."""
CROSS_STICKS: tuple[str, ...] = ("cs", "rs")
"""Cross stick and rim shot, on which they do not."""
OTHERS: dict[str, str] = {
    **dict.fromkeys(("mt", "mtr", "lmt", "lt", "ltr", "lft"), "strokes on toms"),
    **dict.fromkeys(
        ("rc1", "rc2", "rc3", "rc4", "cr1", "cr2", "cr5", "c", "c1", "c4", "ch", "ch1", "ch5",
         "spl", "spl2"), "strokes on cymbals",
    ),
    "cb": "strokes on cowbell", "sticks": "sticks", "sweep": "sweeps of brushes",
}  # fmt: skip
"""What is of no class, by label, matched exactly: ``ch1`` is a china cymbal, no hi-hat."""

_NAME = re.compile(r"(\d{3})_(MIDI-)?minus-one_.+\.txt")


def check(root: Path, *, mix: str = "wet_mix", partial: bool = False) -> list[str]:
    """Check folders, names, headers and annotations without decoding audio.

    Args:
        root: the folder that holds ``drummer_1`` to ``drummer_3``, or the one around it.
        mix: folder of the sound files.
        partial: accept other recordings than those published.

    Returns:
        Warnings: what differs from the published files, and is read all the same.

    Raises:
        UsageError: one line for every problem found.
    """
    odd = _other_numbers(root)
    problems, warnings = ([], odd) if partial else (odd, [])
    for annotation in _annotations(root):
        try:
            _strokes(annotation, duration_of(_sound(annotation, mix), PUBLISHED_RATE), "snare")
        except UsageError as error:
            problems += error.problems
    if problems:
        raise UsageError(problems)
    return warnings


def recordings_found(root: Path) -> int:
    """How many minus-one recordings a folder has; 0 where it is none of this data set."""
    try:
        return len(_annotations(root))
    except UsageError:
        return 0


def fingerprint(root: Path, mix: str) -> str:
    """Hash of names, sizes of sound files and contents of annotations; not of the folder's path."""
    digest = hashlib.sha256()
    for annotation in _annotations(root):
        size = _sound(annotation, mix).stat().st_size
        digest.update(f"{_drummer(annotation)} {annotation.name} {size} ".encode())
        digest.update(annotation.read_bytes())
    return digest.hexdigest()[:16]


def read_all(root: Path, mix: str, cross_stick: CrossStick) -> Iterator[Recording]:
    """Recordings in order of drummer and name, mono, resampled to `SAMPLE_RATE`.

    Args:
        mix: folder of the sound files.
        cross_stick: whether cross sticks and rim shots are snare strokes or of no class.
    """
    for annotation in _annotations(root):
        audio, drummer = mono(_sound(annotation, mix)), _drummer(annotation)
        found = _strokes(annotation, len(audio) / SAMPLE_RATE, cross_stick)
        name = f"{drummer}/{annotation.stem}"
        yield Recording(audio, SAMPLE_RATE, found.times, found.channels, drummer, name, found.notes)


def _drummer(annotation: Path) -> str:
    return annotation.parent.parent.name


def _annotations(root: Path) -> list[Path]:
    folder = _folder(root)
    found = [
        path
        for drummer in DRUMMERS
        for path in visible((folder / drummer / "annotation").glob("*.txt"))
        if _NAME.fullmatch(path.name)
    ]
    if not found:
        raise UsageError(
            f"'{folder}' has no annotation named like "
            "'drummer_1/annotation/107_minus-one_salsa_sticks.txt'"
        )
    return found


def _folder(root: Path) -> Path:
    """The folder of the drummers; one of them is enough, for a part of the data set."""
    problem: UsageError | None = None
    for drummer in DRUMMERS:
        try:
            return folder_with(root, (drummer,), "ENST-Drums")
        except UsageError as error:
            problem = problem or error
    raise problem or UsageError("no drummers")


def _sound(annotation: Path, mix: str) -> Path:
    if mix not in get_args(Mix):
        raise UsageError(
            f"'{mix}' is no mix of the drums but one microphone or the music: scores on it are "
            f"those of an easier task; use {' or '.join(get_args(Mix))}"
        )
    return annotation.parent.parent / "audio" / mix / f"{annotation.stem}.wav"


def _other_numbers(root: Path) -> list[str]:
    """How the recordings differ from those published, in lines for each drummer."""
    found = _annotations(root)
    lines = []
    for drummer, numbers in PIECES.items():
        own = [path.name for path in found if _drummer(path) == drummer]
        here = [int(name[:3]) for name in own]
        missing, unknown = set(numbers) - set(here), set(here) - set(numbers)
        twice = {number for number in here if here.count(number) > 1}
        if missing:
            lines.append(
                f"ENST-Drums has {len(numbers)} minus-one recordings of {drummer}, '{root}' lacks "
                f"{_listed(missing)}; set allow_partial to use the others"
            )
        if unknown:
            lines.append(f"{drummer} has no minus-one recordings {_listed(unknown)} as published")
        if twice:
            lines.append(f"{drummer} has several recordings with number {_listed(twice)}")
    return lines


def _listed(numbers: set[int]) -> str:
    return ", ".join(map(str, sorted(numbers)))


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")  # what is no text is no label either


def _strokes(path: Path, duration: float, cross_stick: CrossStick) -> Strokes:
    known = (*LABELS, *CROSS_STICKS, *OTHERS)
    lines, problems = [], []
    for number, text in enumerate(_text(path).splitlines(), start=1):
        fields = text.split()
        if not fields:
            continue
        if len(fields) != 2:
            problems.append(f"'{path}', line {number}: a time and a label are due, not '{text}'")
            continue
        time, label = fields
        if label not in known:
            hint = nearest(label, known)
            problems.append(f"'{path}', line {number}: unknown label '{label}'{hint}")
            continue
        lines.append(Line(f"line {number}", time, *_class(label, cross_stick)))
    if problems:
        raise UsageError(problems)
    return strokes(path, lines, duration)


def _class(label: str, cross_stick: CrossStick) -> tuple[int | None, str]:
    """Channel, or None and what the stroke is counted as."""
    if label in CROSS_STICKS:
        return (LABELS["sd"], "") if cross_stick == "snare" else (None, "cross sticks")
    return LABELS.get(label), OTHERS.get(label, "")
