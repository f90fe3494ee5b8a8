"""A method of the leaderboard by the name that a person gives it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from bench.artefacts.leaderboard_labels import flat_options
from bench.plugin import UsageError, nearest
from results.leaderboard.board import Method

_TUNED = re.compile(r"\s*(?::\s*tuned|\(tuned\))$")
_WITH_OPTIONS = re.compile(r"(?P<name>[^:(]+?)\s*(?::\s*(?P<short>.+)|\((?P<shown>.+)\))")


def find_method(text: str, methods: Sequence[Method]) -> Method:
    """The method that ``text`` names.

    That is the label of its row (``SoftLoc``, ``cross_entropy (decoder=peaks)``) or its loss,
    followed where a loss has several rows by options that tell them apart:
    ``cross_entropy:decoder=peaks``. Settings as published come before tuned ones, which
    ``softloc:tuned`` names.

    Raises:
        UsageError: no method has the name, or several have.
    """
    name = _TUNED.sub("", text)
    if name != text:
        methods = [method for method in methods if method.group == "tuned"]
    found = [method for method in methods if method.label == name]
    found = found or [method for method in methods if name in _names(method)]
    split = _WITH_OPTIONS.fullmatch(name)
    if not found and split is not None:
        wanted = [one.strip() for one in (split["short"] or split["shown"]).split(",")]
        named = [method for method in methods if split["name"] in _names(method)]
        found = [method for method in named if all(_has(method, one) for one in wanted)]
        if named and not found:
            raise UsageError(
                f"no row of '{split['name']}' has {', '.join(wanted)}; there are: {_listed(named)}"
            )
    if not found:
        known = {name for method in methods for name in _names(method)}
        raise UsageError(f"no method '{text}' on the leaderboard{nearest(text, known)}")
    published = [method for method in found if method.group != "tuned"]
    if len(found := published or found) > 1:
        raise UsageError(f"'{text}' has several rows; name one: {_listed(found)}")
    return found[0]


def _names(method: Method) -> set[str]:
    return {method.label, *method.loss.split(", ")}


def _listed(methods: Sequence[Method]) -> str:
    return ", ".join(f"'{method.written}'" for method in methods)


def _has(method: Method, option: str) -> bool:
    """Whether a method has ``decoder=peaks``."""
    name, _, value = option.partition("=")
    options = flat_options(method.options)
    return name.strip() in options and _text(options[name.strip()]) == _text(value.strip())


def _text(value: Any) -> str:
    """A value as it is compared: ``0.10`` is ``0.1``."""
    try:
        return f"{float(value):g}"
    except (TypeError, ValueError):
        return str(value)
