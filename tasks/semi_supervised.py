"""Few labelled and many unlabelled pieces of drums: what consistency of two views adds to counts.

Source: thesis §7.1, which announces the method and leaves its evaluation to others.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from bench.plugin import (
    Ge,
    Loss,
    Metric,
    Place,
    Splits,
    Symbol,
    TrainSettings,
    UsageError,
    cosine,
    create_loss,
    register_task,
)
from tasks.bases import EventsTask, Inference
from tasks.data.audio.drum_pieces import PIECE
from tasks.drums import SIZES, Drums

if TYPE_CHECKING:
    from torch import nn

    from tasks.metrics.event_lists import Times
    from tasks.splits.drum_split import DrumSplit


@register_task("semi_supervised", heads={"events"})
class SemiSupervised(EventsTask):
    """Onsets of kick, snare and hi-hat learned from few counts and many pieces without labels.

    Recordings, split, network, tolerance and metrics are those of `drums`, whose prepared data
    serve both. Of the training pieces ``labelled`` are told with the number of onsets of each
    class, the others with nothing; those of a smaller number are among those of a larger one. In
    training every piece ends at random and is played through a random equaliser, faster or slower.
    Losses that compare views see two of each piece; the others see labelled pieces alone.
    Validation and test pieces are as in `drums`, whole and with all their onset times.
    """

    labelled: Annotated[int, Symbol("n", "labelled pieces"), Ge(1)] = Field(
        16, description="training pieces whose counts are told"
    )
    views: Literal["stretched", "aligned"] = Field(
        "stretched", description="two views of a piece: each at a speed of its own, or at one speed"
    )
    size: Literal["tiny", "small", "full"] = Field("small", description="amount of rendered data")
    architecture: Literal["compact", "thesis"] = Field(
        "compact", description="network: one small one for two cores, or the published one of drums"
    )
    root: Annotated[str | None, Place()] = Field(
        None, description="folder of the original IDMT-SMT-Drums"
    )
    allow_partial: Annotated[bool, Place()] = Field(
        False, description="accept an incomplete original data set"
    )

    source: ClassVar[str] = "thesis §7.1 (announced there, without an experiment)"
    train: ClassVar[TrainSettings] = TrainSettings(
        steps=1000, batch_size=16, lr=cosine(8e-3, 1e-4, begin=0.6)
    )
    channels: ClassVar[tuple[str, ...]] = Drums.channels
    metrics: ClassVar[tuple[Metric, ...]] = Drums.metrics

    @property
    def drums(self) -> Drums:
        """The task whose recordings, split and networks these are."""
        return Drums(
            size=self.size,
            architecture=self.architecture,
            rates=1,
            root=self.root,
            allow_partial=self.allow_partial,
        )

    @property
    def data_name(self) -> str:
        return self.drums.data_name

    @property
    def worlds(self) -> int:
        return self.drums.worlds

    @property
    def resampled(self) -> float:
        return self.drums.resampled

    def data_key(self) -> dict[str, Any]:
        return self.drums.data_key()

    @property
    def data_version(self) -> str:
        """That of `drums`: the prepared data are the same files."""
        return self.drums.data_version

    def data_folder(self, world: int = 0) -> Path:
        """That of `drums`: nothing is rendered twice."""
        return self.drums.data_folder(world)

    def check_data(self) -> None:
        """As `drums`; of rendered data it is known how many pieces there are.

        Raises:
            UsageError: files are missing, or there are not as many training pieces.
        """
        self.drums.check_data()
        if self.root is None:
            recordings, seconds = SIZES[self.size]
            training = round(self.drums.corpus.parts[0] * recordings)
            self._check_labelled(training * math.ceil(seconds / PIECE))

    def prepare(self, directory: Path, world: int) -> None:
        """As `drums`."""
        self.drums.prepare(directory, world)

    def splits(self, replicate: int, head: str = "events") -> Splits:
        """Those of `drums`, with the training pieces divided into labelled and unlabelled ones.

        Raises:
            UsageError: there are not as many training pieces.
        """
        from tasks.splits.counted_pieces import divided

        whole = self.drums.splits(replicate)
        self._check_labelled(len(whole.train))
        return divided(whole, self.labelled, replicate, self.views)

    def _check_labelled(self, pieces: int) -> None:
        if self.labelled >= pieces:
            raise UsageError(
                f"semi_supervised: 'labelled' must be below the number of training pieces, which "
                f"is {pieces}, got {self.labelled}"
            )

    def network(self, head: str, loss: Loss | None = None) -> nn.Module:
        """That of `drums`."""
        return self.drums.network(head, loss)

    def skip(self, loss: Loss) -> str | None:
        """Losses that need locations, themselves or for the labelled rows, cannot train."""
        supervised = getattr(loss, "supervised", None)
        for one in (loss, create_loss(supervised) if supervised else None):
            if one is not None and one.needs_locations:
                return f"{one.plugin_name} needs event locations, the labels are counts"
        return None

    def times(self, step: float, bins: int) -> Times:
        """As in `drums`."""
        return self.drums.times(step, bins)

    def predict(
        self,
        network: nn.Module,
        loss: Loss,
        split: DrumSplit,  # type: ignore[override]
    ) -> Inference:
        """As in `drums`."""
        return self.drums.predict(network, loss, split)
