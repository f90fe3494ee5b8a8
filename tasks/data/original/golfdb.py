"""Reader of GolfDB (McNally et al. 2019): clips of golf swings with the frames of eight events.

Layout of the published folder: ``golfDB.mat`` with a row for each clip, and
``videos_160/<id>.mp4``, 160 × 160 pixels, both in ``data`` or in the folder itself. Pickles beside
them hold the same rows and are never opened, since a pickle may run code. Events are frames of the
YouTube video, counted from 1: start, the eight events, end; a clip holds the frames from start to
end.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.plugin import UsageError
from tasks.data.video.swing_clips import Clip, Indices
from tasks.data.video.swing_motion import EVENTS

PUBLISHED = 1400
"""Number of clips."""
SPLITS = (1, 2, 3, 4)
PER_SPLIT = 350
SIDE = 160
"""Pixels of a frame along each side."""
EXCLUDED: dict[int, str] = {677: "events out of order"}
"""Clips that are left out, by id: in 677 impact is labelled after mid-follow-through."""

_FIELDS = ("id", "youtube_id", "player", "sex", "club", "view", "slow", "events", "bbox", "split")
_SHOWN = 10  # ids in a message


@dataclass(frozen=True)
class Row:
    """A row of the annotation.

    Attributes:
        id: of the clip and its file.
        video: YouTube's id.
        split: 1 to 4.
        frames: ``(10,)`` start, events and end, in frames of the YouTube video.
    """

    id: int
    video: str
    split: int
    frames: Indices

    @property
    def length(self) -> int:
        """Frames of the clip."""
        return int(self.frames[-1] - self.frames[0]) + 1

    @property
    def events(self) -> Indices:
        """``(8,)`` frames of the clip, counted from 0."""
        return np.asarray(self.frames[1:-1] - self.frames[0], np.int64)


def check(root: Path, *, partial: bool = False) -> None:
    """Check annotation and files without decoding video.

    Args:
        root: the published folder.
        partial: accept other numbers of clips than published, and clips without a file.

    Raises:
        UsageError: one line for every problem found.
    """
    rows = read_rows(root)
    problems = []
    counts = {split: sum(row.split == split for row in rows) for split in SPLITS}
    if not partial and (len(rows) != PUBLISHED or set(counts.values()) != {PER_SPLIT}):
        problems.append(
            f"GolfDB has {PUBLISHED} clips, {PER_SPLIT} in each of {len(SPLITS)} splits; "
            f"'{_annotation(root)}' has {len(rows)} ({', '.join(map(str, counts.values()))}); "
            "set allow_partial to use them anyway"
        )
    problems += [
        f"clip {row.id}: split {row.split} is none of 1 to 4"
        for row in rows
        if row.split not in SPLITS
    ]
    problems += [
        f"clip {row.id}: events {row.frames.tolist()} do not follow one another"
        for row in rows
        if row.id not in EXCLUDED and (np.diff(row.frames) <= 0).any()
    ]
    parts: dict[str, set[int]] = {}
    for row in rows:
        parts.setdefault(row.video, set()).add(row.split)
    problems += [
        f"video '{video}' is in several splits: {sorted(splits)}"
        for video, splits in parts.items()
        if len(splits) > 1
    ]
    missing = [row.id for row in rows if not _film(root, row).is_file()]
    if missing and (not partial or len(missing) == len(rows)):
        problems.append(
            f"'{_film(root, rows[0]).parent}' lacks {len(missing)} of {len(rows)} clips: "
            f"{_listed(missing)}; set allow_partial to do without them"
        )
    if problems:
        raise UsageError(problems)


def fingerprint(root: Path) -> str:
    """Hash of the annotation and of names and sizes of the clips; not of the folder's path."""
    digest = hashlib.sha256(_annotation(root).read_bytes())
    for row in read_rows(root):
        film = _film(root, row)
        digest.update(f"{row.id} {film.stat().st_size if film.is_file() else None} ".encode())
    return digest.hexdigest()[:16]


def total_frames(root: Path) -> int:
    """Frames of all clips, as the annotation says."""
    return sum(row.length for row in read_rows(root))


