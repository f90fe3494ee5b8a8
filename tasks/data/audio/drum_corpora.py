"""Where drum recordings come from: rendered kits, or the original IDMT-SMT-Drums."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from tasks.data.audio.rendered_drums import Recording


class DrumCorpus(Protocol):
    """A source of recordings."""

    @property
    def name(self) -> str:
        """For tables."""
        ...

    @property
    def families(self) -> tuple[str, ...]:
        """Families of kits in it."""
        ...

    @property
    def worlds(self) -> int:
        """How many sets of recordings there are, each drawn anew."""
        ...

    @property
    def parts(self) -> tuple[float, float, float]:
        """Shares of recordings for training, validation and test in a random split."""
        ...

    def key(self) -> dict[str, Any]:
        """JSON-able description of all that determines the recordings."""
        ...

    def check(self) -> None:
        """Raise `UsageError` where files are missing or not as published; decodes no audio."""
        ...

    def recordings(self, world: int) -> Iterable[Recording]:
        """All of a world, in order."""
        ...


@dataclass(frozen=True)
class RenderedKits:
    """``count`` recordings of ``seconds`` each, rendered from sampled kits, in each world."""

    count: int
    seconds: float
    name: str = "rendered kits"
    worlds: int = 10
    parts: tuple[float, float, float] = (0.4, 0.1, 0.5)
    """Half for the test: its noise should be small beside that of training."""

    @property
    def families(self) -> tuple[str, ...]:
        from tasks.data.audio.drum_kits import FAMILIES

        return tuple(sorted(FAMILIES))

    def key(self) -> dict[str, Any]:
        from tasks.data.audio.rendered_drums import GENERATOR

        return {"generator": GENERATOR, "recordings": [self.count, self.seconds]}

    def check(self) -> None:
        """Nothing can be missing."""

    def recordings(self, world: int) -> Iterable[Recording]:
        from tasks.data.audio.rendered_drums import render_all

        return render_all(world, self.count, self.seconds)


@dataclass(frozen=True)
class OriginalDrums:
    """The files of IDMT-SMT-Drums in the folder ``root``; ``partial`` accepts some of them."""

    root: Path
    partial: bool = False
    name: str = "IDMT-SMT-Drums"
    worlds: int = 1
    parts: tuple[float, float, float] = (0.7, 0.1, 0.2)

    @property
    def families(self) -> tuple[str, ...]:
        from tasks.data.original.idmt_smt_drums import FAMILIES

        return FAMILIES

    def key(self) -> dict[str, Any]:
        from tasks.data.original.idmt_smt_drums import fingerprint

        return {"idmt_smt_drums": fingerprint(self.root)}

    def check(self) -> None:
        from tasks.data.original.idmt_smt_drums import check

        check(self.root, partial=self.partial)

    def recordings(self, world: int) -> Iterable[Recording]:
        from tasks.data.original.idmt_smt_drums import read_all

        return read_all(self.root)
