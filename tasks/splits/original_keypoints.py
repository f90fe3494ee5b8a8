"""Original data sets of the keypoints task and their parts: COCO, MTFL and Human3.6M."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from bench.plugin import Splits
from tasks.data.original import coco_people, human36m, mtfl
from tasks.data.photographs.camera_views import read_views
from tasks.data.photographs.keypoint_photographs import Floats, PhotographSource, read_part
from tasks.splits.photograph_split import Changes, PhotographSplit, photograph_splits

_REVISION = 1  # of how crops and labels are made


@dataclass(frozen=True)
class CocoPeople:
    """COCO's persons in boxes that are told, validation photographs as the test."""

    root: Path
    partial: bool
    large: bool
    layers: ClassVar[int] = 50
    depth: ClassVar[int] = 1

    @property
    def name(self) -> str:
        complete = not self.partial or coco_people.is_complete(self.root)
        return "COCO keypoints" if complete else "COCO keypoints (partial)"

    @property
    def falloff(self) -> Floats:
        """Twice the published σ."""
        return 2 * np.array(coco_people.SIGMAS)

    @property
    def shape(self) -> tuple[int, int]:
        """Of crops: the published one, or a quarter along each side."""
        return (256, 192) if self.large else (64, 48)

    def key(self) -> dict[str, Any]:
        return {"coco": coco_people.fingerprint(self.root), "revision": _REVISION}

    def check(self) -> None:
        """Raise `UsageError` where files are missing or not as published."""
        coco_people.check(self.root, partial=self.partial)

    def prepare(self, directory: Path) -> None:
        """Keep what is needed of the annotation."""
        for part in ("train", "val"):
            coco_people.read(self.root, part).write(directory, part)

    def splits(self, prepared: Path, draw: np.random.Generator) -> Splits:
        """Training photographs, a part of which validates; the published validation set tests."""
        scorer = partial(coco_people.average_precision, self.root)
        return _splits(
            coco_people.folder(self.root), prepared, ("train", "val"), self.shape,
            Changes(coco_people.PAIRS), draw, scorer,
        )  # fmt: skip


@dataclass(frozen=True)
class MtflFaces:
    """MTFL's faces with five landmarks; errors are shares of the distance between the eyes."""

    root: Path
    partial: bool
    large: bool
    layers: ClassVar[int] = 18
    depth: ClassVar[int] = 1

    @property
    def name(self) -> str:
        complete = not self.partial or mtfl.is_complete(self.root)
        return "MTFL" if complete else "MTFL (partial)"

    @property
    def falloff(self) -> Floats:
        """A tenth of the distance between the eyes, ours: nothing is published."""
        return np.full(len(mtfl.LANDMARKS), 0.1)

    @property
    def shape(self) -> tuple[int, int]:
        """As for persons."""
        return (256, 256) if self.large else (64, 64)

    def key(self) -> dict[str, Any]:
        return {"mtfl": mtfl.fingerprint(self.root), "revision": _REVISION}

    def check(self) -> None:
        """Raise `UsageError` where files are missing or not as published."""
        mtfl.check(self.root, partial=self.partial)

    def prepare(self, directory: Path) -> None:
        """Keep what is needed of the lists."""
        for part in mtfl.PUBLISHED:
            mtfl.read(self.root, part).write(directory, part)

    def splits(self, prepared: Path, draw: np.random.Generator) -> Splits:
        """The published parts; a part of the training data validates."""
        return _splits(
            mtfl.folder(self.root), prepared, ("training", "testing"), self.shape,
            Changes(mtfl.PAIRS, angle=np.deg2rad(80), turned=0.6), draw,
        )  # fmt: skip


@dataclass(frozen=True)
class Human36M:
    """Human3.6M's 17 joints in space, protocol 2: subjects 9 and 11 are the test."""

    root: Path
    partial: bool
    large: bool
    layers: ClassVar[int] = 50

    @property
    def name(self) -> str:
        return "Human3.6M (partial)" if self.partial else "Human3.6M"

    @property
    def falloff(self) -> Floats:
        """Twice COCO's σ of the nearest kind of joint, ours."""
        return 2 * np.array(human36m.SIGMAS)

    @property
    def depth(self) -> int:
        """Cells along the depth: 32 as published, or a quarter."""
        return 32 if self.large else 8

    @property
    def shape(self) -> tuple[int, int]:
        """As for faces."""
        return (256, 256) if self.large else (64, 64)

    def key(self) -> dict[str, Any]:
        return {"human36m": human36m.fingerprint(self.root), "revision": _REVISION}

    def check(self) -> None:
        """Raise `UsageError` where files are missing."""
        human36m.check(self.root)

    def prepare(self, directory: Path) -> None:
        """Keep what is needed of the annotation."""
        for part in human36m.FILES:
            photographs, views = human36m.read(self.root, part, partial=self.partial)
            photographs.write(directory, part)
            views.write(directory, part)

    def splits(self, prepared: Path, draw: np.random.Generator) -> Splits:
        """The subjects' parts; a part of the training data validates."""
        return _splits(
            human36m.folder(self.root), prepared, ("train", "test"), self.shape,
            Changes(human36m.PAIRS, angle=np.deg2rad(60), turned=0.6), draw, depth=self.depth,
        )  # fmt: skip


SOURCES: dict[str, Callable[[Path, bool, bool], PhotographSource]] = {
    "coco": CocoPeople,
    "mtfl": MtflFaces,
    "human36m": Human36M,
}


def _splits(
    folder: Path,
    prepared: Path,
    parts: tuple[str, str],
    shape: tuple[int, int],
    changes: Changes,
    draw: np.random.Generator,
    scorer: Callable[..., float] | None = None,
    depth: int = 1,
) -> Splits:
    train, test = (read_part(prepared, part) for part in parts)
    notes = {
        "left_out": {part: one.dropped for part, one in zip(parts, (train, test), strict=True)}
    }
    views = [read_views(prepared, part) if depth > 1 else None for part in parts]
    made = [
        PhotographSplit(folder, one, shape, changes, views=seen, depth=depth)
        for one, seen in zip((train, test), views, strict=True)
    ]
    return photograph_splits(made[0], replace(made[1], notes=notes, scorer=scorer), draw)
