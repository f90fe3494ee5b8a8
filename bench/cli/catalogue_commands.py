"""``bench list`` and ``bench show``: what there is and what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.parameters import Json, load_plugins, print_json

if TYPE_CHECKING:
    from bench.catalogue.kinds import Kind


def list_(
    kind: Annotated[
        str, typer.Argument(help="losses | tasks | sweeps | tables | claims")
    ] = "losses",
    json: Json = False,
) -> None:
    """List losses, tasks, sweeps, tables or claims."""
    entries = _kind(kind).entries()
    if json:
        print_json(entries)
        return
    width = max((len(entry["name"]) for entry in entries), default=0)
    for entry in entries:
        heads = f"[{', '.join(entry['heads'])}] " if "heads" in entry else ""
        typer.echo(f"{entry['name']:<{width}}  {heads}{entry['summary']}")


def show(
    name: Annotated[str, typer.Argument(help="a loss, task, sweep, table or claim")],
    kind: Annotated[
        str | None, typer.Option(help="losses, tasks, … where a name stands for several things")
    ] = None,
    json: Json = False,
) -> None:
    """Show what a loss, task or sweep is: equation, options with units and ranges, source."""
    from bench.catalogue.kinds import KINDS
    from bench.plugin import UsageError, nearest

    kinds = list(KINDS.values()) if kind is None else [_kind(kind)]
    load_plugins()
    for candidate in kinds:
        if name in candidate.names():
            entry = candidate.entry(name)
            if json:
                print_json(entry)
            else:
                typer.echo(candidate.page(entry), nl=False)
            return
    known = [known for candidate in kinds for known in candidate.names()]
    raise UsageError(f"unknown name '{name}'{nearest(name, known)}")


def _kind(name: str) -> Kind:
    from bench.catalogue.kinds import KINDS
    from bench.plugin import UsageError, nearest

    if name not in KINDS:
        raise UsageError(f"unknown kind '{name}'{nearest(name, KINDS)}")
    load_plugins()
    return KINDS[name]
