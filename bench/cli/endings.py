"""Signals that end a command: a notice to go away ends it as Ctrl-C does."""

from __future__ import annotations

import contextlib
import signal

from bench.execution.signal_handlers import restored


def notices_end() -> contextlib.AbstractContextManager[None]:
    """Take a notice of scancel, docker stop or a spot machine, or a closed terminal, as Ctrl-C."""
    return restored(signal.SIGTERM, signal.SIGHUP, handler=_interrupt)


def _interrupt(signum: int, frame: object) -> None:
    raise KeyboardInterrupt
