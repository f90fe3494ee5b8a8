"""Reader of the MNIST digits (LeCun et al. 1998): four IDX files, packed or not.

Names as published, ``train-images-idx3-ubyte``, or with a dot, ``train-images.idx3-ubyte``; either
may end in ``.gz``, and whether a file is packed is told from its first bytes. Big-endian int32 come
first: 2051, number, 28, 28 before the pixels (one byte each, 0 is background), and 2049, number
before the labels.
"""

from __future__ import annotations

import gzip
import hashlib
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.plugin import UsageError

PUBLISHED: dict[str, tuple[int, ...]] = {
    "train": (5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949),
    "t10k": (980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009),
}
"""Digits of each class in the published parts: 60,000 to train, 10,000 to test."""
SIDE = 28
_PACKED = b"\x1f\x8b"
_MAGIC = {"images": 2051, "labels": 2049}
_HEADER = {"images": 16, "labels": 8}

Digits = tuple[NDArray[np.uint8], NDArray[np.int64]]


def check(root: Path, *, partial: bool = False) -> None:
    """Check names, headers, sizes and labels without unpacking the images.

    Args:
        partial: accept other numbers of digits than published.

    Raises:
        UsageError: one line for every problem found.
    """
    if not root.is_dir():
        raise UsageError(f"folder '{root}' of MNIST is missing")
    problems: list[str] = []
    for part in PUBLISHED:
        numbers = {}
        for what in ("images", "labels"):
            try:
                numbers[what] = _number(_file(root, part, what), what)
            except UsageError as error:
                problems += error.problems
        if len(numbers) < 2:
            continue
        if numbers["images"] != numbers["labels"]:
            problems.append(
                f"'{root}', {part}: {numbers['images']} images and {numbers['labels']} labels"
            )
        try:
            labels = _labels(_file(root, part, "labels"))
        except UsageError as error:
            problems += error.problems
            continue
        counts = np.bincount(labels, minlength=10)
        if not partial and tuple(counts) != PUBLISHED[part]:
            problems.append(
                f"MNIST has {' '.join(map(str, PUBLISHED[part]))} {part} digits of class 0 to 9, "
                f"'{root}' has {' '.join(map(str, counts))}; set allow_partial to use them anyway"
            )
    if problems:
        raise UsageError(problems)


def read(root: Path, part: str) -> Digits:
    """Images ``(n, 28, 28)`` and classes ``(n,)`` of ``train`` or ``t10k``.

    Raises:
        UsageError: a file is missing or not as published.
    """
    content = _unpacked(_file(root, part, "images"))
    pixels = np.frombuffer(content, np.uint8, offset=_HEADER["images"])
    return pixels.reshape(-1, SIDE, SIDE), _labels(_file(root, part, "labels"))


def fingerprint(root: Path) -> str:
    """Hash of what the files hold, whether packed or not; not of their names or dates."""
    digest = hashlib.sha256()
    for part in PUBLISHED:
        for what in _MAGIC:
            path = _file(root, part, what)
            digest.update(f"{part} {what} {_size(path)} {_checksum(path)} ".encode())
    return digest.hexdigest()[:16]


def is_complete(root: Path) -> bool:
    """Whether the parts have as many digits of each class as published."""
    parts = (_labels(_file(root, part, "labels")) for part in PUBLISHED)
    counts = [tuple(np.bincount(labels, minlength=10).tolist()) for labels in parts]
    return counts == list(PUBLISHED.values())


def _file(root: Path, part: str, what: str) -> Path:
    kind = f"idx{3 if what == 'images' else 1}-ubyte"
    names = [f"{part}-{what}{mark}{kind}{end}" for end in ("", ".gz") for mark in "-."]
    for name in names:
        if (root / name).is_file():
            return root / name
    raise UsageError(f"'{root}' has no file '{names[0]}', with or without .gz")


def _is_packed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == _PACKED


def _size(path: Path) -> int:
    """Bytes of what a file holds; a packed one ends in that number."""
    if not _is_packed(path):
        return path.stat().st_size
    return int.from_bytes(_last_bytes(path)[4:], "little")


def _checksum(path: Path) -> int:
    """CRC-32 of what a file holds; a packed one has it before its size."""
    if not _is_packed(path):
        return zlib.crc32(path.read_bytes())
    return int.from_bytes(_last_bytes(path)[:4], "little")


def _last_bytes(path: Path) -> bytes:
    return path.read_bytes()[-8:]


def _number(path: Path, what: str) -> int:
    """How many images or labels a file holds."""
    header = _begin(path, _HEADER[what])
    if len(header) < _HEADER[what]:
        raise UsageError(f"'{path}' ends within its header")
    magic, number, *shape = (int(n) for n in np.frombuffer(header, ">i4"))
    if magic != _MAGIC[what]:
        raise UsageError(
            f"'{path}' begins with {magic}, a file of {what} begins with {_MAGIC[what]}"
        )
    if what == "images" and shape != [SIDE, SIDE]:
        raise UsageError(f"'{path}' has images of {shape[0]} × {shape[1]}, not {SIDE} × {SIDE}")
    expected = _HEADER[what] + number * (SIDE**2 if what == "images" else 1)
    if _size(path) != expected:
        raise UsageError(
            f"'{path}' holds {_size(path)} bytes where {number} {what} take {expected}: "
            "it is cut off, or no such file"
        )
    return number


def _begin(path: Path, size: int) -> bytes:
    if not _is_packed(path):
        with path.open("rb") as file:
            return file.read(size)
    try:
        with gzip.open(path) as packed:
            return packed.read(size)
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(f"'{path}' cannot be unpacked: {error}") from None


def _unpacked(path: Path) -> bytes:
    content = path.read_bytes()
    if not content.startswith(_PACKED):
        return content
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(f"'{path}' cannot be unpacked: {error}") from None


def _labels(path: Path) -> NDArray[np.int64]:
    labels = np.frombuffer(_unpacked(path), np.uint8, offset=_HEADER["labels"]).astype(np.int64)
    if labels.size and labels.max() > 9:
        position = int(labels.argmax())
        raise UsageError(f"'{path}', label {position}: {labels[position]} is no digit")
    return labels
