"""Reader of puffMarker (Saleheen et al. 2015): features of respiration cycles of six smokers.

No public copy exists; the data are given on request. The layout is that of the thesis author's
public code: ``features_<id>.csv`` with a header and 39 columns (time in milliseconds, one that is
not used, 37 features) and ``predictions_<id>.csv`` whose fourth column is 1 where the cycle is a
puff, row by row the same cycles, for the people 10, 11, 12, 14, 15 and 16. Both lie in the folder
or in ``data`` below it, as they are or with ``.gz``.

A session ends where time rises by more than 5,000,000 (83 min) and with each person. The public
code joins all people first, so that a session of it may span two where the second begins earlier.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bench.plugin import UsageError
from tasks.data.sensors.sessions import FEATURES, Session

PEOPLE: tuple[int, ...] = (10, 11, 12, 14, 15, 16)
COLUMNS = 2 + FEATURES
LABEL = 3
"""Column of the label."""
PAUSE = 5e6
"""Largest rise of time within a session."""
LONGEST = 700
"""Cycles of the longest session that the public code has room for."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class PuffMarker:
    """All that was read.

    Attributes:
        sessions: of person 0, the first of `PEOPLE`, and so on.
        notes: what differs from what is known of the data, and is no error.
    """

    sessions: list[Session]
    notes: tuple[str, ...]


class _Pair(NamedTuple):
    person: int
    features: Path
    labels: Path


def check(root: Path, *, partial: bool = False) -> None:
    """Read all files and forget them: they are small.

    Raises:
        UsageError: one line for every problem found.
    """
    read_all(root, partial=partial)


def name(root: Path) -> str:
    """For tables: says so where some people are missing."""
    return "puffMarker" if len(_pairs(root, [])) == len(PEOPLE) else "puffMarker (partial)"


def fingerprint(root: Path) -> str:
    """Hash of the files' contents."""
    digest = hashlib.sha256()
    for pair in _pairs(root, []):
        for path in (pair.features, pair.labels):
            digest.update(_content(path))
    return digest.hexdigest()[:16]


def read_all(root: Path, *, partial: bool = False) -> PuffMarker:
    """All sessions in order of person and time.

    Args:
        partial: accept some of the people.

    Raises:
        UsageError: one line for every problem found.
    """
    problems: list[str] = []
    pairs = _pairs(root, problems)
    missing = [str(person) for person in PEOPLE if person not in {p.person for p in pairs}]
    if missing and not partial and not problems:
        problems.append(
            f"puffMarker has features and predictions of 6 people, '{root}' lacks those of "
            f"{', '.join(missing)}; set allow_partial to use the others anyway"
        )
    sessions, notes = [], [f"no files of person {person}" for person in missing]
    for pair in pairs:
        found = _read(pair, problems)
        sessions += found
        longest = max(map(len, found), default=0)
        if longest > LONGEST:
            notes.append(f"person {pair.person} has a session of {longest} cycles")
    if problems:
        raise UsageError(problems)
    return PuffMarker(sessions, tuple(notes))


def _pairs(root: Path, problems: list[str]) -> list[_Pair]:
    """People with both files; a person with one of the two is a problem."""
    folder = root / "data" if (root / "data").is_dir() else root
    if not folder.is_dir():
        problems.append(f"folder '{root}' of puffMarker is missing")
    pairs = []
    for person in PEOPLE:
        both = [_file(folder, f"{kind}_{person}.csv") for kind in ("features", "predictions")]
        if both[0] is not None and both[1] is not None:
            pairs.append(_Pair(person, both[0], both[1]))
        elif any(both):
            lacking = "features" if both[0] is None else "predictions"
            problems.append(f"'{folder / f'{lacking}_{person}.csv'}' is missing beside its pair")
    if not pairs and not problems:
        problems.append(f"'{folder}' has no file named like 'features_10.csv'")
    return pairs


def _file(folder: Path, file: str) -> Path | None:
    plain, packed = folder / file, folder / f"{file}.gz"
    return plain if plain.is_file() else packed if packed.is_file() else None


def _read(pair: _Pair, problems: list[str]) -> list[Session]:
    """Sessions of a person; none where there is a problem."""
    before = len(problems)
    rows = _table(pair.features, lambda n: n == COLUMNS, f"{COLUMNS}", problems)
    marks = _table(pair.labels, lambda n: n > LABEL, f"{LABEL + 1} or more", problems)
    if len(problems) > before:
        return []
    puff = np.array([row[LABEL] for row in marks])
    table = np.array(rows).reshape(-1, COLUMNS)
    time, features = table[:, 0], table[:, 2:]
    if len(table) != len(puff):
        problems.append(f"'{pair.features}' has {len(table)} cycles, its predictions {len(puff)}")
    elif not len(table):
        problems.append(f"'{pair.features}' has no cycles")
    elif not np.isin(puff, (0, 1)).all():
        wrong = int(np.flatnonzero(~np.isin(puff, (0, 1)))[0])
        problems.append(f"'{pair.labels}', line {wrong + 2}: label {puff[wrong]:g} is not 0 or 1")
    elif not puff.any():
        problems.append(f"'{pair.labels}' marks no puff")
    if not np.isfinite(table[:, [0, *range(2, COLUMNS)]]).all():
        wrong = int(np.flatnonzero(~np.isfinite(features).all(1) | ~np.isfinite(time))[0])
        problems.append(f"'{pair.features}', line {wrong + 2}: a time or feature is not finite")
    elif (np.diff(time) < 0).any():
        wrong = int(np.flatnonzero(np.diff(time) < 0)[0]) + 1
        problems.append(f"'{pair.features}', line {wrong + 2}: time falls within a person")
    if len(problems) > before:
        return []
    cuts = np.flatnonzero(np.diff(time) > PAUSE) + 1
    parts = zip(np.split(features, cuts), np.split(puff, cuts), strict=True)
    person = PEOPLE.index(pair.person)
    return [Session(person, x.astype(np.float32), y == 1) for x, y in parts]


def _table(
    path: Path, right: Callable[[int], bool], expected: str, problems: list[str]
) -> list[list[float]]:
    """Rows of numbers below the header; texts in columns that nobody reads are NaN."""
    lines = _content(path).decode("utf-8", errors="replace").splitlines()[1:]
    rows = []
    for number, line in enumerate(lines, start=2):
        cells = line.split(",")
        if not line.strip():
            continue
        if not right(len(cells)):
            problems.append(
                f"'{path}', line {number}: {len(cells)} columns, expected {expected}; is the file "
                "cut off?"
            )
            return []
        rows.append([_number(cell) for cell in cells])
    return rows


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return float("nan")


def _content(path: Path) -> bytes:
    content = path.read_bytes()
    if path.suffix == ".gz":
        try:
            return gzip.decompress(content)
        except (OSError, EOFError) as error:
            raise UsageError(f"'{path}' is no readable gzip file: {error}") from None
    return content
