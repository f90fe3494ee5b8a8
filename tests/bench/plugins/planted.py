"""Small sound tasks, one for each head, which tests plant defects in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor, nn

from bench.plugin import (
    Evaluation,
    EventTarget,
    Ge,
    Gt,
    HeatmapTarget,
    InstanceTarget,
    Loss,
    Metric,
    NotFinite,
    PointPrediction,
    PointTarget,
    Split,
    Splits,
    Task,
    TensorSplit,
    Uniform,
    predict,
    register_loss,  # noqa: F401 - for the tests
)

BINS, STEP, WIDTH = 64, 0.01, 2
THRESHOLDS = (0.1, 0.2, 0.3, 0.5, 0.7, 0.9)
GRID = 12


class Sound(Task):
    """A click in noise in each sample, F1 within two bins, and how far off the maximum is."""

    plugin_name = "planted"
    heads = frozenset({"events"})
    source = "made up"
    space = {"noise": Uniform(0.0, 12.0)}
    label_noise = ("noise", "kind")
    metrics: ClassVar[tuple[Metric, ...]] = (
        Metric("f1", "max", 0.0, 1.0),
        Metric("error", "min", 0.0, unit="bins"),
        Metric("spread", None, 0.0, optional=True),
    )
    ranked = ("f1", "error")

    size: Literal["full", "tiny"] = "full"
    noise: Annotated[float, Ge(0)] = 0.0
    kind: Literal["normal", "binary"] = "normal"
    loudness: Annotated[float, Gt(0)] = 3.0
    tolerance: Annotated[int, Ge(0)] = 2

    @property
    def data_name(self) -> str:
        return "clicks"

    def data_key(self) -> dict[str, Any]:
        return {"size": self.size, "loudness": self.loudness}

    def prepare(self, directory: Path, world: int) -> None:
        count = 120 if self.size == "full" else 80
        draw = np.random.default_rng(7)
        place = draw.integers(0, BINS, count)
        inputs = draw.standard_normal((count, BINS)) * 0.5
        inputs[np.arange(count), place] += self.loudness
        np.save(directory / "inputs.npy", inputs)
        np.save(directory / "place.npy", place)

    def splits(self, replicate: int, head: str) -> Splits:
        inputs = np.load(self.prepared() / "inputs.npy")
        place = np.load(self.prepared() / "place.npy")
        parts = np.split(np.random.default_rng(replicate).permutation(len(place)), (40, 60))
        moved = self.noisy(place, replicate)
        return Splits(*(self.part(inputs, p, rows) for p, rows in
                        zip((moved, place, place), parts, strict=True)))  # fmt: skip

    def noisy(self, place: np.ndarray, replicate: int) -> np.ndarray:
        draws = np.random.default_rng([3, replicate]).standard_normal(len(place))
        if self.kind == "binary":
            draws = np.sign(draws)
        return np.abs(np.rint(place + self.noise * draws)).astype(int) % BINS

    def part(self, inputs: np.ndarray, place: np.ndarray, rows: np.ndarray) -> Split:
        events = torch.zeros(len(rows), 1, BINS)
        events[torch.arange(len(rows)), 0, torch.from_numpy(place[rows])] = 1.0
        return TensorSplit(torch.from_numpy(inputs[rows]).float(), EventTarget(events, STEP))

    def network(self, head: str, loss: Loss) -> nn.Module:
        return Clicks()

    def calibrate(self, network: nn.Module, loss: Loss, validation: Any) -> dict[str, float]:
        scores = loss.decode(predict(network, validation))
        f1 = [self.f1(scores, validation, threshold) for threshold in THRESHOLDS]
        return {"threshold": THRESHOLDS[int(np.argmax(f1))]}

    def evaluate(
        self, network: nn.Module, loss: Loss, split: Any, decoding: dict[str, float]
    ) -> Evaluation:
        p = predict(network, split)
        if not torch.isfinite(p).all():
            raise NotFinite
        scores = loss.decode(p)
        off = (scores.argmax(-1) - split.target.events.argmax(-1)).abs().double()[:, 0]
        metrics = {
            "f1": self.f1(scores, split, decoding["threshold"]),
            "error": float(off.mean()),
            "spread": float("nan"),
        }
        return Evaluation(metrics, {"samples": len(split)}, {"all": 0.1}, {"off": off.tolist()})

    def f1(self, scores: Tensor, split: Any, threshold: float) -> float:
        found, true = (scores >= threshold).float(), split.target.events
        near = [
            nn.functional.max_pool1d(x, 2 * self.tolerance + 1, 1, self.tolerance)
            for x in (found, true)
        ]
        hits, right = float((true * near[0]).sum()), float((found * near[1]).sum())
        recall, precision = hits / float(true.sum()), right / max(float(found.sum()), 1.0)
        return 2 * recall * precision / max(recall + precision, 1e-9)


class Clicks(nn.Module):
    """Probabilities ``(batch, 1, bins)``."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv1d(1, 8, 5, padding=2), nn.ReLU(), nn.Conv1d(8, 1, 5, padding=2)
        )

    def forward(self, inputs: Tensor) -> Tensor:
        return torch.sigmoid(self.layers(inputs[:, None]) - 2)


