"""``bench claims``: what the finished trials say of the papers' claims; nothing is trained."""

from __future__ import annotations

from typing import Annotated

import typer

from bench.cli.parameters import (
    DEFAULT_STORE,
    Json,
    Reference,
    Replicates,
    Scale,
    StoreUrl,
    load_plugins,
    open_source,
    print_json,
)

Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="[CLAIM]...", help="8, 8a, claim-8 or FILE.yaml; default: all"),
]


def claims(
    names: Names = None,
    scale: Scale = "laptop",
    replicates: Replicates = None,
    store: StoreUrl = DEFAULT_STORE,
    reference: Reference = True,
    json: Json = False,
) -> None:
    """Give a verdict on each claim of the papers, in detail on those that are named."""
    from bench.artefacts.claim_text import details, summary, to_json
    from bench.artefacts.claim_verdicts import Judge
    from bench.specs.claim_entries import entries, find

    load_plugins()
    if names:
        chosen = list({claim.id: claim for name in names for claim in find(name)}.values())
    else:
        chosen = [claim for entry in entries() for claim in entry.claims]
    judge = Judge(open_source(store, reference), scale, replicates)
    verdicts = [judge.verdict(claim) for claim in chosen]
    if json:
        print_json([to_json(verdict) for verdict in verdicts])
        return
    if not names:
        typer.echo("\n".join(summary(verdicts)))
        return
    pages = [details(claim, verdict) for claim, verdict in zip(chosen, verdicts, strict=True)]
    typer.echo("\n\n".join("\n".join(page) for page in pages))
