"""What is known of photographs with keypoints, one row for each person or face."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from bench.plugin import Splits

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class KeypointPhotographs:
    """Persons or faces of one part of a data set.

    Attributes:
        path: ``(n,)`` files below the data set's folder.
        image: ``(n,)`` id of the photograph.
        centre, height: ``(n, 2)`` (x, y) and ``(n,)`` of the crop, in the photograph's pixels.
        position: ``(n, keypoint, 2)`` (x, y), pixel i covering [i, i + 1).
        labelled: ``(n, keypoint)``.
        scale: ``(n,)`` pixels that errors are divided by.
        group: ``(n,)`` for means of their own, such as a head's pose.
        dropped: rows that were left out, by reason.
    """

    path: NDArray[np.str_]
    image: NDArray[np.int64]
    centre: Floats
    height: Floats
    position: Floats
    labelled: NDArray[np.bool_]
    scale: Floats
    group: NDArray[np.int64]
    dropped: dict[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.path)

    def rows(self, chosen: NDArray[Any]) -> KeypointPhotographs:
        """Some of them; nothing is dropped by it."""
        parts = {name: getattr(self, name)[chosen] for name in _ARRAYS}
        return KeypointPhotographs(**parts, dropped=self.dropped)

    def write(self, folder: Path, part: str) -> None:
        """Keep them in a folder, to be read by `read_part`."""
        np.savez(folder / f"{part}.npz", **{name: getattr(self, name) for name in _ARRAYS})
        (folder / f"{part}-dropped.json").write_text(json.dumps(self.dropped), encoding="utf-8")


_ARRAYS = [one.name for one in fields(KeypointPhotographs) if one.name != "dropped"]


def read_part(folder: Path, part: str) -> KeypointPhotographs:
    """What `KeypointPhotographs.write` wrote."""
    with np.load(folder / f"{part}.npz", allow_pickle=False) as arrays:
        parts = {name: arrays[name] for name in _ARRAYS}
    dropped = json.loads((folder / f"{part}-dropped.json").read_text(encoding="utf-8"))
    return KeypointPhotographs(**parts, dropped=dropped)


class PhotographSource(Protocol):
    """An original data set."""

    @property
    def name(self) -> str:
        """For tables."""
        ...

    @property
    def falloff(self) -> Floats:
        """κ of each keypoint's similarity, in its scales."""
        ...

    @property
    def layers(self) -> int:
        """Of the published residual network."""
        ...

    @property
    def depth(self) -> int:
        """Cells along the depth; 1 for maps of two axes."""
        ...

    def key(self) -> dict[str, Any]:
        """JSON-able description of all that determines the data."""
        ...

    def check(self) -> None:
        """Raise `UsageError` where files are missing or not as published."""
        ...

    def prepare(self, directory: Path) -> None:
        """Read the annotation and keep what is needed of it."""
        ...

    def splits(self, prepared: Path, draw: np.random.Generator) -> Splits:
        """The published parts; ``draw`` chooses what of the training data validates."""
        ...
