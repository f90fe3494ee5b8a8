"""Every registered loss with predictions and targets for each of its heads, on any device."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterator

import torch
from torch import Tensor

from bench.conformance.case import Case, Layout
from bench.conformance.layouts import layouts
from bench.plugin import Loss
from bench.plugin.registry import losses


def every_loss() -> Iterator[tuple[Loss, str, list[Layout]]]:
    """Each loss with its defaults, each of its heads, and the layouts of that head's data."""
    for name in losses.names():
        cls = losses.get(name)
        if cls.trains:
            for head in sorted(cls.heads):
                yield cls(), head, layouts(cls, head)


def moved(case: Case, device: str, dtype: torch.dtype | None = None) -> Case:
    """The same predictions, in a type, and targets on a device; a classifier among them, too."""
    found = case.on_all(lambda tensor: tensor.to(device))
    network = getattr(found.target, "classifier", None)
    if network is not None and not hasattr(network, "to"):
        network = copy.copy(network)
        for name, value in vars(network).items():
            if isinstance(value, Tensor):
                setattr(network, name, value.to(device))
        found = dataclasses.replace(
            found, target=dataclasses.replace(found.target, classifier=network)
        )
    return found if dtype is None else found.in_type(dtype)
