"""Piano onset detection: which key is struck when.

Source: thesis §4.3.2 (counts alone), §5.6.3 (label noise), after Hawthorne et al. (2017). Default
data are scores of music21's corpus, performed and rendered; with ``root`` the task reads MAPS.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

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
    register_task,
)
from tasks.bases import (
    CorpusTask,
    EventMatches,
    Events,
    Inference,
    RecordingsTask,
    event_metrics,
    timing_metrics,
)
from tasks.data.audio.piano_corpora import OriginalMaps, PianoCorpus, RenderedScores
from tasks.labels.noise import NoiseKind, standard_draws
from tasks.metrics.piano_registers import register_metrics, register_scores

if TYPE_CHECKING:
    from torch import nn

    from tasks.data.audio.piano_pieces import PianoGrid
    from tasks.splits.piano_split import PianoSplit

SIZES: dict[str, tuple[int, int, float]] = {
    "tiny": (6, 3, 6.0), "small": (180, 120, 9.0), "full": (600, 120, 30.0),
}  # fmt: skip
"""Recordings to train and validate, recordings to test, and seconds of each, of rendered data."""
KEYS: dict[str, tuple[int, int]] = {"middle": (36, 48), "all": (21, 88)}
"""First MIDI key and number of keys: C2 to B5, or the whole piano."""


@register_task(
    "piano",
    heads={"events"},
    space={"noise": Uniform(0.0, 0.2)},
    label_noise=["noise", "noise_kind"],
)
class Piano(CorpusTask, RecordingsTask):
    """Onsets of piano keys in 1.5 s extracts, F1 within 50 ms as mean over recordings.

    Input: log-frequency spectrogram. Head: `events`, one channel for each key. Label noise perturbs
    training labels only: an event at time t of a recording is labelled at t + σε, before the
    recording is cut, so that a label may lie in the next extract, or in none. In training extracts
    are stretched in time, and half of them are stacked on another one. One threshold for all keys
    is chosen on validation data. Test recordings have another instrument, other rooms and other
    music than those to train.

    Rendered data have ten worlds: replicate r draws scores, players and rooms anew (r mod 10).
    MAPS exists once: its Disklaviers test, and replicates divide the rest.
    """

    size: Literal["tiny", "small", "full"] = Field("small", description="amount of rendered data")
    range: Literal["middle", "all"] = Field(
        "middle",
        description="keys asked for: 48 from C2 to B5, or all 88; others sound all the same",
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
    units: Annotated[int, Ge(1)] = Field(
        128, description="of the published network's LSTM: 96 in §4.3.2, 128 in §5.6.3"
    )
    rates: Annotated[int, Ge(1), Le(20)] = Field(5, description="speeds in training")
    ensemble: bool = Field(False, description="average predictions at all speeds, as published")
    tolerance: Annotated[float, Unit("s"), Gt(0), Field(description="of a correct onset")] = 0.05
    root: Annotated[str | None, Place()] = Field(None, description="folder of the original MAPS")
    training_pieces: Literal[139, 210] = Field(
        139, description="of MAPS to train: without the pieces of the test set, or all"
    )
    allow_partial: Annotated[bool, Place()] = Field(
        False, description="accept an incomplete original data set"
    )

    source: ClassVar[str] = "thesis §4.3.2 and §5.6.3"
    train: ClassVar[TrainSettings] = TrainSettings(
        steps=800, batch_size=8, lr=cosine(1e-2, 1e-4, begin=0.6)
    )
    metrics: ClassVar[tuple[Metric, ...]] = (
        *(m for m in event_metrics() if m.name != "undecided"),
        *register_metrics(),
        *timing_metrics(),
        event_metrics()[-1],
        Metric(
            "label_f1", None, 0.0, 1.0, optional=True,
            description="F1 of the training labels themselves, against those without noise",
        ),
    )  # fmt: skip

    @property
    def corpus(self) -> PianoCorpus:
        """Where the recordings come from."""
        if self.root is not None:
            return OriginalMaps(Path(self.root), self.training_pieces, self.allow_partial)
        return RenderedScores(*SIZES[self.size])

    @property
    def resampled(self) -> float:
        return 60 / (60 + self.training_pieces) if self.worlds == 1 else 0.0

    @property
    def grid(self) -> PianoGrid:
        """Hop, bands and speeds."""
        from tasks.data.audio.piano_pieces import piano_grid

        return piano_grid(self.architecture, self.rates)

    def data_key(self) -> dict[str, Any]:
        """Layout, and what determines the recordings: generator and size, or the files read."""
        layout = {"hop": self.grid.hop, "kind": self.grid.kind, "bands": self.grid.bands}
        return {**layout, "format": 1, **self.corpus.key()}

    def prepare(self, directory: Path, world: int) -> None:
        """Render or read the recordings, and write features and onsets."""
        from tasks.data.audio.piano_pieces import write_piano

        write_piano(directory, self.corpus.recordings(world), self.grid)

    def splits(self, replicate: int, head: str = "events") -> Splits:
        """Recordings divided by piece of music; the test is that of the corpus."""
        from tasks.data.audio.piano_pieces import read_piano
        from tasks.splits.piano_split import piano_splits

        pieces = read_piano(self.prepared(self.world(replicate)), self.grid)
        draws = standard_draws(self.plugin_name, replicate, len(pieces.event_time), self.noise_kind)
        noisy = pieces.event_time + self.noise * draws
        labelled = noisy if self.supervision == "locations" else pieces.event_time  # keeps counts
        parts = piano_splits(
            pieces, replicate, KEYS[self.range], self.corpus.validation, labelled, self.supervision
        )
        test: Any = parts.test
        remarks = self._remarks(parts.train, replace(test, label_time=noisy))
        return replace(parts, test=replace(test, remarks=remarks))

    def _remarks(self, train: Any, noisy_test: PianoSplit) -> dict[str, Any]:
        """F1 of the training labels, and those of an excerpt of the test with the same noise."""
        from tasks.metrics.event_matching import match_events
        from tasks.metrics.piano_rolls import roll

        clean = replace(train, label_time=train.pieces.event_time)
        labels, truth = train.joined(train.truth), clean.joined(clean.truth)
        quality = self.f1(match_events(truth, labels, self.tolerance))
        excerpt = noisy_test.of(int(noisy_test.unit[0]))
        lowest = KEYS[self.range][0]
        return {
            "label_f1": quality,
            "labels": roll(excerpt.joined(excerpt.truth), lowest),
            "data": self.corpus.remarks(),
        }

    def network(self, head: str, loss: Loss | None = None) -> nn.Module:
        from tasks.networks.piano_networks import PianoThesis, SharedKeys

        if head != "events":
            raise UsageError(f"piano: the network has head 'events', not '{head}'")
        keys, bins = KEYS[self.range], self.grid.bins(1.0)
        if self.architecture == "thesis":
            return PianoThesis(keys[1], bins, self.units)
        return SharedKeys(keys, bins)

    def skip(self, loss: Loss) -> str | None:
        """Losses that need locations cannot train on counts."""
        if self.supervision == "counts" and loss.needs_locations:
            return f"{loss.plugin_name} needs event locations, the labels are counts"
        return None

    def predict(self, network: nn.Module, loss: Loss, split: PianoSplit) -> Inference:  # type: ignore[override]
        """Scores of each extract, averaged over speeds, and merged along its recording."""
        from tasks.bases.recording_playback import infer_recordings

        return infer_recordings(network, loss, split, self.grid.rates if self.ensemble else (1.0,))

    def measures(self, matches: EventMatches) -> dict[str, float]:
        """Means over recordings, of all keys and of each register; timing over all onsets."""
        registers = register_scores(matches, KEYS[self.range][0])
        return {
            **super().measures(matches),
            **{f"f1_{name}": found.f1 for name, found in registers.items()},
        }

    def remarks_of(
        self, split: PianoSplit, truth: Events, detected: Events
    ) -> tuple[dict[str, float], dict[str, Any]]:
        """Of test data, F1 of the training labels, and piano rolls of the first recording."""
        from tasks.metrics.piano_rolls import roll

        if not split.remarks:
            return {"label_f1": float("nan")}, {}
        remarks, lowest = dict(split.remarks), KEYS[self.range][0]
        found = {
            "truth": roll(truth.only(truth.sample == 0), lowest),
            "predicted": roll(detected.only(detected.sample == 0), lowest),
            "labels": remarks.pop("labels"),
        }
        return {"label_f1": remarks["label_f1"]}, {**remarks, "roll": found}
