"""``bench list``: what there is."""

from __future__ import annotations

from typing import Annotated

import typer

from bench.cli.completion import Kind
from bench.cli.parameters import Json, load_plugins, print_json


def list_(
    kind: Annotated[Kind, typer.Argument(help="what to list")] = "losses", json: Json = False
) -> None:
    """List losses, tasks, sweeps, tables or claims."""
    from bench.catalogue.docstrings import plain
    from bench.catalogue.kinds import KINDS

    load_plugins()
    entries = KINDS[kind].entries()
    if json:
        print_json(entries)
        return
    width = max((len(entry["name"]) for entry in entries), default=0)
    for entry in entries:
        heads = f"[{', '.join(entry['heads'])}] " if "heads" in entry else ""
        typer.echo(f"{entry['name']:<{width}}  {heads}{plain(entry['summary'])}")
