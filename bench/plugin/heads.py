"""Heads: the forms of network output, the contract between a task's network and a loss.

| head        | prediction                                             | target           |
|-------------|--------------------------------------------------------|------------------|
| `events`    | tensor ``(batch, channel, time)`` of probabilities     | `EventTarget`    |
| `points`    | `PointPrediction`                                      | `PointTarget`    |
| `heatmap`   | tensor ``(batch, keypoint, *grid)`` of logits          | `HeatmapTarget`  |
| `instances` | tensor ``(batch, n)`` of probabilities                 | `InstanceTarget` |
| `attack`    | `AttackPrediction`                                     | `AttackTarget`   |

Where a map of the `heatmap` head may hold several points, its target is a `PointTarget`, whose
channels are the maps; `discrete_heatmap` takes both.

On every head and every axis, cell (bin) i covers ``[i, i + 1)`` and its centre is at i + 0.5; the
unit is a cell of the input grid, whatever the resolution of the output.

A plugin may register another head with `register_head`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.plugin.errors import UsageError

if TYPE_CHECKING:
    from torch import Tensor

_NAME = re.compile(r"[a-z][a-z0-9_]*")

Check = Callable[[Any, Any, int], None]
Layouts = Callable[[Any], list[Any]]


@dataclass(frozen=True)
class Head:
    """A form of network output with its labels.

    Attributes:
        name: lower case with underscores.
        targets: classes of labels, dataclasses whose tensors have the batch for their first axis.
        prediction: class of the network's output, such a dataclass; None for one tensor.
        check: ``check(prediction, target, upsampling)`` raises `Mismatch` where their shapes do not
            fit; it looks at no value. ``upsampling`` is `Loss.upsampling_factor`.
        layouts: from the class of a loss to the cases that ``bench check`` runs it on, a list of
            `bench.conformance.case.Layout`; or ``"module:function"``, imported when it is needed.
        probabilities: ``probabilities(prediction, target)`` gives what has to lie in [0, 1], 0 on
            padding; None where the output has no probabilities.
    """

    name: str
    targets: tuple[type, ...]
    prediction: type | None
    check: Check
    layouts: Layouts | str
    probabilities: Callable[[Any, Any], Tensor] | None = None

    def takes(self, target: Any) -> bool:
        """Whether ``target`` is of a class of this head."""
        return isinstance(target, self.targets)

    def gives(self, prediction: Any) -> bool:
        """Whether ``prediction`` is of the class of this head."""
        if self.prediction is not None:
            return isinstance(prediction, self.prediction)
        import torch

        return isinstance(prediction, torch.Tensor)

    @property
    def origin(self) -> tuple[str, str]:
        """Module and name of the first class of labels."""
        return self.targets[0].__module__, self.targets[0].__qualname__

    @property
    def target_names(self) -> str:
        """The classes of labels, for messages."""
        return " or ".join(kind.__name__ for kind in self.targets)

    @property
    def prediction_name(self) -> str:
        """The class of the output, for messages."""
        return "Tensor" if self.prediction is None else self.prediction.__name__


class Heads(Mapping[str, Head]):
    """Heads by name, in the order of their registration."""

    def __init__(self) -> None:
        self._heads: dict[str, Head] = {}

    def __getitem__(self, name: str) -> Head:
        return self._heads[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._heads)

    def __len__(self) -> int:
        return len(self._heads)

    def add(self, head: Head) -> None:
        """Append a head, or replace it where the module of its targets is loaded again.

        Raises:
            UsageError: the name is malformed or taken, or it has no target.
        """
        if not _NAME.fullmatch(head.name):
            raise UsageError(f"head name '{head.name}' must be lower case with underscores")
        if not head.targets:
            raise UsageError(f"head '{head.name}' has no class of targets")
        taken = self._heads.get(head.name)
        if taken is not None and taken.origin != head.origin:
            raise UsageError(
                f"head name '{head.name}' in {head.origin[0]} is already taken by {taken.origin[0]}"
            )
        self._heads[head.name] = head


HEADS = Heads()
"""All heads by name; iterating gives the names in order."""


def register_head(
    name: str,
    *,
    targets: type | tuple[type, ...],
    prediction: type | None,
    check: Check,
    layouts: Layouts | str,
    probabilities: Callable[[Any, Any], Tensor] | None = None,
) -> Head:
    """Make a head available to losses and tasks; arguments as the attributes of `Head`.

    A plugin that brings segments of time, each with a start and a length, and their cases::

        register_head(
            "segments",
            targets=SegmentTarget,
            prediction=SegmentPrediction,
            check=check_shapes,
            layouts=lambda loss: [FewSegments(), ManySegments()],
        )

    Raises:
        UsageError: the name is malformed or taken.
    """
    several = targets if isinstance(targets, tuple) else (targets,)
    head = Head(name, several, prediction, check, layouts, probabilities)
    HEADS.add(head)
    return head
