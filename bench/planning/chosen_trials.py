"""A plan of some of a sweep's trials."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from bench.planning.plan import Plan


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
