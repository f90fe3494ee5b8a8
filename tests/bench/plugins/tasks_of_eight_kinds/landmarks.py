"""One point per map, with a metric of which less is better."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from torch import nn

from bench.plugin import TrainDefaults, register_task
from tasks.bases import KeypointTask, keypoint_metrics

SIDE = 12


@register_task("landmarks", heads={"heatmap"})
class Landmarks(KeypointTask):
    """A bright and a dark blob in an image: the mean distance of both from where they are."""

    source: ClassVar[str] = "simulated"
    train = TrainDefaults(steps=60, batch_size=16, lr=0.02, validations=0)
    limits = (1.0, 2.0)
    metrics = keypoint_metrics((1.0, 2.0), "cell")
    ranked = ("error",)

    @property
    def data_name(self):
        return "simulated blobs"

    def sizes(self):
        return 96, 32, 32

    def simulate(self, draw, n):
        place = draw.uniform(2, SIDE - 2, (n, 2, 2))
        grid = np.arange(SIDE) + 0.5
        blobs = np.exp(-((grid - place[..., None]) ** 2) / 2)
        images = np.einsum("nkx,nky,k->nxy", blobs[:, :, 0], blobs[:, :, 1], [1.0, -1.0])
        return (images + 0.1 * draw.standard_normal(images.shape))[:, None], place

    def network(self, head, loss):
        return nn.Sequential(
            nn.Conv2d(1, 12, 5, padding=2), nn.ReLU(), nn.Conv2d(12, 2, 5, padding=2)
        )
