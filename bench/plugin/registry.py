"""The registry of losses and tasks: decorators, look-up by name, built-ins, entry points."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import entry_points
from typing import Any, TypeVar

from bench.plugin.errors import UsageError, nearest
from bench.plugin.heads import HEADS
from bench.plugin.loss import Loss
from bench.plugin.options import Options
from bench.plugin.space import Domain
from bench.plugin.task import Task

_Plugin = TypeVar("_Plugin", bound=type[Options])
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class Registry:
    """Plugins of one kind by name."""

    def __init__(self, kind: str, package: str, base: type[Options]) -> None:
        self.kind = kind
        self.package = package
        self.base = base
        self._classes: dict[str, type[Any]] = {}
        self._loaded = False

    def add(self, name: str, cls: type[Options]) -> None:
        """Register ``cls`` under ``name``.

        Raises:
            UsageError: the name is malformed, or another module took it.
        """
        if not _NAME.fullmatch(name):
            raise UsageError(f"{self.kind} name '{name}' must be lower case with underscores")
        if not issubclass(cls, self.base):
            raise UsageError(f"{self.kind} '{name}' must be a subclass of {self.base.__name__}")
        taken = self._classes.get(name)
        if taken is not None and (taken.__module__, taken.__qualname__) != (
            cls.__module__,
            cls.__qualname__,
        ):
            raise UsageError(
                f"{self.kind} name '{name}' in {cls.__module__} is already taken by "
                f"{taken.__module__}"
            )
        self._classes[name] = cls

    def get(self, name: str) -> type[Any]:
        """Class registered under ``name``.

        Raises:
            UsageError: with the nearest valid name.
        """
        self.load()
        if not isinstance(name, str) or name not in self._classes:
            raise UsageError(f"unknown {self.kind} '{name}'{nearest(name, self._classes)}")
        return self._classes[name]

    def names(self) -> list[str]:
        """All registered names, sorted."""
        self.load()
        return sorted(self._classes)

    def load(self) -> None:
        """Import the built-ins and the third-party entry points, once."""
        if self._loaded:
            return
        self._loaded = True
        package = importlib.import_module(self.package)
        for module in pkgutil.iter_modules(package.__path__):
            if not module.ispkg:
                importlib.import_module(f"{self.package}.{module.name}")
        for point in entry_points(group=f"pointbench.{self.package}"):
            try:
                point.load()
            except UsageError:
                raise
            except Exception as error:
                raise UsageError(
                    f"{self.kind} plugin '{point.name}' ({point.value}) fails: "
                    f"{type(error).__name__}: {error}"
                ) from error


losses = Registry("loss", "losses", Loss)
tasks = Registry("task", "tasks", Task)


def register_loss(
    name: str, *, heads: Iterable[str], space: Mapping[str, Domain]
) -> Callable[[_Plugin], _Plugin]:
    """Class decorator: make a `Loss` available under ``name``.

    Args:
        name: lower case with underscores.
        heads: the forms of network output it takes.
        space: search space per option; ``{}`` on purpose when there is nothing to search.
    """
    return _register(losses, name, heads, space)


def register_task(
    name: str,
    *,
    heads: Iterable[str],
    space: Mapping[str, Domain] | None = None,
    label_noise: Iterable[str] = (),
) -> Callable[[_Plugin], _Plugin]:
    """Class decorator: make a `Task` available under ``name``.

    Args:
        name: lower case with underscores.
        heads: the forms of network output it offers.
        space: search space per option.
        label_noise: options that change training labels and nothing else; checked by `bench check`.
    """
    own = tuple(label_noise)

    def decorate(cls: _Plugin) -> _Plugin:
        options: Mapping[str, Any] = cls.model_fields  # type: ignore[call-overload]
        for option in own:
            if option not in options:
                hint = nearest(option, options)
                raise UsageError(f"task '{name}': label noise names no option '{option}'{hint}")
        _check_metrics(name, cls)
        cls.label_noise = own  # type: ignore[attr-defined]
        return _register(tasks, name, heads, space or {})(cls)

    return decorate


def _check_metrics(name: str, cls: Any) -> None:
    """The metrics that are ranked exist and have a direction."""
    if not issubclass(cls, Task):
        return  # said by the registry
    known = {metric.name: metric for metric in cls.metrics}
    for ranked in cls.ranked or tuple(known)[:1]:
        if ranked not in known:
            raise UsageError(f"task '{name}': 'ranked' names no metric '{ranked}'")
        if known[ranked].direction is None:
            raise UsageError(
                f"task '{name}': metric '{ranked}' is ranked, but has neither direction max nor min"
            )


def _register(
    registry: Registry, name: str, heads: Iterable[str], space: Mapping[str, Domain]
) -> Callable[[_Plugin], _Plugin]:
    def decorate(cls: _Plugin) -> _Plugin:
        fields: Mapping[str, Any] = cls.model_fields  # type: ignore[call-overload]
        where = f"{registry.kind} '{name}'"
        for head in heads:
            if head not in HEADS:
                raise UsageError(f"{where}: unknown head '{head}'{nearest(head, HEADS)}")
        for option, domain in space.items():
            if option not in fields:
                hint = nearest(option, fields)
                raise UsageError(f"{where}: search space names no option '{option}'{hint}")
            if not isinstance(domain, Domain):
                raise UsageError(f"{where}: search space of '{option}' is not a Domain")
        cls.plugin_name = name
        cls.heads = frozenset(heads)  # type: ignore[attr-defined]
        cls.space = dict(space)  # type: ignore[attr-defined]
        registry.add(name, cls)
        return cls

    return decorate


def create_loss(name: str, **options: Any) -> Any:
    """A loss by name. Raises `UsageError` for an unknown name or a wrong option."""
    return losses.get(name)(**options)


def create_task(name: str, **options: Any) -> Any:
    """A task by name. Raises `UsageError` for an unknown name or a wrong option."""
    return tasks.get(name)(**options)
