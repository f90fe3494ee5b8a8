"""``bench mlflow``: complete the mirror, look at it."""

from __future__ import annotations

import subprocess
import sys

import typer

from bench.cli.parameters import DEFAULT_STORE, StoreUrl, open_store
from bench.planning.plan_size import trials_text

app = typer.Typer(no_args_is_help=True, help="The MLflow mirror of the store.")


@app.command()
def sync(store: StoreUrl = DEFAULT_STORE) -> None:
    """Write every trial that MLflow lacks; doing it twice adds nothing."""
    from bench.execution.mlflow_mirror import Mirror, default_uri, one_line
    from bench.execution.mlflow_mirror import sync as write_missing
    from bench.plugin import UsageError

    opened = open_store(store)
    mirror = Mirror(opened, default_uri(opened))
    try:
        new, present = write_missing(opened, mirror)
    except Exception as error:
        raise UsageError(
            f"MLflow at {mirror.shown_uri} cannot be written: {one_line(error)}"
        ) from None
    typer.echo(f"{trials_text(new)} written to {mirror.shown_uri}, {present} were there")


@app.command()
def ui(store: StoreUrl = DEFAULT_STORE, port: int = 5000) -> None:
    """Serve MLflow's pages on this machine (127.0.0.1 only)."""
    from bench.execution.mlflow_mirror import default_uri

    uri = default_uri(open_store(store))
    command = [sys.executable, "-m", "mlflow", "ui", "--host", "127.0.0.1", "--port", str(port)]
    raise typer.Exit(subprocess.call([*command, "--backend-store-uri", uri]))
