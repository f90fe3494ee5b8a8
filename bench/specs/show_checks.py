"""Checking, before anything runs, that what a sweep shows is something its trials will have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.plugin import Loss, Task, nearest
from bench.specs.sweep import Sweep
from bench.specs.yaml_file import KeyPath


def check_views(
    sweep: Sweep, tasks: Sequence[Task], losses: Sequence[Loss]
) -> Iterator[tuple[KeyPath, str]]:
    """Problems of ``show`` as (place, message).

    Args:
        tasks, losses: one object for each that the sweep names.
    """
    parameters = {f"task.{option}" for task in tasks for option in type(task).model_fields}
    parameters |= {f"loss.{option}" for loss in losses for option in type(loss).model_fields}
    metrics = {metric.name for task in tasks for metric in task.metrics}
    metrics |= {f"validation.{name}" for name in metrics}
    for number, view in enumerate(sweep.show):
        place: KeyPath = ("show", number)
        if (view.surface is None) == (view.table is None):
            yield place, "an entry of 'show' is either a surface or a table"
            continue
        named: list[tuple[KeyPath, str, set[str], str]] = []
        if view.surface is not None:
            for axis in ("x", "y"):
                name = getattr(view.surface, axis)
                named.append(((*place, "surface", axis), name, parameters, "parameter"))
            named.append(((*place, "surface", "value"), view.surface.value, metrics, "metric"))
        if view.table is not None:
            for axis in ("rows", "columns"):
                name = getattr(view.table, axis)
                known = parameters | {"task", "loss"}
                named.append(((*place, "table", axis), name, known, "parameter"))
            named.append(((*place, "table", "value"), view.table.value, metrics, "metric"))
        for where, name, known, kind in named:
            top = ".".join(name.split(".")[:2]) if kind == "parameter" else name
            if top not in known:
                yield where, f"unknown {kind} '{name}'{nearest(name, known)}"
