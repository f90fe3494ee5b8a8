"""Gradient descent on points in a single pixel, without a network: does it end with the truths?

Source: thesis §6.3.3 and §6.3.4, figures 6.2 to 6.4; its public code for step, bandwidth, weight.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from bench.plugin import (
    Evaluation,
    Ge,
    Loss,
    Metric,
    Split,
    Splits,
    TrainSettings,
    constant,
    register_task,
)
from tasks.bases import LabelledSplit, PointMatches, Points, PointsTask, evaluating
from tasks.bases.point_conversions import from_predictions
from tasks.bases.split_output import on_cpu
from tasks.metrics.point_matching import match_points, optimal_pairs

if TYPE_CHECKING:
    from torch import nn

    from bench.plugin import PointPrediction

STARTS = 20
"""Runs from random places, side by side in one tensor."""
TRUTHS, CANDIDATES = 3, 50
LEFT = 0.1
"""Probability from which a candidate is left."""
REACH = 3.0
"""How far apart from the truth two candidates are that stay where they are, at most."""


@register_task("one_pixel", heads={"points"})
class OnePixel(PointsTask):
    """Three truths and fifty candidates in one pixel; positions and probabilities are the weights.

    There is nothing to represent and nothing to generalise to: training, validation and test are
    the same twenty starts. A start is there when exactly as many candidates as truths have a
    probability of .1 or more, each within .05 of a truth of its own.

    Two smaller examples have one truth and two candidates that stay where they are: on the truth,
    each with a probability of its own (figures 3.1 and 6.2), or at one distance to either side of
    it, with one probability for both (figure 6.3). Lengths are in pixels.
    """

    start: Literal["random", "aligned", "apart"] = Field(
        "random",
        description="fifty candidates anywhere; two on the one truth; or two at one distance to "
        "either side of it",
    )
    stride: Annotated[
        int,
        Ge(1),
        Field(description="iterations that a step stands for: gradients are multiplied by it"),
    ] = 10

    source: ClassVar[str] = "thesis §6.3.3-6.3.4, figures 6.2-6.4, and its public code"
    train: ClassVar[TrainSettings] = TrainSettings(
        steps=10_000,
        batch_size=STARTS,
        optimizer="sgd",
        lr=constant(0.2),
        clip_norm=None,
        reduction="sum",
        validations=0,
    )
    finish_every: ClassVar[int] = 10
    tolerances: ClassVar[tuple[float, ...]] = (0.05,)
    unit: ClassVar[str] = "px"
    ranked: ClassVar[tuple[str, ...]] = ("converged",)
    metrics: ClassVar[tuple[Metric, ...]] = (
        Metric("converged", "max", 0.0, 1.0, description="share of starts that are there"),
        Metric(
            "iterations", "min", 0.0, None, digits=0, optional=True,
            description="until a start is there: the median; who never is counts as all there were",
        ),
        Metric(
            "points_left", None, 0.0, None, digits=2,
            description="candidates with a probability of at least .1, the mean over starts",
        ),
        Metric(
            "location_gradient", None, 0.0, None, optional=True,
            description="size of the last gradient by the position of a candidate that stays, the "
            "mean over distances",
        ),
        Metric("rmse_0_05px", "min", 0.0, None, "px", "error of candidates within .05", 4, True),
        Metric("steps", None, 0.0, None, digits=0, optional=True, description="to all being there"),
    )  # fmt: skip

    @property
    def data_name(self) -> str:
        return "random points"

    def skip(self, loss: Loss) -> str | None:
        """Counts move no point."""
        if loss.needs_locations or self.start == "aligned":
            return None
        return f"{loss.plugin_name} learns from counts, which move no point"

    def splits(self, replicate: int, head: str = "points") -> Splits:
        """The starts of a replicate, for all three parts."""
        import torch

        number = replicate * STARTS + np.arange(STARTS)
        truth = self.truths(number)
        inputs = torch.from_numpy(number)[:, None]
        part = LabelledSplit(inputs, self.target(truth, head), truth)
        return Splits(part, part, part)

    def truths(self, number: NDArray[np.int64]) -> Points:
        """True points of starts: three anywhere but at the border, or one in the middle."""
        if self.start == "random":
            places = np.stack([_places(int(n)) for n in number])
        else:
            places = np.full((len(number), 1, 2), 0.5)
        sample = np.repeat(np.arange(len(number)), places.shape[1])
        return Points(sample, np.zeros_like(sample), places.reshape(-1, 2), len(number))

    def network(self, head: str, loss: Loss) -> nn.Module:
        from tasks.networks.free_points import FreePoints, HeldPair

        if self.start == "random":
            return FreePoints(STARTS, CANDIDATES, self.stride)
        return HeldPair(STARTS, 0.5, REACH if self.start == "apart" else 0.0, self.stride)

    def finished(self, network: nn.Module, step: int) -> bool:
        """Whether all starts are there; the network remembers since when each is."""
        import torch

        from tasks.networks.free_points import PointDescent

        assert isinstance(network, PointDescent)
        truth = self.truths(network.number.cpu().numpy())
        with evaluating(network):
            output: PointPrediction = on_cpu(network(network.number[:, None]))
        there = (output.p[..., 0] >= LEFT).sum(1) == len(truth) // truth.samples
        if bool(there.any()):  # otherwise matching is not worth its time
            found = from_predictions([output], LEFT, self.cell, 1)
            there = torch.from_numpy(
                _there(match_points(truth, found, self.tolerances[0], optimal_pairs))
            )
        return network.record(there, step) and self.start == "random"

    def calibrate(
        self, network: nn.Module | None, loss: Loss, validation: Split
    ) -> dict[str, float]:
        """Nothing is chosen: the probability from which a candidate is left."""
        return {"threshold": LEFT}

    def measures(self, matches: dict[float, PointMatches]) -> dict[str, float]:
        """With the share of starts that are there, and how many candidates are left."""
        match = matches[self.tolerances[0]]
        return {
            **super().measures(matches),
            "converged": float(_there(match).mean()),
            "points_left": float((match.tp + match.fp).sum(1).mean()),
        }

    def evaluate(
        self, network: nn.Module | None, loss: Loss, split: Split, decoding: dict[str, float]
    ) -> Evaluation:
        """Metrics of the end, and of the way there as the network remembers it.

        ``details`` hold a picture: ``points`` of the first start, ``probabilities`` of pairs before
        and after, or the ``location_gradient`` over the distance.

        Raises:
            NotFinite: the output is NaN or infinite.
        """
        from tasks.metrics import pixel_pictures as pictures
        from tasks.networks.free_points import PointDescent

        found = super().evaluate(network, loss, split, decoding)
        metrics = {**found.metrics, "iterations": math.nan, "location_gradient": math.nan}
        details = dict(found.details)
        output: PointPrediction = self.infer(network, loss, split).outputs[0]
        if self.start == "random":
            details["points"] = pictures.remaining(output, split.truth, LEFT)  # type: ignore[attr-defined]
        if isinstance(network, PointDescent):
            pull = network.pull.cpu().numpy()
            metrics["iterations"] = network.median_iterations
            metrics["location_gradient"] = float(pull.mean())
            if self.start == "aligned":
                first = network.first.cpu().numpy()
                details["probabilities"] = pictures.probabilities(first, output)
            if self.start == "apart" and np.isfinite(pull).all():
                details["location_gradient"] = pictures.pulls(pull, output)
        return replace(found, metrics=metrics, details=details)


def _there(match: PointMatches) -> NDArray[np.bool_]:
    """``(start,)`` whether each truth has a candidate of its own and no candidate is left over."""
    return np.asarray((match.fp + match.fn).sum(1) == 0)


def _places(number: int) -> NDArray[np.float64]:
    """Truths of a start."""
    key = np.random.SeedSequence([zlib.crc32(b"one_pixel"), max(0, number)])
    draw = np.random.Generator(np.random.Philox(key))
    return draw.uniform(0.05, 0.95, (TRUTHS, 2))
