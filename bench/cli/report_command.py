"""``bench report``: all results as a static site; nothing is trained."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from bench.cli.parameters import (
    DEFAULT_STORE,
    Reference,
    Scale,
    StoreUrl,
    load_plugins,
    say,
)


def report(
    sweeps: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILE.yaml]...", help="your own sweeps, shown with the shipped ones"
        ),
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", help="Folder of the site; replaced if it is one")
    ] = Path("site"),
    scale: Scale = "laptop",
    store: StoreUrl = DEFAULT_STORE,
    reference: Reference = True,
) -> None:
    """Write all results as a static site: open index.html, no server needed."""
    from bench import api

    load_plugins()
    mlflow = os.environ.get("MLFLOW_TRACKING_URI") or None
    pages = api.report(
        out, sweeps or (), scale=scale, store=store, reference=reference, mlflow=mlflow
    )
    files = [path for path in out.rglob("*") if path.is_file()]
    weight = sum(path.stat().st_size for path in files)
    say(f"{len(pages)} pages, {len(files)} files, {weight / 1e6:.1f} MB")
    typer.echo(str(out / "index.html"))
