"""Axes of tables and figures: a parameter with its name and unit, and what each trial has of it.

A parameter is ``loss``, ``task``, ``replicate``, or an option of a section, where a dot leads to a
part of a schedule: ``task.noise``, ``train.steps``, ``loss.temperature.start``. What is known of
an option is what its plugin says (`Unit`, `Symbol`); each trial is asked about its own plugin.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol, cast

from bench.planning.mathtext import literal, mathtext
from bench.planning.method_names import Names, option_text
from bench.planning.trial import PlannedTrial
from bench.plugin import Options, Schedule, Symbol, Unit, UsageError, nearest
from bench.plugin.options import symbol_of, unit_of

SECTIONS = ("task", "loss", "train")
ABSENT = "–"
"""Text where a trial has no such option."""


class HasTrials(Protocol):
    """A plan, as far as it matters here."""

    @property
    def trials(self) -> Sequence[PlannedTrial]: ...


class Label(NamedTuple):
    """A text for tables and pages, and the same in mathtext for figures."""

    plain: str
    mathtext: str


@dataclass(frozen=True)
class Axis:
    """One parameter of planned trials.

    Attributes:
        parameter: such as ``task.noise``.
        name: in words, with a symbol if it has one: ``label noise σ``.
        symbol: the symbol, or the option's name.
        unit: in which numbers are shown; empty without one, or where plugins differ.
        units: all shown units that its plugins give it; empty text for none.
        factor: from numbers in the option's own unit to those that are shown.
        names: of losses or tasks, where these are the axis.
    """

    parameter: str
    name: Label
    symbol: Label
    unit: str = ""
    factor: float = 1.0
    units: tuple[str, ...] = ("",)
    names: Names | None = None

    @property
    def label(self) -> str:
        """Name and unit: ``label noise σ [ms]``."""
        return self.name.plain + (f" [{self.unit}]" if self.unit else "")

    @property
    def mathtext(self) -> str:
        """The same for figures."""
        return self.name.mathtext + (f" [{self.unit}]" if self.unit else "")

    def value(self, planned: PlannedTrial) -> Any:
        """Of a trial, in the option's own unit: a number, a text, or None where it has none.

        A constant schedule is its number, another one is in words.
        """
        if self.names is not None:
            return self.names(planned)
        value = next(_found(planned, self.parameter), None)
        if isinstance(value, Schedule):
            return value.start if value.schedule == "constant" else str(value)
        return value

    def text(self, planned: PlannedTrial) -> str:
        """How the trial is labelled along the axis: ``σ = 50 ms``, or ``–``."""
        if self.names is not None:
            return self.names(planned)
        if not any(True for _ in _found(planned, self.parameter)):
            return ABSENT
        value, unit = self.value(planned), _unit(planned, self.parameter)
        if is_number(value):
            shown = f"{value * unit.factor:g} {unit.shown}" if unit else f"{value:g}"
        else:
            shown = option_text(value)
        return f"{self.symbol.plain} = {shown}"


def axis(planned: HasTrials | Iterable[PlannedTrial], parameter: str) -> Axis:
    """The axis of a parameter over planned trials.

    Raises:
        UsageError: none of them has the parameter; with the nearest that there is.
    """
    trials = trials_of(planned)
    if parameter in ("loss", "task", "replicate"):
        label = Label(parameter, parameter)
        if parameter == "replicate":
            return Axis(parameter, label, label)
        section = cast(Literal["loss", "task"], parameter)
        return Axis(parameter, label, label, names=Names(trials, section))
    having = [one for one in trials if _knows(one, parameter)]
    if not having:
        raise UsageError(f"unknown parameter '{parameter}'{nearest(parameter, parameters(trials))}")
    symbols = {_symbol(one, parameter) for one in having}
    name, symbol = _names(parameter, symbols.pop() if len(symbols) == 1 else None)
    units = list(dict.fromkeys(_unit(one, parameter) for one in having))
    shown = tuple(unit.shown if unit else "" for unit in units)
    if len(units) > 1 or units[0] is None:
        return Axis(parameter, name, symbol, units=shown)
    return Axis(parameter, name, symbol, units[0].shown, units[0].factor, shown)


def is_number(value: Any) -> bool:
    """Whether the value of an axis can be drawn to scale."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def diagonal(x: Axis, y: Axis) -> Label | None:
    """Label of the line on which two parameters of one unit are equal; None without such a line."""
    if not x.unit or x.unit != y.unit:
        return None
    return Label(
        f"{x.symbol.plain} = {y.symbol.plain}", f"{x.symbol.mathtext} = {y.symbol.mathtext}"
    )


