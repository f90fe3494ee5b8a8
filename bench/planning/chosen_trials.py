"""Some of a sweep's trials: by id, or by the values that they have."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from bench.planning.plan import Plan
from bench.planning.trial import PlannedTrial


def chosen(plan: Plan, ids: Collection[str]) -> Plan:
    """The plan without all trials but these, in planned order.

    Only for a plan that needs no results: a search has no trials to choose from.

    Raises:
        ValueError: the plan is a search, or has no trial of an id.
    """
    if plan.rounds:
        raise ValueError(f"sweep '{plan.sweep.name}' is a search, of which no trials are chosen")
    unknown = set(ids) - set(plan.ids)
    if unknown:
        raise ValueError(f"sweep '{plan.sweep.name}' plans no trial {sorted(unknown)[0]}")
    return replace(plan, trials=tuple(one for one in plan.trials if one.trial_id in set(ids)))


def matches(planned: PlannedTrial, where: dict[str, Any]) -> bool:
    """Whether a planned trial has the values of ``where``: ``{"loss": …, "task.noise": 0.05}``.

    A list stands for any of its values, such as those of several scales.
    """
    for key, wanted in where.items():
        section, _, path = key.partition(".")
        value: Any = planned.config.get(section)
        for part in path.split(".") if path else ["name"]:
            value = value.get(part) if isinstance(value, dict) else None
        if value != wanted and not (isinstance(wanted, list) and value in wanted):
            return False
    return True
