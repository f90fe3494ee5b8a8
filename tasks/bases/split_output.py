"""Running a network over a split: batches, mode, device, time, and the guard against NaN."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bench.plugin import EventTarget, Loss, NotFinite, Split
from tasks.metrics.sparsity import ProbabilityMass

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass(frozen=True)
class Inference:
    """Decoded output for all samples of a split.

    Attributes:
        outputs: what the decoder gave for one batch after the other, on the CPU.
        targets: the head's targets, likewise.
        seconds: per sample, for network and decoder; reading the data is not counted.
        mass: of the probabilities that the network gave for the `events` head.
        network_seconds: per sample, for the network alone; 0 for a method without one.
    """

    outputs: list[Any]
    targets: list[Any]
    seconds: float
    mass: ProbabilityMass = field(default_factory=ProbabilityMass)
    network_seconds: float = 0.0

    def unpadded(self, padding: float) -> NDArray[Any]:
        """Outputs that are tensors as one array, with ``padding`` where a target masks them.

        A mask ``(batch, …)`` covers the channels between its first axis and its last.
        """
        values = np.concatenate([output.numpy() for output in self.outputs])
        masks = [target.mask for target in self.targets]
        if masks[0] is None:
            return values
        real = np.concatenate([mask.numpy() for mask in masks])
        return np.where(real if real.ndim == values.ndim else real[:, None], values, padding)


def batches(samples: int, size: int) -> list[np.ndarray]:
    """All rows in order, ``size`` at a time."""
    return np.split(np.arange(samples), range(size, samples, size))


@contextmanager
def evaluating(network: nn.Module) -> Iterator[None]:
    """Evaluation mode without gradients; the network is left in the mode it was in."""
    import torch

    mode = network.training
    network.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        network.train(mode)


def infer(
    network: nn.Module,
    loss: Loss,
    split: Split,
    batch_size: int,
    decode: Callable[[Any], Any] | None = None,
) -> Inference:
    """Output of ``network`` for a split as ``loss`` decodes it, on the device of the network.

    Args:
        decode: takes the place of ``loss.decode``.

    Raises:
        NotFinite: the network's output or what the decoder made of it is NaN or infinite.
    """
    weight = next(network.parameters(), None)
    outputs, targets, mass, seconds, in_network = [], [], ProbabilityMass(), 0.0, 0.0
    decode = decode or loss.decode
    with evaluating(network):
        for rows in batches(len(split), batch_size):
            inputs, target = split.batch(rows)
            inputs = inputs if weight is None else inputs.to(weight.device)
            started = time.perf_counter()
            output = network(inputs)
            _wait(output)
            in_network += time.perf_counter() - started
            decoded = on_cpu(decode(output))  # waits for an accelerator
            _expect_shape(loss, output, decoded)
            seconds += time.perf_counter() - started
            finite(output, impossible=True)  # decoders may hide NaN
            outputs.append(finite(decoded))
            targets.append(target)
            if isinstance(target, EventTarget):
                mass.add(target.masked(on_cpu(output)).numpy())
    return Inference(outputs, targets, seconds / len(split), mass, in_network / len(split))


def _wait(output: Any) -> None:
    """Return when an accelerator has computed ``output``, a tensor or a dataclass of tensors."""
    import torch

    whole = dataclasses.is_dataclass(output)
    parts = (
        [getattr(output, part.name) for part in dataclasses.fields(output)] if whole else [output]
    )
    kinds = {part.device.type for part in parts if hasattr(part, "device")}
    for accelerator in kinds & {"cuda", "mps"}:
        getattr(torch, accelerator).synchronize()


def _expect_shape(loss: Loss, output: Any, decoded: Any) -> None:
    """Raise unless scores of bins, where a decoder gives such, are those of the output's bins.

    Raises:
        ValueError: another shape, of a loss whose output is no finer than the input grid.
    """
    comparable = hasattr(output, "shape") and hasattr(decoded, "shape")
    if comparable and loss.upsampling_factor == 1 and decoded.shape != output.shape:
        raise ValueError(
            f"the decoder of '{loss.plugin_name}' gives scores of shape {tuple(decoded.shape)} for "
            f"an output of shape {tuple(output.shape)}: a score for each bin is due"
        )


def on_cpu(output: Any) -> Any:
    """``output``, a tensor or a dataclass of tensors, on the CPU and without a graph.

    A view of a weight has one even where gradients are off, as in a network whose weights are the
    positions themselves.
    """
    if dataclasses.is_dataclass(output):
        parts = {field.name: getattr(output, field.name) for field in dataclasses.fields(output)}
        moved = {name: on_cpu(part) for name, part in parts.items() if hasattr(part, "detach")}
        return dataclasses.replace(output, **moved)  # type: ignore[type-var]
    return output.detach().to("cpu")


def finite(output: Any, *, impossible: bool = False) -> Any:
    """``output``, a tensor or a dataclass of tensors, as it is.

    Args:
        impossible: -inf may stand for impossible cells, as in logits of a heatmap.

    Raises:
        NotFinite: it holds NaN or infinity.
    """
    if dataclasses.is_dataclass(output):
        for field in dataclasses.fields(output):
            if hasattr(getattr(output, field.name), "isfinite"):
                finite(getattr(output, field.name), impossible=impossible)
        return output
    right: Tensor = output < float("inf") if impossible else output.isfinite()
    if not bool(right.all()):
        number = int((~right).sum())
        raise NotFinite(f"{number} of {right.numel()} values of the output are NaN or infinite")
    return output
