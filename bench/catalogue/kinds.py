"""What ``bench list`` and ``bench show`` know: kinds of things, each with its names and entries.

A new kind is one more `Kind` in `KINDS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench.catalogue import docstrings, terminal_pages
from bench.plugin import describe_options
from bench.plugin.registry import Registry, losses, tasks
from bench.specs.paper_table import read, table_files
from bench.specs.sweep import load, shipped

Entry = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """Things of one kind.

    Attributes:
        names: the names that exist.
        entry: name to a JSON-able description, with at least ``name``, ``kind`` and ``summary``.
        page: entry to a text for a terminal, at most `terminal_pages.WIDTH` columns wide where that
            is ours to decide.
    """

    names: Callable[[], list[str]]
    entry: Callable[[str], Entry]
    page: Callable[[Entry], str]

    def entries(self) -> list[Entry]:
        """All entries, in the order of the names."""
        return [self.entry(name) for name in self.names()]


def plugin_entry(kind: str, name: str, cls: Any) -> Entry:
    """What the class of a loss or task says of itself."""
    text = docstrings.parse(cls)
    entry = {
        "name": name,
        "kind": kind,
        "summary": text.summary,
        "description": "\n\n".join(text.body),
        "sections": {heading: "\n".join(lines) for heading, lines in text.sections.items()},
        "heads": sorted(cls.heads),
        "source": cls.source,
        "version": cls.version,
        "module": cls.__module__,
        "options": describe_options(cls),
        "space": {option: domain.describe() for option, domain in cls.space.items()},
    }
    if kind == "loss":
        entry["needs_locations"] = cls.needs_locations
        entry["sparse"] = cls.sparse
        entry["note"] = cls.note
    else:
        entry["metrics"] = [
            {
                "name": metric.name,
                "direction": metric.direction,
                "range": [metric.low, metric.high],
                "unit": metric.unit,
                "description": metric.description,
            }
            for metric in cls.metrics
        ]
    return entry


def _plugins(registry: Registry) -> Kind:
    return Kind(
        names=registry.names,
        entry=lambda name: plugin_entry(registry.kind, name, registry.get(name)),
        page=terminal_pages.plugin,
    )


def _sweep_entry(name: str) -> Entry:
    source = load(name)
    return {
        "name": name,
        "kind": "sweep",
        "summary": source.sweep.title,
        "source": source.sweep.source,
        "file": str(shipped()[name]),
        "specification": source.sweep.model_dump(mode="json", exclude_defaults=True),
    }


def _table_entry(name: str) -> Entry:
    spec = read(table_files()[name])
    return {"name": name, "kind": "table", "summary": spec.title, "sweeps": spec.sweeps}


def _claim_names() -> list[str]:
    from bench.specs.claim_entries import entries  # not above: loads pandas

    return [f"claim-{entry.number}" for entry in entries()]


def _claim_entry(name: str) -> Entry:
    from bench.specs.claim_entries import entries

    [entry] = [entry for entry in entries() if f"claim-{entry.number}" == name]
    claims = [claim.model_dump(mode="json") for claim in entry.claims]
    return {"name": name, "kind": "claim", "summary": entry.title, "claims": claims}


def _claim_page(entry: Entry) -> str:
    from bench.specs.claim_entries import find
    from bench.specs.claim_words import page

    return page(find(entry["name"]), entry["summary"])


KINDS: dict[str, Kind] = {
    "losses": _plugins(losses),
    "tasks": _plugins(tasks),
    "sweeps": Kind(lambda: list(shipped()), _sweep_entry, terminal_pages.sweep),
    "tables": Kind(lambda: sorted(table_files()), _table_entry, terminal_pages.table),
    "claims": Kind(_claim_names, _claim_entry, _claim_page),
}
"""In the order in which `bench show` looks a name up."""
