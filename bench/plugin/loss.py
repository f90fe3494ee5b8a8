"""Base class of losses."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from bench.plugin.loss_input import check_input, check_result
from bench.plugin.options import Options

if TYPE_CHECKING:
    from torch import Tensor

    from bench.plugin.space import Domain


class Loss(Options):
    """A training objective plus how its output is read at test time.

    Subclasses are registered with `register_loss` and implement ``__call__``. Hyperparameters are
    annotated fields. ``plugin_name``, ``heads`` and ``space`` are set by the registration. What
    ``__call__`` is given is checked before it runs, see `bench.plugin.loss_input`.

    Class attributes:
        version: raise it when the plugin becomes something else: another formula, another default,
            another decoder. It is part of every trial's identity. Last bits are no such change.
        needs_locations: False when counts alone suffice as labels.
        sparse: training is meant to end with outputs near 0 or 1; a trial of it with an undecided
            output has not converged.
        source: paper, section and equation.
        note: sentences below every table and leaderboard with a row of it.
        views: consecutive rows of a batch that are views of one sample and are compared; the
            trainer takes each sample so many times.
        trains: False for a method without training, whose outputs the task's `Task.baseline` gives.
    """

    heads: ClassVar[frozenset[str]] = frozenset()
    space: ClassVar[dict[str, Domain]] = {}
    version: ClassVar[str] = "1"
    needs_locations: ClassVar[bool] = True
    sparse: ClassVar[bool] = False
    source: ClassVar[str] = ""
    note: ClassVar[str] = ""
    views: ClassVar[int] = 1
    trains: ClassVar[bool] = True

    @classmethod
    def __pydantic_init_subclass__(cls, **options: Any) -> None:
        super().__pydantic_init_subclass__(**options)
        own = cls.__dict__.get("__call__")
        if own is not None:
            cls.__call__ = _checking(own)  # type: ignore[method-assign]

    @property
    def picks_peaks(self) -> bool:
        """Whether `decode` merges neighbouring bins of one event itself."""
        return False

    @property
    def upsampling_factor(self) -> int:
        """Cells of the prediction along a cell of the input grid."""
        return 1

    def __call__(self, prediction: Any, target: Any, progress: float = 1.0) -> Tensor:
        """Loss per sample, shape ``(batch,)``.

        Args:
            prediction: output of the network, in the form of one of ``heads``.
            target: the head's target.
            progress: training progress in [0, 1], for schedules.

        Raises:
            LossInputError: prediction or target do not fit each other or the loss, probabilities
                or the progress lie outside of [0, 1].
        """
        raise NotImplementedError

    def decode(self, prediction: Any) -> Any:
        """What the network's output says at test time.

        For the `events` head: a score per bin ``(batch, channel, time)``; a bin is a detection
        where its score reaches the threshold that validation data chose. The default is the
        probability itself, so plain thresholding with no peak picking. For the `heatmap` head: a
        `PointPrediction` with one point per keypoint (or several, next to each other, from losses
        that look for them) and its score.
        """
        return prediction


def _checking(call: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """``call`` between checks of its input and of its result."""

    @functools.wraps(call)
    def checked(self: Loss, prediction: Any, target: Any, *rest: Any, **options: Any) -> Tensor:
        progress = rest[0] if rest else options.get("progress", 1.0)
        first = check_input(self, prediction, target, progress)
        value = call(self, prediction, target, *rest, **options)
        if first:
            check_result(self, prediction, value)
        return value

    return checked
