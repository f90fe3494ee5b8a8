"""Axes of drawings: round tick values, and positions along a length."""

from __future__ import annotations

import math
from dataclasses import dataclass

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Scale:
    """A linear map from [low, high] to [start, end]."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Position of ``value``; the middle when all values are one."""
        if self.high == self.low:
            return (self.start + self.end) / 2
        part = (value - self.low) / (self.high - self.low)
        return self.start + part * (self.end - self.start)


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """At most ``most`` round values within [low, high], evenly spaced."""
    if not (math.isfinite(low) and math.isfinite(high) and high > low):
        return [low] if math.isfinite(low) else []
    magnitude = 10.0 ** math.floor(math.log10((high - low) / most))
    for decade in (magnitude, 10 * magnitude):
        for step in (decade * factor for factor in _STEPS):
            first = math.ceil(low / step - 1e-9)
            last = math.floor(high / step + 1e-9)
            if last - first + 1 <= most:
                return [number * step for number in range(first, last + 1)]
    return [low, high]


def log_ticks(low: float, high: float, most: int = 8) -> list[float]:
    """At most ``most`` values within [low, high], 1, 2 or 5 times powers of ten or fewer of them.

    Round values of a linear axis where low and high are too near for two of those.
    """
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for factors, stride in [((1, 2, 5), 1), *(((1,), stride) for stride in range(1, len(powers)))]:
        values = [factor * 10.0**power for power in powers[::stride] for factor in factors]
        inside = [v for v in values if low * (1 - 1e-9) <= v <= high * (1 + 1e-9)]
        if len(inside) <= most:
            return inside if len(inside) > 1 else ticks(low, high, most)
    return [low, high]


def tick_texts(values: list[float]) -> list[str]:
    """The values with as many decimals as tell them apart, and no more."""
    if len(values) < 2:
        return [f"{value:.4g}" for value in values]
    step = abs(values[1] - values[0])
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    if round(step, digits) != round(step, digits + 2):
        digits += 1
    return [f"{value + 0.0:.{digits}f}" for value in values]
