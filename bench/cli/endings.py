"""Signals that end a command: a notice to go away ends it as Ctrl-C does."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator

_NOTICES = (signal.SIGTERM, signal.SIGHUP)
"""Of scancel, docker stop and spot machines; of a terminal that was closed."""


@contextlib.contextmanager
def notices_end() -> Iterator[None]:
    """Take notices to go away as Ctrl-C; only a process's main thread can."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, _interrupt) for number in _NOTICES}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)


def _interrupt(signum: int, frame: object) -> None:
    raise KeyboardInterrupt
