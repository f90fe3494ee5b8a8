"""Defaults by version: identities leave out what is at its default: it belongs to the version."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bench.planning.trial import PROTOCOL_VERSION
from bench.plugin import Options, Schedule, TrainSettings
from bench.plugin.registry import losses, tasks

GOLDEN = Path(__file__).with_name("golden") / "defaults.json"
KNOWN: dict[str, dict[str, Any]] = json.loads(GOLDEN.read_text(encoding="utf-8"))


def built_in() -> dict[str, type[Options]]:
    found: dict[str, type[Options]] = {
        f"train {PROTOCOL_VERSION}": TrainSettings,
        "schedule 1": Schedule,
    }
    for registry in (losses, tasks):
        for name in registry.names():
            cls = registry.get(name)
            if cls.__module__.partition(".")[0] == registry.package:
                found[f"{registry.kind} {name} {cls.version}"] = cls
    return found


def defaults(cls: type[Options]) -> dict[str, Any]:
    """Written-out default by option, as identities compare them; places are in none."""
    found = {}
    for name, field in cls.model_fields.items():
        if name not in cls.places():
            value = "required"
            if not field.is_required():
                value = field.get_default(call_default_factory=True)
            found[name] = value.options() if isinstance(value, Options) else value
    return found


@pytest.mark.parametrize("key", built_in())
def test_a_default_changes_with_the_version_alone(key: str) -> None:
    now = defaults(built_in()[key])
    before = KNOWN.get(key)
    assert before is not None, f"add to {GOLDEN.name}: {json.dumps({key: now})}"
    changed = {name for name in before.keys() & now.keys() if before[name] != now[name]}
    assert not changed, f"{key}: the default of {sorted(changed)} changed: raise the version"
    assert before.keys() <= now.keys(), f"{key}: options went: raise the version"
    new = now.keys() - before.keys()
    assert not new, (
        f"{key}: add to {GOLDEN.name}, if today's behaviour is the default of {sorted(new)}: "
        f"{json.dumps({name: now[name] for name in sorted(new)})}"
    )
