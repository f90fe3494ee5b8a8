"""Which forms of data a loss must take, as its heads say."""

from __future__ import annotations

import importlib

from bench.conformance.case import Layout
from bench.plugin import HEADS, Loss, UsageError


def layouts(loss: type[Loss], head: str) -> list[Layout]:
    """All layouts of ``head`` that a loss must take; none for a method without training.

    Raises:
        UsageError: the head has none, so that nothing would be checked.
    """
    if not loss.trains:
        return []
    make = HEADS[head].layouts
    if isinstance(make, str):
        module, _, function = make.partition(":")
        make = getattr(importlib.import_module(module), function)
    found = make(loss)
    if not found:
        raise UsageError(f"head '{head}' has no layouts, so that '{loss.plugin_name}' is unchecked")
    return list(found)
