"""Where boards come from: rendered ones to train and test, rendered or real views to calibrate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from tasks.data.corpus import Corpus

GENERATOR = 1
"""Raised when other boards or views would be drawn."""
EMPTY = 0.25
"""Share of training pictures without a board."""
PARTS = ("train", "validation", "test")


@dataclass(frozen=True)
class RenderedBoards:
    """Boards of random size before clutter, and views of one board by one camera.

    Attributes:
        counts: pictures for training, validation and test, and views.
    """

    counts: tuple[int, int, int, int]
    name: str = "rendered boards"
    worlds: int = 10

    def key(self) -> dict[str, Any]:
        return {"generator": GENERATOR, "counts": list(self.counts)}

    def check(self) -> None:
        """Nothing can be missing."""

    def write(self, directory: Path, world: int) -> None:
        """Draw and write all parts of a world."""
        self.write_boards(directory, world)
        self.write_views(directory, world)

    def write_boards(self, directory: Path, world: int) -> None:
        """The boards for training, validation and test."""
        from tasks.data.images.board_sets import gather
        from tasks.data.images.synthetic_boards import board_picture, empty_picture

        for number, part in enumerate(PARTS):
            draw, count = _draws(world, number), self.counts[number]
            empty = int(EMPTY * count) if part == "train" else 0
            makers: list[Callable[..., Any]] = [board_picture] * (count - empty)
            pictures = [make(draw) for make in [*makers, *[empty_picture] * empty]]
            gather(pictures).write(directory / f"{part}.npz")

    def write_views(self, directory: Path, world: int) -> None:
        """The views of one board."""
        from tasks.data.images.board_sets import whole_boards
        from tasks.data.images.board_views import PATTERN, render_views

        views = render_views(_draws(world, len(PARTS)), self.counts[-1])
        whole_boards(*views, PATTERN).write(directory / "views.npz")


@dataclass(frozen=True)
class PhotographedBoards:
    """Rendered boards to train and test; the views are the photographs of one camera in ``root``.

    Attributes:
        camera: name in `tasks.data.original.board_photographs.CAMERAS`.
        partial: accept other numbers of photographs than published.
    """

    rendered: RenderedBoards
    root: Path
    camera: str
    partial: bool = False
    worlds: int = 10

    @property
    def name(self) -> str:
        from tasks.data.original.board_photographs import CAMERAS

        partial = ", partial" if self.partial else ""
        return f"{self.rendered.name}, {CAMERAS[self.camera].title}{partial}"

    def key(self) -> dict[str, Any]:
        from tasks.data.original.board_photographs import fingerprint

        return {**self.rendered.key(), self.camera: fingerprint(self.root, self.camera)}

    def check(self) -> None:
        from tasks.data.original.board_photographs import check

        check(self.root, self.camera, partial=self.partial)

    def write(self, directory: Path, world: int) -> None:
        """Rendered boards of a world, and the photographs on which OpenCV finds the board."""
        from tasks.data.images.board_sets import whole_boards
        from tasks.data.original.board_photographs import read

        self.rendered.write_boards(directory, world)
        found = read(self.root, self.camera)
        views = whole_boards(found.images, found.corners, found.pattern)
        views.write(directory / "views.npz")
        (directory / "notes.txt").write_text("\n".join(found.notes), encoding="utf-8")


class BoardCorpus(Corpus, Protocol):
    """Either of them."""

    def write(self, directory: Path, world: int) -> None:
        """Write a world."""
        ...


def _draws(world: int, part: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(np.random.SeedSequence([0xB0A2D, world, part])))
