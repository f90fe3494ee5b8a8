"""What pointbench does, from Python; every command of the command line calls one of these.

A sweep is the name of a shipped one, or a specification file; ``changes`` of it are those of
`SweepChanges`. Trials are read from ``store`` and, unless ``reference`` is False, from the
reference results beneath it. Plugins are loaded before (`bench.plugin.load_file`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

# Each function imports what it needs: a plan is printed without Ray, MLflow and SciPy.
if TYPE_CHECKING:
    import pandas as pd

    from bench.artefacts.claim_decisions import Decision
    from bench.artefacts.sweep_surfaces import Bandwidth
    from bench.conformance.outcome import CheckResult
    from bench.execution.driver import Summary
    from bench.execution.run_settings import RunSettings
    from bench.planning.earlier_results import Results
    from bench.planning.plan import Plan
    from results.claims.claim_model import Claim
    from results.claims.verdict import Verdict
    from results.leaderboard.board import Leaderboard
    from results.leaderboard.pair_formats import ShownPair
    from results.store.trial_source import TrialSource
    from results.store.trial_store import Store
    from results.tables.table import Table

DEFAULT_STORE = "./runs"
Say = Callable[[str], None]


class SweepChanges(TypedDict, total=False):
    """What a command changes of a sweep.

    Attributes:
        scale: ``smoke``, ``laptop`` (default) or ``paper``.
        trials: number of random draws.
        replicates: of each setting.
        overrides: dotted keys, such as ``{"train.steps": 40}``.
    """

    scale: str
    trials: int | None
    replicates: int | None
    overrides: dict[str, Any] | None


@dataclass(frozen=True)
class SweepRun:
    """What a run left: what it did, and the files of what the sweep shows."""

    summary: Summary
    files: list[Path]


@dataclass(frozen=True)
class Reproduction:
    """A table or figure of the papers.

    Attributes:
        tables: of a table; empty for a figure.
        failed: number of trials that failed on the way.
        published, source: what the paper says of a figure, and where; empty for a table, whose
            numbers stand in its cells.
    """

    tables: list[Table]
    files: list[Path]
    failed: int
    published: str = ""
    source: str = ""


@dataclass(frozen=True)
class Decided:
    """What became of open claims, and how many trials failed on the way."""

    decisions: list[Decision]
    failed: int


def silent(text: str) -> None:
    """Say nothing."""


def run(
    sweep: str,
    *,
    store: str | Path = DEFAULT_STORE,
    address: str | None = None,
    failed: bool = False,
    plugins: Sequence[str | Path] = (),
    **changes: Unpack[SweepChanges],
) -> pd.DataFrame:
    """Run what is missing of a sweep and return its trials, one row each.

    Args:
        address: of a Ray cluster (default: ``RAY_ADDRESS``, else this machine).
        failed: run failed trials again.
        plugins: files that register losses or tasks, here and on all workers.

    Raises:
        UsageError: all problems of the specification, before anything starts.
    """
    from bench.execution.run_settings import RunSettings
    from bench.plugin import load_file
    from bench.startup import check_packages
    from results.store.trial_store import Store

    check_packages()
    files = tuple(map(Path, plugins))
    for path in files:
        load_file(path)
    summary = _run(sweep, str(store), RunSettings(address, failed, files), silent, changes)
    return Store.open(store).load(ids=summary.plan.ids)


def run_and_draw(
    sweep: str,
    settings: RunSettings,
    *,
    store: str = DEFAULT_STORE,
    out: Path | None = None,
    say: Say = silent,
    **changes: Unpack[SweepChanges],
) -> SweepRun:
    """Run what is missing of a sweep, then draw what it shows, if it has changed.

    Args:
        out: folder of the files (default: in the store).
        say: takes lines for a person.
    """
    from results.store.trial_store import Store

    summary = _run(sweep, store, settings, say, changes)
    return SweepRun(summary, _draw(summary.plan, Store.open(store), out, anew=summary.run > 0))


def plan(
    sweep: str, *, store: str | Path = DEFAULT_STORE, **changes: Unpack[SweepChanges]
) -> dict[str, Any]:
    """Facts about what a sweep needs and what of it is done, JSON-able; there may be no store."""
    from results.store.trial_store import Store

    return _facts(sweep, Store.open(store, create=False) if Store.exists(store) else None, changes)


def status(
    sweep: str | None = None,
    *,
    store: str | Path = DEFAULT_STORE,
    **changes: Unpack[SweepChanges],
) -> dict[str, Any]:
    """The same of a store that is there; of all its sweeps without a name."""
    from bench.artefacts.status_facts import describe_store
    from results.store.trial_store import Store

    opened = Store.open(store, create=False)
    return describe_store(opened) if sweep is None else _facts(sweep, opened, changes)


def trials(store: str | Path = DEFAULT_STORE) -> pd.DataFrame:
    """All trials of a store, one row each."""
    from results.store.trial_store import Store

    return Store.open(store, create=False).load()


def surface(
    sweep: str,
    *,
    store: str = DEFAULT_STORE,
    reference: bool = True,
    bandwidth: Bandwidth | None = None,
    out: Path | None = None,
    say: Say = silent,
    **changes: Unpack[SweepChanges],
) -> list[Path]:
    """Draw the surfaces of a sweep: SVG, PNG and CSV of each; returns the files.

    Args:
        bandwidth: along x and y, or ``auto`` for those that leave-one-setting-out chooses, instead
            of the sweep's own; in decades on a logarithmic axis. The files' names then say so.
        say: takes a line about each surface: bandwidths, how well they predict, and which would
            best; or why there is none.
    """
    from bench.artefacts.outcomes import join
    from bench.artefacts.sweep_artefacts import artefact_folder
    from bench.artefacts.sweep_surfaces import render_surface, swept_surfaces
    from bench.plugin import UsageError
    from results.store.trial_source import open_source

    planned = _plan(sweep, changes)
    if not any(view.surface for view in planned.sweep.show):
        raise UsageError(f"sweep '{planned.sweep.name}' declares no surface under 'show'")
    source = open_source(store, reference)
    planned = planned.after(source)
    folder = artefact_folder(planned, source.url, out)
    files = []
    for shown in swept_surfaces(planned, join(planned.trials, source), bandwidth):
        say(shown.words)
        files += render_surface(planned, shown, folder)
    return files


def table(
    name: str,
    *,
    store: str = DEFAULT_STORE,
    reference: bool = True,
    **changes: Unpack[SweepChanges],
) -> list[Table]:
    """A table of the papers, or the tables of a sweep."""
    from bench.artefacts.outcomes import join
    from bench.artefacts.paper_tables import load
    from bench.artefacts.sweep_artefacts import sweep_tables
    from bench.plugin import UsageError, nearest
    from bench.specs.declarations import is_file_name
    from bench.specs.paper_table import is_declared, tables
    from bench.specs.sweep import shipped
    from results.store.trial_source import open_source

    source = open_source(store, reference)
    if is_declared(name):
        scale = changes.pop("scale", "laptop")
        for option, value in changes.items():
            if value is not None:
                option = "set" if option == "overrides" else option
                raise UsageError(f"--{option} changes a sweep, and '{name}' is a declared table")
        paper_table = load(name, scale)
        return paper_table.fill(join(paper_table.planned(), source))
    if name not in shipped() and not is_file_name(name):
        known = [*tables(), *shipped()]
        raise UsageError(f"unknown table or sweep '{name}'{nearest(name, known)}")
    planned = _plan(name, changes)
    if not any(view.table for view in planned.sweep.show):
        raise UsageError(f"sweep '{planned.sweep.name}' declares no table under 'show'")
    planned = planned.after(source)
    return sweep_tables(planned, join(planned.trials, source))


def leaderboard(
    sweeps: Sequence[str] | None = None,
    *,
    scale: str = "laptop",
    store: str = DEFAULT_STORE,
    reference: bool = True,
) -> Leaderboard:
    """Compare losses: differences to the best, ties, overall rank.

    Args:
        sweeps: default: the shipped ones that declare ``leaderboard: true``.
    """
    from bench.artefacts.leaderboard_assembly import leaderboard as assemble
    from bench.artefacts.outcomes import SweepOutcomes
    from results.store.trial_source import open_source

    source = open_source(store, reference)
    return assemble(source, SweepOutcomes(source, scale), sweeps)


def compare(
    first: str,
    second: str,
    *,
    task: str | None = None,
    sweeps: Sequence[str] | None = None,
    ropes: Mapping[str, float] | None = None,
    scale: str = "laptop",
    store: str = DEFAULT_STORE,
    reference: bool = True,
) -> ShownPair:
    """Compare two losses: differences, and how probably one is better, equivalent, or worse.

    Args:
        first, second: rows of the leaderboard: label, loss, or ``cross_entropy:decoder=peaks``.
        task: only in its columns.
        sweeps: as for `leaderboard`.
        ropes: half widths of the region of practical equivalence by metric; of all metrics under
            the empty name (default: .01 for shares).

    Raises:
        UsageError: no such row, task or metric, a name of several rows, or nothing to compare.
    """
    from bench.artefacts.method_comparison import compare as compare_methods
    from bench.artefacts.outcomes import SweepOutcomes
    from results.store.trial_source import open_source

    source = open_source(store, reference)
    joined = SweepOutcomes(source, scale)
    return compare_methods(source, joined, first, second, task=task, sweeps=sweeps, ropes=ropes)


def claims(
    names: Sequence[str] = (),
    *,
    scale: str = "laptop",
    replicates: int | None = None,
    store: str = DEFAULT_STORE,
    reference: bool = True,
) -> list[tuple[Claim, Verdict]]:
    """What the trials say of the papers' claims.

    Args:
        names: ``8``, ``8a`` or ``claim-8``; default all.
        replicates: of sweeps that have replicates, instead of their own number.
    """
    from bench.artefacts.claim_verdicts import verdict
    from bench.artefacts.outcomes import SweepOutcomes
    from bench.specs.claim_entries import find_all
    from results.store.trial_source import open_source

    sweeps = SweepOutcomes(open_source(store, reference), scale, replicates)
    return [(claim, verdict(claim, sweeps)) for claim in find_all(names)]


def decide(
    names: Sequence[str] = (),
    settings: RunSettings | None = None,
    *,
    scale: str = "laptop",
    most: int = 20,
    store: str = DEFAULT_STORE,
    reference: bool = True,
    only_plan: bool = False,
    say: Say = silent,
) -> Decided:
    """Add replicates to the cells of open claims until each has a verdict or is given up.

    Looks and their levels: `results.claims.sequential_looks`. Interrupted at any time, the same
    call goes on from the store.

    Args:
        names: ``8``, ``8a`` or ``claim-8``; default all that trials can decide here.
        settings: how trials run (default: on this machine).
        most: replicates at most.
        only_plan: train nothing; say what the next looks wait for.
        say: takes lines for a person.
    """
    from bench.artefacts.claim_decisions import (
        check_most,
        decisions,
        look_lines,
        plans,
        size_lines,
        survey,
    )
    from bench.artefacts.claim_verdicts import undecidable
    from bench.execution.run_settings import RunSettings
    from bench.execution.told_job import run_plan
    from bench.specs.claim_entries import find_all
    from results.store.trial_source import open_source
    from results.store.trial_store import Store

    check_most(most)
    claims = [claim for claim in find_all(names) if names or undecidable(claim) is None]
    settings, again, failed = settings or RunSettings(), bool(settings and settings.failed), 0
    if not (only_plan or reference or Store.exists(store)):
        Store.open(store)
    added: set[str] = set()
    while True:
        source = open_source(store, reference)
        found = survey(claims, source, scale, most, again)
        waiting = plans(found)
        new = {trial_id for planned in waiting for trial_id in planned.ids} - added
        for line in look_lines(found) if only_plan or new else ():
            say(line)
        if only_plan or not new:
            for line in size_lines(waiting, source):
                say(line)
            return Decided(decisions(found, added, source), failed)
        for planned in waiting:
            failed += run_plan(planned, store, settings, say).failed
        added |= new
        again = False


def reproduce(
    artefact: str,
    settings: RunSettings | None = None,
    *,
    scale: str = "laptop",
    store: str = DEFAULT_STORE,
    reference: bool = True,
    out: Path | None = None,
    say: Say = silent,
) -> Reproduction:
    """Make a table or figure of the papers: run what is missing, then render it.

    Args:
        artefact: ``table-5.5``, ``figure-5.8``, … or a file that declares one.
        settings: how trials run (default: on this machine).
        out: folder of the files (default: in the store).
        say: takes lines for a person.
    """
    from bench.artefacts.outcomes import join
    from bench.artefacts.paper_figures import PaperFigure
    from bench.artefacts.reproductions import load
    from bench.artefacts.sweep_artefacts import artefacts_of
    from bench.artefacts.table_files import write_tables
    from bench.execution.run_settings import RunSettings
    from bench.execution.told_job import run_unknown
    from results.store.trial_source import open_source

    made, settings = load(artefact, scale), settings or RunSettings()
    if isinstance(made, PaperFigure):
        failed = run_unknown([made.needed()], settings, store, reference, say)
        source = open_source(store, reference)
        if made.spec.surface is not None:
            files = _draw(made.plan.after(source), source, out, anew=False)
        else:
            outcomes = join(made.plan.trials, source)
            files = made.draw(outcomes, source, out or artefacts_of(source.url))
        return Reproduction([], files, failed, made.spec.published, made.spec.source)
    failed = run_unknown(made.needed(), settings, store, reference, say)
    source = open_source(store, reference)
    tables = made.fill(join(made.planned(), source))
    folder = out or artefacts_of(source.url)
    return Reproduction(tables, write_tables(tables, artefact, folder), failed)


def reproducible(
    artefacts: Sequence[str] = (), group: str | None = None, *, scale: str = "laptop"
) -> list[str]:
    """Tables and figures that `reproduce` can make, each looked through before anything runs.

    Args:
        artefacts: ids or files; without any, the ids of all that are declared.
        group: of those that are declared, the ones in this group, such as ``temporal``.

    Raises:
        UsageError: all that is wrong with the names or with what they declare.
    """
    from bench.artefacts.reproductions import looked_through
    from bench.specs.paper_table import grouped

    return looked_through(artefacts or grouped(group), scale)


def report(
    out: Path,
    sweeps: Sequence[str] = (),
    *,
    scale: str = "laptop",
    store: str = DEFAULT_STORE,
    reference: bool = True,
    mlflow: str | None = None,
) -> list[Path]:
    """Write all results as a static site; returns its pages.

    Args:
        out: folder, replaced if it is such a site.
        sweeps: specification files whose plans are shown besides the shipped ones.
        mlflow: address of the tracking server that mirrors the store.
    """
    from bench.artefacts.report_content import assemble
    from bench.plugin import UsageError
    from results.site import SiteError, write_site
    from results.store.trial_source import open_source

    site = assemble(open_source(store, reference), scale, sweeps, mlflow)
    try:
        return write_site(site, out)
    except SiteError as error:
        raise UsageError(str(error)) from error


def check(name: str, /, **options: Any) -> list[CheckResult]:
    """Run the conformance suite on a loss or task; one result for each check and head.

    Args:
        options: of the plugin (default: its own, and the smallest ``size`` that a task has).
    """
    from bench.conformance import check_loss, check_task
    from bench.plugin import UsageError, nearest
    from bench.plugin.registry import losses, tasks

    tasks.load()  # a task's module may register losses, too
    if name in losses.names():
        return check_loss(losses.get(name), **options)
    if name in tasks.names():
        return check_task(tasks.get(name), **options)
    known = [*losses.names(), *tasks.names()]
    raise UsageError(f"unknown plugin '{name}'{nearest(name, known)}")


def _plan(sweep: str, changes: SweepChanges, results: Results | None = None) -> Plan:
    from bench.planning.plan import plan as make_plan

    return make_plan(sweep, results=results, **changes)


def _facts(sweep: str, store: Store | None, changes: SweepChanges) -> dict[str, Any]:
    from bench.artefacts.outcomes import join
    from bench.artefacts.status_facts import describe_plan
    from bench.planning.earlier_results import StoredResults

    planned = _plan(sweep, changes, StoredResults(store) if store else None)
    return describe_plan(planned, join(planned.trials, store), store)


def _draw(planned: Plan, source: TrialSource, out: Path | None, anew: bool) -> list[Path]:
    """What a sweep shows; unless ``anew``, left alone where nothing changed since it was drawn."""
    from bench.artefacts.outcomes import join
    from bench.artefacts.status_facts import describe_plan, plan_lines
    from bench.artefacts.sweep_artefacts import artefact_folder, existing, render

    outcomes = join(planned.trials, source)
    folder = artefact_folder(planned, source.url, out)
    drawn = [] if anew else existing(planned, outcomes, folder)
    lines = plan_lines(describe_plan(planned, outcomes, source))
    return drawn or render(planned, outcomes, lines, folder)


def _run(sweep: str, store: str, settings: RunSettings, say: Say, changes: SweepChanges) -> Summary:
    """Plan once, with what the store knows if there is one, and run what is missing."""
    from bench.execution.driver import Job
    from bench.execution.told_job import run_and_tell
    from bench.planning.earlier_results import StoredResults
    from results.store.trial_store import Store

    known = None
    if Store.exists(store):
        known = StoredResults(Store.open(store, create=False), again=settings.failed)
    planned = _plan(sweep, changes, known)
    opened = Store.open(store)
    return run_and_tell(Job(planned, opened, known or StoredResults(opened), settings), say)
