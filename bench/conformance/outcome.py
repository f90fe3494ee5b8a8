"""What a check says: it passed, it failed and why, or it does not apply."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CheckResult:
    """Outcome of one check: ``passed`` is None when it does not apply."""

    name: str
    head: str
    passed: bool | None
    message: str = ""


class NotApplicable(Exception):
    """The check says nothing about this plugin; the message says why."""
