"""The kinds of test that a claim consists of, each of them one or more regions for an effect.

Effects are means over replicates; where two trials are compared, of the differences between trials
of the same replicate. `results.claims.claim_plateau` has the kinds for sweeps without replicates,
`results.claims.margins` the rule of the margins.
"""

from __future__ import annotations

import math
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from results.claims.claim_part import Options, Others, Part, compared, versus
from results.claims.claim_selection import (
    ClaimError,
    Scalar,
    Selection,
    Where,
    describe,
    select_replicates,
)
from results.claims.comparison import Comparison, Region
from results.claims.margins import TOLERANCE, Gain, Tolerance


class Greater(Gain):
    """``of`` exceeds each of ``than`` by more than the margin."""

    kind: Literal["greater"]
    of: Options
    than: Others

    @property
    def size(self) -> int:
        return super().size * len(self.than)

    @property
    def region(self) -> Region:
        return Region(self.margin)

    def comparisons(self, trials: pd.DataFrame) -> list[Comparison]:
        return versus(self, trials, self.of, self.than)

    def rule(self) -> str:
        others = " and of ".join(f"({describe(than)})" for than in self.than)
        by = f" by more than {self.margin:g}" if self.margin else ""
        return f"{self.metric} of ({describe(self.of)}) is greater than of {others}{by}"


class NotWorse(Tolerance):
    """``of`` is below none of ``than`` by the margin or more (non-inferiority)."""

    kind: Literal["not_worse"]
    of: Options
    than: Others

    @property
    def size(self) -> int:
        return super().size * len(self.than)

    @property
    def region(self) -> Region:
        return Region(-self.margin)

    def comparisons(self, trials: pd.DataFrame) -> list[Comparison]:
        return versus(self, trials, self.of, self.than)

    def rule(self) -> str:
        others = " and of ".join(f"({describe(than)})" for than in self.than)
        return (
            f"{self.metric} of ({describe(self.of)}) is less than {self.margin:g} below that of "
            f"{others}"
        )


class Times(Part):
    """``of`` is more than ``factor`` times each of ``than``; effects are decimal logarithms."""

    kind: Literal["times"]
    of: Options
    than: Others
    factor: Annotated[float, Field(gt=1)]

    @model_validator(mode="after")
    def _printed_more(self) -> Times:
        if any(ratio <= self.factor for ratio in self.printed or ()):
            raise ValueError(f"a printed ratio is not above the sentence's {self.factor:g}")
        return self

    @property
    def size(self) -> int:
        return super().size * len(self.than)

    @property
    def effects(self) -> list[float] | None:
        ratios = super().effects
        return None if ratios is None else [math.log10(ratio) for ratio in ratios]

    @property
    def region(self) -> Region:
        return Region(math.log10(self.factor))

    def comparisons(self, trials: pd.DataFrame) -> list[Comparison]:
        return versus(self, trials, self.of, self.than, _logarithms)

    def rule(self) -> str:
        others = " and of ".join(f"({describe(than)})" for than in self.than)
        return (
            f"{self.metric} of ({describe(self.of)}) is more than {self.factor:g} times that of "
            f"{others} (compared by decimal logarithms)"
        )

    def margin_rule(self) -> str:
        return f"a factor of {self.factor:g}, the sentence's own number"


class Falls(Gain):
    """From ``start`` to ``end`` of a parameter the metric falls by more than the margin."""

    kind: Literal["falls"]
    along: str
    start: Scalar
    end: Scalar

    @property
    def region(self) -> Region:
        return Region(self.margin)

    def comparisons(self, trials: pd.DataFrame) -> list[Comparison]:
        return versus(self, trials, {self.along: self.start}, [{self.along: self.end}])

    def rule(self) -> str:
        by = f" by more than {self.margin:g}" if self.margin else ""
        return f"{self.metric} falls{by} from {self.along}={self.start} to {self.end}"


