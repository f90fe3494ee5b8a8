"""The one rule of margins: no declaration writes a margin, it follows from what the paper prints.

- A *tolerance* (not worse, flat, plateau) is 1.5 times the largest effect that the paper prints
  and calls none or small: a result equal to the printed one then lies inside by a third.
- A *gain* (greater, falls) is any difference, unless the paper claims a size: then it is half of
  the smallest printed effect, so that a result equal to the printed one lies inside by as much.
- The sentence's own number takes the place of either. The printed effects must lie strictly inside
  it, since a result equal to the printed one would else be undecided with any number of trials.
"""

from __future__ import annotations

from pydantic import model_validator

from results.claims.claim_part import Part, Positive

TOLERANCE = 1.5
"""Of the printed effect."""
SIZE = 0.5
"""Share of the printed effect that a claim about its size demands."""


class Tolerance(Part):
    """A kind that allows a deviation.

    Attributes:
        tolerated: the largest effect that the paper prints and calls none or small, where that is
            not the largest of ``printed``.
        sentence: the sentence's own number.
    """

    tolerated: Positive | None = None
    sentence: Positive | None = None

    @property
    def margin(self) -> float:
        """The deviation at which the claim is no longer true."""
        if self.sentence is not None:
            return self.sentence
        printed = self.tolerated or max((abs(effect) for effect in self.printed or ()), default=0)
        if not printed:
            raise ValueError("a tolerance follows from 'printed', 'tolerated' or 'sentence'")
        return round(TOLERANCE * printed, 12)

    @model_validator(mode="after")
    def _inside(self) -> Tolerance:
        if self.sentence is not None and self.tolerated is not None:
            raise ValueError("a margin follows from 'tolerated' or 'sentence', not from both")
        _check_inside(self, self.margin)
        return self

    def margin_rule(self) -> str:
        if self.sentence is not None:
            return f"{self.margin:g}, the sentence's own number"
        return f"{self.margin:g}, {TOLERANCE:g} times the largest printed effect"


class Gain(Part):
    """A kind that demands a difference.

    Attributes:
        far: whether the paper claims a size (*far*, *collapses*), not only a direction.
        sentence: the sentence's own number.
    """

    far: bool = False
    sentence: Positive | None = None

    @property
    def margin(self) -> float:
        """The difference that must be exceeded."""
        if self.sentence is not None:
            return self.sentence
        return round(SIZE * min(self.printed), 12) if self.far and self.printed else 0.0

    @model_validator(mode="after")
    def _inside(self) -> Gain:
        if self.sentence is not None and self.far:
            raise ValueError("a margin follows from 'far' or 'sentence', not from both")
        if self.far and not self.printed:
            raise ValueError("'far' is half of what is 'printed', which is missing")
        _check_inside(self, self.margin)
        return self

    def margin_rule(self) -> str:
        if self.sentence is not None:
            return f"{self.margin:g}, the sentence's own number"
        return f"{self.margin:g}, half of the printed effect" if self.far else "any difference"


def _check_inside(part: Part, margin: float) -> None:
    """A result equal to the printed one must not be on the boundary of what is claimed.

    Raises:
        ValueError: it is, or it contradicts the claim.
    """
    for effect in part.printed or ():
        if not part.region.holds(effect):
            raise ValueError(
                f"the printed effect {effect:g} is not {part.region.text}, so the margin "
                f"{margin:g} is none that the paper itself keeps"
            )
