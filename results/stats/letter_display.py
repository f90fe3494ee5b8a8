"""Compact letter display: methods that share a letter are not told apart.

Insert and absorb (Piepho, Journal of Computational and Graphical Statistics 13, 2004): start with
one group of all; a pair that differs splits every group that holds both, and groups within others
are dropped.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def letter_groups(different: NDArray[np.bool_]) -> list[str]:
    """Letters of each method.

    Two methods share a letter exactly if they do not differ. Being told apart is not transitive, so
    a method may have several.

    Args:
        different: ``(n, n)`` symmetric; methods in the order in which letters are given, the best
            first.

    Raises:
        ValueError: not square or not symmetric.
    """
    if different.ndim != 2 or not np.array_equal(different, different.T):
        raise ValueError("whether methods differ is a symmetric matrix")
    n = len(different)
    groups = [frozenset(range(n))]
    for i, j in zip(*np.nonzero(np.triu(different, 1)), strict=True):
        split = []
        for group in groups:
            split += [group - {i}, group - {j}] if {i, j} <= group else [group]
        split = list(dict.fromkeys(split))
        groups = [group for group in split if not any(group < other for other in split)]
    ordered = sorted(sorted(group) for group in groups if group)
    return ["".join(_letter(k) for k, group in enumerate(ordered) if i in group) for i in range(n)]


def _letter(number: int) -> str:
    """a to z, then A to Z, then the characters that follow ``À``: one character per group."""
    alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return alphabet[number] if number < len(alphabet) else chr(0xC0 + number - len(alphabet))