def parameters(planned: HasTrials | Iterable[PlannedTrial]) -> list[str]:
    """Every parameter that an axis of these trials may have."""
    found = dict.fromkeys(("loss", "task", "replicate"))
    for one in trials_of(planned):
        for section in SECTIONS:
            for name in _options(getattr(one.trial, section)):
                parameter = f"{section}.{name}"
                found[parameter] = None
                inside = next(_found(one, parameter))
                if isinstance(inside, Options | Mapping):
                    found |= dict.fromkeys(f"{parameter}.{part}" for part in _options(inside))
    return list(found)


def trials_of(planned: HasTrials | Iterable[PlannedTrial]) -> Sequence[PlannedTrial]:
    """The trials of a plan, or those given."""
    if isinstance(planned, Iterable):
        return tuple(planned)
    return planned.trials


def _options(owner: Any) -> Iterator[str]:
    """Names inside a plugin, a schedule or a mapping; options of place are none."""
    if isinstance(owner, Options):
        yield from owner.without_places(type(owner).model_fields)
    elif isinstance(owner, Mapping):
        yield from map(str, owner)


def _walk(planned: PlannedTrial, parameter: str) -> Iterator[tuple[Any, str]]:
    """Owner and name of each step on the way to a parameter, as far as it goes."""
    section, *path = parameter.split(".")
    owner: Any = planned.trial if section in SECTIONS else None
    for name in [section, *path] if owner is not None else ():
        if owner is not planned.trial and name not in _options(owner):
            return
        yield owner, name
        owner = owner[name] if isinstance(owner, Mapping) else getattr(owner, name)


def _knows(planned: PlannedTrial, parameter: str) -> bool:
    """Whether the trial's plugin has the option, and that the part."""
    return "." in parameter and len(list(_walk(planned, parameter))) == parameter.count(".") + 1


def _found(planned: PlannedTrial, parameter: str) -> Iterator[Any]:
    """The value of a parameter, or nothing: a constant schedule, for one, has no end."""
    if parameter == "replicate":
        yield planned.trial.replicate
    elif _knows(planned, parameter):
        *_, (owner, name) = _walk(planned, parameter)
        value = owner[name] if isinstance(owner, Mapping) else getattr(owner, name)
        if not (isinstance(owner, Schedule) and value is None):
            yield value


def _field(planned: PlannedTrial, parameter: str) -> Any:
    section, option = parameter.split(".")[:2]
    return type(getattr(planned.trial, section)).model_fields[option]


def _symbol(planned: PlannedTrial, parameter: str) -> Symbol | None:
    return symbol_of(_field(planned, parameter))


def _unit(planned: PlannedTrial, parameter: str) -> Unit | None:
    """Unit of an option, and of the ends of a schedule; its other parts are none."""
    parts = parameter.split(".")
    if len(parts) < 2 or (len(parts) > 2 and parts[2] not in ("start", "end")):
        return None
    return unit_of(_field(planned, parameter))


def _names(parameter: str, symbol: Symbol | None) -> tuple[Label, Label]:
    """Name and symbol of an option, with the part of it that is meant."""
    option, *parts = parameter.split(".")[1:]
    part = "".join(f" {part}" for part in parts)
    words = ((symbol.name if symbol else "") or option).replace("_", " ")
    if symbol is None:
        return Label(words + part, literal(words + part)), Label(option + part, option + part)
    short = Label(symbol.text + part, mathtext(symbol.text) + part)
    return Label(f"{words} {short.plain}", f"{literal(words)} {short.mathtext}"), short
