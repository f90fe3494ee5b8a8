"""Methods with fixed settings: what sweeps plan, and a user's own beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.artefacts.leaderboard_columns import Setting, setting_key
from bench.artefacts.leaderboard_runs import Endings, MethodRuns, cell
from bench.artefacts.leaderboard_yours import Yours
from bench.planning.plan import Plan
from bench.planning.trial import PlannedTrial, canonical_json
from bench.plugin import UsageError
from bench.plugin.registry import losses
from results.leaderboard.board import Runs, Selection


@dataclass(frozen=True)
class _Found:
    """A trial on its way to a cell."""

    method: str | None
    loss: str
    options: dict[str, Any]
    place: str
    replicate: int
    trial_id: str
    selection: Selection

    @property
    def loss_key(self) -> str:
        return canonical_json([self.loss, self.options])


def fixed_methods(
    plans: Sequence[Plan], yours: Yours, settings: Mapping[str, Setting], endings: Endings
) -> list[MethodRuns]:
    """Methods with fixed settings, planned ones first, with their runs in every column.

    A loss with its options is a method. One that a sweep names (``as: SoftLoc``) may have other
    options, or another loss, in every task setting.

    Raises:
        UsageError: a name stands for two losses in one task setting.
    """
    planned = [p for plan in plans if not plan.studies for p in plan.trials]
    owners: dict[tuple[str, str], str] = {}
    methods: dict[str, list[_Found]] = {}
    for one in [*map(_planned, planned), *_own(yours)]:
        key = one.loss_key if one.method is None else canonical_json(["as", one.method])
        if one.selection == "as published":
            owners.setdefault((one.loss_key, one.place), key)
        key = owners.get((one.loss_key, one.place), key) if one.selection == "yours" else key
        methods.setdefault(key, []).append(one)
    return [_method(found, settings, endings) for found in methods.values()]


def _planned(planned: PlannedTrial) -> _Found:
    trial = planned.trial
    return _Found(
        planned.method,
        trial.loss.plugin_name,
        trial.loss.options(),
        setting_key(trial),
        trial.replicate,
        planned.trial_id,
        "as published",
    )


def _own(yours: Yours) -> Iterator[_Found]:
    for place, record in yours.trials:
        yield _Found(
            None,
            record.loss,
            record.loss_options,
            place,
            record.replicate,
            record.trial_id,
            "yours",
        )


def _method(
    found: Sequence[_Found], settings: Mapping[str, Setting], endings: Endings
) -> MethodRuns:
    first, cells = found[0], dict[str, list[_Found]]()
    for one in found:
        cells.setdefault(one.place, []).append(one)
    names = list(dict.fromkeys(one.loss for one in found))
    method = MethodRuns(", ".join(names), _shared(found), first.selection, first.method)
    for place, trials in cells.items():
        setting = settings[place]
        _check_name(first.method, trials, setting)
        ids = dict.fromkeys(one.trial_id for one in trials)
        for metric in setting.metrics:
            ended = endings.of(metric.name, ids)
            method.runs[setting.column(metric)] = cell(ended, setting.replicates)
    for place, setting in settings.items():
        if place not in cells and (reason := _mismatch(names, setting)) is not None:
            for metric in setting.metrics:
                count = {"skipped": len(setting.replicates)}
                method.runs[setting.column(metric)] = Runs(counts=count, reason=reason)
    return method


def _check_name(name: str | None, trials: Sequence[_Found], setting: Setting) -> None:
    """A search may give each replicate its own options under one name, two sweeps may not."""
    losses_of: dict[int, str] = {}
    for one in trials:
        if losses_of.setdefault(one.replicate, one.loss_key) != one.loss_key:
            raise UsageError(
                f"'as: {name}' stands for several losses or options on task "
                f"'{setting.task.plugin_name}' in one setting; give each a name of its own"
            )


def _shared(found: Sequence[_Found]) -> dict[str, Any]:
    """Options that the losses of a method have in common."""
    return {
        name: value
        for name, value in found[0].options.items()
        if all(name in one.options and one.options[name] == value for one in found)
    }


def _mismatch(names: Sequence[str], setting: Setting) -> str | None:
    """Why no loss of a method can be used on a task, or None: it may, or is not loaded here."""
    known = [losses.get(name) for name in names if name in losses.names()]
    if not known or len(known) < len(names):
        return None
    heads = frozenset().union(*(loss.heads for loss in known))
    if heads & setting.task.heads:
        return None
    return (
        f"{', '.join(names)} takes {' or '.join(sorted(heads))}, "
        f"{setting.task.plugin_name} offers {' or '.join(sorted(setting.task.heads))}"
    )
