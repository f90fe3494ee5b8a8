"""Losses for networks that localise points, one file per loss (family).

``losses.create("softloc", softness=0.1)`` gives a loss for any training loop; modules such as
``losses.poisson_binomial`` hold the public functions behind them and are imported on first use.
"""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType
from typing import Any

from bench.plugin import create_loss


def create(name: str, **options: Any) -> Any:
    """A loss by its registered name.

    Raises:
        UsageError: unknown name or wrong option, with the nearest valid one.
    """
    return create_loss(name, **options)


def __getattr__(name: str) -> ModuleType:
    if any(module.name == name for module in pkgutil.iter_modules(__path__)):
        return importlib.import_module(f"losses.{name}")
    raise AttributeError(f"module 'losses' has no attribute '{name}'")
