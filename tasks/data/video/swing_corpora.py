"""Where clips of golf swings come from: rendered figures, or the original GolfDB."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from tasks.data.corpus import Corpus


class SwingCorpus(Corpus, Protocol):
    """A source of clips."""

    @property
    def parts(self) -> tuple[float, float, float] | None:
        """Shares for training, validation and test; None where the folds are published."""
        ...

    @property
    def shape(self) -> tuple[int, ...]:
        """Of a frame."""
        ...

    def write(self, directory: Path, world: int) -> None:
        """Write the clips of a world into ``directory``."""
        ...


@dataclass(frozen=True)
class RenderedSwings:
    """``count`` clips in each world, every one with its own golfer, camera and swing."""

    count: int
    name: str = "rendered swings"
    worlds: int = 10
    parts: tuple[float, float, float] | None = (0.3, 0.1, 0.6)
    """More than half for the test: its noise should be small beside that of training."""

    @property
    def shape(self) -> tuple[int, ...]:
        from tasks.data.video.swing_frames import SIDE

        return SIDE, SIDE

    def key(self) -> dict[str, Any]:
        from tasks.data.video.swing_frames import FRAMES, GENERATOR

        return {"generator": GENERATOR, "clips": [self.count, FRAMES]}

    def check(self) -> None:
        """Nothing can be missing."""

    def write(self, directory: Path, world: int) -> None:
        from tasks.data.video.swing_clips import Clip, write_clips
        from tasks.data.video.swing_frames import FRAMES, render_clips

        draw = np.random.Generator(np.random.Philox(np.random.SeedSequence([0x601F, world])))
        frames, events = render_clips(draw, self.count)
        clips = (Clip(frames[n], events[n], group=n) for n in range(self.count))
        write_clips(directory, clips, self.shape, self.count * FRAMES)


@dataclass(frozen=True)
class OriginalSwings:
    """The files of GolfDB in the folder ``root``; ``partial`` accepts some of them.

    Attributes:
        side: pixels that frames are reduced to.
        colour: three channels, or grey.
    """

    root: Path
    partial: bool = False
    side: int = 20
    colour: bool = False
    worlds: int = 1
    parts: tuple[float, float, float] | None = None

    @property
    def name(self) -> str:
        return "GolfDB, partial" if self.partial else "GolfDB"

    @property
    def shape(self) -> tuple[int, ...]:
        square = (self.side, self.side)
        return (3, *square) if self.colour else square

    def key(self) -> dict[str, Any]:
        from tasks.data.original.golfdb import fingerprint

        return {"golfdb": fingerprint(self.root), "frames": list(self.shape)}

    def check(self) -> None:
        from tasks.data.original.golfdb import check

        check(self.root, partial=self.partial)

    def write(self, directory: Path, world: int) -> None:
        from tasks.data.original.golfdb import read_all, total_frames
        from tasks.data.video.swing_clips import write_clips

        clips = read_all(self.root, self.side, colour=self.colour, partial=self.partial)
        write_clips(directory, clips, self.shape, total_frames(self.root))
