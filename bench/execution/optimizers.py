"""The optimiser that training settings name."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn

from bench.plugin import TrainSettings


def make_optimizer(
    settings: TrainSettings, weights: Iterable[nn.Parameter], device: torch.device
) -> torch.optim.Optimizer:
    """An optimiser at the learning rate of the first step."""
    lr = settings.lr(0.0)
    fused = device.type in ("cpu", "cuda")
    if settings.optimizer == "adam":
        return torch.optim.Adam(weights, lr=lr, weight_decay=settings.weight_decay, fused=fused)
    if settings.optimizer == "adamw":
        return torch.optim.AdamW(weights, lr=lr, weight_decay=settings.weight_decay, fused=fused)
    return torch.optim.SGD(
        weights,
        lr=lr,
        momentum=settings.momentum,
        weight_decay=settings.weight_decay,
        fused=fused,
    )


def set_learning_rate(optimizer: torch.optim.Optimizer, lr: float) -> None:
    """The rate of the next step, for all weights."""
    for group in optimizer.param_groups:
        group["lr"] = lr
