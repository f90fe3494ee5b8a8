"""An attack on a classifier, beside a method that trains nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import nn

from bench.plugin import (
    AttackPrediction,
    AttackTarget,
    Evaluation,
    Loss,
    Metric,
    Splits,
    Task,
    TensorSplit,
    TrainDefaults,
    register_loss,
    register_task,
)
from tasks.bases import finite

SIDE, CLASSES = 5, 3


@dataclass(frozen=True)
class Linear:
    """Classes of images, by a weight for each pixel."""

    weight: torch.Tensor

    def __call__(self, images):
        return images.flatten(1) @ self.weight.T


class Perturbation(nn.Module):
    """Which pixel to alter and by how much, from the image."""

    def __init__(self):
        super().__init__()
        self.mask = nn.Linear(SIDE * SIDE, SIDE * SIDE)
        self.size = nn.Linear(SIDE * SIDE, SIDE * SIDE)
        nn.init.constant_(self.mask.bias, -3.0)

    def forward(self, images):
        flat = images.flatten(1)
        p = torch.sigmoid(self.mask(flat)).view(-1, SIDE, SIDE)
        return AttackPrediction(p, 4 * torch.tanh(self.size(flat)).view(-1, 1, SIDE, SIDE))


@register_loss("largest_weight", heads={"attack"}, space={})
class LargestWeight(Loss):
    """Alters the pixel on which the classifier depends most; nothing is trained."""

    source: ClassVar[str] = "baseline"
    trains = False


@register_task("pixels", heads={"attack"})
class Pixels(Task):
    """A linear classifier of small images: how often altering pixels changes what it sees."""

    source: ClassVar[str] = "thesis §7.2, small"
    train = TrainDefaults(steps=80, batch_size=16, lr=0.02, validations=0)
    metrics = (
        Metric("success", "max", 0.0, 1.0, description="share of images seen as another class"),
        Metric("pixels", "min", 0.0, None, "px", "altered, mean over images", 2),
    )

    @property
    def data_name(self):
        return "random images"

    def splits(self, replicate, head):
        draw = np.random.default_rng([replicate, 11])
        weight = torch.as_tensor(draw.standard_normal((CLASSES, SIDE * SIDE))).float()

        classifier = Linear(weight)

        def split(n):
            images = torch.as_tensor(draw.standard_normal((n, 1, SIDE, SIDE))).float()
            label = classifier(images).argmax(-1)
            return TensorSplit(images, AttackTarget(images, label, classifier))

        return Splits(split(64), split(32), split(32))

    def network(self, head, loss):
        return Perturbation()

    def baseline(self, name, split):
        target = split.batch(np.arange(len(split)))[1]
        images = target.image.clone().requires_grad_()
        with torch.enable_grad():
            own = target.classifier(images).gather(1, target.label[:, None]).sum()
        [slope] = torch.autograd.grad(own, images)
        place = slope.abs().flatten(1).argmax(-1)
        p = nn.functional.one_hot(place, SIDE * SIDE).view(-1, SIDE, SIDE).float()
        return AttackPrediction(p, -4 * slope.sign())

    def evaluate(self, network, loss, split, decoding):
        inputs, target = split.batch(np.arange(len(split)))
        with torch.no_grad():
            found = self.baseline(loss.plugin_name, split) if network is None else network(inputs)
            altered = (finite(found).p > 0.5).float()
            seen = target.classifier(target.image + altered[:, None] * found.magnitude).argmax(-1)
        flipped = seen != target.label
        return Evaluation(
            {"success": flipped.float().mean(), "pixels": altered.sum((1, 2)).mean()},
            samples={"flipped": flipped.float().tolist()},
        )
