"""``bench reference``: the results that come with pointbench."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bench.cli.completion import named
from bench.cli.parameters import (
    DEFAULT_STORE,
    Json,
    Scale,
    StoreUrl,
    load_plugins,
    open_store,
    print_json,
    say,
)
from bench.planning.plan_size import trials_text

app = typer.Typer(help="The results that come with pointbench.", no_args_is_help=True)


@app.command("list")
def list_(json: Json = False) -> None:
    """Trials by sweep, where they were run, and how many are of older versions."""
    from bench.artefacts.reference_contents import describe_reference, reference_lines
    from results.store.trial_source import REFERENCE

    load_plugins()
    rows = describe_reference(open_store(str(REFERENCE)))
    if json:
        print_json(rows)
    else:
        typer.echo("\n".join(reference_lines(rows)))


@app.command()
def write(
    sweeps: Annotated[
        list[str],
        typer.Argument(metavar="SWEEP...", help="shipped sweeps", autocompletion=named("sweeps")),
    ],
    out: Annotated[Path, typer.Option(help="folder to replace, such as results/reference")],
    scale: Scale = "laptop",
    store: StoreUrl = DEFAULT_STORE,
) -> None:
    """Make reference results from the trials of a store that the sweeps plan.

    A trial that several sweeps plan goes under the name of the first.
    """
    from bench.artefacts.reference_contents import planned_records
    from results.store.reference_results import write_reference

    load_plugins()
    records, lines = planned_records(sweeps, scale, open_store(store))
    for line in lines:
        say(line)
    number = write_reference(records, out)
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    typer.echo(f"{out}: {trials_text(number)}, {size / 1024:.0f} KiB")