class Dots(Task):
    """What tasks on images of one or two bright dots share."""

    source = "made up"

    plugin_name = "dots"
    metrics: ClassVar[tuple[Metric, ...]] = (Metric("error", "min", 0.0),)
    label_noise = ("noise",)

    noise: Annotated[float, Ge(0)] = 0.0

    @property
    def data_name(self) -> str:
        return "dots"

    def splits(self, replicate: int, head: str) -> Splits:
        draw = np.random.default_rng([replicate, 1])
        clean = [self.part(draw, 24, 0.0, head) for _ in range(2)]
        return Splits(self.part(draw, 48, self.noise, head), *clean)

    def part(self, draw: np.random.Generator, count: int, noise: float, head: str) -> Split:
        places = draw.uniform(1.5, GRID - 1.5, (count, 2, 2))
        present = np.stack([np.ones(count), draw.random(count) < 0.5], -1) > 0
        cells = np.stack(np.meshgrid(*[np.arange(GRID) + 0.5] * 2, indexing="ij"), -1)
        distance = np.square(cells[None, None] - places[:, :, None, None]).sum(-1)
        image = (np.exp(-distance) * present[:, :, None, None]).sum(1)
        image += 0.05 * draw.standard_normal(image.shape)
        places = places + noise * draw.standard_normal(places.shape)
        inputs = torch.from_numpy(image).float()
        return TensorSplit(inputs, self.target(torch.from_numpy(places).float(), present))

    def target(self, places: Tensor, present: np.ndarray) -> Any:
        raise NotImplementedError


class Points(Dots):
    """Where the dots are: distance from the surest candidate to the nearest dot, in cells."""

    plugin_name = "planted_points"
    heads = frozenset({"points"})

    def target(self, places: Tensor, present: np.ndarray) -> PointTarget:
        return PointTarget(places, torch.from_numpy(present))

    def network(self, head: str, loss: Loss) -> nn.Module:
        return Candidates()

    def evaluate(
        self, network: nn.Module, loss: Loss, split: Any, decoding: dict[str, float]
    ) -> Evaluation:
        inputs, target = split.batch(np.arange(len(split)))
        with torch.no_grad():
            found = network(inputs)
        if not torch.isfinite(found.position).all():
            raise NotFinite
        surest = found.p[..., 0].argmax(1)
        place = found.position[torch.arange(len(inputs)), surest]
        distance = (place[:, None] - target.position).norm(dim=-1)
        nearest = distance.masked_fill(~target.mask, torch.inf).amin(1)
        return Evaluation({"error": float(nearest.mean())})


class Candidates(nn.Module):
    """One candidate per 3 × 3 block of the image."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv2d(1, 3, 3, stride=3)
        side = torch.arange(0, GRID, 3.0)
        self.register_buffer("cell", torch.cartesian_prod(side, side))

    def forward(self, inputs: Tensor) -> PointPrediction:
        out = torch.sigmoid(self.layer(inputs[:, None]).flatten(2).transpose(1, 2))
        return PointPrediction(self.cell + 3 * out[..., :2], out[..., 2:], self.cell, 3.0)


class Maps(Dots):
    """Where the first dot is, from a map; the second one is never there."""

    plugin_name = "planted_maps"
    heads = frozenset({"heatmap"})

    def part(self, draw: np.random.Generator, count: int, noise: float, head: str) -> Split:
        places = draw.uniform(1, GRID - 2, (count, 1, 2))
        cells = np.stack(np.meshgrid(*[np.arange(GRID)] * 2, indexing="ij"), -1)
        image = np.exp(-np.square(cells - places[:, :, None]).sum(-1))
        image += 0.05 * draw.standard_normal(image.shape)
        places = places + noise * draw.standard_normal(places.shape)
        return TensorSplit(
            torch.from_numpy(image).float(), HeatmapTarget(torch.from_numpy(places).float())
        )

    def network(self, head: str, loss: Loss) -> nn.Module:
        return nn.Sequential(nn.Unflatten(1, (1, GRID)), nn.Conv2d(1, 1, 3, padding=1))

    def evaluate(
        self, network: nn.Module, loss: Loss, split: Any, decoding: dict[str, float]
    ) -> Evaluation:
        maps = predict(network, split)
        if not torch.isfinite(maps).all():
            raise NotFinite
        found = loss.decode(maps).position
        return Evaluation({"error": float((found - split.target.position).norm(dim=-1).mean())})


class Counts(Dots):
    """Which half of the image the dots are in, as two instances; labels flip with noise."""

    plugin_name = "planted_counts"
    heads = frozenset({"instances"})
    label_noise = ()
    metrics: ClassVar[tuple[Metric, ...]] = (Metric("accuracy", "max", 0.0, 1.0),)

    def part(self, draw: np.random.Generator, count: int, noise: float, head: str) -> Split:
        labels = draw.random((count, 6)) < 0.4
        inputs = 2.0 * labels + draw.standard_normal(labels.shape)
        whole = torch.from_numpy(labels).float()
        return TensorSplit(
            torch.from_numpy(inputs).float(), InstanceTarget(whole.sum(1).long(), whole)
        )

    def network(self, head: str, loss: Loss) -> nn.Module:
        return nn.Sequential(nn.Linear(6, 6), nn.Sigmoid())

    def evaluate(
        self, network: nn.Module, loss: Loss, split: Any, decoding: dict[str, float]
    ) -> Evaluation:
        p = predict(network, split)
        if not torch.isfinite(p).all():
            raise NotFinite
        right = ((p > 0.5) == (split.target.labels > 0.5)).float().mean()
        return Evaluation({"accuracy": float(right)})
