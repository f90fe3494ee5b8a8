"""Progress of a sweep on standard error: one live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections import Counter
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from results.store.record import TrialRecord

_PLAIN_EVERY = 30.0


class Progress:
    """Done, failed and running trials, time left, best value so far."""

    def __init__(self, name: str, total: int, slots: int, metric: str, direction: str) -> None:
        self._name, self._total, self._slots = name, total, slots
        self._metric, self._sign = metric, 1.0 if direction == "max" else -1.0
        self._counts: Counter[str] = Counter()
        self._elsewhere = 0
        self._best: float | None = None
        self._started = time.monotonic()
        self._printed = 0.0
        self._console = Console(file=sys.stderr)
        self._live = Live(
            get_renderable=lambda: Text(self.line(), overflow="ellipsis", no_wrap=True),
            console=self._console,
            refresh_per_second=2,
            transient=False,
        )

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._console.is_terminal:
            self._live.stop()
        else:
            self._print()

    def say(self, text: str) -> None:
        """A line above the progress line."""
        self._console.print(text, markup=False, highlight=False)

    def add(self, record: TrialRecord) -> None:
        """Count one ended trial."""
        self._counts[record.status] += 1
        value = record.metrics.get(self._metric)
        if (
            record.status == "finished"
            and value is not None
            and (self._best is None or self._sign * value > self._sign * self._best)
        ):
            self._best = value
        if record.status == "failed" and record.reason:
            self.say(f"trial {record.trial_id} failed: {record.reason.strip().splitlines()[-1]}")
        if not self._console.is_terminal and time.monotonic() - self._printed > _PLAIN_EVERY:
            self._print()

    def expect(self, total: int, elsewhere: int) -> None:
        """So many trials are expected; so many of them another run has finished meanwhile."""
        self._total, self._elsewhere = total, elsewhere

    def line(self) -> str:
        """The progress line."""
        done = self._counts.total() + self._elsewhere
        elapsed = time.monotonic() - self._started
        parts = [f"{self._name}: {done}/{self._total} trials"]
        parts += [
            f"{self._counts[status]} {status}"
            for status in ("failed", "diverged")
            if self._counts[status]
        ]
        if self._elsewhere:
            parts.append(f"{self._elsewhere} by another run")
        if done < self._total:
            parts.append(f"{min(self._slots, self._total - done)} running")
            left = (self._total - done) * elapsed / done if done else None
            parts.append(f"ETA {_duration(left)}" if left is not None else "ETA unknown")
        parts.append(f"elapsed {_duration(elapsed)}")
        if self._best is not None:
            parts.append(f"best {self._metric} {self._best:.3f}")
        return " · ".join(parts)

    def _print(self) -> None:
        self._printed = time.monotonic()
        self._console.print(self.line(), markup=False, highlight=False, soft_wrap=True)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
