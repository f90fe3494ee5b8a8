"""Drum onset detection: kick, snare and hi-hat among other percussion.

Source: thesis §4.3.1 (counts alone), §5.6.4 (label noise), after Wu et al. (2018). Default data are
recordings rendered from real sampled kits; with ``root`` the task reads IDMT-SMT-Drums.
"""

from __future__ import annotations

from collections.abc import Iterable
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
    Splits,
    Symbol,
    Task,
    Uniform,
    Unit,
    UsageError,
    nearest,
    register_task,
)
from tasks.data.audio.drum_patterns import CLASSES
from tasks.labels.noise import NoiseKind, reflect, standard_draws

if TYPE_CHECKING:
    import torch
    from torch import nn

    from tasks.data.audio.drum_pieces import Grid, Pieces
    from tasks.data.audio.rendered_drums import Recording
    from tasks.splits.drum_split import DrumSplit

SIZES: dict[str, tuple[int, float]] = {"tiny": (12, 6.0), "small": (500, 6.0), "full": (600, 30.0)}
"""Recordings and seconds of each, for the rendered data."""
_LAYOUT = {"compact": (0.010, 40), "thesis": (0.005, 80)}  # hop in seconds, mel bands
_RATE_RANGE = (0.8, 1.25)


def _share(name: str, text: str) -> Metric:
    return Metric(name, "max", 0.0, 1.0, description=text)


@register_task(
    "drums",
    heads={"events"},
    space={"noise": Uniform(0.0, 0.1)},
    label_noise=["noise", "noise_kind"],
)
class Drums(Task):
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
    metrics: ClassVar[tuple[Metric, ...]] = (
        _share("f1", "mean of the three classes' F1"),
        *(_share(f"f1_{name}", f"F1 of {name}") for name in CLASSES),
        _share("precision", "mean of the three classes' precision"),
        _share("recall", "mean of the three classes' recall"),
    )

    @property
    def data_name(self) -> str:
        return "rendered kits" if self.root is None else "IDMT-SMT-Drums"

    @property
    def families(self) -> tuple[str, ...]:
        """Families of kits in the data."""
        if self.root is not None:
            from tasks.data.original.idmt_smt_drums import FAMILIES as ORIGINAL

            return ORIGINAL
        from tasks.data.audio.drum_kits import FAMILIES as RENDERED

        return tuple(sorted(RENDERED))

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
        if self.root is not None:
            from tasks.data.original.idmt_smt_drums import fingerprint

            return {**layout, "idmt_smt_drums": fingerprint(Path(self.root))}
        from tasks.data.audio.rendered_drums import GENERATOR

        return {**layout, "generator": GENERATOR, "recordings": list(SIZES[self.size])}

    def check_data(self) -> None:
        """Check the folder of original recordings and the family held out, without decoding audio.

        Raises:
            UsageError: files are missing or not as published, or the family does not exist.
        """
        if self.root is not None:
            from tasks.data.original.idmt_smt_drums import check

            check(Path(self.root), partial=self.allow_partial)
        if self.held_out is not None and self.held_out not in self.families:
            hint = nearest(self.held_out, self.families)
            raise UsageError(f"drums: unknown family held_out='{self.held_out}'{hint}")
        if self.held_out is not None and self.subset != "kit-family":
            raise UsageError("drums: option 'held_out' needs subset: kit-family")

    def prepare(self, directory: Path) -> None:
        """Render or read the recordings, and write features and onsets."""
        from tasks.data.audio.drum_pieces import write_pieces

        write_pieces(directory, self._recordings(), self.grid)

    def _recordings(self) -> Iterable[Recording]:
        if self.root is not None:
            from tasks.data.original.idmt_smt_drums import read_all

            return read_all(Path(self.root))
        from tasks.data.audio.rendered_drums import render_all

        return render_all(*SIZES[self.size])

    def splits(self, replicate: int, head: str = "events") -> Splits:
        """Recordings split 70 : 10 : 20, or all but one family 85 : 15 and that family."""
        from tasks.data.audio.drum_pieces import read_pieces
        from tasks.splits.drum_split import DrumSplit, split_recordings

        pieces = read_pieces(self.prepared(), self.grid)
        held_out = None
        if self.subset == "kit-family":
            held_out = self.held_out or self.families[replicate % len(self.families)]
        train, validation, test = split_recordings(pieces, replicate, held_out)
        counts_only = self.supervision == "counts"  # noise never changes how many there are
        labelled = pieces.event_time if counts_only else self._noisy_times(pieces, replicate)
        return Splits(
            train=DrumSplit(pieces, train, labelled, self.supervision),
            validation=DrumSplit(pieces, validation, pieces.event_time),
            test=DrumSplit(pieces, test, pieces.event_time),
        )

    def _noisy_times(self, pieces: Pieces, replicate: int) -> np.ndarray:
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

    def calibrate(
        self,
        network: nn.Module | None,
        loss: Loss,
        validation: DrumSplit,  # type: ignore[override]
    ) -> dict[str, float]:
        """Threshold with the best mean F1 on validation data (`tasks.metrics.onsets`)."""
        from tasks.metrics.onsets import choose_threshold

        scores = self._scores(network, loss, validation)
        return {
            "threshold": choose_threshold(
                scores, validation.annotations, self.grid.hop, self.tolerance
            )
        }

    def evaluate(
        self,
        network: nn.Module | None,
        loss: Loss,
        split: DrumSplit,  # type: ignore[override]
        decoding: dict[str, float],
    ) -> Evaluation:
        """Onset scores of a split; every metric is NaN when the network's output is not finite."""
        from tasks.metrics.onsets import onset_scores

        scores = self._scores(network, loss, split)
        threshold = decoding["threshold"]
        details = {"pieces": len(split), "onsets": len(split.annotations.time)}
        if not np.isfinite(scores).all() or not np.isfinite(threshold):
            return Evaluation({metric.name: float("nan") for metric in self.metrics}, details)
        hop, tolerance = self.grid.hop, self.tolerance
        rows = np.array(onset_scores(scores, split.annotations, hop, tolerance, threshold))
        f1, precision, recall = rows.mean(0).tolist()
        per_class = {f"f1_{name}": float(row[0]) for name, row in zip(CLASSES, rows, strict=True)}
        details["detections"] = int((scores >= threshold).sum())
        return Evaluation(
            {"f1": f1, **per_class, "precision": precision, "recall": recall}, details
        )

    def _scores(self, network: nn.Module | None, loss: Loss, split: DrumSplit) -> np.ndarray:
        """Decoded scores ``(piece, channel, bin)`` on the grid at playback rate 1."""
        from tasks.networks.playback_ensemble import predict

        assert network is not None  # no method without training is registered
        scores: torch.Tensor = loss.decode(predict(network, split))
        return scores.detach().cpu().numpy()
