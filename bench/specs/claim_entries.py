"""Claims of the papers as declared in YAML: a file holds entries, an entry one number's claims."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bench.plugin import UsageError, nearest
from bench.specs.declarations import declared, existing_file, is_file_name
from bench.specs.yaml_file import spec_file
from results.claims.claim_model import Claim


class Entry(BaseModel):
    """One number of the catalogue: what it says, and the claims that its sentences come to."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    number: int = Field(ge=1, le=9999)
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
        UsageError: a declaration is wrong, with file and line, or two have one number.
    """
    found: dict[int, tuple[Entry, Path]] = {}
    for path in declared("claims").values():
        for entry in read(path):
            if entry.number in found:
                taken = found[entry.number][1]
                raise UsageError(f"{path}: claim number {entry.number} is taken by {taken}")
            found[entry.number] = entry, path
    return tuple(found[number][0] for number in sorted(found))


def read(path: Path) -> list[Entry]:
    """The entries of one file.

    Raises:
        UsageError: all problems at once, each with file and line.
    """
    return spec_file(path).validate(_File).entries


def find(name: str) -> list[Claim]:
    """Claims by number, id or file: ``8`` and ``claim-8`` are 8a, 8b and so on, ``8a`` is one.

    Raises:
        UsageError: there is no such claim or file.
    """
    if is_file_name(name):
        return _claims(read(existing_file(name, "claims")))
    wanted = name.removeprefix("claim-")
    found = [claim for claim in _claims(entries()) if wanted in (claim.id, str(claim.number))]
    if not found:
        known = [f"claim-{entry.number}" for entry in entries()]
        raise UsageError(f"unknown claim '{name}'{nearest(f'claim-{wanted}', known)}")
    return found


def find_all(names: Sequence[str]) -> list[Claim]:
    """Claims of several names, each once; all declared ones without a name.

    Raises:
        UsageError: as for `find`.
    """
    if not names:
        return _claims(entries())
    return list({claim.id: claim for name in names for claim in find(name)}.values())


def _claims(entries: Iterable[Entry]) -> list[Claim]:
    return [claim for entry in entries for claim in entry.claims]
