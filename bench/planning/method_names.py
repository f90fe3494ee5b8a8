"""Names of methods and task settings: the plugin's, told apart by the options in which they differ.

A method that a sweep names (``as: SoftLoc``) goes by that name.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from bench.planning.trial import PlannedTrial, canonical_json
from bench.plugin import Options, Schedule


class Names:
    """Labels of the losses or task settings of some trials."""

    def __init__(self, trials: Iterable[PlannedTrial], section: Literal["loss", "task"]) -> None:
        self._section = section
        values: dict[str, dict[str, set[str]]] = {}
        for planned in trials:
            if self._given(planned) is None:
                plugin = self._plugin(planned)
                seen = values.setdefault(plugin.plugin_name, {})
                for name, value in plugin.without_places(plugin.options()).items():
                    seen.setdefault(name, set()).add(canonical_json(value))
        self._differing = {
            plugin: [name for name, found in seen.items() if len(found) > 1]
            for plugin, seen in values.items()
        }

    def __call__(self, planned: PlannedTrial) -> str:
        """Such as ``cross_entropy (decoder=peaks)``; options of place are never named."""
        given = self._given(planned)
        if given is not None:
            return given
        plugin = self._plugin(planned)
        different = [
            f"{name}={option_text(getattr(plugin, name))}"
            for name in self._differing.get(plugin.plugin_name, ())
        ]
        return f"{plugin.plugin_name} ({', '.join(different)})" if different else plugin.plugin_name

    def _given(self, planned: PlannedTrial) -> str | None:
        return planned.method if self._section == "loss" else None

    def _plugin(self, planned: PlannedTrial) -> Options:
        plugin: Options = getattr(planned.trial, self._section)
        return plugin


def methods(trials: Iterable[PlannedTrial]) -> dict[str, str]:
    """Label of each trial's method by trial id."""
    trials = tuple(trials)
    name = Names(trials, "loss")
    return {planned.trial_id: name(planned) for planned in trials}


def option_text(value: Any) -> str:
    """The value of an option in words."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Schedule) or not isinstance(value, Options):
        return str(value)
    return canonical_json(value.options())
