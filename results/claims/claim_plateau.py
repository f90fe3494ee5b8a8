"""A plateau on a surface of independent runs, and the slope beside it (figure 5.8).

Runs are spread over two parameters x and y, and the plateau is said to be where x ≥ y. It is cut
into cells: strips of y, and in each strip the runs *near* the edge (0 ≤ x - y < ``near``) and those
*far* from it. Runs have no replicates in common, so means of cells are compared by Welch's
interval. Cells in which the sweep plans no run are left out.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from results.claims.claim_part import Part, Positive
from results.claims.claim_selection import Selection, obstacle, select
from results.claims.comparison import Comparison, Region, compare_groups
from results.claims.margins import Gain, Tolerance

_LEAST = 2
"""Runs of each cell that an interval needs."""


class _Surface(Part):
    """Runs over x and y.

    Attributes:
        x, y: columns of the parameters.
        strips: edges of the strips of y; the last one belongs to its strip.
    """

    x: str
    y: str
    strips: Annotated[list[float], Field(min_length=2)]

    @model_validator(mode="after")
    def _ascending(self) -> _Surface:
        if any(low >= high for low, high in pairwise(self.strips)):
            raise ValueError(f"'strips' must ascend, got {self.strips}")
        if self.at:
            raise ValueError("'at' has no meaning for a surface")
        return self

    def _runs(self, trials: pd.DataFrame) -> tuple[Selection, np.ndarray, np.ndarray]:
        """The runs, their x - y, and the number of each one's strip (-1 outside all)."""
        runs = select(trials, self.where, self.metric)
        own = trials.set_index("trial_id").loc[runs.trials["trial_id"]]
        x, y = (own[column].to_numpy(np.float64) for column in (self.x, self.y))
        strip = np.searchsorted(self.strips, y, side="right") - 1
        strip[y == self.strips[-1]] = len(self.strips) - 2
        strip[strip >= len(self.strips) - 1] = -1
        return runs, x - y, strip

    def _compared(
        self, runs: Selection, inside: np.ndarray, others: np.ndarray, label: str
    ) -> Comparison:
        a, b = (Selection(label, runs.trials[chosen]) for chosen in (inside, others))
        enough = min(len(a.values), len(b.values)) >= _LEAST
        return Comparison(
            label,
            self.metric,
            self.region,
            compare_groups(a.values, b.values, self.region) if enough else None,
            obstacle(a, b, least=_LEAST),
            paired=False,
            trial_ids=(*a.finished["trial_id"], *b.finished["trial_id"]),
            planned_ids=(*a.trials["trial_id"], *b.trials["trial_id"]),
        )

    def _range(self, strip: int) -> str:
        return f"{self.y} {self.strips[strip]:g}–{self.strips[strip + 1]:g}"


class Plateau(_Surface, Tolerance):
    """Where x ≥ y, every cell's mean is within the margin of the mean of all other such cells."""

    kind: Literal["plateau"]
    near: Positive

    @property
    def region(self) -> Region:
        return Region(-self.margin, self.margin)

    def comparisons(self, trials: pd.DataFrame) -> list[Comparison]:
        runs, beyond, strip = self._runs(trials)
        plateau = (beyond >= 0) & (strip >= 0)
        found = []
        for number in range(len(self.strips) - 1):
            for name, side in (("near", beyond < self.near), ("far", beyond >= self.near)):
                cell = plateau & (strip == number) & side
                if cell.any():
                    label = f"{self._range(number)}, {name} the edge − rest of the plateau"
                    found.append(self._compared(runs, cell, plateau & ~cell, label))
        return found

    def rule(self) -> str:
        return (
            f"where {self.x} ≥ {self.y}, the mean {self.metric} of every cell (strips of {self.y} "
            f"at {self.strips}; {self.x} − {self.y} below and above {self.near:g}) is within "
            f"±{self.margin:g} of that of the others"
        )


class BelowPlateau(_Surface, Gain):
    """In every strip, runs with x < y are worse than the others by more than the margin."""

    kind: Literal["below_plateau"]

    @property
    def region(self) -> Region:
        return Region(self.margin)

    def comparisons(self, trials: pd.DataFrame) -> list[Comparison]:
        runs, beyond, strip = self._runs(trials)
        found = []
        for number in range(len(self.strips) - 1):
            here = strip == number
            if (here & (beyond < 0)).any():
                label = f"{self._range(number)}: plateau − below it"
                above, below = here & (beyond >= 0), here & (beyond < 0)
                found.append(self._compared(runs, above, below, label))
        return found

    def rule(self) -> str:
        return (
            f"in each strip of {self.y} (edges {self.strips}), runs with {self.x} ≥ {self.y} have "
            f"a mean {self.metric} more than {self.margin:g} above those with {self.x} < {self.y}"
        )
