"""The weights of a training that did best on validation data."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass
class BestWeights:
    """Weights and buffers of a network at its best value so far; of equal ones the latest.

    Attributes:
        direction: whether more or less is better.
    """

    direction: Literal["max", "min"]
    _value: float = math.nan
    _state: dict[str, Tensor] = field(default_factory=dict)

    def see(self, network: nn.Module, value: float) -> None:
        """Remember the network if ``value`` is at least as good as all before; NaN never is."""
        sign = 1.0 if self.direction == "max" else -1.0
        if math.isnan(value) or sign * value < sign * self._value:
            return
        self._value = value
        self._state = {name: part.detach().clone() for name, part in network.state_dict().items()}

    def content(self) -> dict[str, Any]:
        """Numbers and tensors from which `restore_content` makes the same."""
        return {"value": self._value, "state": self._state}

    def restore_content(self, content: dict[str, Any]) -> None:
        """Remember what ``content`` holds."""
        self._value, self._state = content["value"], content["state"]

    def restore(self, network: nn.Module) -> None:
        """Put the best weights back; the network stays as it is if no value was defined."""
        if self._state:
            network.load_state_dict(self._state)
