"""Proposals of Optuna's tree-structured Parzen estimator, as a pure function of earlier results."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bench.plugin import Choice, Domain, IntUniform, LogUniform, Uniform
from bench.specs.yaml_file import KeyPath

Space = tuple[tuple[KeyPath, Domain], ...]
Point = tuple[Any, ...]
"""Values in the order of the space; of a choice the position of its value."""


@dataclass(frozen=True)
class Observation:
    """A point that was tried.

    Attributes:
        value: of the objective; None if the trial has none, which counts as the worst.
        rung: training steps after which the search gave it up; None if it was trained in full.
    """

    point: Point
    value: float | None
    rung: int | None = None


def draw_point(space: Space, fraction: Callable[[KeyPath], float]) -> Point:
    """The point at a uniform draw for each parameter."""
    return tuple(_positions(domain).at(fraction(path)) for path, domain in space)


def options_at(space: Space, point: Point) -> dict[KeyPath, Any]:
    """Option values of a point."""
    return {
        path: domain.values[value] if isinstance(domain, Choice) else value
        for (path, domain), value in zip(space, point, strict=True)
    }


def propose(
    space: Space, observed: tuple[Observation, ...], count: int, direction: str, seed: int
) -> tuple[Point, ...]:
    """Points to try next; the first n of them are the same for every ``count`` ≥ n.

    Args:
        direction: ``max`` or ``min``.
    """
    domains = tuple(_positions(domain) for _, domain in space)
    points = _ask(domains, observed, count, direction, seed)
    return tuple(tuple(map(rounded, point, domains)) for point in points)


@lru_cache(maxsize=4096)
def _ask(
    domains: tuple[Domain, ...],
    observed: tuple[Observation, ...],
    count: int,
    direction: str,
    seed: int,
) -> tuple[Point, ...]:
    import optuna
    from optuna.trial import TrialState, create_trial

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    forms = {f"{number:03}": _distribution(domain) for number, domain in enumerate(domains)}
    # The first round is drawn elsewhere: all proposals here come from the estimator. Of a point
    # that it has just proposed it assumes the worst (the constant liar), and keeps away.
    sampler = optuna.samplers.TPESampler(
        seed=seed, n_startup_trials=0, multivariate=True, constant_liar=True
    )
    study = optuna.create_study(
        direction="maximize" if direction == "max" else "minimize", sampler=sampler
    )
    worst = -math.inf if direction == "max" else math.inf
    for seen in observed:
        value = worst if seen.value is None else seen.value
        ended: dict[str, Any] = {"state": TrialState.COMPLETE, "value": value}
        if seen.rung is not None:
            ended = {"state": TrialState.PRUNED, "intermediate_values": {seen.rung: value}}
        params = dict(zip(forms, seen.point, strict=True))
        study.add_trial(create_trial(params=params, distributions=forms, **ended))
    asked = [study.ask(forms).params for _ in range(count)]
    return tuple(tuple(params[name] for name in forms) for params in asked)


def _positions(domain: Domain) -> Domain:
    """The domain; of a choice, the domain of its values' positions."""
    return Choice(*range(len(domain.values))) if isinstance(domain, Choice) else domain


def rounded(value: Any, domain: Domain) -> Any:
    """``value`` inside the domain, a number to 1 / 10,000 of the domain's width or of itself.

    The last bits of floating-point arithmetic differ between machines; with them a trial's id
    would, and a search begun on one machine could not go on on another.
    """
    match domain:
        case Uniform(low, high):
            value = round(value, 4 - math.floor(math.log10(high - low)))
        case LogUniform(low, high):
            value = float(f"{value:.5g}")
        case _:
            return value
    return min(max(value, low), domain.at(1 - 2.0**-53))


def _distribution(domain: Domain) -> Any:
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    match domain:
        case LogUniform(low, high):
            return FloatDistribution(low, high, log=True)
        case Uniform(low, high):
            return FloatDistribution(low, high)
        case IntUniform(low, high):
            return IntDistribution(low, high)
        case Choice(values):
            return CategoricalDistribution(values)
    raise TypeError(f"no search over {domain!r}")
