"""What is said below every table and figure."""

from __future__ import annotations

from collections.abc import Iterable

from bench.plugin.registry import losses

CLEAN_NOTE = "Label noise touches training labels only; validation and test labels are clean."


def loss_notes(names: Iterable[str]) -> list[str]:
    """What losses say of themselves (`Loss.note`) below a table that shows them, each once.

    Args:
        names: of losses; those that are not loaded here say nothing.
    """
    loaded = set(losses.names())
    known = [(name, losses.get(name).note) for name in dict.fromkeys(names) if name in loaded]
    return [f"{name}: {note}" for name, note in known if note]
