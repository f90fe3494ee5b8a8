"""How many trials there are, in words."""

from __future__ import annotations


def trials_text(count: int) -> str:
    """``1 trial``, ``84 trials``."""
    return "1 trial" if count == 1 else f"{count} trials"


def size_text(planned: int, unplanned: int) -> str:
    """The trials of a plan, or how many of them are known while a search goes on."""
    if not unplanned:
        return trials_text(planned)
    return f"{planned} of {trials_text(planned + unplanned)} (the rest depends on results)"
