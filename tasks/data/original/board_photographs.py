"""Reader of photographs of checkerboards: ROCHADE's three cameras, OpenCV's stereo pair.

ROCHADE (Placht et al. 2014), with or without the folder ``benchmarkData`` around them::

    benchmarkData/uEye/*.png  206   benchmarkData/GoPro/*.JPG  100   benchmarkData/Mesa/*.png  206

OpenCV's samples (Debian's ``opencv-doc``: ``/usr/share/doc/opencv-doc/examples/data``)::

    left01.jpg … left14.jpg, right01.jpg … right14.jpg; number 10 is missing on both sides

Neither has a list of corners. Truth is what OpenCV's detector finds on the whole photograph,
refined in a window that fits the board; photographs without a board are dropped and counted.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.plugin import UsageError
from tasks.data.images.board_detectors import opencv_classic
from tasks.data.images.board_geometry import Numbers

PATTERN = 9, 6
"""Inner corners along x and y, in the authors' scripts and of OpenCV's board. ROCHADE's text says
nothing of Mesa's."""
_ROTATED = 0x0112
"""EXIF tag of the orientation."""
_SWAPS = {5, 6, 7, 8}


@dataclass(frozen=True)
class Camera:
    """Photographs of one camera.

    Attributes:
        title: for tables.
        folders: where they may lie in the root, the first that exists counts.
        files: pattern of their names, in any case.
        count: as many were published.
    """

    title: str
    folders: tuple[str, ...]
    files: str
    count: int


CAMERAS = {
    "uEye": Camera("ROCHADE uEye", ("benchmarkData/uEye", "uEye"), r".+\.png", 206),
    "GoPro": Camera("ROCHADE GoPro", ("benchmarkData/GoPro", "GoPro"), r".+\.jpe?g", 100),
    "Mesa": Camera("ROCHADE Mesa", ("benchmarkData/Mesa", "Mesa"), r".+\.png", 206),
    "left": Camera("OpenCV stereo left", (".",), r"left\d\d\.jpg", 13),
    "right": Camera("OpenCV stereo right", (".",), r"right\d\d\.jpg", 13),
}


@dataclass(frozen=True)
class Photographs:
    """Those with a board.

    Attributes:
        images: ``(n, height, width)`` grey values.
        corners: ``(n, corner, 2)`` px, row by row of the board.
        pattern: inner corners along x and y.
        notes: what was dropped, and by what truth was found.
    """

    images: NDArray[np.uint8]
    corners: Numbers
    pattern: tuple[int, int]
    notes: tuple[str, ...]


def check(root: Path, camera: str, *, partial: bool = False) -> None:
    """Check names, number and sizes, from the heads of the files alone.

    Args:
        partial: accept other numbers of photographs than published.

    Raises:
        UsageError: one line for every problem found.
    """
    published = CAMERAS[camera]
    files = _files(root, camera)
    problems: list[str] = []
    if len(files) != published.count and not partial:
        problems.append(
            f"{published.title} has {published.count} photographs, '{_folder(root, camera)}' has "
            f"{len(files)}; set allow_partial to use them anyway"
        )
    sizes: dict[tuple[int, int], Path] = {}
    for path in files:
        try:
            sizes.setdefault(_size(path), path)
        except UsageError as error:
            problems += error.problems
    if len(sizes) > 1:
        told = ", ".join(f"{w}×{h} ('{path.name}')" for (w, h), path in sizes.items())
        problems.append(f"photographs of {published.title} differ in size: {told}")
    if problems:
        raise UsageError(problems)


def read(root: Path, camera: str) -> Photographs:
    """All photographs on which OpenCV finds the board.

    Raises:
        UsageError: a file cannot be read, or there is a board on none of them.
    """
    import cv2

    images, corners, dropped = [], [], []
    files = _files(root, camera)
    for path in files:
        image = read_grey(path)
        found, _ = opencv_classic(image, PATTERN)
        if len(found):
            images.append(image)
            corners.append(found)
        else:
            dropped.append(path.name)
    if not images:
        raise UsageError(
            f"OpenCV {cv2.__version__} finds a board of {PATTERN[0]}×{PATTERN[1]} inner corners on "
            f"none of the {len(files)} photographs in '{_folder(root, camera)}'"
        )
    notes = [f"truth by OpenCV {cv2.__version__} on {len(images)} of {len(files)} photographs"]
    if dropped:
        notes.append(f"no board found at full size, dropped: {', '.join(dropped)}")
    return Photographs(np.stack(images), np.stack(corners), PATTERN, tuple(notes))


def read_grey(path: Path) -> NDArray[np.uint8]:
    """``(height, width)`` grey values, turned as the file says.

    Raises:
        UsageError: no picture, or one that ends too soon.
    """
    from PIL import Image, ImageOps

    try:
        with Image.open(path) as picture:
            return np.array(ImageOps.exif_transpose(picture).convert("L"))
    except (OSError, SyntaxError) as error:
        raise UsageError(f"'{path}' is no readable picture: {error}") from None


def fingerprint(root: Path, camera: str) -> str:
    """Hash of the names and contents of a camera's photographs."""
    digest = hashlib.sha256()
    for path in _files(root, camera):
        digest.update(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()} ".encode())
    return digest.hexdigest()[:16]


def _files(root: Path, camera: str) -> list[Path]:
    """Photographs of a camera by name.

    Raises:
        UsageError: there is none.
    """
    folder = _folder(root, camera)
    wanted = re.compile(CAMERAS[camera].files, re.IGNORECASE)
    found = sorted(path for path in folder.iterdir() if wanted.fullmatch(path.name))
    if not found:
        hint = (
            "; slim containers install opencv-doc without its files: unpack it with 'dpkg -x'"
            if camera in ("left", "right")
            else ""
        )
        raise UsageError(f"'{folder}' has no photograph of {CAMERAS[camera].title}{hint}")
    return found


def _folder(root: Path, camera: str) -> Path:
    for folder in _candidates(root, camera):
        if folder.is_dir():
            return folder
    wanted = "' or '".join(str(folder) for folder in _candidates(root, camera))
    raise UsageError(f"folder '{wanted}' of {CAMERAS[camera].title} is missing")


def _candidates(root: Path, camera: str) -> Iterator[Path]:
    return (root / folder for folder in CAMERAS[camera].folders)


def _size(path: Path) -> tuple[int, int]:
    """Width and height, turned as the file says."""
    from PIL import Image

    try:
        with Image.open(path) as picture:
            width, height = picture.size
            turned = picture.getexif().get(_ROTATED, 1) in _SWAPS
    except (OSError, SyntaxError) as error:
        raise UsageError(f"'{path}' is no readable picture: {error}") from None
    return (height, width) if turned else (width, height)
