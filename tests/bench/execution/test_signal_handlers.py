"""Signals do what they did before, whatever happened meanwhile."""

from __future__ import annotations

import contextlib
import signal

from bench.execution.signal_handlers import restored


def other(signum: int, frame: object) -> None:
    raise AssertionError("not asked for")


def test_what_somebody_else_set_is_undone_even_after_an_error() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with contextlib.suppress(ValueError), restored(signal.SIGTERM):
        signal.signal(signal.SIGTERM, other)
        raise ValueError
    assert signal.getsignal(signal.SIGTERM) == before


def test_only_the_named_signals_are_touched() -> None:
    untouched = signal.getsignal(signal.SIGHUP)
    with restored(signal.SIGTERM, handler=other):
        assert signal.getsignal(signal.SIGTERM) is other
        assert signal.getsignal(signal.SIGHUP) == untouched
