"""``bench reproduce``: a table or figure of the papers by its id; runs only what is missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.artefact_commands import write_tables
from bench.cli.parameters import (
    DEFAULT_STORE,
    Out,
    Reference,
    Scale,
    StoreUrl,
    load_plugins,
    make_plan,
    open_source,
    open_store,
    say,
)
from bench.cli.sweep_commands import Address, Verbose, run_missing

if TYPE_CHECKING:
    from bench.artefacts.paper_tables import PaperTable
    from bench.planning.plan import Plan


def reproduce(
    artefact: Annotated[
        str, typer.Argument(metavar="ID", help="figure-5.8, … or FILE.yaml; see: list tables")
    ],
    scale: Scale = "laptop",
    address: Address = None,
    store: StoreUrl = DEFAULT_STORE,
    reference: Reference = True,
    out: Out = None,
    verbose: Verbose = False,
) -> None:
    """Make a table or figure of the papers: run what is missing, then render it."""
    from bench.artefacts.paper_tables import load as load_table
    from bench.plugin import UsageError, nearest
    from bench.specs.declarations import is_file_name
    from bench.specs.paper_table import find, is_figure, read_figure, table_files
    from results.tables.published_numbers import names

    load_plugins()
    if artefact in names() and artefact not in table_files():
        raise UsageError(
            f"'{artefact}': its published numbers are here, but no task of pointbench makes it yet"
        )
    path = find(artefact)
    if is_figure(path):
        from bench.artefacts.sweep_artefacts import existing, render

        figure = read_figure(path)
        sweep = str(path.parent / figure.sweep) if is_file_name(figure.sweep) else figure.sweep
        plan = make_plan(sweep, scale)
        shown = [view.surface.value for view in plan.sweep.show if view.surface]
        if figure.surface not in shown:
            raise UsageError(
                f"{path}: sweep '{figure.sweep}' shows no surface of '{figure.surface}'"
                + nearest(figure.surface, shown)
            )
        failed = _run((plan,), store, reference, address, verbose)
        source = open_source(store, reference)
        for written in existing(plan, source, out) or render(plan, source, out):
            typer.echo(str(written))
    else:
        table = load_table(artefact, scale)
        failed = _run(table.needed(), store, reference, address, verbose)
        _print_table(table, artefact, store, reference, out)
    if failed:
        raise typer.Exit(1)


def _run(
    plans: tuple[Plan, ...], store: str, reference: bool, address: str | None, verbose: bool
) -> int:
    """Train what neither the store nor the reference has; returns how many trials failed."""
    from results.store.trial_source import REFERENCE
    from results.store.trial_store import Store

    failed = 0
    borrowing = reference and Store.exists(REFERENCE)
    known = open_source(store, reference).statuses() if borrowing else {}
    for plan in plans:
        missing = tuple(one for one in plan.trials if one.trial_id not in known)
        if missing:
            rest = replace(plan, trials=missing)
            failed += run_missing(rest, open_store(store, create=True), address, verbose).failed
        else:
            say(f"{plan.sweep.name} ({plan.scale}): all {len(plan.trials)} trials are there")
    return failed


def _print_table(
    table: PaperTable, name: str, store: str, reference: bool, out: Path | None
) -> None:
    from results.tables.table_formats import FORMATS

    source = open_source(store, reference)
    tables = table.fill(source)
    for made in tables:
        typer.echo(FORMATS["markdown"](made))
    if out is None:
        out = (Path() if "://" in source.url else Path(source.url)) / "artefacts"
    for path in write_tables(tables, name, out):
        typer.echo(str(path))
