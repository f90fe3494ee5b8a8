"""Notices to go away, sent to this process."""

from __future__ import annotations

import signal
import threading

import pytest

from bench.cli.endings import notices_end


@pytest.mark.parametrize("notice", [signal.SIGTERM, signal.SIGHUP])
def test_a_notice_interrupts_and_handlers_come_back(notice: signal.Signals) -> None:
    before = signal.getsignal(notice)
    with pytest.raises(KeyboardInterrupt), notices_end():
        signal.raise_signal(notice)
    assert signal.getsignal(notice) == before


def test_other_threads_leave_signals_alone() -> None:
    seen = []

    def other() -> None:
        with notices_end():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    assert seen == [signal.getsignal(signal.SIGTERM)]
