"""The smallest data of a task, so that checking it is quick."""

from __future__ import annotations

from typing import Any, Literal, get_args, get_origin

from bench.plugin import Task


def tiny_options(cls: type[Task]) -> dict[str, Any]:
    """``{"size": …}`` where the task has a choice of sizes: ``tiny``, else the first one."""
    field = cls.model_fields.get("size")
    if field is None or get_origin(field.annotation) is not Literal:
        return {}
    sizes = get_args(field.annotation)
    return {"size": "tiny" if "tiny" in sizes else sizes[0]}
