"""Drum onset detection: kick, snare and hi-hat among other percussion.

Source: thesis §4.3.1 (counts alone), §5.6.4 (label noise), after Wu et al. (2018). Default data are
recordings rendered from real sampled kits; with ``root`` the task reads IDMT-SMT-Drums. With
``percussion`` much other percussion plays along, and the original data are those of ENST-Drums.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from bench.plugin import (
    Evaluation,
    Ge,
    Gt,
    Le,
    Loss,
    Metric,
    Place,
    Split,
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
from tasks.bases import (
    CorpusTask,
    EventsTask,
    Inference,
    event_metrics,
    timing_metrics,
    timing_spread,
)
from tasks.data.audio.drum_corpora import (
    DrumCorpus,
    OriginalDrummers,
    OriginalDrums,
    RenderedKits,
    RenderedPercussion,
)
from tasks.data.audio.drum_patterns import CLASSES
from tasks.labels.noise import NoiseKind, standard_draws

if TYPE_CHECKING:
    from torch import nn

    from tasks.data.audio.drum_pieces import Grid
    from tasks.metrics.event_lists import Times
    from tasks.metrics.event_matching import EventMatches
    from tasks.splits.drum_split import DrumSplit

Lengths = Literal["variable", "fixed"]
SIZES: dict[str, tuple[int, float]] = {"tiny": (12, 6.0), "small": (800, 6.0), "full": (600, 30.0)}
"""Recordings of a world and seconds of each, for the rendered data."""


@register_task(
    "drums",
    heads={"events"},
    space={"noise": Uniform(0.0, 0.1)},
    label_noise=["noise", "noise_kind"],
)
class Drums(CorpusTask, EventsTask):
    """Onsets of kick, snare and hi-hat in 1.5 s pieces, F1 within 50 ms.

    Input: log-mel and its derivative. Head: `events`, channels kick, snare, hi-hat. Label noise
    perturbs training labels only: an event at time t of a recording is labelled at t + σε, before
    the recording is cut, so that a label may lie in the next piece, or in none. Validation data
    choose one threshold for all channels by mean F1. Where the loss's decoder thresholds every bin,
    probability within 20 ms is first gathered at its local maxima, as the published code merges
    neighbouring detections. The split is by recording, and every recording has its own kit, pattern
    and room.

    Rendered data have ten worlds: replicate r draws all its recordings anew (r mod 10), and splits
    them 40 : 10 : 50. The original recordings exist once and follow the published protocol:
    replicates split them 70 : 15 : 15, half of a held-out family validates and the other half
    tests, and F1, precision and recall are means over recordings.
    """

    size: Literal["tiny", "small", "full"] = Field("small", description="amount of rendered data")
    subset: Literal["random", "kit-family"] = Field(
        "random",
        description="test recordings: drawn at random, or one whole family of kits (or drummer)",
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
    lengths: Lengths = Field(
        "variable", description="pieces whose counts are told: random beginnings, or whole ones"
    )
    percussion: bool = Field(
        False, description="drums amid much other percussion (D-DTP), instead of with little else"
    )
    cross_stick: Literal["snare", "other"] = Field(
        "snare", description="amid percussion: what cross sticks and rim shots count as"
    )
    mix: Literal["wet_mix", "dry_mix"] = Field(
        "wet_mix", description="folder of the sound files of ENST-Drums"
    )
    architecture: Literal["compact", "thesis"] = Field(
        "compact", description="network: one small one for two cores, or the published one"
    )
    rates: Annotated[int, Ge(1), Le(20)] | None = Field(
        None, description="playback rates in training and inference; default 1, thesis 10"
    )
    tolerance: Annotated[float, Unit("s"), Gt(0), Field(description="of a correct onset")] = 0.05
    root: Annotated[str | None, Place()] = Field(
        None, description="folder of IDMT-SMT-Drums, or of ENST-Drums amid percussion"
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
    metrics: ClassVar[tuple[Metric, ...]] = (
        *event_metrics(*CLASSES),
        *timing_metrics(),
        timing_spread(),
    )

    @property
    def corpus(self) -> DrumCorpus:
        """Where the recordings come from."""
        if self.root is None and self.percussion:
            snare = self.cross_stick == "snare"
            return RenderedPercussion(*SIZES[self.size], cross_stick=snare)
        if self.root is None:
            return RenderedKits(*SIZES[self.size])
        if self.percussion:
            place = Path(self.root)
            return OriginalDrummers(place, self.mix, self.cross_stick, self.allow_partial)
        return OriginalDrums(Path(self.root), self.allow_partial)

    @property
    def resampled(self) -> float:
        if self.worlds > 1:
            return 0.0
        family = 1 / len(self.corpus.families) / 2  # the half of a held-out one that tests
        return family if self.subset == "kit-family" else self.corpus.parts[2]

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
        """Check the original recordings, if any, and options that say nothing by themselves.

        Raises:
            UsageError: files are missing or not as published, the family does not exist, or an
                option needs another one.
        """
        super().check_data()
        families = self.corpus.families
        if self.held_out is not None and self.held_out not in families:
            hint = nearest(self.held_out, families)
            raise UsageError(f"drums: unknown family held_out='{self.held_out}'{hint}")
        if self.held_out is not None and self.subset != "kit-family":
            raise UsageError("drums: option 'held_out' needs subset: kit-family")
        if self.cross_stick != "snare" and not self.percussion:
            raise UsageError("drums: option 'cross_stick' needs percussion: true")
        if self.mix != "wet_mix" and not (self.percussion and self.root):
            raise UsageError("drums: option 'mix' needs percussion: true, and root")
        if self.lengths == "fixed" and self.supervision != "counts":
            raise UsageError("drums: option 'lengths' needs supervision: counts")
        if self.lengths == "fixed" and len(self.grid.rates) > 1:
            raise UsageError("drums: lengths: fixed needs rates: 1: the faster played, the shorter")

    def prepare(self, directory: Path, world: int) -> None:
        """Render or read the recordings, and write features and onsets."""
        from tasks.data.audio.drum_pieces import write_pieces

        corpus = self.corpus
        write_pieces(directory, corpus.recordings(world), self.grid, corpus.check())

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
        return drum_splits(
            pieces,
            replicate,
            held_out,
            corpus.parts,
            labelled,
            self.supervision,
            self.lengths,
            corpus.published,
        )

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

    def evaluate(
        self, network: nn.Module | None, loss: Loss, split: Split, decoding: dict[str, float]
    ) -> Evaluation:
        """As the base, over all pieces; of original recordings by the published protocol.

        Raises:
            NotFinite: the output is NaN or infinite.
        """
        found = super().evaluate(network, loss, split, decoding)
        if not self.corpus.published:
            return found
        from tasks.metrics.file_scores import file_scores

        metrics, said = file_scores(found.samples, CLASSES)
        details = {**found.details, "scores": {**said, "tolerance": self.tolerance}}
        return replace(found, metrics={**found.metrics, **metrics}, details=details)

    def remarks(
        self,
        matches: EventMatches,
        split: DrumSplit,  # type: ignore[override]
    ) -> dict[str, Any]:
        """Of original recordings: what their reader said, and how late each one's strokes are."""
        from tasks.metrics.timing_per_file import timing_per_file

        reading = split.pieces.reading
        if not reading:
            return {}
        names = [reading["names"][unit] for unit in split.unit[matches.sample]]
        said = {name: reading[name] for name in ("strokes", "warnings")}
        return {"reading": said, "timing": timing_per_file(names, matches.error)}
