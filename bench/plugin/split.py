"""Data held in memory, and predictions for all of a split: what small tasks need."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.plugin.task import Split

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor, nn


@dataclass(frozen=True)
class TensorSplit:
    """A `Split` of samples held in memory.

    Attributes:
        inputs: ``(sample, …)``.
        target: the head's target for all samples; the first axis of its tensors is the sample.
    """

    inputs: Tensor
    target: Any

    def __len__(self) -> int:
        return len(self.inputs)

    def batch(
        self, rows: np.ndarray, draw: np.random.Generator | None = None
    ) -> tuple[Tensor, Any]:
        """Inputs and target of the samples ``rows``; nothing about them is random."""
        import torch

        chosen = torch.as_tensor(rows)
        fields = {
            field.name: getattr(self.target, field.name)[chosen]
            for field in dataclasses.fields(self.target)
            if isinstance(getattr(self.target, field.name), torch.Tensor)
        }
        return self.inputs[chosen], dataclasses.replace(self.target, **fields)


def predict(network: nn.Module, split: Split, batch_size: int = 256) -> Tensor:
    """Output of a network for all of a split, ``(sample, …)`` on the CPU, without gradients.

    The network runs in evaluation mode and is left in the mode it was in. For heads whose
    prediction is one tensor: all but `points` and `attack`.
    """
    import numpy as np
    import torch

    device = next(network.parameters()).device
    mode = network.training
    network.eval()
    try:
        with torch.no_grad():
            batches = np.split(np.arange(len(split)), range(batch_size, len(split), batch_size))
            return torch.cat([network(split.batch(rows)[0].to(device)).cpu() for rows in batches])
    finally:
        network.train(mode)
