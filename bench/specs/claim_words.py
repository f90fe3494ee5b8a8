"""What claims say, in words for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from results.claims.claim_model import Claim

WIDTH = 80
"""Columns of running text; lines of a table may be longer."""


def page(claims: Sequence[Claim], title: str) -> str:
    """What is declared, without verdicts."""
    blocks = ["\n".join(wrapped(f"claim {claims[0].number}  {title}"))]
    for claim in claims:
        lines = [
            *wrapped(f"{claim.id}  {claim.title}"),
            *wrapped(f"Source: {claim.source}", indent="  "),
        ]
        if claim.proof is not None:
            lines.append(f"  A theorem: checked by {claim.proof}")
        else:
            lines += [f"  Task {claim.task}, sweep {claim.sweep}", *rules(claim)]
            lines += wrapped(_planned(claim), indent="  ")
        blocks.append("\n".join(lines))
    blocks.append(f"Verdict: bench claims {claims[0].number}")
    return "\n\n".join(blocks) + "\n"


def printable(text: str) -> str:
    """``text`` on one line, with escape sequences for what a terminal would act on."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def rules(claim: Claim) -> list[str]:
    """What each part of a claim says, and where its margin comes from."""
    lines = []
    for part in claim.parts:
        places = part.places()
        rule = f"Claimed: {part.rule()}" + (f", for {places}" if places else "")
        lines += wrapped(rule, indent="  ")
        lines += wrapped(f"Margin: {part.margin_rule()}; {part.origin}", indent="  ")
    return lines


def _planned(claim: Claim) -> str:
    """How many replicates the claim takes, and on whose word it stands."""
    if claim.ours:
        return "Ours: the paper announces it and measures nothing."
    if all(part.printed is None for part in claim.parts):
        return "No effect is printed."
    return (
        f"A result equal to the printed one is likely to be supported with {claim.replicates} "
        "replicates."
    )


def wrapped(text: str, indent: str = "") -> list[str]:
    """``text`` in lines of at most `WIDTH` columns, the later ones indented further."""
    return textwrap.wrap(
        printable(text),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + "  ",
        break_on_hyphens=False,
    )
