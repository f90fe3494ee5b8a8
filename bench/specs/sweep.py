"""Sweep specifications: the model of the YAML file, scales, overrides, and where they are found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from bench.plugin import Ge, Gt, UsageError, nearest
from bench.specs.declarations import declared, existing_file, is_file_name
from bench.specs.overrides import apply
from bench.specs.yaml_file import SpecFile, spec_file

SCALES = ("smoke", "laptop", "paper")


METHOD = "as"
"""Key of a loss: the method's name, beside its options."""

REMOVED = {
    "finalists": "'finalists' is gone since searches run inside each replicate: each of the "
    "'replicates' has a search of its own, and tests what that chose"
}
"""Keys that specifications used to have, and what came instead."""


class _Section(BaseModel):
    """Part of a specification: immutable, strict, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)


def _increasing(ends: list[float]) -> list[float]:
    if not ends[0] < ends[1]:
        raise ValueError("needs [low, high] with low < high")
    return ends


Interval = Annotated[list[float], Field(min_length=2, max_length=2), AfterValidator(_increasing)]


class SurfaceView(_Section):
    """A Nadaraya-Watson surface of a metric over two swept parameters.

    Attributes:
        bandwidth: along x and y, in the options' own units, or in decades on a logarithmic axis;
            None (``auto``) chooses both by leave-one-setting-out.
        extent: lowest and highest x, lowest and highest y; by default those of the runs.
        log: axes that are smoothed and drawn in the logarithm; by default those that the sweep
            draws ``log_uniform``.
        clip: lower values are raised to it before smoothing.
        color_range: values at the ends of the colour scale; by default those of the surface.
    """

    x: str
    y: str
    value: str
    bandwidth: list[Annotated[float, Gt(0)]] | None = Field(
        default=None, min_length=2, max_length=2
    )
    extent: list[Interval] | None = Field(default=None, min_length=2, max_length=2)
    log: list[Literal["x", "y"]] | None = None
    clip: float | None = None
    color_range: Interval | None = None

    @field_validator("bandwidth", mode="before")
    @classmethod
    def _auto(cls, given: Any) -> Any:
        """``auto`` is another way to leave it out."""
        if isinstance(given, str) and given != "auto":
            raise ValueError("is 'auto' or two numbers, [along x, along y]")
        return None if given == "auto" else given


class TableView(_Section):
    """A plain table of metrics with intervals over replicates.

    Attributes:
        value: its metric, or the first of several.
        values: all its metrics.
    """

    rows: str
    columns: str
    value: str
    values: list[str] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _one_or_several(cls, given: Any) -> Any:
        """``value: f1`` and ``values: [f1, recall]`` are two ways to say it."""
        if not isinstance(given, dict):
            return given
        if "value" in given and "values" in given:
            raise ValueError("a table has a 'value' or several 'values', not both")
        if "value" in given:
            return {**given, "values": [given["value"]]}
        if isinstance(given.get("values"), list) and given["values"]:
            return {**given, "value": given["values"][0]}
        return given


class View(_Section):
    """One entry of ``show``: exactly one kind of artefact."""

    surface: SurfaceView | None = None
    table: TableView | None = None


class Asha(_Section):
    """Successive halving: rungs of ``min_steps`` · reduction^k training steps, then in full."""

    reduction: Annotated[int, Ge(2)] = 3
    min_steps: Annotated[int, Gt(0)]


class Scheduler(_Section):
    """Which settings of a search are trained in full."""

    asha: Asha | None = None


class Sweep(_Section):
    """A named set of trials, before domains are drawn from."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=100)
    title: str = ""
    source: str = ""
    task: dict[str, Any] | list[dict[str, Any]]
    loss: dict[str, Any] | list[dict[str, Any]]
    train: dict[str, Any] = {}
    search: Literal["random", "grid", "optuna", "surface"] | None = None
    scheduler: Scheduler | None = None
    trials: Annotated[int, Gt(0)] | None = None
    initial: Annotated[int, Gt(0)] | None = None
    batch: Annotated[int, Gt(0)] | None = None
    replicates: Annotated[int, Gt(0)] | None = None
    resources: dict[str, Any] = {}
    scales: dict[Literal["smoke", "laptop", "paper"], dict[str, Any]] = {}
    show: list[View] = []
    leaderboard: bool = False

    @property
    def tasks(self) -> list[dict[str, Any]]:
        """The tasks as a list."""
        return self.task if isinstance(self.task, list) else [self.task]

    @property
    def loss_entries(self) -> list[dict[str, Any]]:
        """The losses as a list, as they are written."""
        return self.loss if isinstance(self.loss, list) else [self.loss]

    @property
    def losses(self) -> list[dict[str, Any]]:
        """The losses as a list: names and options."""
        return [
            {key: value for key, value in entry.items() if key != METHOD}
            for entry in self.loss_entries
        ]

    @property
    def methods(self) -> list[str | None]:
        """Name that each of the losses goes by (``as: SoftLoc``), or None."""
        return [entry.get(METHOD) for entry in self.loss_entries]


