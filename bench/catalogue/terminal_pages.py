"""Catalogue entries as text for a terminal of 80 columns."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

from bench.catalogue.docstrings import EQUATION, plain
from bench.plugin import Schedule

WIDTH = 80


def plugin(entry: dict[str, Any]) -> str:
    """Page of a loss or task: what it is, its options and their search space."""
    blocks = [f"{entry['kind']} {entry['name']}  [{', '.join(entry['heads'])}]"]
    texts = [entry["summary"], *entry["description"].split("\n\n")]
    blocks += [_wrapped(plain(text)) for text in texts if text]
    for heading, text in entry["sections"].items():
        if heading == EQUATION:
            blocks.append(f"{heading}:\n{textwrap.indent(text, '  ')}")
        else:
            blocks.append(_wrapped(f"{heading}: {plain(text)}", later="  "))
    if entry["source"]:
        blocks.append(_wrapped(f"Source: {entry['source']}", later="  "))
    if entry.get("note"):
        blocks.append(_wrapped(f"Note: {entry['note']}", later="  "))
    blocks.append("\n".join(["Options:", *(_option(option) for option in entry["options"])]))
    if entry["space"]:
        units = {option["name"]: option["unit"] for option in entry["options"]}
        rows = [
            f"  {name}: {domain_text(domain)}" + (f" {units[name]}" if units[name] else "")
            for name, domain in entry["space"].items()
        ]
        blocks.append("\n".join(["Search space:", *rows]))
    if entry.get("metrics"):
        blocks.append("\n".join(["Metrics:", *(_metric(metric) for metric in entry["metrics"])]))
    blocks.append(f"Version {entry['version']} in {entry['module']}")
    return "\n\n".join(blocks) + "\n"


def sweep(entry: dict[str, Any]) -> str:
    """A sweep is its file, ready to be copied and changed."""
    return Path(entry["file"]).read_text(encoding="utf-8")


def table(entry: dict[str, Any]) -> str:
    """Page of a table or figure: what makes it."""
    parts = [f"table {entry['name']}", _wrapped(entry["summary"])]
    sweeps = ", ".join(entry["sweeps"])
    parts.append(_wrapped(f"Trials of: {sweeps}. Make it: bench reproduce {entry['name']}"))
    return "\n\n".join(parts) + "\n"


def facts(option: dict[str, Any]) -> list[str]:
    """Type or choices, unit, range and default of an option, as far as it has them."""
    kind = " | ".join(map(str, option["choices"])) if option["choices"] else option["type"]
    default = "required" if option["required"] else f"default {value_text(option['default'])}"
    return [fact for fact in (kind, option["unit"], option["range"], default) if fact]


def value_text(value: Any) -> str:
    """A default value: numbers to six digits, schedules in words."""
    if isinstance(value, dict) and "schedule" in value:
        return str(Schedule(**value))
    if value is None:
        return "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def domain_text(domain: dict[str, list[Any]]) -> str:
    """A search domain as a specification writes it, e.g. ``{log_uniform: [0.01, 0.2]}``."""
    [(kind, values)] = domain.items()
    return f"{{{kind}: [{', '.join(value_text(value) for value in values)}]}}"


def _option(option: dict[str, Any]) -> str:
    lines = _wrapped(f"  {option['name']}: {', '.join(facts(option))}", later=" " * 6)
    if option["description"]:
        description = plain(option["description"])
        lines += "\n" + _wrapped(" " * 6 + description, later=" " * 6)
    return lines


def _metric(metric: dict[str, Any]) -> str:
    best = "highest is best" if metric["direction"] == "max" else "lowest is best"
    low, high = metric["range"]
    rules = [f">= {low:g}" if low is not None else "", f"<= {high:g}" if high is not None else ""]
    known = [fact for fact in (metric["unit"], *rules, best) if fact]
    line = f"  {metric['name']}: {', '.join(known)}"
    return f"{line}\n{_wrapped(' ' * 6 + metric['description'], later=' ' * 6)}".rstrip()


def _wrapped(text: str, later: str = "") -> str:
    return textwrap.fill(
        text, WIDTH, subsequent_indent=later, break_long_words=False, break_on_hyphens=False
    )
