"""Claims of the papers: the declarations beside this file, and verdicts on them from outcomes."""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, model_validator

from bench.artefacts.outcomes import SweepOutcomes
from bench.planning.plan import Plan
from bench.plugin import UsageError, nearest
from bench.plugin.registry import tasks
from bench.specs.sweep import shipped
from bench.specs.yaml_file import SpecFile
from results.claims.claim_model import Claim
from results.claims.claim_selection import ClaimError
from results.claims.verdict import Verdict, judge, no_data

FOLDER = Path(__file__).parents[1] / "claims"


class Entry(BaseModel):
    """One number of the catalogue: what it says, and the claims that its sentences come to."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    number: int = Field(ge=1, le=99)
    title: str = Field(min_length=1)
    claims: list[Claim] = Field(min_length=1)

    @model_validator(mode="after")
    def _own_claims(self) -> Entry:
        for claim in self.claims:
            if claim.number != self.number:
                raise ValueError(f"claim '{claim.id}' does not belong to number {self.number}")
        return self


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    entries: list[Entry] = Field(min_length=1)


@functools.cache
def entries() -> tuple[Entry, ...]:
    """All declared entries in the order of their numbers.

    Raises:
        UsageError: a declaration is wrong, with file and line.
    """
    found = [entry for path in sorted(FOLDER.glob("*.yaml")) for entry in read(path)]
    return tuple(sorted(found, key=lambda entry: entry.number))


def read(path: Path) -> list[Entry]:
    """The entries of one file.

    Raises:
        UsageError: all problems at once, each with file and line.
    """
    file = SpecFile(path)
    return file.validate(_File).entries


def find(name: str) -> list[Claim]:
    """Claims by number or id: ``8`` and ``claim-8`` are 8a, 8b and so on, ``8a`` is one of them.

    Raises:
        UsageError: there is no such claim.
    """
    wanted = name.removeprefix("claim-")
    found = [
        claim
        for entry in entries()
        for claim in entry.claims
        if wanted in (claim.id, str(claim.number))
    ]
    if not found:
        known = [f"claim-{entry.number}" for entry in entries()]
        raise UsageError(f"unknown claim '{name}'{nearest(f'claim-{wanted}', known)}")
    return found


def verdict(claim: Claim, sweeps: SweepOutcomes) -> Verdict:
    """What the outcomes of its sweep say of one claim.

    Raises:
        UsageError: the claim looks at options or metrics that its sweep does not have.
    """
    if claim.sweep is None:
        return judge(claim, pd.DataFrame())
    if claim.task not in tasks.names():
        return no_data(claim, f"task '{claim.task}' is not part of this pointbench")
    if claim.sweep not in shipped():
        return no_data(claim, f"sweep '{claim.sweep}' is not part of this pointbench")
    plan, outcomes = sweeps.of(claim.sweep)
    try:
        found = judge(claim, outcomes, _units(plan))
    except ClaimError as error:
        raise UsageError(f"claim {claim.id} and sweep '{claim.sweep}': {error}") from error
    if found.verdict == "no data":
        return no_data(claim, f"{claim.sweep} at scale {sweeps.scale}: {found.detail}")
    behind = outcomes[outcomes["trial_id"].isin(found.trial_ids)]
    borrowed = int(behind["borrowed"].sum())
    if borrowed:
        note = f"{borrowed} of {len(found.trial_ids)} trials are reference results"
        found = dataclasses.replace(found, detail=f"{found.detail}; {note}")
    return found


def _units(plan: Plan) -> dict[str, str]:
    return {metric.name: metric.unit for task in plan.tasks for metric in task.metrics}
