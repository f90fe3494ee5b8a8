"""What a section found: tables, notes and targets, written after every row."""

from __future__ import annotations

import argparse
import dataclasses
import json
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Table:
    """Rows of plain values below named columns; a number is shown with four digits."""

    title: str
    columns: list[str]
    rows: list[list[Any]] = field(default_factory=list)


@dataclass
class Findings:
    """What a section found so far.

    Attributes:
        file: where it is written after every change, so that what ends the process loses nothing.
        targets: ``(what, wanted, found, met)``; ``met`` is None where nothing was measured.
    """

    file: Path | None = None
    tables: list[Table] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    targets: list[tuple[str, str, str, bool | None]] = field(default_factory=list)

    def table(self, title: str, *columns: str) -> Table:
        """A new table, to be filled with `row`."""
        self.tables.append(Table(title, list(columns)))
        return self.tables[-1]

    def row(self, table: Table, *values: Any) -> None:
        table.rows.append(list(values))
        self.save()

    def note(self, text: str) -> None:
        self.notes.append(text)
        self.save()

    def target(self, what: str, wanted: str, found: str, met: bool | None) -> None:
        self.targets.append((what, wanted, found, met))
        self.save()

    def save(self) -> None:
        if self.file is not None:
            content = dataclasses.asdict(dataclasses.replace(self, file=None))
            self.file.write_text(json.dumps(content))

    @contextmanager
    def guarded(self, what: str) -> Iterator[None]:
        """A failure in here becomes a note, and the section goes on."""
        try:
            yield
        except Exception as failure:
            where = traceback.extract_tb(failure.__traceback__)[-1]
            text = (str(failure).splitlines() or [""])[0]
            place = f"{Path(where.filename).name}:{where.lineno}"
            self.note(f"FAILED {what}: {type(failure).__name__}: {text} ({place})")


@dataclass(frozen=True)
class Settings:
    """How a section runs.

    Attributes:
        device: ``cuda``, or ``cpu``, where a stand-in counts what a device would be asked.
        quick: tiny sizes, to try the script and not to measure.
        seconds: for the whole section; what takes longer is cut short.
        ray: whether a sweep may run on Ray where Ray is there.
    """

    device: str
    quick: bool
    seconds: float
    ray: bool


def section(measure: Callable[[Settings, Findings], None]) -> None:
    """Run ``measure`` as the command line says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="cuda", choices=("cuda", "cpu"))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--no-ray", action="store_true")
    parser.add_argument("--out", type=Path, help="JSON file; default: print it")
    chosen = parser.parse_args()
    found = Findings(chosen.out)
    with found.guarded("the section"):
        measure(Settings(chosen.device, chosen.quick, chosen.seconds, not chosen.no_ray), found)
    found.save()
    if chosen.out is None:
        print(json.dumps(dataclasses.asdict(found), indent=1))
