"""Names and units of parameters and metrics, as figures and tables show them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from bench.planning.plan import Plan, PlannedTrial
from bench.plugin import Task, UsageError
from bench.plugin.options import unit_of
from results.tables.number_style import NumberStyle

CLEAN_NOTE = "Label noise touches training labels only; validation and test labels are clean."
_SHOWN_UNITS = {"s": ("ms", 1000.0)}
"""Units in figures, where the options' own would give awkward numbers."""
_SYMBOLS = {"noise": "$\\sigma$", "softness": "$S_M$"}
_PLAIN = {"$\\sigma$": "σ", "$S_M$": "S_M"}


def axis_labels(plan: Plan, parameter: str) -> Callable[[PlannedTrial], str]:
    """How a trial is labelled along a table's axis: by its loss, its task, or an option of either.

    Methods of the same name are told apart by the options in which they differ.
    """
    section, _, option = parameter.partition(".")
    if section not in ("loss", "task"):
        raise UsageError(f"a table's axis is 'loss', 'task' or an option of one, not '{parameter}'")
    if option:
        unit, factor = shown_unit(plan, parameter)
        return lambda planned: _value_text(_options(planned, section)[option], option, unit, factor)
    varying: dict[str, dict[str, set[str]]] = {}
    for planned in plan.trials:
        values = varying.setdefault(getattr(planned.trial, section).plugin_name, {})
        for name, value in _options(planned, section).items():
            values.setdefault(name, set()).add(str(value))

    def label(planned: PlannedTrial) -> str:
        name = getattr(planned.trial, section).plugin_name
        options = _options(planned, section)
        different = [
            f"{option}={options[option]}"
            for option, values in varying[name].items()
            if len(values) > 1
        ]
        return f"{name} ({', '.join(different)})" if different else str(name)

    return label


def _options(planned: PlannedTrial, section: str) -> dict[str, Any]:
    options: dict[str, Any] = getattr(planned.trial, section).options()
    return options


def _value_text(value: Any, option: str, unit: str, factor: float) -> str:
    shown = f"{value * factor:g} {unit}".strip() if isinstance(value, int | float) else str(value)
    return f"{without_mathtext(_SYMBOLS.get(option, option))} = {shown}"


def shown_unit(plan: Plan, parameter: str) -> tuple[str, float]:
    """Unit in which a parameter is shown, and the factor from its own."""
    section, _, option = parameter.partition(".")
    owner = plan.trials[0].trial.task if section == "task" else plan.trials[0].trial.loss
    field = type(owner).model_fields.get(option)
    unit = unit_of(field) if field is not None else None
    if unit is None:
        return "", 1.0
    return _SHOWN_UNITS.get(unit.symbol, (unit.symbol, 1.0))


def parameter_label(plan: Plan, parameter: str) -> str:
    """Name, symbol in mathtext and unit of a parameter."""
    names = {"loss.softness": "softness", "task.noise": "label noise"}
    option = parameter.rpartition(".")[2]
    name = option.replace("_", " ")
    if parameter in names:
        name = f"{names[parameter]} {_SYMBOLS[option]}"
    unit = shown_unit(plan, parameter)[0]
    return name + (f" [{unit}]" if unit else "")


def without_mathtext(label: str) -> str:
    """A label for where mathtext is not understood."""
    for mathtext, text in _PLAIN.items():
        label = label.replace(mathtext, text)
    return label


def diagonal_label(plan: Plan, x: str, y: str) -> str | None:
    """Label, in mathtext, of the line on which two parameters of one unit are equal; else None."""
    unit = shown_unit(plan, x)[0]
    if not unit or unit != shown_unit(plan, y)[0]:
        return None
    names = [parameter.rpartition(".")[2] for parameter in (x, y)]
    return " = ".join(_SYMBOLS.get(name, name) for name in names)


def metric_label(plan: Plan, name: str) -> str:
    metric = next((m for task in plan.tasks for m in task.metrics if m.name == name), None)
    if metric is None:
        return name
    return f"{name.upper() if name == 'f1' else name} ({metric.description})"


def number_style(tasks: Iterable[Task], name: str, percent: bool = False) -> NumberStyle:
    """How a metric of the tasks, or a time, is shown.

    Args:
        percent: whether in per cent.
    """
    if name.startswith("seconds."):
        return NumberStyle(unit="s", direction="min")
    metric = next((m for task in tasks for m in task.metrics if m.name == name), None)
    unit, direction = (metric.unit, metric.direction) if metric else ("", None)
    if percent:
        return NumberStyle(1, 100.0, unit, "%", direction)
    return NumberStyle(unit=unit, direction=direction)
