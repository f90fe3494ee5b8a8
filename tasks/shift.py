"""An impulse whose label is shifted: what each loss learns where the answer is known.

Source: the examples of thesis §5.4.1, §5.4.2, §5.5.1 and §5.5.2, proved in its appendix B.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import Field

from bench.plugin import (
    Evaluation,
    Ge,
    Le,
    Loss,
    Metric,
    Split,
    Splits,
    Symbol,
    TrainSettings,
    Uniform,
    Unit,
    cosine,
    predict,
    register_task,
)
from tasks.bases import Events, EventsTask, LabelledSplit, event_metrics
from tasks.labels.noise import NoiseKind

if TYPE_CHECKING:
    from torch import nn

    from tasks.metrics.optimal_filters import Filter

REACH = 32
"""Bins to either side that the filter covers: the errors' tails and a smoothing beyond them."""
PLACES = 32
"""Bins at which an impulse may lie, in the middle of a sequence."""
SEQUENCES = 16384
"""For training."""
SHOWN = 16
"""Bins to either side that a picture shows."""


def _distance(name: str, what: str) -> Metric:
    text = f"total variation between the learned filter and {what}"
    return Metric(f"distance_to_{name}", "min", 0.0, None, description=text)


@register_task(
    "shift",
    heads={"events"},
    space={"noise": Uniform(0.0, 4.0)},
    label_noise=["noise", "noise_kind"],
)
class Shift(EventsTask):
    """One impulse in a sequence, labelled some bins off, and a filter to learn.

    Input: 1 at one bin, 0 elsewhere. The network is a filter over time whose values are
    probabilities, so there is nothing to represent, and theory says which filter each loss ends
    with: the distribution of the label errors under cross-entropy, that distribution smoothed under
    smoothed labels, an impulse under SoftLoc. Training, validation and test have impulses at places
    of their own; label noise perturbs training labels only. Time is counted in bins.
    """

    noise: Annotated[
        float, Unit("bin"), Symbol("σ", "label noise"), Ge(0), Le(4),
        Field(description="label noise σ"),
    ] = 0.0  # fmt: skip
    noise_kind: NoiseKind = Field("normal", description="distribution of the label noise")
    smoothing: Annotated[
        float,
        Unit("bin"),
        Ge(0),
        Le(4),
        Field(description="width that smoothed errors have"),
    ] = 3.0
    tolerance: Annotated[
        float, Unit("bin"), Ge(0), Field(description="of a correct event; 0 is its own bin")
    ] = 0.0

    source: ClassVar[str] = "thesis §5.4-5.5, eq 5.4, 5.9, 5.13 and appendix B"
    train: ClassVar[TrainSettings] = TrainSettings(
        steps=1500, batch_size=64, lr=cosine(0.05, 1e-3, begin=0.6), validations=0
    )
    step: ClassVar[float] = 1.0
    bins: ClassVar[int] = 2 * REACH + PLACES
    metrics: ClassVar[tuple[Metric, ...]] = (
        _distance("impulse", "an impulse at the true place"),
        _distance("errors", "the distribution of the label errors"),
        _distance("smoothed_errors", "that distribution, smoothed as `smoothing` says"),
        Metric("peak", None, unit="bin", description="where the filter is largest", digits=1),
        *(metric for metric in event_metrics() if metric.name in ("f1", "undecided")),
    )

    @property
    def data_name(self) -> str:
        return "simulated impulses"

    def splits(self, replicate: int, head: str = "events") -> Splits:
        """Training impulses at random, and one at each place of the other parts."""
        import torch

        places = REACH + np.arange(PLACES)
        draw = self._generator(replicate, "train")
        parts = [draw.choice(places[::2], SEQUENCES), places[1::4], places[3::4]]
        made: list[LabelledSplit] = []
        for place in parts:
            n = len(place)
            truth = Events(np.arange(n), np.zeros(n, np.int64), place + 0.5, n)
            labels = truth if made else self.jittered(truth, replicate, self.noise, self.noise_kind)
            signal = torch.from_numpy(truth.on_grid(self.step, self.bins))
            made.append(LabelledSplit(signal, self.target(labels, head), truth))
        return Splits(*made)

    def network(self, head: str, loss: Loss) -> nn.Module:
        from tasks.networks.impulse_filter import ImpulseFilter

        return ImpulseFilter(REACH)

    def skip(self, loss: Loss) -> str | None:
        """What trains nothing learns no filter."""
        return None if loss.trains else f"{loss.plugin_name} learns no filter"

    def theory(self, loss: Loss) -> Filter | None:
        """The filter that minimises a loss in expectation, where the thesis derives it."""
        from tasks.metrics import optimal_filters as optimal

        errors, width = self.errors, getattr(loss, "softness", 0.0)
        if loss.plugin_name == "cross_entropy":
            return errors
        if loss.plugin_name in ("label_smoothing_ce", "label_smoothing_se"):
            return optimal.smoothed(errors, width)
        if loss.plugin_name == "soft_localization":
            return optimal.deconvolved(errors, width, loss.noise_softness)  # type: ignore[attr-defined]
        return optimal.counted_once(errors, width) if loss.plugin_name == "softloc" else None

    @property
    def errors(self) -> Filter:
        """Distribution of the label errors, from -`REACH` to `REACH` bins."""
        from tasks.labels.error_distribution import error_distribution

        return error_distribution(self.noise_kind, self.noise, REACH)

    def evaluate(
        self, network: nn.Module | None, loss: Loss, split: Split, decoding: dict[str, float]
    ) -> Evaluation:
        """Metrics of detection, and how far the learned filter is from the known answers.

        ``details["filter"]`` holds the filter and, where theory knows this loss's answer, that one,
        of as many bins as show something; ``details["distance_to_theory"]`` is between both.

        Raises:
            NotFinite: the output is NaN or infinite.
        """
        from tasks.metrics import optimal_filters as optimal

        found = super().evaluate(network, loss, split, decoding)
        learned, errors, theory = self.learned(network, split), self.errors, self.theory(loss)
        answers = {
            "impulse": optimal.impulse(REACH),
            "errors": errors,
            "smoothed_errors": optimal.smoothed(errors, self.smoothing),
        }
        metrics = {
            f"distance_to_{name}": optimal.total_variation(learned, answer)
            for name, answer in answers.items()
        }
        metrics["peak"] = float(np.argmax(learned) - REACH)
        details = {**found.details, "filter": {"learned": _drawn(learned)}}
        if theory is not None:
            details["filter"]["theory"] = _drawn(theory)
            details["distance_to_theory"] = optimal.total_variation(learned, theory)
        return replace(found, metrics={**metrics, **found.metrics}, details=details)

    def learned(self, network: nn.Module | None, split: Split) -> Filter:
        """Output around the impulse, ``(2 REACH + 1,)``, the mean over a split."""
        assert network is not None  # `skip` leaves out what trains nothing
        p = predict(network, split)[:, 0].double().numpy()
        place = split.truth.time.astype(np.int64)  # type: ignore[attr-defined]
        around = place[:, None] + np.arange(-REACH, REACH + 1)
        return np.asarray(np.take_along_axis(p, around, 1).mean(0))


def _drawn(values: Filter) -> dict[str, list[float]]:
    """The middle of a filter as a series."""
    bins = range(-SHOWN, SHOWN + 1)
    return {"x": [float(b) for b in bins], "y": [round(float(values[b + REACH]), 5) for b in bins]}
