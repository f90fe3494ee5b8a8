"""Base of tasks with the `events` head: onsets, swings, spikes, puffs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from bench.plugin import Evaluation, EventTarget, Ge, Loss, Metric, Split, Unit
from tasks.bases.localization_task import LocalizationTask
from tasks.bases.split_output import Inference
from tasks.labels.noise import NoiseKind, standard_draws
from tasks.metrics.detection_scores import mean_f1, scores_of_channels
from tasks.metrics.event_lists import Events, Times
from tasks.metrics.event_matching import EventMatches, match_events
from tasks.metrics.sparsity import UNDECIDED
from tasks.metrics.thresholds import THRESHOLDS, best_threshold

if TYPE_CHECKING:
    from torch import nn


def event_metrics(*channels: str) -> tuple[Metric, ...]:
    """F1, that of each channel if there are several, precision and recall."""
    over = f", mean of {', '.join(channels)}" if len(channels) > 1 else ""
    single = channels if len(channels) > 1 else ()
    texts = {
        "f1": f"events found within the tolerance{over}",
        **{f"f1_{channel}": f"F1 of {channel}" for channel in single},
        "precision": f"share of detections that are right{over}",
        "recall": f"share of events that are found{over}",
    }
    found = [Metric(name, "max", 0.0, 1.0, description=text) for name, text in texts.items()]
    return (*found, UNDECIDED)


def timing_metrics(unit: str = "s", digits: int = 4) -> tuple[Metric, ...]:
    """Signed and absolute timing error over matched events, undefined where nothing matched."""
    signed = "mean of detected minus true time over matched events: positive when late"
    absolute = "mean distance in time over matched events"
    return (
        Metric("timing_error", None, None, None, unit, signed, digits, optional=True),
        Metric("timing_distance", "min", 0.0, None, unit, absolute, digits, optional=True),
    )


def timing_spread(unit: str = "s", digits: int = 4) -> Metric:
    """Standard deviation of the signed timing error over matched events."""
    text = "standard deviation of detected minus true time over matched events"
    return Metric("timing_sd", "min", 0.0, None, unit, text, digits, optional=True)


class EventsTask(LocalizationTask):
    """Events in time: which bins of a grid are detections, and which of these are right.

    One threshold for all channels is chosen on validation data by mean F1, and applied to the
    loss's decoded scores as they are. A detection is right when it is matched with an event at most
    ``tolerance`` away, sample by sample and channel by channel (`tasks.metrics.event_matching`).

    `simulate` returns inputs and `Events`. Metrics: those of `event_metrics`, of `timing_metrics`,
    of `timing_spread`, and what `measures` adds; a task reports the ones that it declares.

    Class attributes:
        channels: names of the classes of events.
        step, bins: width of a bin and number of bins, of tasks that `simulate`.
    """

    tolerance: Annotated[float, Unit("s"), Ge(0)] = 0.05
    """Of a correct event."""

    channels: ClassVar[tuple[str, ...]] = ("event",)
    step: ClassVar[float]
    bins: ClassVar[int]
    metrics: ClassVar[tuple[Metric, ...]] = (*event_metrics(), *timing_metrics())

    def target(self, truth: Events, head: str) -> Any:
        """Labelled events per bin; bin i covers times from i to i + 1 steps."""
        import torch

        return EventTarget(torch.from_numpy(truth.on_grid(self.step, self.bins)), self.step)

    def jittered(
        self, truth: Events, replicate: int, noise: float, kind: NoiseKind = "normal"
    ) -> Events:
        """Events moved by label noise of level ``noise``; those that leave their sample are lost.

        The draws are common to all losses and levels (`tasks.labels.noise`).
        """
        draws = standard_draws(self.plugin_name, replicate, len(truth), kind)
        time = truth.time + noise * draws
        return replace(truth, time=time).only((time >= 0) & (time < self.step * self.bins))

    def times(self, step: float, bins: int) -> Times:
        """``(bins,)`` the time that a detection in each bin stands for: the centre of the bin."""
        return np.asarray((np.arange(bins) + 0.5) * step)

    def truth(self, split: Split, found: Inference) -> Events:
        """True events of a split: ``split.truth`` if it has them, else its labels' bins."""
        exact = getattr(split, "truth", None)
        if isinstance(exact, Events):
            return exact
        labels = np.concatenate([target.located.numpy() for target in found.targets])
        return Events.counted(labels, self.times(found.targets[0].step, labels.shape[-1]))

    def calibrate(
        self, network: nn.Module | None, loss: Loss, validation: Split
    ) -> dict[str, float]:
        """The threshold with the best mean F1 on validation data.

        Raises:
            NotFinite: the output is NaN or infinite.
        """
        found = self.infer(network, loss, validation)
        return {"threshold": self.best_threshold(*self._read(validation, found))[0]}

    def best_threshold(
        self, truth: Events, scores: NDArray[np.floating[Any]], times: Times
    ) -> tuple[float, float]:
        """The threshold with the best mean F1 on ``scores (sample, channel, bin)``, and that F1."""
        values = [
            mean_f1(match_events(truth, Events.above(scores, threshold, times), self.tolerance))
            for threshold in THRESHOLDS
        ]
        return best_threshold(values), max(values)

    def evaluate(
        self, network: nn.Module | None, loss: Loss, split: Split, decoding: dict[str, float]
    ) -> Evaluation:
        """Metrics, and correct, false and missed events, and sums of timing errors.

        These are per sample, or per unit where the split says what its samples were cut from
        (``unit``, ``(sample,)``: a recording, a video, a person), since samples of one unit are not
        independent.

        Raises:
            NotFinite: the output is NaN or infinite.
        """
        found = self.infer(network, loss, split)
        truth, scores, times = self._read(split, found)
        return self.evaluation(
            split, found, truth, Events.above(scores, decoding["threshold"], times)
        )

    def evaluation(
        self, split: Split, found: Inference, truth: Events, detected: Events
    ) -> Evaluation:
        """What `evaluate` returns where these are the detections."""
        matches = match_events(truth, detected, self.tolerance)
        return Evaluation(
            self.declared({**self.measures(matches), UNDECIDED.name: found.mass.undecided}),
            {
                "samples": len(split),
                "events": len(truth),
                "detections": len(detected),
                **self.remarks(matches, split),
            },
            {"per_sample": found.seconds},
            _per_unit(self._counts(matches), getattr(split, "unit", None)),
        )

    def measures(self, matches: EventMatches) -> dict[str, float]:
        """Values of metrics by name, declared or not; a task overrides it to add its own."""
        scores, error = scores_of_channels(matches), matches.error
        nothing = float("nan")
        return {
            "f1": float(scores.f1.mean()),
            **{f"f1_{c}": float(f1) for c, f1 in zip(self.channels, scores.f1, strict=True)},
            "precision": float(scores.precision.mean()),
            "recall": float(scores.recall.mean()),
            "timing_error": float(error.mean()) if len(error) else nothing,
            "timing_distance": float(np.abs(error).mean()) if len(error) else nothing,
            "timing_sd": float(error.std()) if len(error) else nothing,
        }

    def remarks(self, matches: EventMatches, split: Split) -> dict[str, Any]:
        """What a reader of the trial may want beside metrics, JSON-able; a task overrides it."""
        return {}

    def _read(
        self, split: Split, found: Inference
    ) -> tuple[Events, NDArray[np.floating[Any]], Times]:
        """True events, scores ``(sample, channel, bin)`` with none on padding, times of bins."""
        scores = found.unpadded(-np.inf)
        times = self.times(found.targets[0].step, scores.shape[-1])
        return self.truth(split, found), scores, times

    def _counts(self, matches: EventMatches) -> dict[str, NDArray[Any]]:
        names = [f"_{name}" for name in self.channels] if len(self.channels) > 1 else [""]
        counts = {"tp": matches.tp, "fp": matches.fp, "fn": matches.fn}
        return {
            **{
                f"{key}{name}": count[:, channel]
                for channel, name in enumerate(names)
                for key, count in counts.items()
            },
            "timing_error": matches.errors_per_sample(),
            "timing_distance": matches.errors_per_sample(np.abs),
        }


def _per_unit(
    counts: dict[str, NDArray[Any]], unit: NDArray[np.int64] | None
) -> dict[str, list[float]]:
    if unit is None:
        return {name: count.tolist() for name, count in counts.items()}
    number = np.unique(unit, return_inverse=True)[1]
    return {
        name: np.bincount(number, weights=count).astype(count.dtype).tolist()
        for name, count in counts.items()
    }
