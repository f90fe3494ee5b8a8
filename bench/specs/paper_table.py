"""The papers' tables and figures as declared in YAML: models, and where they are found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field, model_validator

from bench.plugin import UsageError, nearest
from bench.specs.declarations import declared, existing_file, is_file_name
from bench.specs.paper_figure import FORMS, FigureSpec, Section, Selection
from bench.specs.sweep import shipped
from bench.specs.yaml_file import KeyPath, SpecFile, spec_file

TIMES = ("seconds.train", "seconds.evaluate")
"""What a column may show besides metrics."""


class ColumnSpec(Section):
    """A column: its heading, which is also the published one, and what it shows.

    Attributes:
        metric: the one it shows; without it, the table's ``values``.
        published: the published heading, where ours is another one.
        quantity: which of the published numbers under that heading it stands beside, by their
            ``metric``; where several are printed under one.
        where: planned trials of a row that it shows; all of them unless it says so.
    """

    label: str
    metric: str | None = None
    published: str | None = None
    quantity: str | None = None
    where: dict[str, Any] = {}


class RowSpec(Selection):
    """A row of ours: which planned trials it shows, and the published row beside them."""

    published: str | None = None


class BlockSpec(Section):
    """A block of the printed table: rows of ours, and the published rows that have none.

    Attributes:
        columns: of a block whose headings differ; by default the table's.
        metric: of the columns that name none, in place of the table's ``values``.
    """

    section: str
    metric: str | None = None
    rows: list[RowSpec] = []
    columns: list[ColumnSpec] = []
    skipped: str | None = Field(default=None, description="why nothing of ours is here")


class Shown(Section):
    """One column as it is shown: one metric of the trials that it selects."""

    label: str
    metric: str
    where: dict[str, Any]
    published: str | None = None
    quantity: str | None = None

    def beside(self, heading: str, quantity: str) -> bool:
        """Whether a published number of that heading and quantity stands in this column."""
        named = heading == (self.published or self.label)
        return named and self.quantity in (None, quantity)


class TableSpec(Section):
    """A table of the papers.

    Attributes:
        group: which of the papers' kinds of task it is about, such as ``temporal``.
        sweeps: whose trials it needs: names, or files beside this one.
        percent: whether numbers are shown, and were published, in per cent.
        values: metrics of the columns that name none.
    """

    id: str
    title: str
    source: str
    group: str = ""
    sweeps: list[str] = Field(min_length=1)
    percent: bool = False
    values: list[str] = []
    columns: list[ColumnSpec] = Field(min_length=1)
    blocks: list[BlockSpec] = Field(min_length=1)
    footnotes: list[str] = []

    @model_validator(mode="after")
    def _has_metrics(self) -> TableSpec:
        bare = [
            column.label
            for block in self.blocks
            for column in block.columns or self.columns
            if column.metric is None and block.metric is None
        ]
        if bare and not self.values:
            raise ValueError(f"column '{bare[0]}' needs a 'metric', or the table 'values'")
        return self

    def shown(self, block: BlockSpec) -> list[Shown]:
        """The columns of a block, those with several metrics once for each of them."""
        return [
            Shown(
                label=label,
                metric=metric,
                where=column.where,
                published=column.published,
                quantity=column.quantity,
            )
            for column in block.columns or self.columns
            for label, metric in self._metrics(column, block)
        ]

    def _metrics(self, column: ColumnSpec, block: BlockSpec) -> list[tuple[str, str]]:
        if own := column.metric or block.metric:
            return [(column.label, own)]
        if len(self.values) == 1:
            return [(column.label, self.values[0])]
        return [(f"{column.label} {metric}", metric) for metric in self.values]


def table_files() -> dict[str, Path]:
    """Declarations of tables and figures, by id."""
    return declared("tables")


def tables() -> dict[str, Path]:
    """Those of tables."""
    return {name: path for name, path in table_files().items() if not is_figure(path)}


def figures() -> dict[str, FigureSpec]:
    """Those of figures, read."""
    return {name: read_figure(path) for name, path in table_files().items() if is_figure(path)}


def grouped(group: str | None = None) -> list[str]:
    """Ids of the declared tables and figures: all of them, or those of a group.

    Raises:
        UsageError: no declaration is in such a group; or one cannot be read.
    """
    groups = {name: read(path).group for name, path in table_files().items()}
    if group is not None and group not in groups.values():
        known = set(groups.values()) - {""}
        raise UsageError(f"unknown group of tables and figures '{group}'{nearest(group, known)}")
    return [name for name, its_own in groups.items() if group in (None, its_own)]


def find(name_or_file: str) -> Path:
    """File of a declared table or figure, or a user's own.

    Raises:
        UsageError: there is none.
    """
    if is_file_name(name_or_file):
        return existing_file(name_or_file, "table")
    known = table_files()
    if name_or_file not in known:
        raise UsageError(f"unknown table or figure '{name_or_file}'{nearest(name_or_file, known)}")
    return known[name_or_file]


def sweeps_of(spec: TableSpec | FigureSpec, file: SpecFile) -> list[str]:
    """Its sweeps: names of shipped ones, or files, which lie beside the declaration.

    Raises:
        UsageError: a name that no shipped sweep has, with file and line.
    """
    places: list[KeyPath] = [("sweep",)]
    if isinstance(spec, TableSpec):
        places = [("sweeps", number) for number in range(len(spec.sweeps))]
    problems = [
        file.at(place, f"unknown sweep '{name}'{nearest(name, shipped())}")
        for place, name in zip(places, spec.sweeps, strict=True)
        if name not in shipped() and not is_file_name(name)
    ]
    if problems:
        raise UsageError(problems)
    return [str(file.path.parent / n) if is_file_name(n) else n for n in spec.sweeps]


def is_figure(path: Path) -> bool:
    """Whether a declaration is a figure's: it is in one of its forms and has no ``columns``."""
    content = spec_file(path).content
    return not content.keys().isdisjoint(FORMS) and "columns" not in content


def is_declared(name_or_file: str) -> bool:
    """Whether a name means a table or a file of one (which has an ``id``), rather than a sweep."""
    if is_file_name(name_or_file):
        return "id" in spec_file(existing_file(name_or_file, "specification")).content
    return name_or_file in table_files()


def read_table(path: Path) -> tuple[TableSpec, SpecFile]:
    """A table, and its file for errors that name the line. Raises `UsageError`."""
    file = spec_file(path)
    return file.validate(TableSpec), file


def read_figure(path: Path) -> FigureSpec:
    """A figure. Raises `UsageError`."""
    return spec_file(path).validate(FigureSpec)


def read(path: Path) -> TableSpec | FigureSpec:
    """A table or figure. Raises `UsageError`."""
    return read_figure(path) if is_figure(path) else read_table(path)[0]
