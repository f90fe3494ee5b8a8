"""The kinds of test that a claim consists of, each of them one or more regions for an effect.

Effects are means over replicates; where two trials are compared, of the differences between trials
of the same replicate. `results.claims.claim_plateau` has the kinds for sweeps without replicates.
"""

from __future__ import annotations

import math
from typing import Annotated, Literal

import pandas as pd
from pydantic import BeforeValidator, Field, model_validator

from results.claims.claim_part import Margin, Options, Part, PositiveMargin, compared, versus
from results.claims.claim_selection import Scalar, describe, select_replicates
from results.claims.comparison import Comparison, Region

Others = Annotated[list[Options], BeforeValidator(lambda x: x if isinstance(x, list) else [x])]
"""One set of columns and values, or a list of them."""


class Greater(Part):
    """``of`` exceeds each of ``than`` by more than the margin."""

    kind: Literal["greater"]
    of: Options
    than: Others
    margin: Margin = 0.0

    def comparisons(self, trials: pd.DataFrame) -> list[Comparison]:
        return versus(self, trials, self.of, self.than, Region(self.margin))

    def rule(self) -> str:
        others = " and of ".join(f"({describe(than)})" for than in self.than)
        by = f" by more than {self.margin:g}" if self.margin else ""
        return f"{self.metric} of ({describe(self.of)}) is greater than of {others}{by}"


class NotWorse(Part):
    """``of`` is below none of ``than`` by the margin or more (non-inferiority)."""

    kind: Literal["not_worse"]
    of: Options
    than: Others
    margin: PositiveMargin

    def comparisons(self, trials: pd.DataFrame) -> list[Comparison]:
        return versus(self, trials, self.of, self.than, Region(-self.margin))

    def rule(self) -> str:
        others = " and of ".join(f"({describe(than)})" for than in self.than)
        return (
            f"{self.metric} of ({describe(self.of)}) is less than {self.margin:g} below that of "
            f"{others}"
        )


class Falls(Part):
    """From ``start`` to ``end`` of a parameter the metric falls by more than the margin."""

    kind: Literal["falls"]
    along: str
    start: Scalar
    end: Scalar
    margin: Margin = 0.0

    def comparisons(self, trials: pd.DataFrame) -> list[Comparison]:
        first, last = {self.along: self.start}, {self.along: self.end}
        return versus(self, trials, first, [last], Region(self.margin))

    def rule(self) -> str:
        return (
            f"{self.metric} falls by more than {self.margin:g} from {self.along}={self.start} to "
            f"{self.end}"
        )


class Flat(Part):
    """At none of ``levels`` of a parameter does the metric differ from ``start`` by the margin."""

    kind: Literal["flat"]
    along: str
    start: Scalar
    levels: Annotated[list[Scalar], Field(min_length=1)]
    margin: PositiveMargin

    def comparisons(self, trials: pd.DataFrame) -> list[Comparison]:
        region = Region(-self.margin, self.margin)
        return [
            comparison
            for level in self.levels
            for comparison in versus(
                self, trials, {self.along: level}, [{self.along: self.start}], region
            )
        ]

    def rule(self) -> str:
        levels = ", ".join(map(str, self.levels))
        return (
            f"{self.metric} at {self.along}={levels} is within ±{self.margin:g} of that at "
            f"{self.start}"
        )


class GreaterMetric(Part):
    """Within the same trials the metric exceeds ``than_metric`` by more than the margin."""

    kind: Literal["greater_metric"]
    than_metric: str
    margin: Margin = 0.0

    @property
    def metrics(self) -> tuple[str, ...]:
        return (self.metric, self.than_metric)

    def comparisons(self, trials: pd.DataFrame) -> list[Comparison]:
        found = []
        for level in self.settings():
            a = select_replicates(trials, level, self.metric)
            b = select_replicates(trials, level, self.than_metric)
            name = f"{self.metric} − {self.than_metric}"
            found.append(compared(describe(level), name, Region(self.margin), a, b))
        return found

    def rule(self) -> str:
        by = f" by more than {self.margin:g}" if self.margin else ""
        return f"{self.metric} is greater than {self.than_metric}{by}"


class Level(Part):
    """The metric itself lies above or below a number."""

    kind: Literal["level"]
    above: float | None = None
    below: float | None = None

    @model_validator(mode="after")
    def _one_side(self) -> Level:
        if (self.above is None) == (self.below is None):
            raise ValueError("needs either 'above' or 'below'")
        return self

    def comparisons(self, trials: pd.DataFrame) -> list[Comparison]:
        region = (
            Region(self.above)
            if self.above is not None
            else Region(ceiling=math.inf if self.below is None else self.below)
        )
        return [
            compared(
                describe(level), self.metric, region, select_replicates(trials, level, self.metric)
            )
            for level in self.settings()
        ]

    def rule(self) -> str:
        side = f"above {self.above:g}" if self.above is not None else f"below {self.below:g}"
        return f"{self.metric} is {side}"
