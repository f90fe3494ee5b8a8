"""Reader of Deep-STORM's first demonstration (Nehme et al. 2018), and of stacks laid out like it.

A folder with a TIFF stack and a table of positions to train on, and another pair to test on: that
is the EPFL challenge's bundled tubulins (Sage et al. 2015). Names as published, or ``train.tif``,
``train.csv``, ``test.tif`` and ``test.csv`` (or ``.xlsx``). Frames are 16-bit, 100 nm a pixel;
tables are described in `tasks.data.original.molecule_positions`. Whether they fit the frames, in
axes, unit and half pixels, is measured by drawing them (`convention`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.plugin import UsageError
from tasks.data.molecules.blinking import Emitters
from tasks.data.molecules.camera import Camera
from tasks.data.molecules.simulated_stacks import Stack
from tasks.data.original.molecule_positions import read_positions

PIXEL = 100.0
"""nm."""
SIDE = 64
PARTS: dict[str, tuple[tuple[str, str], ...]] = {
    "train": (
        ("ArtificialDataset_demo1.tif", "positions_demo1.csv"),
        ("train.tif", "train.csv"),
        ("train.tif", "train.xlsx"),
    ),
    "test": (
        ("testStack_SimulatedMicrotubules.tif", "Positions_Bundeld_Tubulin_Recreated.xlsx"),
        ("test.tif", "test.csv"),
        ("test.tif", "test.xlsx"),
    ),
}
"""Names of stack and table; those of the publication first, misspelt as they are."""
PUBLISHED: dict[str, tuple[int, int]] = {"train": (20, 4956), "test": (361, 81178)}
"""Frames and molecules."""
FEWEST = 3
"""Training frames: two validate."""
LEAST_FIT, MOST_OFF = 0.95, 0.05
"""Correlation of frames with their molecules as drawn, and pixels that these may be off."""

_LOOKED_AT = 20  # frames


@dataclass(frozen=True)
class Convention:
    """How the molecules of a table fit the frames of a stack.

    Attributes:
        correlation: of the frames with the molecules where the table says that they are.
        row, column: pixels to move the molecules by to make it largest.
    """

    correlation: float
    row: float
    column: float


def check(root: Path, *, partial: bool = False) -> None:
    """Check names and forms of the files, without reading tables.

    Raises:
        UsageError: one line for every problem found.
    """
    if not root.is_dir():
        raise UsageError(f"folder '{root}' of Deep-STORM's demonstration is missing")
    problems: list[str] = []
    for part in PARTS:
        try:
            frames = _pages(_files(root, part)[0])
        except UsageError as error:
            problems += error.problems
            continue
        if frames != PUBLISHED[part][0] and not partial:
            problems.append(
                f"the {part} stack in '{root}' has {frames} frames, the published one "
                f"{PUBLISHED[part][0]}; set allow_partial to use it anyway"
            )
        elif part == "train" and frames < FEWEST:
            problems.append(f"the train stack in '{root}' has {frames} frames, {FEWEST} are needed")
    if problems:
        raise UsageError(problems)


def read(root: Path, part: str, *, partial: bool = False) -> tuple[Stack, tuple[str, ...]]:
    """Frames with their molecules, and notes on how they were read.

    Molecules outside of the frames are left out, and counted in the notes.

    Raises:
        UsageError: files are missing, not as published, or do not fit each other.
    """
    import tifffile

    image, table = _files(root, part)
    _pages(image)
    try:
        frames = tifffile.imread(image)
    except Exception as error:
        raise UsageError(f"'{image}' cannot be read: {error}") from None
    frames = frames.reshape(-1, SIDE, SIDE)
    rows = read_positions(table)
    frame = rows[:, 0].astype(np.int64) - 1
    problems = []
    if (rows[:, 0] != frame + 1).any() or frame.min() < 0 or frame.max() >= len(frames):
        problems.append(
            f"'{table}' has frames from {rows[:, 0].min():g} to {rows[:, 0].max():g}, and "
            f"'{image}' those from 1 to {len(frames)}"
        )
    published = PUBLISHED[part][1]
    if len(rows) != published and not partial:
        problems.append(
            f"'{table}' has {len(rows)} molecules, the published one {published}; "
            "set allow_partial to use it anyway"
        )
    if problems:
        raise UsageError(problems)
    position = rows[:, [2, 1]] / PIXEL
    inside = ((position >= 0) & (position <= SIDE)).all(1)
    stack = Stack(frames, frame[inside], np.minimum(position[inside], np.nextafter(SIDE, 0)))
    found = convention(stack)
    if found.correlation < LEAST_FIT or max(abs(found.row), abs(found.column)) > MOST_OFF:
        raise UsageError(
            f"the molecules of '{table}' do not fit '{image}': as drawn they correlate by "
            f"{found.correlation:.3f} with the frames (at least {LEAST_FIT} is due), and best when "
            f"moved by {found.row:+.2f} rows and {found.column:+.2f} columns: are axes swapped, "
            "frames not counted from 1, or positions not in nm from the edge of the first pixel?"
        )
    note = (
        f"{part}: {len(frames)} frames, {len(stack.frame)} molecules, {int((~inside).sum())} "
        f"outside of the frames left out; correlation {found.correlation:.3f}, off by "
        f"{found.row:+.4f} rows and {found.column:+.4f} columns"
    )
    return stack, (note,)


def convention(stack: Stack) -> Convention:
    """How molecules fit frames, from some of these, evenly spaced.

    Correlations are those of molecules drawn where they are and up to two pixels away; the largest
    is between those by the parabola through it and its neighbours.
    """
    looked = np.unique(np.linspace(0, len(stack) - 1, min(_LOOKED_AT, len(stack))).astype(np.int64))
    some = stack.take(looked)
    pixels = some.frames.astype(np.float64)
    here = _correlation(some, pixels, 0.0, 0.0)
    if here >= LEAST_FIT:
        row, column = (_top(some, pixels, axis, here) for axis in (0, 1))
        return Convention(here, row, column)
    steps = np.arange(-2.0, 2.25, 0.5)
    best = max((_correlation(some, pixels, r, c), r, c) for r in steps for c in steps)
    return Convention(here, best[1], best[2])


def _top(stack: Stack, pixels: NDArray[np.float64], axis: int, here: float) -> float:
    step = 0.25
    low, high = (
        _correlation(stack, pixels, *(s if k == axis else 0.0 for k in (0, 1)))
        for s in (-step, step)
    )
    return step * (high - low) / (2 * (2 * here - low - high))


def _correlation(stack: Stack, pixels: NDArray[np.float64], row: float, column: float) -> float:
    """Mean over frames."""
    place = stack.position + np.array([row, column])
    emitters = Emitters(stack.frame, place, np.ones(len(place)))
    drawn = Camera(spread=(1.08, 1.0801)).expected(
        np.random.default_rng(0), emitters, len(stack), pixels.shape[1]
    )
    ours, theirs = (
        (images - images.mean((1, 2), keepdims=True)).reshape(len(stack), -1)
        for images in (drawn, pixels)
    )
    norms = np.linalg.norm(ours, axis=1) * np.linalg.norm(theirs, axis=1)
    return float((np.einsum("fp,fp->f", ours, theirs) / np.maximum(norms, 1e-12)).mean())


def fingerprint(root: Path) -> str:
    """Hash of what the four files hold; not of their names or dates."""
    digest = hashlib.sha256()
    for part in PARTS:
        for path in _files(root, part):
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def is_complete(root: Path) -> bool:
    """Whether both stacks have as many frames as published."""
    return all(_pages(_files(root, part)[0]) == PUBLISHED[part][0] for part in PARTS)


def _files(root: Path, part: str) -> tuple[Path, Path]:
    """Stack and table.

    Raises:
        UsageError: no pair of them is there.
    """
    for image, table in PARTS[part]:
        if (root / image).is_file() and (root / table).is_file():
            return root / image, root / table
    published = [name for name in PARTS[part][0] if not (root / name).is_file()]
    raise UsageError(f"'{root}' has no '{published[0]}', nor '{part}.tif' with '{part}.csv'")


def _pages(path: Path) -> int:
    """Frames of a stack of 16-bit images of 64 × 64 pixels.

    Raises:
        UsageError: it is no such stack.
    """
    import tifffile

    try:
        with tifffile.TiffFile(path) as file:
            series = file.series[0]
            shape, dtype = series.shape, series.dtype
    except Exception as error:
        raise UsageError(f"'{path}' cannot be read as TIFF: {error}") from None
    if dtype != np.uint16:
        raise UsageError(f"'{path}' holds {dtype} values, a camera's counts are 16-bit (uint16)")
    if shape[-2:] != (SIDE, SIDE):
        raise UsageError(
            f"'{path}' has frames of {' × '.join(map(str, shape[-2:]))} pixels, not {SIDE} × {SIDE}"
        )
    return int(np.prod(shape[:-2], dtype=np.int64))
