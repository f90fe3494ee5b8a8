"""``bench claims``: what the finished trials say of the papers' claims; nothing is trained."""

from __future__ import annotations

from typing import Annotated

import typer

from bench.cli.completion import named
from bench.cli.parameters import (
    DEFAULT_STORE,
    Json,
    Reference,
    Replicates,
    Scale,
    StoreUrl,
    load_plugins,
    print_json,
)


def claims(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CLAIM]...",
            help="8, 8a or claim-8; default: all",
            autocompletion=named("claims"),
        ),
    ] = None,
    scale: Scale = "laptop",
    replicates: Replicates = None,
    store: StoreUrl = DEFAULT_STORE,
    reference: Reference = True,
    json: Json = False,
) -> None:
    """Give a verdict on each claim of the papers, in detail on those that are named."""
    from bench import api
    from bench.artefacts.claim_text import details, summary, to_json

    load_plugins()
    judged = api.claims(
        names or (), scale=scale, replicates=replicates, store=store, reference=reference
    )
    verdicts = [verdict for _, verdict in judged]
    if json:
        print_json([to_json(verdict) for verdict in verdicts])
    elif names:
        typer.echo("\n\n".join("\n".join(details(*one)) for one in judged))
    else:
        typer.echo("\n".join(summary(verdicts)))
