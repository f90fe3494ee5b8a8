"""Rows of the leaderboard: losses named so that no two of one selection rule share a label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bench.artefacts.leaderboard_runs import MethodRuns
from bench.planning.trial import canonical_json
from results.leaderboard.board import Method
from results.store.trial_columns import flatten


def label_methods(found: Sequence[MethodRuns]) -> list[Method]:
    """Methods in the order given.

    A loss with fixed settings is labelled with the options in which those of its name differ; a
    tuned one with those of them that were not searched, so that it shares the label of the
    published one that it belongs to. A method that a sweep names goes by that name.
    """
    varying: dict[str, dict[str, set[str]]] = {}
    for one in found:
        if one.selection != "tuned" and one.name is None:
            options = varying.setdefault(one.loss, {})
            for name, value in flat_options(one.options).items():
                options.setdefault(name, set()).add(canonical_json(value))
    methods, taken = [], set()
    for one in found:
        options = flat_options(one.options)
        names = [n for n, values in varying.get(one.loss, {}).items() if len(values) > 1]
        label = one.name or _label(one.loss, {n: options[n] for n in names if n in options})
        group = "tuned" if one.selection == "tuned" else "fixed"
        if (group, label) in taken:
            label = _label(one.loss, options)
        taken.add((group, label))
        key = canonical_json([one.selection, one.name, one.loss, one.options])
        methods.append(Method(key, one.loss, label, one.selection, one.options))
    return methods


def flat_options(options: dict[str, Any]) -> dict[str, Any]:
    """Options of a loss by name, those of schedules one by one: ``alpha.start``."""
    return {name.partition(".")[2]: value for name, value in flatten("loss", options)}


def _label(loss: str, options: dict[str, Any]) -> str:
    shown = ", ".join(f"{name}={value}" for name, value in options.items())
    return f"{loss} ({shown})" if shown else loss
