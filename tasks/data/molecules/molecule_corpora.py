"""Where frames of molecules come from: simulated filaments, or published stacks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from tasks.data.corpus import Corpus
from tasks.data.molecules.simulated_stacks import Stack

AMOUNTS: dict[str, tuple[int, int, int]] = {"tiny": (6, 3, 4), "full": (200, 20, 60)}
"""Simulated frames for training, validation and test."""
HELD_OUT = 2
"""Training frames of a published stack that validate, others in each replicate."""


class MoleculeCorpus(Corpus, Protocol):
    """A source of frames with molecules."""

    @property
    def per_frame(self) -> int:
        """Windows of a training frame."""
        ...

    def write(self, directory: Path) -> None:
        """What `stacks` will read, where data are prepared."""
        ...

    def stacks(
        self, directory: Path | None, draws: list[np.random.Generator]
    ) -> tuple[list[Stack], tuple[str, ...]]:
        """Training, validation and test frames of a replicate, and notes on them.

        Args:
            draws: a source of randomness for each part.
        """
        ...


@dataclass(frozen=True)
class SimulatedMolecules:
    """Blinking molecules on filaments, drawn anew in each replicate."""

    size: str
    name: str = "simulated filaments"
    worlds: int = 1
    per_frame: int = 50

    def key(self) -> dict[str, Any]:
        return {"generator": 1, "frames": list(AMOUNTS[self.size])}

    def check(self) -> None:
        """Nothing can be missing."""

    def write(self, directory: Path) -> None:
        """Nothing: drawing is cheap."""

    def stacks(
        self, directory: Path | None, draws: list[np.random.Generator]
    ) -> tuple[list[Stack], tuple[str, ...]]:
        from tasks.data.molecules.simulated_stacks import simulated_stack

        parts = zip(draws, AMOUNTS[self.size], strict=True)
        return [simulated_stack(draw, frames) for draw, frames in parts], ()


@dataclass(frozen=True)
class DeepStormDemo:
    """The stacks of Deep-STORM's first demonstration."""

    root: Path
    partial: bool = False
    worlds: int = 1
    per_frame: int = 500

    @property
    def name(self) -> str:
        from tasks.data.original.storm_stacks import is_complete

        complete = not self.partial or is_complete(self.root)
        return "Deep-STORM and EPFL tubulins" + ("" if complete else " (partial)")

    def key(self) -> dict[str, Any]:
        from tasks.data.original.storm_stacks import fingerprint

        return {"deep_storm": fingerprint(self.root)}

    def check(self) -> None:
        from tasks.data.original.storm_stacks import check

        check(self.root, partial=self.partial)

    def write(self, directory: Path) -> None:
        """Read both stacks, which takes seconds, and keep them as arrays."""
        from tasks.data.original.storm_stacks import PARTS, read

        for part in PARTS:
            stack, notes = read(self.root, part, partial=self.partial)
            np.savez(directory / f"{part}.npz", **vars(stack), notes=np.array(notes))

    def stacks(
        self, directory: Path | None, draws: list[np.random.Generator]
    ) -> tuple[list[Stack], tuple[str, ...]]:
        """Some of the training frames validate; the test frames are the same in all replicates."""
        assert directory is not None
        parts: dict[str, Stack] = {}
        notes: tuple[str, ...] = ()
        for part in ("train", "test"):
            with np.load(directory / f"{part}.npz") as kept:
                parts[part] = Stack(kept["frames"], kept["frame"], kept["position"])
                notes += tuple(map(str, kept["notes"]))
        order = draws[1].permutation(len(parts["train"]))
        held, rest = np.sort(order[:HELD_OUT]), np.sort(order[HELD_OUT:])
        return [parts["train"].take(rest), parts["train"].take(held), parts["test"]], notes