@dataclass(frozen=True)
class Source:
    """A specification and the file it came from, for errors that name the line."""

    sweep: Sweep
    file: SpecFile
    scale: str


def shipped() -> dict[str, Path]:
    """The sweeps that come with pointbench and with packages installed beside it, by name."""
    return declared("sweeps")


def find(name_or_file: str) -> Path:
    """File of a shipped sweep or of a user's own.

    Raises:
        UsageError: there is no such sweep or file.
    """
    if is_file_name(name_or_file):
        return existing_file(name_or_file, "specification")
    sweeps = shipped()
    if name_or_file not in sweeps:
        raise UsageError(f"unknown sweep '{name_or_file}'{nearest(name_or_file, sweeps)}")
    return sweeps[name_or_file]


def load(
    name_or_file: str, scale: str = "laptop", overrides: dict[str, Any] | None = None
) -> Source:
    """Read a sweep at a scale, with ``overrides`` such as ``{"train.steps": 40}`` applied last.

    Raises:
        UsageError: every problem of the file's form, with file and line.
    """
    if scale not in SCALES:
        raise UsageError(f"unknown scale '{scale}'{nearest(scale, SCALES)}")
    path = find(name_or_file)
    file = spec_file(path)
    content = file.content
    if gone := list(_removed(file, content, overrides or {})):
        raise UsageError(gone)
    file.validate(Sweep, content)
    shipped_path = shipped().get(content["name"])
    if shipped_path is not None and shipped_path.resolve() != path.resolve():
        raise UsageError(
            file.at(("name",), f"sweep name '{content['name']}' is taken by a shipped sweep")
        )
    problems: list[str] = []
    known = set(Sweep.model_fields) - {"scales", "name"}
    scales = content.get("scales") or {}
    for name, changes in scales.items():
        applied = apply(content, changes, known, partial(_in_scale, file, name))
        problems += applied[1]
        if name == scale:
            chosen = applied[0]
    if scale not in scales:
        chosen = content
    chosen, more = apply(chosen, overrides or {}, known, lambda key, text: f"--set {key}: {text}")
    problems += more
    if problems:
        raise UsageError(problems)
    return Source(file.validate(Sweep, chosen), file, scale)


def _removed(file: SpecFile, content: dict[str, Any], overrides: dict[str, Any]) -> Iterator[str]:
    """Problems of keys that are no longer."""
    scales = content.get("scales")
    for key, message in REMOVED.items():
        if key in content:
            yield file.at((key,), message)
        for name, changes in scales.items() if isinstance(scales, dict) else ():
            if isinstance(changes, dict) and key in changes:
                yield file.at(("scales", name, key), message)
        if key in overrides:
            yield f"--set {key}: {message}"


def _in_scale(file: SpecFile, scale: str, key: str, message: str) -> str:
    return file.at(("scales", scale, key), message)