class Flat(Tolerance):
    """At none of ``levels`` of a parameter does the metric differ from ``start`` by the margin."""

    kind: Literal["flat"]
    along: str
    start: Scalar
    levels: Annotated[list[Scalar], Field(min_length=1)]

    @property
    def size(self) -> int:
        return super().size * len(self.levels)

    @property
    def region(self) -> Region:
        return Region(-self.margin, self.margin)

    def comparisons(self, trials: pd.DataFrame) -> list[Comparison]:
        return [
            comparison
            for level in self.levels
            for comparison in versus(self, trials, {self.along: level}, [{self.along: self.start}])
        ]

    def rule(self) -> str:
        levels = ", ".join(map(str, self.levels))
        return (
            f"{self.metric} at {self.along}={levels} is within ±{self.margin:g} of that at "
            f"{self.start}"
        )


class GreaterMetric(Gain):
    """Within the same trials the metric exceeds ``than_metric`` by more than the margin."""

    kind: Literal["greater_metric"]
    than_metric: str

    @property
    def metrics(self) -> tuple[str, ...]:
        return (self.metric, self.than_metric)

    @property
    def region(self) -> Region:
        return Region(self.margin)

    def comparisons(self, trials: pd.DataFrame) -> list[Comparison]:
        found = []
        for level in self.settings():
            a = select_replicates(trials, level, self.metric)
            b = select_replicates(trials, level, self.than_metric)
            name = f"{self.metric} − {self.than_metric}"
            found.append(compared(self, describe(level), name, self.region, a, b))
        return found

    def rule(self) -> str:
        by = f" by more than {self.margin:g}" if self.margin else ""
        return f"{self.metric} is greater than {self.than_metric}{by}"


class Level(Part):
    """The metric itself lies above, below or at a number of the sentence, or close to one.

    Attributes:
        above, below: the sentence's own number, exclusive.
        at_most: the same, inclusive.
        close_to: a number that ``printed`` is said to be close to; the bound is as far on the same
            side of it as a tolerance is (`results.claims.margins`).
    """

    kind: Literal["level"]
    above: float | None = None
    below: float | None = None
    at_most: float | None = None
    close_to: float | None = None

    @model_validator(mode="after")
    def _one_bound(self) -> Level:
        bounds = (self.above, self.below, self.at_most, self.close_to)
        if sum(bound is not None for bound in bounds) != 1:
            raise ValueError("needs one of 'above', 'below', 'at_most' and 'close_to'")
        if self.close_to is not None and (not self.printed or self.close_to in self.printed):
            raise ValueError("'close_to' needs what is 'printed', which differs from it")
        if any(not self.region.holds(level) for level in self.printed or ()):
            raise ValueError(f"what is printed is not {self.region.text}")
        return self

    @property
    def region(self) -> Region:
        if self.above is not None:
            return Region(self.above)
        if self.below is not None:
            return Region(ceiling=self.below)
        if self.at_most is not None:
            return Region(ceiling=self.at_most, closed=True)
        near, printed = self.close_to or 0.0, self.printed or [0.0]
        furthest = max(printed, key=lambda level: abs(level - near))
        bound = round(near + TOLERANCE * (furthest - near), 12)
        return Region(ceiling=bound) if bound > near else Region(bound)

    def comparisons(self, trials: pd.DataFrame) -> list[Comparison]:
        return [
            compared(
                self,
                describe(level),
                self.metric,
                self.region,
                select_replicates(trials, level, self.metric),
            )
            for level in self.settings()
        ]

    def rule(self) -> str:
        words = self.region.text.replace(">", "above").replace("<", "below").replace("≤", "at most")
        return f"{self.metric} is {words}"

    def margin_rule(self) -> str:
        if self.close_to is not None:
            return f"{TOLERANCE:g} times as far from {self.close_to:g} as printed"
        return "the sentence's own number"


def _logarithms(trials: pd.DataFrame, where: Where, metric: str) -> Selection:
    """The chosen trials with decimal logarithms of their values.

    Raises:
        ClaimError: a value that has none.
    """
    chosen = select_replicates(trials, where, metric)
    if (chosen.values <= 0).any():
        raise ClaimError(f"{metric} of ({chosen.label}) has values that are not above 0")
    logs = np.log10(chosen.trials["value"].to_numpy(np.float64))
    return Selection(chosen.label, chosen.trials.assign(value=logs))


AnyKind = Greater | NotWorse | Times | Falls | Flat | GreaterMetric | Level
