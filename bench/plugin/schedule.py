"""Schedules: values that change with training progress in [0, 1] (α, τ, λ of the losses).

In a specification a schedule is a number (constant) or a mapping such as
``{schedule: linear, start: 0.2, end: 0.9, begin: 0.3333, finish: 0.8}``.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from annotated_types import Ge, Le
from pydantic import BeforeValidator, model_validator

from bench.plugin.options import Options

Form = Literal["constant", "linear", "exponential", "cosine", "warmup"]


class Schedule(Options):
    """A value as a function of training progress.

    Before ``begin`` the value is ``start``, after ``finish`` it is ``end``; between them the form
    decides: ``linear`` and ``cosine`` (half a period) interpolate, ``exponential`` interpolates the
    logarithm (both ends positive), ``warmup`` rises linearly from 0 at ``begin`` to ``end`` at
    ``finish``, ``constant`` is ``start`` throughout. What a form does not use is set to its
    default, so that two schedules of the same values are equal.
    """

    plugin_name = "schedule"

    schedule: Form = "constant"
    start: float = 0.0
    end: float | None = None
    begin: Annotated[float, Ge(0), Le(1)] = 0.0
    finish: Annotated[float, Ge(0), Le(1)] = 1.0

    @model_validator(mode="after")
    def _check(self) -> Schedule:
        if self.schedule != "constant" and self.end is None:
            raise ValueError(f"schedule '{self.schedule}' needs 'end'")
        if self.begin > self.finish:
            raise ValueError(f"schedule begins at {self.begin}, after it finishes ({self.finish})")
        if self.schedule == "exponential" and not (self.start > 0 and (self.end or 0) > 0):
            raise ValueError("an exponential schedule needs positive 'start' and 'end'")
        if self.schedule == "constant":  # equal schedules are equal objects
            self.__dict__.update(end=None, begin=0.0, finish=1.0)
        if self.schedule == "warmup":
            self.__dict__.update(start=0.0)
        return self

    def __str__(self) -> str:
        """In words, such as ``linear from 0.2 to 0.9 between progress 0.333 and 0.8``."""
        if self.schedule == "constant" or self.end is None:
            return f"{self.start:g}"
        text = f"{self.schedule} from {self.start:g} to {self.end:g}"
        if (self.begin, self.finish) == (0.0, 1.0):
            return text
        return f"{text} between progress {self.begin:.3g} and {self.finish:.3g}"

    def _extremes(self) -> tuple[float, float]:
        """Smallest and largest value; every form is monotone in progress."""
        if self.schedule == "constant" or self.end is None:
            return self.start, self.start
        start = 0.0 if self.schedule == "warmup" else self.start
        return min(start, self.end), max(start, self.end)

    # Compared with a number, a schedule stands for its values at every progress, so that range
    # rules such as ``Annotated[Scheduled, Gt(0)]`` hold throughout training.
    def __gt__(self, bound: float) -> bool:
        return self._extremes()[0] > bound

    def __ge__(self, bound: float) -> bool:
        return self._extremes()[0] >= bound

    def __lt__(self, bound: float) -> bool:
        return self._extremes()[1] < bound

    def __le__(self, bound: float) -> bool:
        return self._extremes()[1] <= bound

    def __call__(self, progress: float) -> float:
        """Value at ``progress`` (clipped to [0, 1])."""
        if self.schedule == "constant" or self.end is None:
            return self.start
        start = 0.0 if self.schedule == "warmup" else self.start
        if progress >= self.finish:
            return self.end
        if progress <= self.begin:
            return start
        fraction = (progress - self.begin) / (self.finish - self.begin)
        if self.schedule == "cosine":
            fraction = (1 - math.cos(math.pi * fraction)) / 2
        if self.schedule == "exponential":
            return float(start * (self.end / start) ** fraction)
        return start + (self.end - start) * fraction


def constant(value: float) -> Schedule:
    """The same value throughout."""
    return Schedule(schedule="constant", start=float(value))


def linear(start: float, end: float, begin: float = 0.0, finish: float = 1.0) -> Schedule:
    """Straight line from ``start`` at ``begin`` to ``end`` at ``finish``."""
    return Schedule(schedule="linear", start=start, end=end, begin=begin, finish=finish)


def exponential(start: float, end: float, begin: float = 0.0, finish: float = 1.0) -> Schedule:
    """Geometric interpolation from ``start`` to ``end``."""
    return Schedule(schedule="exponential", start=start, end=end, begin=begin, finish=finish)


def cosine(start: float, end: float, begin: float = 0.0, finish: float = 1.0) -> Schedule:
    """Half a cosine period from ``start`` to ``end``."""
    return Schedule(schedule="cosine", start=start, end=end, begin=begin, finish=finish)


def warmup(end: float, begin: float = 0.0, finish: float = 1.0) -> Schedule:
    """Zero until ``begin``, then a straight line up to ``end`` at ``finish``."""
    return Schedule(schedule="warmup", end=end, begin=begin, finish=finish)


def _from_number(value: Any) -> Any:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return constant(value)
    if isinstance(value, dict):
        return Schedule(**value)
    return value


Scheduled = Annotated[Schedule, BeforeValidator(_from_number)]
"""Type of an option that may be a number or a schedule."""
