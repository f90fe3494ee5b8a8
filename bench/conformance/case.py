"""A prediction with its target, and how each head makes them."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor


@dataclass(frozen=True)
class Case:
    """A prediction as leaf tensors, how a head packs them, and a target.

    Attributes:
        tensors: what gradients are taken with respect to; the first axis of each is the batch.
        pack: makes the head's prediction from ``tensors``.
        target: the head's target; the first axis of each of its tensors is the batch, too.
        truth: what the layout needs to write down the right answer; the batch comes first.
    """

    tensors: tuple[Tensor, ...]
    pack: Callable[..., Any]
    target: Any
    truth: Tensor | None = None

    def with_tensors(self, *tensors: Tensor) -> Case:
        """The same target with other predictions."""
        return dataclasses.replace(self, tensors=tensors)

    def with_last(self, tensor: Tensor) -> Case:
        """The same with another last tensor: probabilities, or logits."""
        return self.with_tensors(*self.tensors[:-1], tensor)

    def with_target(self, **fields: Any) -> Case:
        """The same predictions with some fields of the target replaced."""
        return dataclasses.replace(self, target=dataclasses.replace(self.target, **fields))

    def on_all(self, function: Callable[[Tensor], Tensor]) -> Case:
        """``function`` of every tensor of prediction and target."""
        changed = {
            field.name: function(getattr(self.target, field.name))
            for field in dataclasses.fields(self.target)
            if isinstance(getattr(self.target, field.name), Tensor)
        }
        return dataclasses.replace(
            self,
            tensors=tuple(function(tensor) for tensor in self.tensors),
            target=dataclasses.replace(self.target, **changed),
            truth=None if self.truth is None else function(self.truth),
        )

    def rows(self, order: Tensor) -> Case:
        """Some samples of the batch, in this order."""
        return self.on_all(lambda tensor: tensor[order])

    def in_type(self, dtype: torch.dtype) -> Case:
        """Predictions in another type; targets keep theirs."""
        return self.with_tensors(*(tensor.to(dtype) for tensor in self.tensors))

    def through_sigmoid(self, logits: Tensor) -> Case:
        """Probabilities of the last tensor as a network has them: the sigmoid of ``logits``."""
        pack = self.pack

        def squash(*tensors: Tensor) -> Any:
            return pack(*tensors[:-1], torch.sigmoid(tensors[-1]))

        return dataclasses.replace(self.with_last(logits), pack=squash)


@dataclass(frozen=True)
class Padded:
    """A case with padding that must not matter; ``crop`` gives the real part of its tensors."""

    case: Case
    crop: Callable[[Tensor], Tensor]


class Draw:
    """Random tensors of one floating type from a generator of their own."""

    def __init__(self, seed: int, dtype: torch.dtype) -> None:
        self.dtype = dtype
        self._generator = torch.Generator().manual_seed(seed)

    def uniform(self, shape: tuple[int, ...], low: float, high: float) -> Tensor:
        # drawn in float64, so that all types see the same numbers
        fraction = torch.rand(shape, generator=self._generator, dtype=torch.float64)
        return (low + (high - low) * fraction).to(self.dtype)

    def normal(self, shape: tuple[int, ...]) -> Tensor:
        return torch.randn(shape, generator=self._generator, dtype=torch.float64).to(self.dtype)


class Layout(ABC):
    """One form that a head's data take, e.g. heatmaps over three axes.

    Attributes:
        name: for messages.
        length: usual size (bins, candidates, cells).
        unusual: sizes that a loss must survive, too.
    """

    name: str
    length: int
    unusual: tuple[int, ...] = (0, 1, 5000)

    @abstractmethod
    def random(self, draw: Draw, batch: int, length: int) -> Case:
        """Predictions strictly inside their range and targets with a few labels."""

    @abstractmethod
    def right(self, case: Case) -> Case:
        """Confident predictions that agree with the target."""

    @abstractmethod
    def wrong(self, case: Case) -> dict[str, Case]:
        """Predictions that clearly do not agree with the target; the first one is confident."""

    @abstractmethod
    def padded(self, case: Case) -> dict[str, Padded]:
        """The same data with padding, by what the padding holds."""

    @abstractmethod
    def hostile(self, draw: Draw, batch: int) -> dict[str, Case]:
        """Predictions at the ends of their range, no labels, everything masked, and the like."""

    def check_decoded(self, decoded: Any, case: Case) -> None:
        """Raise AssertionError unless ``decoded``, what was read from ``right(case)``, is right.

        Raises:
            NotApplicable: what a decoder gives is the task's business.
        """
        from bench.conformance.outcome import NotApplicable

        raise NotApplicable("the form of decoded output is the task's business")
