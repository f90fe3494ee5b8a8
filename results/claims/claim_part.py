"""What every kind of test of a claim has, and the comparison of trials by replicate."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Annotated

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from results.claims.claim_selection import Scalar, Selection, describe, obstacle, select_replicates
from results.claims.comparison import Comparison, Region, compare_pairs

Options = dict[str, Scalar]
Margin = Annotated[float, Field(ge=0)]
PositiveMargin = Annotated[float, Field(gt=0)]
_LEAST = 2
"""Replicates that an interval needs."""


class Part(BaseModel):
    """What every kind has.

    Attributes:
        metric: name without ``metric.``.
        where: columns and values that all trials concerned have.
        at: columns and lists of values; the part must hold at each combination.
        origin: where the margin comes from. It is set before results are looked at.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    metric: str
    where: Options = {}
    at: dict[str, Annotated[list[Scalar], Field(min_length=1)]] = {}
    origin: str = Field(min_length=1)

    @property
    def metrics(self) -> tuple[str, ...]:
        """Every metric that is looked at."""
        return (self.metric,)

    def comparisons(self, trials: pd.DataFrame) -> list[Comparison]:
        """What the planned trials of the sweep say.

        Raises:
            ClaimError: the declaration does not fit the sweep.
        """
        raise NotImplementedError

    def rule(self) -> str:
        """What must hold, for a reader."""
        raise NotImplementedError

    def places(self) -> str:
        """Which trials are concerned, for a reader; empty for all."""
        lists = {column: "|".join(map(str, values)) for column, values in self.at.items()}
        return describe({**self.where, **lists})

    def settings(self) -> Iterator[Options]:
        """``where`` joined with each combination of ``at``."""
        for values in itertools.product(*self.at.values()):
            yield {**self.where, **dict(zip(self.at, values, strict=True))}


def compared(
    label: str, metric: str, region: Region, a: Selection, b: Selection | None = None
) -> Comparison:
    """``a - b`` by replicate, or ``a`` alone, against a region."""
    chosen = (a,) if b is None else (a, b)
    first = a.by_replicate
    second = dict.fromkeys(first, 0.0) if b is None else b.by_replicate
    ids = dict.fromkeys(i for selection in chosen for i in selection.finished["trial_id"])
    return Comparison(
        label,
        metric,
        region,
        compare_pairs(first, second, region) if len(first.keys() & second) >= _LEAST else None,
        obstacle(*chosen, least=_LEAST),
        trial_ids=tuple(ids),
    )


def versus(
    part: Part, trials: pd.DataFrame, of: Options, than: list[Options], region: Region
) -> list[Comparison]:
    """``of`` against each of ``than`` at every level of the part."""
    found = []
    for level in part.settings():
        at = f" at {describe(level)}" if level else ""
        for other in than:
            a = select_replicates(trials, {**level, **of}, part.metric)
            b = select_replicates(trials, {**level, **other}, part.metric)
            label = f"({describe(of)}) − ({describe(other)}){at}"
            found.append(compared(label, part.metric, region, a, b))
    return found
