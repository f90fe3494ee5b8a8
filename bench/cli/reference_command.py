"""``bench reference``: the results that come with pointbench."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

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

app = typer.Typer(help="The results that come with pointbench.", no_args_is_help=True)


@app.command("list")
def list_(json: Json = False) -> None:
    """Trials by sweep, where they were run, and how many are of older versions."""
    from bench.planning.plan import plan
    from bench.specs.sweep import shipped
    from results.store.trial_source import REFERENCE
    from results.store.trial_store import Store

    load_plugins()
    reference = Store.open(REFERENCE, create=False)
    frame = reference.load(
        columns=["trial_id", "sweep", "scale", "status", "hardware", "git_revision"]
    )
    rows: list[dict[str, Any]] = []
    for (sweep, scale), trials in frame.groupby(["sweep", "scale"]):
        current: set[str] = set()
        if sweep in shipped():
            current = set(plan(str(sweep), str(scale), results=reference).ids)
        rows.append(
            {
                "sweep": sweep,
                "scale": scale,
                "trials": len(trials),
                "finished": int((trials["status"] == "finished").sum()),
                "not planned any more": int((~trials["trial_id"].isin(current)).sum()),
                "hardware": sorted(set(trials["hardware"])),
                "git_revisions": sorted(set(trials["git_revision"].dropna())),
            }
        )
    if json:
        print_json(rows)
        return
    for row in rows:
        typer.echo(
            f"{row['sweep']} ({row['scale']}): {row['trials']} trials, {row['finished']} finished, "
            f"{row['not planned any more']} not planned any more; {', '.join(row['hardware'])}"
        )


@app.command()
def write(
    sweeps: Annotated[list[str], typer.Argument(metavar="SWEEP...", help="shipped sweeps")],
    out: Annotated[Path, typer.Option(help="folder to replace, such as results/reference")],
    scale: Scale = "laptop",
    store: StoreUrl = DEFAULT_STORE,
) -> None:
    """Make reference results from the trials of a store that the sweeps plan.

    A trial that several sweeps plan goes under the name of the first.
    """
    from dataclasses import replace

    from bench.planning.plan import plan
    from results.store.reference_results import write_reference

    load_plugins()
    opened = open_store(store)
    known, owner = set(opened.statuses()), dict[str, str]()
    for sweep in sweeps:
        planned = plan(sweep, scale, results=opened)
        missing = set(planned.ids) - known
        if missing:
            say(f"{sweep}: {len(missing)} of {len(planned.ids)} trials are missing")
        owner = {**dict.fromkeys(planned.ids, planned.sweep.name), **owner}
    records = opened.records(set(owner))
    number = write_reference((replace(it, sweep=owner[it.trial_id]) for it in records), out)
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    typer.echo(f"{out}: {number} trials, {size / 1024:.0f} KiB")
