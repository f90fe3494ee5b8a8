"""Where the recordings of the piano task come from: rendered scores, or the original MAPS."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from bench.plugin import UsageError
from tasks.data.corpus import Corpus

if TYPE_CHECKING:
    from tasks.data.audio.rendered_piano import PianoRecording


class PianoCorpus(Corpus, Protocol):
    """Recordings to train and to test, and what is known without reading them."""

    @property
    def validation(self) -> float:
        """Share of the pieces of music to train that validate instead."""
        ...

    def remarks(self) -> dict[str, Any]:
        """What a reader of a trial should know of the data: what was left out, and why."""
        ...

    def recordings(self, world: int) -> Iterable[PianoRecording]:
        """All of a world, in order."""
        ...


@dataclass(frozen=True)
class RenderedScores:
    """``train`` and ``test`` recordings of ``seconds`` each, rendered anew in each world."""

    train: int
    test: int
    seconds: float
    name: str = "rendered scores"
    worlds: int = 10
    validation: float = 0.2

    def key(self) -> dict[str, Any]:
        from tasks.data.audio.rendered_piano import GENERATOR

        return {"generator": GENERATOR, "recordings": [self.train, self.test, self.seconds]}

    def check(self) -> None:
        """The corpus that music21 brings is the one that results are named after.

        Raises:
            UsageError: it is another.
        """
        from tasks.data.audio.piano_scores import CONTENT, content

        if content() != CONTENT:
            raise UsageError(
                "piano: the installed music21 brings other scores than those expected; "
                "constraints.txt names the version that has them"
            )

    def remarks(self) -> dict[str, Any]:
        return {}

    def recordings(self, world: int) -> Iterable[PianoRecording]:
        from tasks.data.audio.rendered_piano import render_all

        return render_all(world, self.train, self.test, self.seconds)


@dataclass(frozen=True)
class OriginalMaps:
    """The files of MAPS in the folder ``root``.

    Attributes:
        training: pieces to train, 139 without those of the test set or all 210.
        partial: accept some of the files.
    """

    root: Path
    training: int = 139
    partial: bool = False
    worlds: int = 1
    validation: float = 0.1

    @property
    def name(self) -> str:
        """Says how many pieces train, without which no two results can be compared."""
        return f"MAPS{' (partial)' * self.partial}, {self.training} to train, 60 to test"

    def key(self) -> dict[str, Any]:
        from tasks.data.original.maps import fingerprint

        return {"maps": fingerprint(self.root, self.training)}

    def check(self) -> None:
        from tasks.data.original.maps import check

        check(self.root, self.training, partial=self.partial)

    def remarks(self) -> dict[str, Any]:
        from tasks.data.original.maps import left_out

        return left_out(self.root, self.training)

    def recordings(self, world: int) -> Iterable[PianoRecording]:
        from tasks.data.original.maps import read_all

        return read_all(self.root, self.training)
