"""What every kind of test of a claim has, and the comparison of trials by replicate."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Annotated, Any

import pandas as pd
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from results.claims.claim_selection import (
    Scalar,
    Selection,
    Where,
    describe,
    obstacle,
    select_replicates,
)
from results.claims.comparison import Comparison, Region, compare_pairs

Options = dict[str, Scalar]
Others = Annotated[list[Options], BeforeValidator(lambda x: x if isinstance(x, list) else [x])]
"""One set of columns and values, or a list of them."""
Printed = Annotated[
    list[float],
    Field(min_length=1),
    BeforeValidator(lambda x: [float(x)] if isinstance(x, int | float) else x),
]
"""One number, or a list of them."""
Positive = Annotated[float, Field(gt=0)]
_LEAST = 2
"""Replicates that an interval needs."""


class Part(BaseModel):
    """What every kind has.

    Attributes:
        metric: name without ``metric.``.
        where: columns and values that all trials concerned have.
        at: columns and lists of values; the part must hold at each combination.
        printed: the effect that the paper prints, of each comparison in the order of
            `comparisons`, or one number for all; None where it prints none. Effects have the sign
            of the comparison, and the unit of the metric here (0.021 for 2.1 points).
        families: how many different sets of test data the replicates take turns through, if they
            do; more replicates than that repeat them.
        origin: where these numbers come from. It is written before results are looked at.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    metric: str
    where: Options = {}
    at: dict[str, Annotated[list[Scalar], Field(min_length=1)]] = {}
    printed: Printed | None = None
    families: Annotated[int, Field(ge=1)] | None = None
    origin: str = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _no_margin(cls, given: Any) -> Any:
        if isinstance(given, dict) and "margin" in given:
            raise ValueError(
                "'margin' is not written but follows from 'printed', the effect as the paper "
                "prints it, or from 'sentence', the sentence's own number (docs/claims.md)"
            )
        return given

    @model_validator(mode="after")
    def _printed_for_each(self) -> Part:
        if self.printed is not None and len(self.printed) not in (1, self.size):
            raise ValueError(
                f"'printed' is one number or one for each of the {self.size} comparisons, "
                f"got {len(self.printed)}"
            )
        return self

    @property
    def metrics(self) -> tuple[str, ...]:
        """Every metric that is looked at."""
        return (self.metric,)

    @property
    def size(self) -> int:
        """Number of comparisons."""
        return len(list(self.settings()))

    @property
    def effects(self) -> list[float] | None:
        """The printed effect of each comparison."""
        if self.printed is None or len(self.printed) == self.size:
            return self.printed
        return self.printed * self.size

    @property
    def region(self) -> Region:
        """Effects for which each comparison holds.

        Raises:
            ValueError: a declaration from which no margin follows.
        """
        raise NotImplementedError

    def comparisons(self, trials: pd.DataFrame) -> list[Comparison]:
        """What the planned trials of the sweep say.

        Raises:
            ClaimError: the declaration does not fit the sweep.
        """
        raise NotImplementedError

    def rule(self) -> str:
        """What must hold, for a reader."""
        raise NotImplementedError

    def margin_rule(self) -> str:
        """What the margin follows from, for a reader."""
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
    part: Part, label: str, metric: str, region: Region, a: Selection, b: Selection | None = None
) -> Comparison:
    """``a - b`` by replicate, or ``a`` alone, against a region."""
    chosen = (a,) if b is None else (a, b)
    first = a.by_replicate
    second = dict.fromkeys(first, 0.0) if b is None else b.by_replicate
    ids = dict.fromkeys(i for selection in chosen for i in selection.finished["trial_id"])
    planned = dict.fromkeys(i for selection in chosen for i in selection.trials["trial_id"])
    resampled = max(selection.resampled for selection in chosen)
    enough = len(first.keys() & second) >= _LEAST
    return Comparison(
        label,
        metric,
        region,
        compare_pairs(first, second, region, resampled) if enough else None,
        obstacle(*chosen, least=_LEAST),
        families=part.families,
        trial_ids=tuple(ids),
        planned_ids=tuple(planned),
    )


def versus(
    part: Part,
    trials: pd.DataFrame,
    of: Options,
    than: list[Options],
    choose: Callable[[pd.DataFrame, Where, str], Selection] = select_replicates,
) -> list[Comparison]:
    """``of`` against each of ``than`` at every level of the part.

    Args:
        choose: which trials have the columns and values, and what of theirs is compared.
    """
    found = []
    for level in part.settings():
        at = f" at {describe(level)}" if level else ""
        for other in than:
            a = choose(trials, {**level, **of}, part.metric)
            b = choose(trials, {**level, **other}, part.metric)
            label = f"({describe(of)}) − ({describe(other)}){at}"
            found.append(compared(part, label, part.metric, part.region, a, b))
    return found
