"""The declaration of a claim."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from results.claims.claim_kinds import AnyKind
from results.claims.claim_plateau import BelowPlateau, Plateau

AnyPart = Annotated[AnyKind | Plateau | BelowPlateau, Field(discriminator="kind")]


class Claim(BaseModel):
    """A declared claim.

    Attributes:
        id: its number in the catalogue, with a letter where one number has several sentences;
            claims of others have numbers above 100.
        title: the sentence, in words of our own.
        source: where the paper says so.
        task, sweep: whose trials decide.
        replicates: how many a result equal to the printed one takes to be supported in four of
            five cases; `bench claims` counts what its sweep plans, `bench decide` adds up to it.
        ours: whether the paper announces it without measuring it.
        parts: the tests, all of which must hold.
        proof: for a theorem, instead of parts: where it is checked.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    id: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,3}[a-z]?$"), BeforeValidator(str)]
    title: str = Field(min_length=1)
    source: str = Field(min_length=1)
    task: str | None = None
    sweep: str | None = None
    replicates: Annotated[int, Field(ge=2)] = 5
    ours: bool = False
    parts: list[AnyPart] = []
    proof: str | None = None

    @property
    def number(self) -> int:
        """Its number in the catalogue."""
        return int(self.id.rstrip("abcdefghijklmnopqrstuvwxyz"))

    @model_validator(mode="after")
    def _decidable(self) -> Claim:
        if self.proof is None and not (self.parts and self.task and self.sweep):
            raise ValueError("needs 'task', 'sweep' and 'parts', or 'proof'")
        if self.proof is not None and (self.parts or self.task or self.sweep):
            raise ValueError("a claim with 'proof' has no 'task', 'sweep' or 'parts'")
        return self
