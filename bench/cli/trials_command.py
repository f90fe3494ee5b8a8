"""``bench trials``: what a store holds, trial by trial."""

from __future__ import annotations

import typer

from bench.cli.parameters import DEFAULT_STORE, StoreUrl, load_plugins, open_store

app = typer.Typer(no_args_is_help=True, help="The trials of a store.")


@app.callback()
def trials() -> None:
    """The trials of a store."""


@app.command()
def migrate(store: StoreUrl = DEFAULT_STORE) -> None:
    """Keep trials of an earlier pointbench under today's ids too; doing it twice adds nothing.

    Nothing is trained. Trials whose configuration would give another result today are left alone.
    """
    from bench.planning.migration import migrated

    load_plugins()
    opened = open_store(store)
    known = opened.statuses()
    written = 0
    for record in migrated(opened.records()):
        if record.trial_id not in known:
            opened.append(record)
            written += 1
    opened.compact()
    typer.echo(f"{written} of {len(known)} trials are now kept under today's ids, too")
