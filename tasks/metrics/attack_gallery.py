"""Pictures of attacks, as figures 7.1 and 7.2 of the thesis show them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasks.metrics.attack_outcomes import Outcomes

SHOWN = 2
"""Of each kind."""
GAP = 2
"""White pixels between a picture before the attack and after."""


def gallery(
    before: NDArray[np.uint8],
    clean: Outcomes,
    ours: Outcomes,
    rival: Outcomes,
    names: Sequence[str],
) -> dict[str, list[Any]]:
    """The first attacks that succeed, and the first that only the rival's do, by caption.

    A picture is a list of rows of grey values from 0 to 255, or of ``[red, green, blue]``: left the
    picture as it was, right as it is.

    Args:
        clean: what the classifier sees before the attack.
        names: of the classes.
    """
    missed = rival.success & ~ours.success
    kinds = {"": ours.success, "missed: ": missed}
    shown = {}
    for words, which in kinds.items():
        for row in np.flatnonzero(which)[:SHOWN]:
            text = f"{words}{seen(clean, row, names)} → {seen(ours, row, names)}"
            if rival.success[row]:
                text += f", evolution {names[rival.reached[row]]}"
            shown[f"{row}. {text}"] = _side_by_side(before[row], ours.images[row])
    return shown


def seen(outcomes: Outcomes, row: int, names: Sequence[str]) -> str:
    """``7 [93 %]``, with the number of pixels altered where there are any."""
    reached = outcomes.reached[row]
    text = f"{names[reached]} [{100 * outcomes.probabilities[row, reached]:.0f} %]"
    altered = outcomes.altered[row]
    return f"{text} by {altered} px" if altered else text


def _side_by_side(left: NDArray[np.uint8], right: NDArray[np.uint8]) -> list[Any]:
    gap = np.full((*left.shape[:2], GAP), 255, np.uint8)
    joined = np.concatenate([left, gap, right], -1).transpose(1, 2, 0)
    pixels: list[Any] = (joined[..., 0] if joined.shape[-1] == 1 else joined).tolist()
    return pixels
