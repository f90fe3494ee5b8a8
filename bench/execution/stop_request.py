"""Asking this process to end: at once, or after the step of a training that is kept."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass
class StopRequest:
    """Whether the process was asked to end.

    Attributes:
        heeded: a training looks at `asked` after each step.
    """

    asked: bool = False
    heeded: bool = False

    @contextlib.contextmanager
    def heeding(self) -> Iterator[None]:
        """While a training looks at it."""
        self.heeded = True
        try:
            yield
        finally:
            self.heeded = False

    def __call__(self, signum: int, frame: object) -> None:
        """A signal's handler."""
        if not self.heeded:
            os._exit(128 + signum)
        self.asked = True


stop_request = StopRequest()
"""That of this process."""
