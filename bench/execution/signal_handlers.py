"""What a process does on signals, given back after something else changed it."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def restored(
    *numbers: signal.Signals, handler: Callable[..., None] | None = None
) -> Iterator[None]:
    """On leaving, the signals do what they did before; only a main thread can change that.

    Args:
        handler: what they do meanwhile; None leaves it to whoever else sets it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in numbers}
    try:
        for number in numbers if handler is not None else ():
            signal.signal(number, handler)
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier if earlier is not None else signal.SIG_DFL)
