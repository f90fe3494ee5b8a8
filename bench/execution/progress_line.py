"""Progress of a sweep on standard error: one live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections import Counter
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from bench.plugin import Metric
from results.store.record import TrialRecord

_PLAIN_EVERY = 30.0


class Expected(Protocol):
    """What there is to do, at any moment."""

    @property
    def total(self) -> int:
        """Trials of this run and of others that work on the same ones."""

    @property
    def passed_over(self) -> int:
        """Those of them that another run has finished."""


class Progress:
    """Done, failed and running trials, time left, best value so far.

    Args:
        slots: trials that run at once.
        metric: whose best value is shown; None where trials have no common one.
    """

    def __init__(self, name: str, expected: Expected, slots: int, metric: Metric | None) -> None:
        self._name, self._expected, self._slots, self._metric = name, expected, slots, metric
        self._counts: Counter[str] = Counter()
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
        if record.status == "finished" and self._metric is not None:
            values = [record.metrics.get(self._metric.name), self._best]
            best = max if self._metric.best == "max" else min
            self._best = best((v for v in values if v is not None and v == v), default=None)
        if record.status == "failed" and record.reason:
            self.say(f"trial {record.trial_id} failed: {record.reason.strip().splitlines()[-1]}")
        if not self._console.is_terminal and time.monotonic() - self._printed > _PLAIN_EVERY:
            self._print()

    def line(self) -> str:
        """The progress line."""
        total, elsewhere = self._expected.total, self._expected.passed_over
        done = self._counts.total() + elsewhere
        elapsed = time.monotonic() - self._started
        parts = [f"{self._name}: {done}/{total} trials"]
        parts += [
            f"{self._counts[status]} {status}"
            for status in ("failed", "diverged")
            if self._counts[status]
        ]
        if elsewhere:
            parts.append(f"{elsewhere} by another run")
        if done < total:
            parts.append(f"{min(self._slots, total - done)} running")
            left = (total - done) * elapsed / done if done else None
            parts.append(f"ETA {_duration(left)}" if left is not None else "ETA unknown")
        parts.append(f"elapsed {_duration(elapsed)}")
        if self._best is not None and self._metric is not None:
            parts.append(f"best {self._metric.name} {self._best:.{self._metric.digits}f}")
        return " · ".join(parts)

    def _print(self) -> None:
        self._printed = time.monotonic()
        self._console.print(self.line(), markup=False, highlight=False, soft_wrap=True)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
