"""How a network is trained: a task's defaults, which a sweep overrides."""

from __future__ import annotations

from typing import Annotated, Literal

from annotated_types import Ge, Gt, Lt
from pydantic import AfterValidator

from bench.plugin.options import Options, Place
from bench.plugin.schedule import Schedule, Scheduled, constant


def _moves(lr: Schedule) -> Schedule:
    if lr <= 0:
        raise ValueError("should be greater than 0 at some time")
    return lr


class TrainSettings(Options):
    """How a network is trained. The same for every loss that is compared.

    Defaults are those of the `laptop` scale; a task gives its own as ``train``, and the ``train``
    section of a sweep replaces single ones.
    """

    plugin_name = "train"

    steps: Annotated[int, Ge(0)] = 1500
    """Steps of the optimiser; 0 evaluates the network as it was made."""
    batch_size: Annotated[int, Gt(0)] = 32
    """Samples in a step; a loss that compares views sees each of them several times."""
    optimizer: Literal["adam", "adamw", "sgd"] = "adam"
    """Adam, Adam with decoupled weight decay, or stochastic gradient descent."""
    lr: Annotated[Scheduled, Ge(0), AfterValidator(_moves)] = constant(3e-3)
    """Learning rate, over training progress."""
    momentum: Annotated[float, Ge(0), Lt(1)] = 0.0
    """Of stochastic gradient descent; the others have none."""
    weight_decay: Annotated[float, Ge(0)] = 0.0
    """Of the optimiser, for all weights."""
    clip_norm: Annotated[float, Gt(0)] | None = 10.0
    """Gradients whose norm over all weights is larger are scaled down to it."""
    reduction: Literal["mean", "sum"] = "mean"
    """Over the losses of the samples in a step."""
    validations: Annotated[int, Ge(0)] = 3
    """Evaluations on validation data during training, for the learning curve."""
    keep: Literal["last", "best"] = "last"
    """Weights that are tested: the last, or the best of `validations` and the last on validation
    data, by the task's primary metric. Of equals the latest."""
    device: Annotated[Literal["auto", "cpu", "cuda", "mps"], Place()] = "auto"
    """Where it runs; auto takes CUDA, then MPS, then the CPU."""
