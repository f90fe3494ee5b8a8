"""Reader of CIFAR-10 (Krizhevsky 2009), binary version: six files of 10,000 pictures.

A record is one byte for the class and 3,072 for the picture: 32 × 32 red values row by row, then
green, then blue. ``batches.meta.txt``, where it is there, names the classes in their order.
"""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.plugin import UsageError

NAMES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)
FILES = {
    "train": tuple(f"data_batch_{number}.bin" for number in range(1, 6)),
    "test": ("test_batch.bin",),
}
OF_EACH_CLASS = {"train": 5000, "test": 1000}
SIDE = 32
RECORD = 1 + 3 * SIDE**2
"""Bytes of a record; one of CIFAR-100 has another one, for its second label."""
FOLDER = "cifar-10-batches-bin"

Pictures = tuple[NDArray[np.uint8], NDArray[np.int64]]


def check(root: Path, *, partial: bool = False) -> None:
    """Check names, sizes, labels and numbers of each class.

    Args:
        partial: accept missing training files, and other numbers than published.

    Raises:
        UsageError: one line for every problem found.
    """
    folder = _folder(root)
    problems: list[str] = []
    for part, names in FILES.items():
        there = [name for name in names if (folder / name).is_file()]
        if len(there) < len(names) and not (partial and there):
            missing = ", ".join(sorted(set(names) - set(there)))
            problems.append(f"'{folder}' has no file {missing}")
            continue
        try:
            labels = np.concatenate([_records(folder / name)[:, 0] for name in there])
        except UsageError as error:
            problems += error.problems
            continue
        counts = np.bincount(labels, minlength=len(NAMES))
        if not partial and (counts != OF_EACH_CLASS[part]).any():
            problems.append(
                f"CIFAR-10 has {OF_EACH_CLASS[part]} {part} pictures of each class, '{folder}' has "
                f"{' '.join(map(str, counts))}; set allow_partial to use them anyway"
            )
    meta = folder / "batches.meta.txt"
    if meta.is_file():
        given = tuple(meta.read_text(encoding="utf-8", errors="replace").split())
        if given != NAMES:
            problems.append(f"'{meta}' names {', '.join(given)}, not {', '.join(NAMES)}")
    if problems:
        raise UsageError(problems)


def read(root: Path, part: str) -> Pictures:
    """Pictures ``(n, 3, 32, 32)`` and classes ``(n,)`` of ``train`` or ``test``.

    Raises:
        UsageError: a file is missing or not as published.
    """
    records = np.concatenate([_records(path) for path in _files(_folder(root), part)])
    return records[:, 1:].reshape(-1, 3, SIDE, SIDE), records[:, 0].astype(np.int64)


def fingerprint(root: Path) -> str:
    """Sizes and checksums of what the files hold, not their names or dates."""
    folder = _folder(root)
    sums = []
    for part in FILES:
        content = [path.read_bytes() for path in _files(folder, part)]
        sums.append(f"{part} {sum(map(len, content))} {zlib.crc32(b''.join(content)):08x}")
    return ", ".join(sums)


def is_complete(root: Path) -> bool:
    """Whether both parts have as many pictures of each class as published."""
    for part, number in OF_EACH_CLASS.items():
        counts = np.bincount(read(root, part)[1], minlength=len(NAMES))
        if counts.tolist() != [number] * len(NAMES):
            return False
    return True


def _folder(root: Path) -> Path:
    """The folder with the files: ``root``, or the archive's own inside it."""
    folder = root / FOLDER if (root / FOLDER).is_dir() else root
    if not folder.is_dir():
        raise UsageError(f"folder '{root}' of CIFAR-10 is missing")
    if (folder / "data_batch_1").is_file() or (root / "cifar-10-batches-py").is_dir():
        raise UsageError(
            f"'{root}' holds the Python version, which would have to be unpickled; "
            "unpack cifar-10-binary.tar.gz there"
        )
    return folder


def _files(folder: Path, part: str) -> list[Path]:
    found = [folder / name for name in FILES[part] if (folder / name).is_file()]
    if not found:
        raise UsageError(f"'{folder}' has no file {FILES[part][0]}")
    return found


def _records(path: Path) -> NDArray[np.uint8]:
    """``(n, RECORD)`` bytes of a file."""
    size = path.stat().st_size
    if size == 0 or size % RECORD:
        kind = "as CIFAR-100 has" if size and size % (RECORD + 1) == 0 else "it is cut off"
        raise UsageError(
            f"'{path}' holds {size} bytes, no multiple of {RECORD}, a picture and its label: {kind}"
        )
    records = np.fromfile(path, np.uint8).reshape(-1, RECORD)
    if records[:, 0].max() >= len(NAMES):
        number = int(records[:, 0].argmax())
        raise UsageError(f"'{path}', picture {number}: {records[number, 0]} is no class")
    return records
