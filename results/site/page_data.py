"""What the site shows, as data: everything is computed before the first page is written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from results.claims.verdict import Verdict
from results.leaderboard.board import Leaderboard
from results.store.record import TrialRecord
from results.surface.kernel_sums import Floats
from results.surface.nadaraya_watson import Surface
from results.tables.table import Table


@dataclass(frozen=True)
class Quantity:
    """What an axis or a value is called.

    Attributes:
        name: for people, without the unit.
        unit: shown behind numbers; empty for none.
        scale: factor from the data's unit to the shown one.
    """

    name: str
    unit: str = ""
    scale: float = 1.0

    @property
    def label(self) -> str:
        """``softness [ms]``."""
        return f"{self.name} [{self.unit}]" if self.unit else self.name


@dataclass(frozen=True)
class SurfacePanel:
    """A surface and the runs behind it.

    Attributes:
        surface: on evenly spaced grids.
        trial_ids: (n,) the runs, all of which have pages.
        runs_x, runs_y, runs_value: (n,) in the data's units.
        about: what the value is, in words.
        color_range: values at the ends of the colour scale; by default those of the surface.
        diagonal: label of the line on which both parameters are equal; None for no line.
    """

    surface: Surface
    trial_ids: tuple[str, ...]
    runs_x: Floats
    runs_y: Floats
    runs_value: Floats
    x: Quantity
    y: Quantity
    value: Quantity
    about: str = ""
    data: str = ""
    color_range: tuple[float, float] | None = None
    diagonal: str | None = None


@dataclass(frozen=True)
class TablePage:
    """A table of the papers, such as ``table-5.4``: one part, or several below each other.

    Attributes:
        source: where the published numbers stand.
        command: what runs and renders it.
    """

    name: str
    title: str
    tables: tuple[Table, ...]
    source: str = ""
    command: str = ""


@dataclass(frozen=True)
class ClaimGroup:
    """One number of the catalogue and the verdicts on its sentences."""

    number: int
    title: str
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True)
class ListColumn:
    """A column of a list of trials: numbers or texts, None where a trial has none."""

    label: str
    values: tuple[float | str | None, ...]


@dataclass(frozen=True)
class Listing:
    """Trials in a list that can be sorted and filtered; columns are as long as the ids."""

    trial_ids: tuple[str, ...]
    statuses: tuple[str, ...]
    columns: tuple[ListColumn, ...] = ()


@dataclass(frozen=True)
class SweepPage:
    """A sweep at a scale.

    Attributes:
        planned: trials that the plan has; None when the store alone knows the sweep.
        statuses: how many trials ended how; ``missing`` for planned ones that have not run.
        reasons: why trials were skipped, and how many.
    """

    name: str
    scale: str
    title: str
    source: str
    command: str
    planned: int | None
    statuses: dict[str, int]
    reasons: dict[str, int]
    listing: Listing
    surfaces: tuple[SurfacePanel, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True)
class Site:
    """All of it.

    Attributes:
        store: the store's address, without secrets.
        made: when, for people.
        trials: every trial that a page is made for; consumed once.
        mlflow: address of the tracking server's pages, http(s) only.
        runs: MLflow run by trial id.
        pending: names and titles of sweeps that have no trial yet.
        note: a sentence about all data, on every page.
    """

    store: str
    made: str
    version: str
    trials: Iterable[TrialRecord]
    sweeps: tuple[SweepPage, ...] = ()
    tables: tuple[TablePage, ...] = ()
    leaderboard: Leaderboard | None = None
    claims: tuple[ClaimGroup, ...] = ()
    mlflow: str | None = None
    runs: dict[str, str] = field(default_factory=dict)
    pending: tuple[tuple[str, str], ...] = ()
    note: str = ""
