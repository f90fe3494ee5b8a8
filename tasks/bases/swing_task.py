"""What the tasks on clips of golf swings share: where clips come from, and how they are seen."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from bench.plugin import Metric, Place
from tasks.bases.corpus_task import CorpusTask
from tasks.bases.sequencing_task import SequencingTask, sequencing_metrics
from tasks.data.video.swing_corpora import OriginalSwings, RenderedSwings, SwingCorpus
from tasks.data.video.swing_motion import EVENTS

if TYPE_CHECKING:
    from tasks.data.video.swing_clips import SwingClips
    from tasks.networks.swing_networks import Trunk

SIZES: dict[str, int] = {"tiny": 40, "small": 2000, "full": 4000}
"""Clips of a world, for the rendered data."""
WINDOW = 64
"""Frames of a training sample of the published data; rendered clips are seen whole."""
PUBLISHED_SIDE = 160
"""Pixels of the published clips."""


class SwingTask(CorpusTask, SequencingTask):
    """Clips of golf swings, rendered or those of GolfDB, and a network that sequences them."""

    size: Literal["tiny", "small", "full"] = Field("small", description="amount of rendered data")
    architecture: Literal["compact", "thesis"] = Field(
        "compact", description="network: one small one for two cores, or the published one"
    )
    root: Annotated[str | None, Place()] = Field(None, description="folder of the original GolfDB")
    allow_partial: Annotated[bool, Place()] = Field(
        False, description="accept an incomplete original data set"
    )

    version: ClassVar[str] = "1"
    channels: ClassVar[tuple[str, ...]] = EVENTS
    metrics: ClassVar[tuple[Metric, ...]] = sequencing_metrics(*EVENTS)

    @property
    def corpus(self) -> SwingCorpus:
        """Where the clips come from."""
        if self.root is None:
            return RenderedSwings(SIZES[self.size])
        if self.architecture == "thesis":
            return OriginalSwings(Path(self.root), self.allow_partial, PUBLISHED_SIDE, colour=True)
        return OriginalSwings(Path(self.root), self.allow_partial)

    @property
    def resampled(self) -> float:
        return 0.25 if self.corpus.parts is None else 0.0

    @property
    def window(self) -> int:
        """Most frames of a training sample."""
        from tasks.data.video.swing_frames import FRAMES

        return FRAMES if self.root is None else WINDOW

    def data_key(self) -> dict[str, Any]:
        """How files are laid out, and what determines the clips: generator, or the files read."""
        return {"format": 1, **self.corpus.key()}

    def prepare(self, directory: Path, world: int) -> None:
        """Render or decode the clips."""
        self.corpus.write(directory, world)

    def clips(self, replicate: int) -> SwingClips:
        """The clips of a replicate's world."""
        from tasks.data.video.swing_clips import read_clips

        return read_clips(self.prepared(self.world(replicate)))

    def trunk(self, causal: bool) -> Trunk:
        """The part of the network that all heads share."""
        from tasks.networks.swing_networks import compact, thesis

        if self.architecture == "thesis":
            return thesis(causal)
        return compact(math.prod(self.corpus.shape), causal)
