"""What the site shows, as data: everything is computed before the first page is written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from results.claims.verdict import Verdict
from results.leaderboard.board import Leaderboard
from results.store.record import TrialRecord
from results.surface.bandwidth import BandwidthErrors
from results.surface.kernel_sums import Floats
from results.surface.nadaraya_watson import Surface
from results.surface.surface_words import error_words, smoothing_words
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
        surface: on grids that are evenly spaced, in the logarithm on a logarithmic axis.
        trial_ids: (n,) the runs, all of which have pages.
        runs_x, runs_y, runs_value: (n,) in the data's units.
        about: what the value is, in words.
        color_range: values at the ends of the colour scale; by default those of the surface.
        diagonal: label of the line on which both parameters are equal; None for no line.
        errors: how well the bandwidth predicts, beside the best; None where that is unknown.
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
    errors: BandwidthErrors | None = None

    @property
    def smoothing(self) -> str:
        """Bandwidths, how they were chosen, and how well they predict."""
        scales = self.x.scale, self.y.scale
        words = smoothing_words(self.surface, scales)
        if self.errors is None:
            return words
        return f"{words}; {error_words(self.errors, self.surface.log, scales)}"


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
class FigurePage:
    """A figure of the papers that is no surface of a sweep.

    Attributes:
        svg: the picture; csv: what is in it.
        trials: ids of those that it shows.
        source, published: where it stands, and what is said of it there.
        command: what runs and renders it.
    """

    name: str
    title: str
    svg: bytes
    csv: str
    trials: tuple[str, ...]
    source: str = ""
    published: str = ""
    footnotes: tuple[str, ...] = ()
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
        alarm: what nobody may miss, such as that all trials failed, with the command that goes on.
        blanks: surfaces that cannot be drawn, and why.
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
    alarm: str = ""
    blanks: tuple[str, ...] = ()


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
        no_board: why there is no leaderboard; empty where there is one, or none is declared.
    """

    store: str
    made: str
    version: str
    trials: Iterable[TrialRecord]
    sweeps: tuple[SweepPage, ...] = ()
    tables: tuple[TablePage, ...] = ()
    figures: tuple[FigurePage, ...] = ()
    leaderboard: Leaderboard | None = None
    claims: tuple[ClaimGroup, ...] = ()
    mlflow: str | None = None
    runs: dict[str, str] = field(default_factory=dict)
    pending: tuple[tuple[str, str], ...] = ()
    note: str = ""
    no_board: str = ""
