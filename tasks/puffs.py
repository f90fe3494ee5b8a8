"""Smoking puffs in respiration cycles: consecutive events, no tolerance, a new person.

Source: thesis §5.6.2 and §5.6.3, table 5.2, after Adams & Marlin (2017). Default data are simulated
smokers; with ``root`` the task reads puffMarker (Saleheen et al. 2015).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from bench.plugin import (
    Evaluation,
    Ge,
    Loss,
    Lt,
    Metric,
    Place,
    Splits,
    Symbol,
    TrainSettings,
    Uniform,
    Unit,
    cosine,
    register_task,
)
from tasks.bases import ReadingsTask, event_metrics, reading_metrics
from tasks.labels.noise import NoiseKind, standard_draws
from tasks.metrics.detection_scores import detection_scores

if TYPE_CHECKING:
    from torch import nn

    from tasks.data.sensors.sessions import Session
    from tasks.splits.puff_split import WholeSessions

PEOPLE = 6
STRANGERS = 5
"""More people who are only ever tested, where people can be drawn."""


@register_task(
    "puffs",
    heads={"events"},
    space={"noise": Uniform(0.0, 4.0)},
    label_noise=["noise", "noise_kind"],
)
class Puffs(ReadingsTask):
    """Puffs of a smoker who was never seen before, F1 without tolerance.

    Input: 37 features of each respiration cycle. Head: `events`, one channel, a bin is a cycle, so
    puffs are often consecutive. Label noise moves training labels by σε cycles, rounded and clipped
    to their session. Validation data choose a threshold, and whether every cycle above it is a puff
    or peaks within 3 cycles alone; `f1_threshold` and `f1_peaks` are the scores of either reading.

    Of six people replicate r leaves out person r mod 6 and trains on four fifths of the sessions of
    the others; a fifth validates. Simulated people are drawn anew for each replicate, and five more
    strangers are tested beside the one left out: `f1_fold_sd` is the spread of F1 over these six.
    """

    size: Literal["tiny", "full"] = Field("full", description="amount of simulated data")
    architecture: Literal["lstm", "linear"] = Field(
        "lstm", description="network: the published LSTM, or the linear model of LR-M"
    )
    dropout: Annotated[
        float, Ge(0), Lt(1), Field(description="in front of the LSTM; published 0.5")
    ] = 0.2
    noise: Annotated[
        float, Unit("cycles"), Symbol("σ", "label noise"), Ge(0), Field(description="σ, or δ")
    ] = 0.0
    noise_kind: NoiseKind = Field("normal", description="distribution of the label noise")
    tolerance: Annotated[
        float, Unit("cycles"), Ge(0), Field(description="of a correct puff; 0 wants its very cycle")
    ] = 0.0
    root: Annotated[str | None, Place()] = Field(
        None, description="folder of the original puffMarker features"
    )
    allow_partial: Annotated[bool, Place()] = Field(
        False, description="accept some of the people of the original data"
    )

    source: ClassVar[str] = "thesis §5.6.2, table 5.2"
    folds: ClassVar[int] = PEOPLE
    train: ClassVar[TrainSettings] = TrainSettings(
        steps=700, batch_size=64, lr=cosine(1e-2, 1e-4, begin=0.5), clip_norm=5.0
    )
    metrics: ClassVar[tuple[Metric, ...]] = (
        *event_metrics(),
        *reading_metrics(),
        Metric(
            "f1_fold_sd",
            "min",
            0.0,
            1.0,
            description="standard deviation of F1 over the people tested",
            optional=True,
        ),
    )

    @property
    def data_name(self) -> str:
        if self.root is None:
            return "simulated smokers"
        from tasks.data.original.puffmarker import name

        return name(Path(self.root))

    @property
    def resampled(self) -> float:
        return 0.0 if self.root is None else 1 / PEOPLE

    def data_key(self) -> dict[str, Any]:
        """What determines the sessions: the generator, or the files read."""
        if self.root is None:
            return {"generator": 1, "size": self.size}
        from tasks.data.original.puffmarker import fingerprint

        return {"puffmarker": fingerprint(Path(self.root))}

    def check_data(self) -> None:
        """Check the original files, if any.

        Raises:
            UsageError: files are missing or not as published.
        """
        if self.root is not None:
            from tasks.data.original.puffmarker import check

            check(Path(self.root), partial=self.allow_partial)

    def recordings(self, replicate: int) -> tuple[list[Session], tuple[str, ...]]:
        """All sessions of a replicate, people numbered from 0, and notes on how they were read."""
        if self.root is not None:
            from tasks.data.original.puffmarker import read_all

            found = read_all(Path(self.root), partial=self.allow_partial)
            return found.sessions, found.notes
        from tasks.data.sensors.smokers import SIZES, smoker_sessions

        sessions: list[Session] = []
        for person in range(PEOPLE + STRANGERS):
            draw = self._generator(replicate, f"person {person}")
            sessions += smoker_sessions(draw, person, SIZES[self.size])
        return sessions, ()

    def splits(self, replicate: int, head: str = "events") -> Splits:
        """Pieces of known people to train, whole sessions of them and of others to evaluate."""
        from tasks.data.sensors.sessions import Scale
        from tasks.splits.puff_split import PuffPieces, WholeSessions, leave_out, noisy_labels

        sessions, notes = self.recordings(replicate)
        people = sorted({session.person for session in sessions})
        known = people[: min(self.folds, len(people))]  # fewer in a partial original
        out = {known[replicate % len(known)], *people[self.folds :]}
        train, validation, test = leave_out(sessions, out, self._generator(replicate, "split"))
        puffs = sum(int(session.puff.sum()) for session in train)
        draws = standard_draws(self.plugin_name, replicate, puffs, self.noise_kind)
        scale = Scale.of(train)
        return Splits(
            PuffPieces.of(train, scale, noisy_labels(train, self.noise * draws)),
            WholeSessions.of(validation, scale),
            WholeSessions.of(test, scale, notes),
        )

    def network(self, head: str, loss: Loss | None = None) -> nn.Module:
        from tasks.data.sensors.sessions import FEATURES
        from tasks.networks.puff_networks import LinearPuffs, PuffLSTM

        if self.architecture == "linear":
            return LinearPuffs(FEATURES)
        return PuffLSTM(FEATURES, dropout=self.dropout)

    def evaluate(
        self,
        network: nn.Module | None,
        loss: Loss,
        split: WholeSessions,  # type: ignore[override]
        decoding: dict[str, float],
    ) -> Evaluation:
        """As the base does, and the spread over people; undefined of one person alone."""
        found = super().evaluate(network, loss, split, decoding)
        f1 = detection_scores(*(found.samples[name] for name in ("tp", "fp", "fn"))).f1
        found.metrics["f1_fold_sd"] = float(f1.std(ddof=1)) if len(f1) > 1 else float("nan")
        found.details.update(people=np.unique(split.unit).tolist(), notes=list(split.notes))
        return found
