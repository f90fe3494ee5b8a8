"""Points in two dimensions: F1 at two tolerances, distance and time."""

from __future__ import annotations

from typing import Annotated, ClassVar

import numpy as np
import torch
from torch import nn

from bench.plugin import Ge, PointPrediction, Symbol, TrainDefaults, Uniform, Unit, register_task
from tasks.bases import Points, PointsTask, point_metrics

SIDE = 10


class Offsets(nn.Module):
    """One candidate in every cell: where in it, and how likely."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 12, 3, padding=1), nn.ReLU(), nn.Conv2d(12, 3, 3, padding=1)
        )
        nn.init.constant_(self.layers[-1].bias[2], -3.0)
        axes = torch.arange(SIDE), torch.arange(SIDE)
        self.register_buffer("cell", torch.cartesian_prod(*axes).float())

    def forward(self, images):
        out = torch.sigmoid(self.layers(images)).flatten(2).transpose(1, 2)
        return PointPrediction(self.cell + out[..., :2], out[..., 2:], cell=self.cell)


@register_task("spots", heads={"points"}, space={"noise": Uniform(0.0, 1.0)}, label_noise=["noise"])
class Spots(PointsTask):
    """Bright spots in small images, F1 within half a pixel and within one."""

    source: ClassVar[str] = "simulated"
    train = TrainDefaults(steps=60, batch_size=16, lr=0.02, validations=1)
    tolerances = (0.5, 1.0)
    unit = "px"
    metrics = point_metrics((0.5, 1.0), "px")
    ranked = ("f1_1px", "f1_0_5px")

    noise: Annotated[float, Unit("px"), Symbol("σ", "label noise"), Ge(0)] = 0.0
    """Standard deviation of the label noise along each axis."""

    @property
    def data_name(self):
        return "simulated spots"

    def sizes(self):
        return 96, 32, 32

    def simulate(self, draw, n):
        counts = draw.integers(1, 4, n)
        sample = np.repeat(np.arange(n), counts)
        place = draw.uniform(1, SIDE - 1, (len(sample), 2))
        grid = np.arange(SIDE) + 0.5
        along = [np.exp(-((grid - place[:, [axis]]) ** 2) / 1.5) for axis in (0, 1)]
        images = 0.1 * draw.standard_normal((n, SIDE, SIDE))
        np.add.at(images, sample, along[0][:, :, None] * along[1][:, None, :])
        return images[:, None], Points(sample, np.zeros_like(sample), place, n)

    def training_labels(self, truth, replicate):
        return self.jittered(truth, replicate, self.noise, extent=(SIDE, SIDE))

    def network(self, head, loss):
        return Offsets()
