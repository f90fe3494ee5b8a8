"""Drum onset detection: kick, snare and hi-hat among other percussion.

Source: thesis §4.3.1 (counts alone), §5.6.4 (label noise), after Wu et al. (2018). Default data are
recordings rendered from real sampled kits; with ``root`` the task reads IDMT-SMT-Drums.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from bench.plugin import (
    Ge,
    Gt,
    Le,
    Loss,
    Metric,
    Place,
    Splits,
    Symbol,
    TrainSettings,
    Uniform,
    Unit,
    UsageError,
    cosine,
    nearest,
    register_task,
)
from tasks.bases import EventsTask, Inference, event_metrics
from tasks.data.audio.drum_corpora import DrumCorpus, OriginalDrums, RenderedKits
from tasks.data.audio.drum_patterns import CLASSES
from tasks.labels.noise import NoiseKind, standard_draws

if TYPE_CHECKING:
    from torch import nn

    from tasks.data.audio.drum_pieces import Grid
    from tasks.metrics.event_lists import Times
    from tasks.splits.drum_split import DrumSplit

SIZES: dict[str, tuple[int, float]] = {"tiny": (12, 6.0), "small": (800, 6.0), "full": (600, 30.0)}
"""Recordings of a world and seconds of each, for the rendered data."""


@register_task(
    "drums",
    heads={"events"},
    space={"noise": Uniform(0.0, 0.1)},
    label_noise=["noise", "noise_kind"],
)
class Drums(EventsTask):
    """Onsets of kick, snare and hi-hat in 1.5 s pieces, F1 within 50 ms.

    Input: log-mel and its derivative. Head: `events`, channels kick, snare, hi-hat. Label noise
    perturbs training labels only: an event at time t of a recording is labelled at t + σε, before
    the recording is cut, so that a label may lie in the next piece, or in none. Validation data
    choose one threshold for all channels by mean F1. Where the loss's decoder thresholds every bin,
    probability within 20 ms is first gathered at its local maxima, as the published code merges
    neighbouring detections. The split is by recording, and every recording has its own kit, pattern
    and room.

    Rendered data have ten worlds: replicate r draws all its recordings anew (r mod 10), and splits
    them 40 : 10 : 50. The original recordings exist once; replicates split them 70 : 10 : 20.
    """

    size: Literal["tiny", "small", "full"] = Field("small", description="amount of rendered data")
    subset: Literal["random", "kit-family"] = Field(
        "random", description="test recordings: drawn at random, or one whole family of kits"
    )
    held_out: str | None = Field(
        None, description="family held out by subset kit-family; replicates take turns by default"
    )
    noise: Annotated[
        float, Unit("s"), Symbol("σ", "label noise"), Ge(0), Field(description="label noise σ")
    ] = 0.0
    noise_kind: NoiseKind = Field("normal", description="distribution of the label noise")
    supervision: Literal["locations", "counts"] = Field(
        "locations", description="training labels: onset times, or only how many there are"
    )
    architecture: Literal["compact", "thesis"] = Field(
        "compact", description="network: one small one for two cores, or the published one"
    )
    rates: Annotated[int, Ge(1), Le(20)] | None = Field(
        None, description="playback rates in training and inference; default 1, thesis 10"
    )
    tolerance: Annotated[float, Unit("s"), Gt(0), Field(description="of a correct onset")] = 0.05
    root: Annotated[str | None, Place()] = Field(
        None, description="folder of the original IDMT-SMT-Drums"
    )
    allow_partial: Annotated[bool, Place()] = Field(
        False, description="accept an incomplete original data set"
    )

    source: ClassVar[str] = "thesis §4.3.1 and §5.6.4"
    version: ClassVar[str] = "2"
    train: ClassVar[TrainSettings] = TrainSettings(
        steps=1500, batch_size=32, lr=cosine(8e-3, 1e-4, begin=0.6)
    )
    channels: ClassVar[tuple[str, ...]] = CLASSES
    metrics: ClassVar[tuple[Metric, ...]] = event_metrics(*CLASSES)

    @property
    def corpus(self) -> DrumCorpus:
        """Where the recordings come from."""
        if self.root is not None:
            return OriginalDrums(Path(self.root), self.allow_partial)
        return RenderedKits(*SIZES[self.size])

    @property
    def data_name(self) -> str:
        return self.corpus.name

    @property
    def worlds(self) -> int:
        return self.corpus.worlds

    @property
    def resampled(self) -> float:
        return self.corpus.parts[2] if self.worlds == 1 else 0.0

    @property
    def grid(self) -> Grid:
        """Hop, mel bands and playback rates."""
        from tasks.data.audio.drum_pieces import grid_of

        return grid_of(self.architecture, self.rates)

    def data_key(self) -> dict[str, Any]:
        """Layout, and what determines the recordings: generator and size, or the files read."""
        grid = self.grid
        layout = {"hop": grid.hop, "bands": grid.bands, "rates": list(grid.rates), "format": 3}
        return {**layout, **self.corpus.key()}

    def check_data(self) -> None:
        """Check the original recordings, if any, and the family held out.

        Raises:
            UsageError: files are missing or not as published, or the family does not exist.
        """
        self.corpus.check()
        families = self.corpus.families
        if self.held_out is not None and self.held_out not in families:
            hint = nearest(self.held_out, families)
            raise UsageError(f"drums: unknown family held_out='{self.held_out}'{hint}")
        if self.held_out is not None and self.subset != "kit-family":
            raise UsageError("drums: option 'held_out' needs subset: kit-family")

    def prepare(self, directory: Path, world: int) -> None:
        """Render or read the recordings, and write features and onsets."""
        from tasks.data.audio.drum_pieces import write_pieces

        write_pieces(directory, self.corpus.recordings(world), self.grid)

    def splits(self, replicate: int, head: str = "events") -> Splits:
        """Recordings split at random, or one family for the test and the others at random."""
        from tasks.data.audio.drum_pieces import read_pieces
        from tasks.splits.drum_split import drum_splits

        pieces = read_pieces(self.prepared(self.world(replicate)), self.grid)
        held_out, corpus = None, self.corpus
        if self.subset == "kit-family":
            held_out = self.held_out or corpus.families[replicate % len(corpus.families)]
        labelled = pieces.event_time
        if self.supervision == "locations":  # noise never changes how many there are
            draws = standard_draws(self.plugin_name, replicate, len(labelled), self.noise_kind)
            labelled = labelled + self.noise * draws
        return drum_splits(pieces, replicate, held_out, corpus.parts, labelled, self.supervision)

    def network(self, head: str, loss: Loss | None = None) -> nn.Module:
        from tasks.networks.drum_networks import Compact, Thesis

        if head != "events":
            raise UsageError(f"drums: the network has head 'events', not '{head}'")
        chosen = Thesis if self.architecture == "thesis" else Compact
        return chosen(self.grid.bands, len(CLASSES), self.grid.bins(1.0))

    def skip(self, loss: Loss) -> str | None:
        """Losses that need locations cannot train on counts."""
        if self.supervision == "counts" and loss.needs_locations:
            return f"{loss.plugin_name} needs event locations, the labels are counts"
        return None

    def times(self, step: float, bins: int) -> Times:
        """Features and labels of a bin are centred at its beginning."""
        return np.asarray(np.arange(bins) * step)

    def predict(
        self,
        network: nn.Module,
        loss: Loss,
        split: DrumSplit,  # type: ignore[override]
    ) -> Inference:
        """Scores on the grid at playback rate 1, averaged over all rates and merged."""
        from tasks.bases.playback_ensemble import infer

        return infer(network, loss, split)
