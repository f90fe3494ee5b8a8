"""How the numbers of a metric are shown: decimals, unit, and which way is better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Direction = Literal["max", "min"]
_ARROWS = {"max": "↑", "min": "↓"}
_WORDS = {"max": "more is better", "min": "less is better"}


@dataclass(frozen=True)
class NumberStyle:
    """How the numbers of one metric are shown; CSV and JSON hold them as they are.

    Attributes:
        digits: decimals of means and intervals.
        factor: shown numbers are the metric's times this: 100 for per cent.
        unit: of the metric; empty for none, as for a ratio.
        shown_unit: of the shown numbers, where a factor changes it; None for ``unit``.
        direction: ``max`` if more is better, ``min`` if less, None if neither.
    """

    digits: int = 3
    factor: float = 1.0
    unit: str = ""
    shown_unit: str | None = None
    direction: Direction | None = None

    def number(self, value: float) -> str:
        """A value of the metric, with the digits and in the unit that are shown."""
        return f"{value * self.factor:.{self.digits}f}"

    def heading(self, name: str) -> str:
        """``MAD [px] ↓``."""
        unit = f" [{self._shown_unit}]" if self._shown_unit else ""
        return f"{name}{unit}{f' {_ARROWS[self.direction]}' if self.direction else ''}"

    @property
    def sentence(self) -> str:
        """``In px; less is better.``; empty where there is nothing to say."""
        parts = [f"in {self._shown_unit}"] if self._shown_unit else []
        parts += [_WORDS[self.direction]] if self.direction else []
        said = "; ".join(parts)
        return f"{said[0].upper()}{said[1:]}." if said else ""

    @property
    def _shown_unit(self) -> str:
        return self.unit if self.shown_unit is None else self.shown_unit
