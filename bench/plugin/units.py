"""Units of options: shown in help, checked in specifications, and converted when written out.

An option annotated ``Annotated[float, Unit("s")]`` accepts ``0.1`` and ``"100 ms"``; ``"3 px"``
fails because pixels are no time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_SCALES: dict[str, dict[str, float]] = {
    "time": {"s": 1.0, "ms": 1e-3, "us": 1e-6, "min": 60.0},
    "frequency": {"Hz": 1.0, "kHz": 1e3},
    "length": {"m": 1.0, "mm": 1e-3, "um": 1e-6, "nm": 1e-9},
    "frames": {"frame": 1.0, "frames": 1.0},
    "bins": {"bin": 1.0, "bins": 1.0},
    "pixels": {"px": 1.0, "pixel": 1.0, "pixels": 1.0},
    "cells": {"cell": 1.0, "cells": 1.0},
    "cycles": {"cycle": 1.0, "cycles": 1.0},
    "decibels": {"dB": 1.0},
}
_SHOWN = {"s": "ms"}
"""Units in which figures and tables show an option, where its own would give awkward numbers."""
_QUANTITY = re.compile(r"^\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([A-Za-z]+)\s*$")


def _dimension(symbol: str) -> str | None:
    return next((name for name, scales in _SCALES.items() if symbol in scales), None)


@dataclass(frozen=True)
class Unit:
    """Unit of a numeric option, e.g. ``Unit("s")``.

    Attributes:
        symbol: in which the option is given.
        shown: in which figures and tables show it, such as ``Unit("s", shown="min")``; by default
            milliseconds for seconds, else the option's own.

    Raises:
        ValueError: a symbol is not a known unit, or the two are of different dimensions.
    """

    symbol: str
    shown: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "shown", self.shown or _SHOWN.get(self.symbol, self.symbol))
        for symbol in (self.symbol, self.shown):
            if _dimension(symbol) is None:
                known = ", ".join(symbol for scales in _SCALES.values() for symbol in scales)
                raise ValueError(f"unknown unit '{symbol}'; known units: {known}")
        if _dimension(self.shown) != _dimension(self.symbol):
            raise ValueError(f"what is given in {self.symbol} cannot be shown in {self.shown}")

    @property
    def factor(self) -> float:
        """From numbers in the option's own unit to those that are shown."""
        scales = _SCALES[_dimension(self.symbol) or ""]
        return scales[self.symbol] / scales[self.shown]

    def parse(self, text: str) -> float:
        """Value in this unit of a text such as ``"100 ms"``.

        Raises:
            ValueError: not a quantity, or a quantity of another dimension.
        """
        match = _QUANTITY.match(text)
        if match is None:
            raise ValueError(f"'{text}' is not a number of {self.symbol} such as '3 {self.symbol}'")
        number, symbol = float(match[1]), match[2]
        dimension = _dimension(self.symbol)
        if _dimension(symbol) != dimension or dimension is None:
            raise ValueError(f"'{text}' is in the wrong unit: expected {self.symbol}")
        return number * _SCALES[dimension][symbol] / _SCALES[dimension][self.symbol]
