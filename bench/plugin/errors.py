"""Errors that a user can act on: what is wrong, where, and the nearest valid name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence


class UsageError(Exception):
    """One or more problems in what the user asked for, each one line. Exit code 2.

    Attributes:
        problems: one clear sentence per problem, in the order they were found.
    """

    def __init__(self, problems: str | Sequence[str]) -> None:
        self.problems: tuple[str, ...] = (
            (problems,) if isinstance(problems, str) else tuple(problems)
        )
        super().__init__("\n".join(self.problems))


class OptionError(UsageError, ValueError):
    """Unknown, missing or out-of-range options of a loss, a task or a specification.

    Attributes:
        paths: for each problem, the option it is about (a tuple of keys; empty for none).
    """

    def __init__(
        self, problems: str | Sequence[str], paths: Sequence[tuple[str | int, ...]] = ()
    ) -> None:
        super().__init__(problems)
        self.paths = tuple(paths) or ((),) * len(self.problems)


class LossInputError(UsageError, ValueError):
    """A loss was given what it does not take; the message names loss, argument, found and due."""


def nearest(name: object, valid: Iterable[str]) -> str:
    """Suggestion for a misspelt name: the closest valid one, else a list of the valid ones."""
    names = sorted(valid)
    close = difflib.get_close_matches(str(name), names, n=1, cutoff=0.55)
    if close:
        return f"; did you mean '{close[0]}'?"
    if not names:
        return "; there are none"
    shown = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
    return f"; valid: {shown}"
