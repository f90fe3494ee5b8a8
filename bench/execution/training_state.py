"""All that a training carries from one step to the next."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from torch import nn

    from bench.execution.best_weights import BestWeights


@dataclass
class TrainingState:
    """Weights, moments of the optimiser, and what the learning curve is made of.

    Random numbers are no part of it: whoever draws them is seeded anew in each step.

    Attributes:
        done: steps that were made.
        stopped: the step at which the task said that it was finished; None if it never did.
        curve: points of the learning curve.
        recent: losses since its last point.
        pending: losses of the last steps, as they lie on the device, not looked at yet.
        validating: seconds spent on validation data.
        train, cpu: seconds that earlier processes spent on the training, wall and processor.
    """

    network: nn.Module
    optimizer: torch.optim.Optimizer
    best: BestWeights | None
    done: int = 0
    stopped: int | None = None
    curve: list[dict[str, float]] = field(default_factory=list)
    recent: list[float] = field(default_factory=list)
    pending: list[torch.Tensor] = field(default_factory=list)
    validating: float = 0.0
    train: float = 0.0
    cpu: float = 0.0

    def content(self, train: float, cpu: float) -> dict[str, Any]:
        """Numbers and tensors from which `restore` makes the same state.

        Args:
            train, cpu: seconds that this process has spent on the training so far.
        """
        return {
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "best": None if self.best is None else self.best.content(),
            "pending": [loss.clone() for loss in self.pending],
            **{name: getattr(self, name) for name in _PLAIN},
            "train": self.train + train,
            "cpu": self.cpu + cpu,
        }

    def fits(self, content: dict[str, Any]) -> bool:
        """Whether a state is one of this network; its code may have changed since."""
        kept, ours = content["network"], self.network.state_dict()
        return kept.keys() == ours.keys() and all(
            kept[name].shape == part.shape for name, part in ours.items()
        )

    def restore(self, content: dict[str, Any]) -> None:
        """Take the state that `content` describes."""
        self.network.load_state_dict(content["network"])
        self.optimizer.load_state_dict(content["optimizer"])
        if self.best is not None:
            self.best.restore_content(content["best"])
        device = next(self.network.parameters()).device
        self.pending = [loss.to(device) for loss in content["pending"]]
        for name in (*_PLAIN, "train", "cpu"):
            setattr(self, name, content[name])


_PLAIN = ("done", "stopped", "curve", "recent", "validating")
