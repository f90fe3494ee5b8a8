"""What every source of data says of itself: rendered in worlds, or read from original files."""

from __future__ import annotations

from typing import Any, Protocol


class Corpus(Protocol):
    """A source of data, and what is known without reading them."""

    @property
    def name(self) -> str:
        """For tables."""
        ...

    @property
    def worlds(self) -> int:
        """How many sets of data there are, each drawn anew."""
        ...

    def key(self) -> dict[str, Any]:
        """JSON-able description of all that determines the data."""
        ...

    def check(self) -> object:
        """Raise `UsageError` where files are missing or not as published; decodes nothing large."""
        ...