def read_all(
    root: Path, side: int, *, colour: bool = False, partial: bool = False
) -> Iterator[Clip | str]:
    """Clips in order of id, or for each that is left out the reason.

    Args:
        side: pixels that frames are reduced to.
        colour: frames are ``(3, side, side)``, red first; otherwise grey, ``(side, side)``.
        partial: leave out clips that are missing or cut off.

    Raises:
        UsageError: without ``partial``, clips whose number of frames is not the annotated one.
    """
    rows = read_rows(root)
    videos = {video: number for number, video in enumerate(sorted({row.video for row in rows}))}
    problems = []
    for row in rows:
        film = _film(root, row)
        if row.id in EXCLUDED:
            yield EXCLUDED[row.id]
        elif not film.is_file():
            yield "no file"
        else:
            frames = read_film(film, side, colour=colour)
            if len(frames) != row.length:
                problems.append(
                    f"'{film}' has {len(frames)} frames, its annotation says {row.length}"
                )
            if len(frames) <= row.events[-1]:
                yield "cut off"
            else:
                yield Clip(frames[: row.length], row.events, videos[row.video], row.split - 1)
    if problems and not partial:
        raise UsageError([*problems, "set allow_partial to do without clips that are cut off"])


def read_film(film: Path, side: int, *, colour: bool = False) -> NDArray[np.uint8]:
    """All frames of a file ``(frame, …)``, decoded one after the other.

    The header's number of frames is not asked and nothing is sought: both are often wrong.

    Raises:
        UsageError: no video, or not of 160 × 160 pixels.
    """
    import cv2

    capture = cv2.VideoCapture(str(film))
    frames: list[Any] = []
    try:
        while True:
            there, image = capture.read()
            if not there:
                break
            if image.shape[:2] != (SIDE, SIDE):
                height, width = image.shape[:2]
                raise UsageError(f"'{film}' is {width} × {height} pixels, expected {SIDE} × {SIDE}")
            if side != SIDE:
                image = cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)
            if colour:
                frames.append(cv2.cvtColor(image, cv2.COLOR_BGR2RGB).transpose(2, 0, 1))
            else:
                frames.append(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY))
    finally:
        capture.release()
    if not frames:
        raise UsageError(f"'{film}' is no readable video")
    return np.stack(frames)


def read_rows(root: Path) -> list[Row]:
    """The annotation, in order of id.

    Raises:
        UsageError: no such file, or not as published.
    """
    from scipy.io import loadmat

    path = _annotation(root)
    try:
        table = loadmat(str(path))["golfDB"].ravel()
        rows = [_row(record) for record in table]
    except (KeyError, IndexError, TypeError, ValueError, NotImplementedError) as error:
        raise UsageError(
            f"'{path}' is not the annotation of GolfDB, a table 'golfDB' with the columns "
            f"{', '.join(_FIELDS)}: {error}"
        ) from None
    if not rows:
        raise UsageError(f"'{path}' has no clips")
    return sorted(rows, key=lambda row: row.id)


def _row(record: Any) -> Row:
    values = dict(zip(_FIELDS, record, strict=True))
    frames = np.asarray(values["events"]).ravel().astype(np.int64)  # some rows are unsigned
    if len(frames) != len(EVENTS) + 2:
        raise ValueError(f"{len(frames)} events instead of {len(EVENTS) + 2}")
    number, split = (int(np.ravel(values[name])[0]) for name in ("id", "split"))
    return Row(number, str(np.ravel(values["youtube_id"])[0]), split, frames)


def _folder(root: Path) -> Path:
    return root / "data" if (root / "data" / "golfDB.mat").is_file() else root


def _annotation(root: Path) -> Path:
    path = _folder(root) / "golfDB.mat"
    if not path.is_file():
        raise UsageError(f"'{path}', the annotation of GolfDB, is missing")
    return path


def _film(root: Path, row: Row) -> Path:
    return _folder(root) / "videos_160" / f"{row.id}.mp4"


def _listed(ids: list[int]) -> str:
    shown = ", ".join(map(str, ids[:_SHOWN]))
    return shown if len(ids) <= _SHOWN else f"{shown}, …"
