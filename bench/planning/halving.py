"""Successive halving by rounds: which settings deserve a longer training (Li et al. 2020, ASHA)."""

from __future__ import annotations

from collections.abc import Sequence


def rung_steps(min_steps: int, steps: int, reduction: int) -> tuple[int, ...]:
    """Training steps of each rung: each has ``reduction`` times those of the one below."""
    rungs = []
    while min_steps < steps:
        rungs.append(min_steps)
        min_steps *= reduction
    return (*rungs, steps)


def promotions(scores: Sequence[Sequence[float | None]], rungs: int, reduction: int) -> list[int]:
    """Settings that go one rung up, by index, the highest rung first.

    Of the n settings that a rung has seen, the best ⌊n / reduction⌋ go on. Equal scores go to the
    setting that was proposed first; one without a score never goes on.

    Args:
        scores: of each setting on every rung that it has reached, larger ones better.
    """
    chosen = []
    for rung in reversed(range(rungs - 1)):
        seen = {index: score[rung] for index, score in enumerate(scores) if len(score) > rung}
        ordered = sorted((-value, index) for index, value in seen.items() if value is not None)
        best = [index for _, index in ordered[: len(seen) // reduction]]
        chosen += [index for index in best if len(scores[index]) == rung + 1]
    return chosen
