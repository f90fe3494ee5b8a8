"""The plan of a sweep at a scale: its trials, and how it grows with results; nothing is run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from bench.planning.earlier_results import NoResults, Results, StoredResults
from bench.planning.expansion import Expansion, expand, expand_search
from bench.planning.plan_checks import check
from bench.planning.trial import PlannedTrial
from bench.planning.tuning import Study
from bench.planning.view_checks import check_views
from bench.plugin import Task, UsageError
from bench.specs.resources import Resources
from bench.specs.search_checks import SEQUENTIAL, with_search_spaces
from bench.specs.sweep import Source, Sweep, load
from results.store.trial_source import TrialSource

__all__ = ["Plan", "PlannedTrial", "Study", "plan"]


@dataclass(frozen=True)
class Plan:
    """The trials of a sweep at a scale, in the order in which they run.

    Attributes:
        studies: of a search that tunes losses, one per task setting and loss.
        rounds: of a sequential search that are planned; 0 for a sweep that needs no results.
        unplanned: trials, at most, that depend on results still to come.
    """

    sweep: Sweep
    scale: str
    resources: Resources
    trials: tuple[PlannedTrial, ...]
    studies: tuple[Study, ...] = ()
    rounds: int = 0
    unplanned: int = 0
    source: Source | None = field(default=None, repr=False, compare=False)

    @property
    def ids(self) -> list[str]:
        """Trial ids in planned order."""
        return [planned.trial_id for planned in self.trials]

    @cached_property
    def tasks(self) -> Sequence[Task]:
        """One task for each data version that the trials need, in planned order."""
        found: dict[str, Task] = {}
        for planned in self.trials:
            found.setdefault(planned.trial.task.data_version, planned.trial.task)
        return tuple(found.values())

    @property
    def open(self) -> bool:
        """Whether trials are still to be planned, when those planned have ended."""
        return self.unplanned > 0

    def after(self, results: TrialSource | Results) -> Plan:
        """The plan as far as ``results`` allow: a sequential search goes on from what they hold."""
        if self.source is None or self.sweep.search not in SEQUENTIAL:
            return self
        return _planned(self.source, expand_search(self.source, _results(results)))


def plan(
    name_or_file: str,
    scale: str = "laptop",
    *,
    trials: int | None = None,
    replicates: int | None = None,
    overrides: dict[str, Any] | None = None,
    results: TrialSource | Results | None = None,
) -> Plan:
    """Plan a shipped sweep or a specification file.

    Args:
        trials: number of random draws instead of the specification's.
        replicates: number of replicates instead of the specification's.
        overrides: dotted keys and values, applied after the scale.
        results: of earlier trials; without them a sequential search has its first round only.

    Raises:
        UsageError: all problems at once, each with file and line.
    """
    problems = [
        f"--{option} must be a positive number, got {value}"
        for option, value in (("trials", trials), ("replicates", replicates))
        if value is not None and value <= 0
    ]
    if problems:
        raise UsageError(problems)
    source = load(name_or_file, scale, overrides)
    changes = {"trials": trials, "replicates": replicates}
    sweep = source.sweep.model_copy(
        update={key: value for key, value in changes.items() if value is not None}
    )
    if sweep.search == "optuna":
        sweep = with_search_spaces(sweep)
    source = Source(sweep, source.file, scale)
    random = check(source)
    if sweep.search in SEQUENTIAL:
        expansion = expand_search(source, _results(results))
    else:
        expansion = expand(source, random)
    check_views(source, expansion.trials)
    return _planned(source, expansion)


def _planned(source: Source, expansion: Expansion) -> Plan:
    return Plan(
        source.sweep,
        source.scale,
        Resources(**source.sweep.resources),
        expansion.trials,
        expansion.studies,
        expansion.rounds,
        expansion.unplanned,
        source,
    )


def _results(results: TrialSource | Results | None) -> Results:
    if results is None:
        return NoResults()
    return results if isinstance(results, Results) else StoredResults(results)
