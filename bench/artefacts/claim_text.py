"""Verdicts on claims for a terminal, readable without colour, and as JSON."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import Any

from bench.specs.claim_words import printable, rules, wrapped
from results.claims.claim_model import Claim
from results.claims.verdict import PartVerdict, Verdict
from results.stats.inference import LEVEL
from results.store.plain_json import without_nan

_ORDER = ("supported", "contradicted", "undecided", "no data")


def to_json(verdict: Verdict) -> dict[str, Any]:
    """JSON-able verdict; what is infinite or unknown is None."""
    entry: dict[str, Any] = without_nan(dataclasses.asdict(verdict))
    return entry


def summary(verdicts: Sequence[Verdict]) -> list[str]:
    """One line per claim, then what there are no data on and why."""
    rows = [
        (verdict.id, _outcome(verdict), _effect(verdict), printable(verdict.title))
        for verdict in verdicts
    ]
    header = ("id", "verdict", "effect [95 % interval]", "claim")
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(3)]
    lines = [_row(row, widths) for row in [header, *rows]]
    counts = [sum(verdict.verdict == outcome for verdict in verdicts) for outcome in _ORDER]
    lines += ["", ", ".join(f"{n} {name}" for n, name in zip(counts, _ORDER, strict=True) if n)]
    if any(verdict.chances for verdict in verdicts):
        lines.append("in brackets: chance of a verdict with so many replicates in all")
    lines += _reasons("not resolvable by replicates", verdicts, lambda one: one.not_resolvable)
    lines += _reasons(
        "no data", verdicts, lambda one: one.detail if one.verdict == "no data" else None
    )
    return lines


def _reasons(
    title: str, verdicts: Sequence[Verdict], reason: Callable[[Verdict], str | None]
) -> list[str]:
    """Under a title, each reason with its claims; nothing if no claim has one."""
    found: dict[str, list[str]] = {}
    for verdict in verdicts:
        why = reason(verdict)
        if why is not None:
            found.setdefault(printable(why), []).append(verdict.id)
    lines = [f"  {', '.join(ids)}: {why}" for why, ids in found.items()]
    return ["", f"{title}:", *lines] if lines else []


def details(claim: Claim, verdict: Verdict) -> list[str]:
    """All that a verdict rests on."""
    lines = [
        *wrapped(f"claim {claim.id}  {_outcome(verdict)}: {claim.title}"),
        *wrapped(f"Source: {claim.source}", indent="  "),
        *wrapped(f"Why: {verdict.detail}", indent="  "),
    ]
    if verdict.not_resolvable is not None:
        lines += wrapped(f"Not resolvable by replicates: {verdict.not_resolvable}", indent="  ")
    if verdict.parts:
        rows = [_part_row(part, (1 - verdict.level) / 2) for part in verdict.parts]
        header = (
            "",
            f"effect [{100 * verdict.level:.3g} % interval]",
            "claimed",
            "n",
            "p",
            "comparison",
        )
        widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header) - 1)]
        lines += ["  " + _row(row, widths) for row in [header, *rows]]
    return [*lines, *rules(claim)]


def _outcome(verdict: Verdict) -> str:
    if verdict.not_resolvable is not None:
        return f"{verdict.verdict}, not resolvable by replicates"
    if verdict.chances is None:
        return verdict.verdict
    known = {total: share for total, share in verdict.chances.items() if share is not None}
    shares = "/".join(f"{100 * share:.0f}" for share in known.values())
    return f"{verdict.verdict} ({shares} % at {'/'.join(map(str, known))})"


def _effect(verdict: Verdict) -> str:
    if verdict.effect is None:
        return "-"
    text = interval_text(verdict.effect, verdict.low, verdict.high)
    level = "" if math.isclose(verdict.level, LEVEL) else f" ({100 * verdict.level:.1f} %)"
    return f"{text} {verdict.unit}".rstrip() + level


def _part_row(part: PartVerdict, alpha: float) -> tuple[str, ...]:
    found = part.comparison
    evidence = found.evidence
    label = f"{found.metric}: {found.label}" + (f" [{found.obstacle}]" if found.obstacle else "")
    if evidence is None:
        return part.verdict, "-", found.region.text, "0", "", printable(label)
    return (
        part.verdict,
        interval_text(evidence.effect, *evidence.interval(alpha)),
        found.region.text,
        str(evidence.n),
        "" if math.isnan(part.p) else f"{part.p:.2g}",
        printable(label),
    )


def interval_text(effect: float, low: float | None, high: float | None) -> str:
    """``0.012 [0.004, 0.020]``; the effect alone where the interval is unknown."""
    if low is None or high is None or math.isnan(low) or math.isnan(high):
        return _number(effect)
    return f"{_number(effect)} [{_number(low)}, {_number(high)}]"


def _number(value: float) -> str:
    return f"{value:.4g}" if abs(value) >= 100 else f"{value:.3f}"


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    *columns, last = cells
    padded = [f"{cell:<{width}}" for cell, width in zip(columns, widths, strict=True)]
    return "  ".join([*padded, last]).rstrip()
