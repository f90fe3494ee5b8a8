"""Reader of MTFL (Zhang et al. 2014): faces with five landmarks, ``training.txt``, ``testing.txt``.

A line is an image's path, x1 … x5, y1 … y5, gender, smile, glasses, pose. Left and right are the
image's. Paths have the separators of Windows, lines may begin with a space and end as Windows' do.
Coordinates are used as they are: what they count from is not documented.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

import numpy as np

from bench.plugin import UsageError
from tasks.data.photographs.keypoint_photographs import KeypointPhotographs

PUBLISHED = {"training": 10_000, "testing": 2_995}
"""Faces."""
LANDMARKS = ("left eye", "right eye", "nose", "left mouth corner", "right mouth corner")
PAIRS = ((0, 1), (3, 4))
_FIELDS = 1 + 2 * len(LANDMARKS) + 4
_LEAST = 1e-3  # pixels between the eyes


def check(root: Path, *, partial: bool = False) -> None:
    """Check both lists and that their images are there.

    Args:
        partial: accept other numbers of faces than published, and faces without an image.

    Raises:
        UsageError: one line for every problem found.
    """
    if not root.is_dir():
        raise UsageError(f"folder '{root}' of MTFL is missing")
    problems: list[str] = []
    for part, number in PUBLISHED.items():
        try:
            lines = _lines(root, part)
        except UsageError as error:
            problems += error.problems
            continue
        if partial:
            continue
        if len(lines) != number:
            problems.append(
                f"MTFL has {number:,} faces in '{part}.txt', '{folder(root)}' has {len(lines):,}; "
                "set allow_partial to use them anyway"
            )
        missing = [path for path, _ in lines if not (folder(root) / path).is_file()]
        if missing:
            problems.append(
                f"{len(missing):,} images of '{part}.txt' are missing, the first is "
                f"'{missing[0]}'; set allow_partial to leave them out"
            )
    if problems:
        raise UsageError(problems)


def folder(root: Path) -> Path:
    """Where the lists lie."""
    inner = [root / name for name in ("mtfl", "MTFL") if (root / name).is_dir()]
    return inner[0] if inner else root


def is_complete(root: Path) -> bool:
    """Whether lists and images are as published."""
    try:
        check(root)
    except UsageError:
        return False
    return True


def fingerprint(root: Path) -> str:
    """Hash of both lists."""
    digest = hashlib.sha256()
    for part in PUBLISHED:
        digest.update((folder(root) / f"{part}.txt").read_bytes())
    return digest.hexdigest()[:16]


def read(root: Path, part: str) -> KeypointPhotographs:
    """Faces of ``training`` or ``testing``; the crop is the image as wide as it is.

    Raises:
        UsageError: a list is missing or has a wrong line; an image is damaged.
    """
    from PIL import Image, UnidentifiedImageError

    dropped: Counter[str] = Counter()
    kept = []
    for path, numbers in _lines(root, part):
        points = numbers[:10].reshape(2, 5).T
        eyes = float(np.linalg.norm(points[0] - points[1]))
        if not (folder(root) / path).is_file():
            dropped["image missing"] += 1
            continue
        if eyes < _LEAST:
            dropped["eyes in one place"] += 1
            continue
        try:
            with Image.open(folder(root) / path) as image:
                width, height = image.size
        except (UnidentifiedImageError, OSError) as error:
            raise UsageError(f"'{folder(root) / path}' cannot be read: {error}") from None
        kept.append((path, np.array([width, height]) / 2, float(width), points, eyes, numbers[13]))
    if not kept:
        raise UsageError(f"'{folder(root) / part}.txt' names no image that is there")
    paths, centre, side, points, eyes_apart, pose = (
        np.array(one) for one in zip(*kept, strict=True)
    )
    return KeypointPhotographs(
        path=paths,
        image=np.arange(len(paths)),
        centre=centre,
        height=side,
        position=points,
        labelled=np.ones(points.shape[:2], bool),
        scale=eyes_apart,
        group=pose.astype(np.int64),
        dropped=dict(dropped),
    )


def _lines(root: Path, part: str) -> list[tuple[str, np.ndarray]]:
    """Path and 14 numbers of each face."""
    file = folder(root) / f"{part}.txt"
    if not file.is_file():
        raise UsageError(f"'{folder(root)}' has no file '{file.name}'")
    found, problems = [], []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        words = line.split()
        if not words:
            continue
        try:
            values = np.array([float(word) for word in words[1:]])
        except ValueError:
            values = np.zeros(0)
        if len(words) != _FIELDS or len(values) != _FIELDS - 1 or not np.isfinite(values).all():
            problems.append(
                f"'{file}', line {number}: a path and {_FIELDS - 1} numbers are due, "
                f"not '{line.strip()[:40]}'"
            )
            continue
        found.append((words[0].replace("\\", "/"), values))
    if problems:
        raise UsageError(problems[:20])
    return found
