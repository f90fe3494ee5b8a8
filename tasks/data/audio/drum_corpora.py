"""Where drum recordings come from: rendered kits, or the original IDMT-SMT-Drums or ENST-Drums."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from tasks.data.corpus import Corpus

if TYPE_CHECKING:
    from tasks.data.audio.rendered_drums import Recording


class DrumCorpus(Corpus, Protocol):
    """A source of recordings."""

    @property
    def families(self) -> tuple[str, ...]:
        """Families of kits in it, or drummers."""
        ...

    @property
    def parts(self) -> tuple[float, float, float]:
        """Shares of recordings for training, validation and test in a random split."""
        ...

    @property
    def published(self) -> bool:
        """Whether splits and scores follow the published protocol: numbers of recordings are
        rounded down, half of a held-out family validates, scores are means over recordings."""
        ...

    def check(self) -> list[str]:
        """Warnings on the files; decodes no audio.

        Raises:
            UsageError: files are missing or not as published.
        """
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
    published: bool = False

    @property
    def families(self) -> tuple[str, ...]:
        from tasks.data.audio.drum_kits import FAMILIES

        return tuple(sorted(FAMILIES))

    def key(self) -> dict[str, Any]:
        from tasks.data.audio.rendered_drums import GENERATOR

        return {"generator": GENERATOR, "recordings": [self.count, self.seconds]}

    def check(self) -> list[str]:
        """Nothing can be missing."""
        return []

    def recordings(self, world: int) -> Iterable[Recording]:
        from tasks.data.audio.rendered_drums import render_all

        return render_all(world, self.count, self.seconds)


@dataclass(frozen=True)
class RenderedPercussion(RenderedKits):
    """Likewise, amid much further percussion."""

    name: str = "rendered kits amid percussion"
    cross_stick: bool = True
    """Whether strokes on the rim are snare strokes."""

    def key(self) -> dict[str, Any]:
        from tasks.data.audio.rendered_drums import PERCUSSION

        return {**super().key(), "percussion": PERCUSSION, "cross_stick": self.cross_stick}

    def recordings(self, world: int) -> Iterable[Recording]:
        from tasks.data.audio.rendered_drums import render_all_amid_percussion

        return render_all_amid_percussion(world, self.count, self.seconds, self.cross_stick)


@dataclass(frozen=True)
class OriginalDrums:
    """The files of IDMT-SMT-Drums in the folder ``root``; ``partial`` accepts some of them."""

    root: Path
    partial: bool = False
    worlds: int = 1
    parts: tuple[float, float, float] = (0.7, 0.15, 0.15)
    published: bool = True

    @property
    def name(self) -> str:
        from tasks.data.original.idmt_smt_drums import NAMES, recordings_found

        return _named("IDMT-SMT-Drums", recordings_found(self.root), len(NAMES))

    @property
    def families(self) -> tuple[str, ...]:
        from tasks.data.original.idmt_smt_drums import FAMILIES

        return FAMILIES

    def key(self) -> dict[str, Any]:
        from tasks.data.original.idmt_smt_drums import fingerprint

        return {"idmt_smt_drums": fingerprint(self.root), "protocol": 2}

    def check(self) -> list[str]:
        from tasks.data.original.idmt_smt_drums import check

        return check(self.root, partial=self.partial)

    def recordings(self, world: int) -> Iterable[Recording]:
        from tasks.data.original.idmt_smt_drums import read_all

        return read_all(self.root)


@dataclass(frozen=True)
class OriginalDrummers:
    """The minus-one files of ENST-Drums in the folder ``root``; ``partial`` accepts some of them.

    Attributes:
        mix: folder of sound files.
        cross_stick: what cross sticks and rim shots are.
    """

    root: Path
    mix: Literal["wet_mix", "dry_mix"]
    cross_stick: Literal["snare", "other"]
    partial: bool = False
    worlds: int = 1
    parts: tuple[float, float, float] = (0.7, 0.15, 0.15)
    published: bool = True

    @property
    def name(self) -> str:
        from tasks.data.original.enst_drums import PIECES, recordings_found

        whole = sum(map(len, PIECES.values()))
        label = f"ENST-Drums minus-one, {self.mix}, cross stick as {self.cross_stick}"
        return _named(label, recordings_found(self.root), whole)

    @property
    def families(self) -> tuple[str, ...]:
        from tasks.data.original.enst_drums import DRUMMERS

        return DRUMMERS

    def key(self) -> dict[str, Any]:
        from tasks.data.original.enst_drums import fingerprint

        return {
            "enst_drums": fingerprint(self.root, self.mix),
            "mix": self.mix,
            "cross_stick": self.cross_stick,
            "protocol": 1,
        }

    def check(self) -> list[str]:
        from tasks.data.original.enst_drums import check

        return check(self.root, mix=self.mix, partial=self.partial)

    def recordings(self, world: int) -> Iterable[Recording]:
        from tasks.data.original.enst_drums import read_all

        return read_all(self.root, self.mix, self.cross_stick)


def _named(name: str, found: int, whole: int) -> str:
    """Says beside every number that some of the recordings are missing."""
    return name if found in (0, whole) else f"{name} (partial: {found} of {whole} recordings)"
