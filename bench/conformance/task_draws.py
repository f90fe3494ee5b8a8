"""Noise of level σ is σ times the same standard draws, so that levels are compared on them."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from bench.conformance.outcome import NotApplicable
from bench.conformance.task_case import TaskCase, some_batch
from bench.conformance.task_labels import positions
from bench.conformance.task_options import is_level, noise_at_work, quiet
from bench.plugin import EventTarget

_FRACTIONS = (1 / 64, 1 / 16, 1 / 8, 1 / 4, 1 / 2)
_MOST_UNMOVED = 0.3
_LARGE = 3.0
"""Bins; labels on a grid are rounded, so smaller displacements say little."""
_FEWEST = 8


def common_draws(case: TaskCase, head: str) -> None:
    """Twice the noise moves labels twice as far.

    Holds for levels that move nearly every label; an option that moves a share of them, or changes
    how many there are, is no such level.
    """
    case = quiet(case)
    strongest = noise_at_work(case)
    levels = [option for option in strongest if is_level(case, option)]
    checked = [_twice_as_far(case, head, option, strongest[option]) for option in levels]
    if not any(checked):
        raise NotApplicable("no level of label noise moves labels")


def _twice_as_far(case: TaskCase, head: str, option: str, strongest: float) -> bool:
    """Whether the option moves labels, and an AssertionError unless by common draws."""
    clean = _labels(case, head)
    for fraction in _FRACTIONS:
        level = strongest * fraction
        once, twice = (_labels(case, head, **{option: s}) for s in (level, 2 * level))
        places = _matched(clean, once, twice)
        if places is None or len(places[0]) < _FEWEST:
            return False
        first, second = (moved - places[0] for moved in places[1:])
        size = float(second.abs().median())
        still = float((first.abs().amax(-1) == 0).double().mean())
        on_grid = isinstance(clean, EventTarget)
        if still > _MOST_UNMOVED or (on_grid and size < _LARGE):
            continue
        apart = float((second - 2 * first).abs().median())
        assert apart <= size / 2, (
            f"label noise '{option}': labels move {size:.3g} cells (median) at {2 * level:.3g}, "
            f"which is {apart:.3g} cells off twice their way at {level:.3g}: levels must scale "
            "the same standard draws"
        )
        return True
    return False


def _labels(case: TaskCase, head: str, **changes: Any) -> Any:
    return some_batch(case.splits(head, **changes).train)[1]


def _matched(*targets: Any) -> list[Tensor] | None:
    """Places of the same labels in several targets; None where the labels are not the same ones."""
    if all(isinstance(target, EventTarget) and target.events is not None for target in targets):
        maps = [target.located.round() for target in targets]
        counts = torch.stack([events.sum(-1) for events in maps])
        single = torch.stack([events.amax(-1) <= 1 for events in maps]).all(0)
        kept = single & (counts == counts[0]).all(0)
        return [torch.nonzero(events[kept])[:, -1:].double() for events in maps]
    places = [positions(target) for target in targets]
    found = [place for place in places if place is not None]
    alike = len(found) == len(targets) and len({place.shape for place in found}) == 1
    return found if alike else None
