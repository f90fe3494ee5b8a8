"""Which trials would bring open claims to a verdict, look by look, and what came of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from bench.artefacts.claim_text import interval_text
from bench.artefacts.claim_text import to_json as verdict_json
from bench.artefacts.claim_verdicts import no_replicates, progress_of, undecidable, verdict
from bench.artefacts.outcomes import SweepOutcomes
from bench.planning.chosen_trials import chosen
from bench.planning.plan import Plan
from bench.planning.plan_size import trials_text
from bench.plugin import UsageError
from bench.specs.claim_words import printable
from results.claims.claim_model import Claim
from results.claims.sequential_looks import LOOKS, MOST, Progress
from results.claims.verdict import Verdict, no_data
from results.store.trial_source import TrialSource

_HOUR = 3600.0
_TIMES = ("seconds.train", "seconds.evaluate")


@dataclass(frozen=True)
class OpenClaim:
    """A claim, how far it is, and the plan with the replicates that it may need."""

    claim: Claim
    progress: Progress
    plan: Plan | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """Trials that its next look waits for; none when it is over."""
        return self.progress.missing


@dataclass(frozen=True)
class Decision:
    """What came of a claim.

    Attributes:
        verdict: of the last look.
        stopped: why no more replicates are added; empty for one that is open still.
        added: trials behind the verdict that were run for this claim or for another one.
        hours: that these took, on one core.
    """

    verdict: Verdict
    stopped: str
    added: int
    hours: float


def survey(
    claims: Iterable[Claim],
    source: TrialSource,
    scale: str,
    most: int = MOST,
    again: bool = False,
) -> list[OpenClaim]:
    """How far each claim is.

    Args:
        most: replicates at most.
        again: failed trials count as not run.

    Raises:
        UsageError: a claim looks at options or metrics that its sweep does not have.
    """
    sweeps = SweepOutcomes(source, scale)
    return [_open_claim(claim, sweeps, most, again) for claim in claims]


def check_most(most: int) -> None:
    """Refuse a number of replicates between which nothing is looked at.

    Raises:
        UsageError: it is less than the first look or more than the last.
    """
    if not LOOKS[0] <= most <= MOST:
        raise UsageError(f"--most is between {LOOKS[0]} and {MOST}, got {most}")


def plans(open_claims: Sequence[OpenClaim]) -> list[Plan]:
    """What their next looks wait for: of each sweep one plan of those trials alone."""
    ids: dict[str, set[str]] = {}
    whole: dict[str, Plan] = {}
    for one in open_claims:
        if one.plan is not None and one.missing:
            whole[one.plan.sweep.name] = one.plan
            ids.setdefault(one.plan.sweep.name, set()).update(one.missing)
    return [chosen(plan, ids[name]) for name, plan in whole.items()]


def look_lines(open_claims: Sequence[OpenClaim]) -> list[str]:
    """For a person: the next look of each claim, and why the others have none."""
    lines = []
    for one in open_claims:
        if one.progress.next is None:
            lines.append(f"{one.claim.id}: {one.progress.stopped}")
        else:
            n, look = len(one.missing), one.progress.next.replicates
            lines.append(f"{one.claim.id}: look at {look} replicates, {trials_text(n)} to run")
    return lines


def size_lines(waiting: Sequence[Plan], source: TrialSource) -> list[str]:
    """For a person: how many trials wait, and how long they take by those that have run."""
    frame = source.load(columns=["sweep", "scale", *_TIMES])
    lines = []
    for plan in waiting:
        same = frame[(frame["sweep"] == plan.sweep.name) & (frame["scale"] == plan.scale)]
        text = f"{plan.sweep.name} ({plan.scale}): {trials_text(len(plan.trials))}"
        if len(same):
            hours = float(_seconds(same).mean()) * len(plan.trials) / _HOUR
            text += f", about {hours:.2f} CPU hours"
        lines.append(text)
    return lines


def decisions(
    open_claims: Sequence[OpenClaim], added: Collection[str], source: TrialSource
) -> list[Decision]:
    """What came of the claims.

    Args:
        added: ids of the trials that were run for any of them.
    """
    frame = source.load(ids=added, columns=["trial_id", *_TIMES])
    seconds = dict(zip(frame["trial_id"], _seconds(frame), strict=True))
    found = []
    for one in open_claims:
        own = [trial_id for trial_id in one.progress.verdict.trial_ids if trial_id in seconds]
        hours = sum(seconds[trial_id] for trial_id in own) / _HOUR
        found.append(Decision(one.progress.verdict, one.progress.stopped, len(own), hours))
    return found


def _seconds(frame: pd.DataFrame) -> pd.Series[float]:
    both = frame[list(_TIMES)].astype(float).fillna(0.0)
    return both.sum(axis=1)


def _open_claim(claim: Claim, sweeps: SweepOutcomes, most: int, again: bool) -> OpenClaim:
    reason = undecidable(claim)
    if reason is not None:
        return OpenClaim(claim, Progress(no_data(claim, reason), stopped=reason))
    reason = no_replicates(sweeps.plan(str(claim.sweep)))
    if reason is not None:
        return OpenClaim(claim, Progress(verdict(claim, sweeps), stopped=reason))
    plan, found = progress_of(claim, sweeps, most, again)
    return OpenClaim(claim, found, plan)


def to_json(one: Decision) -> dict[str, Any]:
    """JSON-able decision."""
    hours = round(one.hours, 4)
    about = {"stopped": one.stopped or None, "added_trials": one.added, "cpu_hours": hours}
    return {**verdict_json(one.verdict), **about}


def table(found: Sequence[Decision]) -> list[str]:
    """A row per claim: verdict, effect with its interval, replicates, trials and time added."""
    header = ("claim", "verdict", "effect [interval]", "n", "added", "CPU hours", "because")
    rows = [header, *map(_row, found)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(header) - 1)]
    return ["  ".join([*map(str.ljust, row[:-1], widths), row[-1]]).rstrip() for row in rows]


def _row(one: Decision) -> tuple[str, ...]:
    found = one.verdict
    effect = "-"
    if found.effect is not None:
        effect = interval_text(found.effect, found.low, found.high)
        effect += f" {found.unit}".rstrip() + f" ({100 * found.level:.1f} %)"
    return (
        found.id,
        found.verdict,
        effect,
        str(found.replicates or 0),
        str(one.added),
        f"{one.hours:.2f}",
        printable(one.stopped or "open"),
    )
