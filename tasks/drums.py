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
    Split,
    Splits,
    Symbol,
    Uniform,
    Unit,
    UsageError,
    nearest,
    register_task,
)
from tasks.bases import EventsTask, Inference, event_metrics
from tasks.data.audio.drum_corpora import DrumCorpus, OriginalDrums, RenderedKits
from tasks.data.audio.drum_patterns import CLASSES
from tasks.labels.noise import NoiseKind, reflect, standard_draws

if TYPE_CHECKING:
    from torch import nn

    from tasks.data.audio.drum_pieces import Grid, Pieces
    from tasks.metrics.event_lists import Times

SIZES: dict[str, tuple[int, float]] = {"tiny": (12, 6.0), "small": (500, 6.0), "full": (600, 30.0)}
"""Recordings and seconds of each, for the rendered data."""
_LAYOUT = {"compact": (0.010, 40), "thesis": (0.005, 80)}  # hop in seconds, mel bands
_RATE_RANGE = (0.8, 1.25)


@register_task(
    "drums",
    heads={"events"},
    space={"noise": Uniform(0.0, 0.1)},
    label_noise=["noise", "noise_kind"],
)
class Drums(EventsTask):
    """Onsets of kick, snare and hi-hat in 1.5 s pieces, F1 within 50 ms.

    Input: log-mel and its derivative. Head: `events`, channels kick, snare, hi-hat. Label noise
    perturbs training labels only: an event at time t is labelled at t + σε, folded back into its
    piece. Validation data choose one threshold for all channels by mean F1; it is applied to the
    loss's decoded scores as they are. The split is by recording, and every recording has its own
    kit, pattern and room.
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
    def grid(self) -> Grid:
        """Hop, mel bands and playback rates."""
        from tasks.data.audio.drum_pieces import Grid

        hop, bands = _LAYOUT[self.architecture]
        count = self.rates or (10 if self.architecture == "thesis" else 1)
        rates = np.geomspace(*_RATE_RANGE, count) if count > 1 else np.ones(1)
        return Grid(hop, bands, tuple(float(rate) for rate in rates))

    def data_key(self) -> dict[str, Any]:
        """Layout, and what determines the recordings: generator and size, or the files read."""
        grid = self.grid
        layout = {"hop": grid.hop, "bands": grid.bands, "rates": list(grid.rates), "format": 2}
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

    def prepare(self, directory: Path) -> None:
        """Render or read the recordings, and write features and onsets."""
        from tasks.data.audio.drum_pieces import write_pieces

        write_pieces(directory, self.corpus.recordings(), self.grid)

    def splits(self, replicate: int, head: str = "events") -> Splits:
        """Recordings split 70 : 10 : 20, or all but one family 85 : 15 and that family."""
        from tasks.data.audio.drum_pieces import read_pieces
        from tasks.splits.drum_split import DrumSplit, split_recordings

        pieces = read_pieces(self.prepared(), self.grid)
        held_out = None
        if self.subset == "kit-family":
            families = self.corpus.families
            held_out = self.held_out or families[replicate % len(families)]
        train, validation, test = split_recordings(pieces, replicate, held_out)
        counts_only = self.supervision == "counts"  # noise never changes how many there are
        labelled = pieces.event_time if counts_only else self._noisy_times(pieces, replicate)
        return Splits(
            train=DrumSplit(pieces, train, labelled, self.supervision),
            validation=DrumSplit(pieces, validation, pieces.event_time),
            test=DrumSplit(pieces, test, pieces.event_time),
        )

    def _noisy_times(self, pieces: Pieces, replicate: int) -> Times:
        from tasks.data.audio.drum_pieces import PIECE

        count = len(pieces.event_time)
        draws = standard_draws(self.plugin_name, replicate, count, self.noise_kind)
        return reflect(pieces.event_time + self.noise * draws, PIECE)

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

    def infer(self, network: nn.Module | None, loss: Loss, split: Split) -> Inference:
        """Scores on the grid at playback rate 1, averaged over all rates."""
        from tasks.networks.playback_ensemble import infer
        from tasks.splits.drum_split import DrumSplit

        if network is None:
            return super().infer(network, loss, split)
        assert isinstance(split, DrumSplit)
        return infer(network, loss, split)
