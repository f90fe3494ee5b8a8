"""How many trials a plan has, in words."""

from __future__ import annotations


def size_text(planned: int, unplanned: int) -> str:
    """``84 trials``, or how many of them are known while a search goes on."""
    if not unplanned:
        return f"{planned} trials"
    return f"{planned} of {planned + unplanned} trials (the rest depends on results)"
