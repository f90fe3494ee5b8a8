"""What the shell offers for an argument after Tab: names of things that there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

Kind = Literal["losses", "tasks", "sweeps", "tables", "claims"]


def named(*kinds: Kind) -> Callable[[str], list[str]]:
    """A completion by the names of these kinds, as `bench list` has them."""

    def complete(incomplete: str) -> list[str]:
        from bench.catalogue.kinds import KINDS  # not above: help is instant

        names = [name for kind in kinds for name in KINDS[kind].names()]
        return [name for name in names if name.startswith(incomplete)]

    return complete
