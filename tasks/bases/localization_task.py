"""What the bases of all heads share: simulated data and the output of a network or a baseline."""

from __future__ import annotations

import time
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from bench.plugin import Loss, Split, Splits, Task, TensorSplit
from tasks.bases.split_output import Inference, batches, finite, infer, on_cpu

if TYPE_CHECKING:
    from torch import nn

_PARTS = ("train", "validation", "test")


@dataclass(frozen=True)
class LabelledSplit(TensorSplit):
    """Samples in memory with the truth that their targets were made from.

    Attributes:
        truth: as `LocalizationTask.simulate` gave it, without label noise.
    """

    truth: Any = None


class LocalizationTask(Task):
    """A task whose data are simulated, or that has `splits` of its own.

    Class attributes:
        inference_batch: samples that the network sees at once when it is evaluated.
    """

    inference_batch: ClassVar[int] = 256

    def sizes(self) -> tuple[int, int, int]:
        """Samples for training, validation and test."""
        raise NotImplementedError

    def simulate(self, draw: np.random.Generator, n: int) -> tuple[Any, Any]:
        """``n`` samples: clean inputs, ``(n, …)`` array or tensor, and their truth.

        The form of the truth depends on the base. Label noise has no place here.

        Args:
            draw: the only source of randomness, keyed by task, replicate and part of the data.
        """
        raise NotImplementedError

    def training_labels(self, truth: Any, replicate: int) -> Any:
        """What training is told instead of ``truth``: with label noise, or with less detail."""
        return truth

    def target(self, truth: Any, head: str) -> Any:
        """Target of ``head`` for all samples of a truth."""
        raise NotImplementedError

    def splits(self, replicate: int, head: str) -> Splits:
        """Three parts simulated independently; label noise reaches the first alone."""
        import torch

        made: list[LabelledSplit] = []
        for part, n in zip(_PARTS, self.sizes(), strict=True):
            inputs, truth = self.simulate(self._generator(replicate, part), n)
            labels = truth if made else self.training_labels(truth, replicate)
            inputs = torch.as_tensor(inputs)
            inputs = inputs.float() if inputs.is_floating_point() else inputs
            made.append(LabelledSplit(inputs, self.target(labels, head), truth))
        return Splits(*made)

    def _generator(self, replicate: int, part: str) -> np.random.Generator:
        keys = [zlib.crc32(text.encode()) for text in (self.plugin_name, "simulated", part)]
        return np.random.Generator(np.random.Philox(np.random.SeedSequence([*keys, replicate])))

    def infer(self, network: nn.Module | None, loss: Loss, split: Split) -> Inference:
        """Decoded output for a split, of the network or of a method without training.

        Raises:
            NotFinite: the output is NaN or infinite.
        """
        if network is not None and loss.trains:
            return self.predict(network, loss, split)
        started = time.perf_counter()
        output = finite(on_cpu(self.baseline(loss.plugin_name, split)))
        seconds = (time.perf_counter() - started) / len(split)
        targets = [split.batch(rows)[1] for rows in batches(len(split), self.inference_batch)]
        return Inference([output], targets, seconds)

    def predict(self, network: nn.Module, loss: Loss, split: Split) -> Inference:
        """Decoded output of a network; a task overrides it for ensembles and the like.

        Raises:
            NotFinite: the output is NaN or infinite.
        """
        return infer(network, loss, split, self.inference_batch)

    def declared(self, values: dict[str, float]) -> dict[str, float]:
        """Those of ``values`` that the task declares as metrics."""
        return {m.name: values[m.name] for m in self.metrics if m.name in values}
