"""``bench surface`` and ``bench table``: artefacts from the store; nothing is trained."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.parameters import (
    DEFAULT_STORE,
    Out,
    Reference,
    Replicates,
    Scale,
    Sets,
    StoreUrl,
    Trials,
    load_plugins,
    make_plan,
    open_source,
)

if TYPE_CHECKING:
    from results.store.trial_source import TrialSource
    from results.tables.table import Table

SweepName = Annotated[str, typer.Argument(metavar="SWEEP", help="shipped sweep or FILE.yaml")]
TableName = Annotated[
    str,
    typer.Argument(metavar="ID", help="table-5.5, …, a sweep or FILE.yaml; see: bench list tables"),
]
Format = Annotated[str, typer.Option("--format", help="markdown, latex, csv or html")]

SUFFIXES = {"markdown": ".md", "latex": ".tex", "csv": ".csv", "html": ".html"}


def surface(
    sweep: SweepName,
    scale: Scale = "laptop",
    trials: Trials = None,
    replicates: Replicates = None,
    sets: Sets = None,
    store: StoreUrl = DEFAULT_STORE,
    reference: Reference = True,
    out: Out = None,
) -> None:
    """Draw the Nadaraya-Watson surfaces of a sweep: SVG, PNG and CSV."""
    from bench.artefacts.sweep_artefacts import render_surfaces
    from bench.plugin import UsageError

    planned = make_plan(sweep, scale, trials, replicates, sets)
    if not any(view.surface for view in planned.sweep.show):
        raise UsageError(f"sweep '{planned.sweep.name}' declares no surface under 'show'")
    source = open_source(store, reference)
    for path in render_surfaces(planned.after(source), source, out):
        typer.echo(str(path))


def table(
    name: TableName,
    scale: Scale = "laptop",
    form: Format = "markdown",
    trials: Trials = None,
    replicates: Replicates = None,
    sets: Sets = None,
    store: StoreUrl = DEFAULT_STORE,
    reference: Reference = True,
    out: Out = None,
) -> None:
    """Print a table of the papers, or the tables of a sweep."""
    from bench.artefacts.paper_tables import load
    from bench.plugin import UsageError, nearest
    from bench.specs.paper_table import is_declared
    from results.tables.table_formats import FORMATS

    if form not in FORMATS:
        raise UsageError(f"unknown format '{form}'{nearest(form, FORMATS)}")
    source = open_source(store, reference)
    if is_declared(name):
        for option, value in (("trials", trials), ("replicates", replicates), ("set", sets)):
            if value is not None:
                raise UsageError(f"--{option} changes a sweep, and '{name}' is a declared table")
        load_plugins()
        tables = load(name, scale).fill(source)
    else:
        tables = list(_sweep_tables(name, scale, trials, replicates, sets, source))
    for made in tables:
        typer.echo(FORMATS[form](made))
    if out is not None:
        write_tables(tables, name, out)


def _sweep_tables(
    name: str,
    scale: str,
    trials: int | None,
    replicates: int | None,
    sets: list[str] | None,
    source: TrialSource,
) -> Iterator[Table]:
    from bench.artefacts.sweep_artefacts import sweep_tables
    from bench.plugin import UsageError, nearest
    from bench.specs.declarations import is_file_name
    from bench.specs.paper_table import tables
    from bench.specs.sweep import shipped

    if name not in shipped() and not is_file_name(name):
        known = [*tables(), *shipped()]
        raise UsageError(f"unknown table or sweep '{name}'{nearest(name, known)}")
    planned = make_plan(name, scale, trials, replicates, sets)
    if not any(view.table for view in planned.sweep.show):
        raise UsageError(f"sweep '{planned.sweep.name}' declares no table under 'show'")
    yield from sweep_tables(planned.after(source), source)


def write_tables(tables: list[Table], name: str, out: Path) -> list[Path]:
    """One file per format, each with all ``tables``; returns the files."""
    from results.tables.table_formats import FORMATS

    out.mkdir(parents=True, exist_ok=True)
    written = []
    for form, suffix in SUFFIXES.items():
        texts = [FORMATS[form](table) for table in tables]
        if form == "csv":  # one header
            texts = [texts[0], *(text.partition("\n")[2] for text in texts[1:])]
        path = out / f"{Path(name).stem if name.endswith(('.yaml', '.yml')) else name}{suffix}"
        path.write_text("".join(texts) if form == "csv" else "\n".join(texts), encoding="utf-8")
        written.append(path)
    return written
