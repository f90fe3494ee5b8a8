"""``bench list`` and ``bench show``: what there is and what it is."""

from __future__ import annotations

import inspect
from typing import Annotated, Any

import typer

from bench.commands.shared import Json, load_plugins, print_json

_KINDS = ("losses", "tasks", "sweeps", "tables")


def list_(
    kind: Annotated[str, typer.Argument(help=" | ".join(_KINDS))] = "losses", json: Json = False
) -> None:
    """List losses, tasks, sweeps or tables."""
    from bench.plugin import UsageError, nearest

    if kind not in _KINDS:
        raise UsageError(f"unknown kind '{kind}'{nearest(kind, _KINDS)}")
    load_plugins()
    entries = {
        "losses": lambda: _plugins("loss"),
        "tasks": lambda: _plugins("task"),
        "sweeps": _sweeps,
        "tables": _tables,
    }[kind]()
    if json:
        print_json(entries)
        return
    width = max((len(entry["name"]) for entry in entries), default=0)
    for entry in entries:
        heads = f"[{', '.join(entry['heads'])}] " if "heads" in entry else ""
        typer.echo(f"{entry['name']:<{width}}  {heads}{entry['summary']}")


def show(
    name: Annotated[str, typer.Argument(help="a loss, task or sweep")], json: Json = False
) -> None:
    """Show what a loss, task or sweep is: equation, options with units and ranges, source."""
    from bench.plugin import UsageError, nearest
    from bench.plugin.registry import losses, tasks
    from bench.sweep import shipped

    load_plugins()
    for kind, registry in (("loss", losses), ("task", tasks)):
        if name in registry.names():
            entry = _describe(kind, name, registry.get(name))
            if json:
                print_json(entry)
            else:
                _print_plugin(entry)
            return
    if name in shipped():
        typer.echo(shipped()[name].read_text(encoding="utf-8"), nl=False)
        return
    known = [*losses.names(), *tasks.names(), *shipped()]
    raise UsageError(f"unknown name '{name}'{nearest(name, known)}")


def _plugins(kind: str) -> list[dict[str, Any]]:
    from bench.plugin import registry

    chosen = registry.losses if kind == "loss" else registry.tasks
    return [_describe(kind, name, chosen.get(name)) for name in chosen.names()]


def _describe(kind: str, name: str, cls: Any) -> dict[str, Any]:
    from bench.plugin import describe_options

    text = inspect.getdoc(cls) or ""
    entry = {
        "name": name,
        "kind": kind,
        "summary": text.split("\n", 1)[0],
        "description": text,
        "heads": sorted(cls.heads),
        "source": cls.source,
        "version": cls.version,
        "module": cls.__module__,
        "options": describe_options(cls),
        "space": {option: domain.describe() for option, domain in cls.space.items()},
    }
    if kind == "task":
        entry["metrics"] = [
            {
                "name": metric.name,
                "direction": metric.direction,
                "range": [metric.low, metric.high],
                "unit": metric.unit,
                "description": metric.description,
            }
            for metric in cls.metrics
        ]
    return entry


def _print_plugin(entry: dict[str, Any]) -> None:
    typer.echo(f"{entry['kind']} {entry['name']}  [{', '.join(entry['heads'])}]\n")
    typer.echo(entry["description"] + "\n")
    if entry["source"]:
        typer.echo(f"Source: {entry['source']}\n")
    typer.echo("Options:")
    for option in entry["options"]:
        default = "required" if option["required"] else f"default {option['default']}"
        facts = [option["type"], option["unit"], option["range"], default, option["description"]]
        typer.echo(f"  {option['name']}: " + ", ".join(str(fact) for fact in facts if fact))
    if entry["space"]:
        typer.echo("Search space:")
        for option, domain in entry["space"].items():
            typer.echo(f"  {option}: {domain}")
    for metric in entry.get("metrics", []):
        typer.echo(f"Metric {metric['name']} ({metric['direction']}): {metric['description']}")


def _sweeps() -> list[dict[str, Any]]:
    from bench.sweep import load, shipped

    entries = []
    for name in shipped():
        sweep = load(name).sweep
        entries.append(
            {
                "name": name,
                "summary": sweep.title,
                "source": sweep.source,
                "reproduces": sweep.reproduces,
            }
        )
    return entries


def _tables() -> list[dict[str, Any]]:
    return [
        {"name": artefact, "summary": sweep["summary"], "sweep": sweep["name"]}
        for sweep in _sweeps()
        for artefact in sweep["reproduces"]
    ]
