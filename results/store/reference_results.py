"""Making the reference results that come with pointbench: a small store of finished trials."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from results.store.record import SAMPLES, TrialRecord
from results.store.trial_store import Store

NOTE = "README.md"


def write_reference(records: Iterable[TrialRecord], folder: Path) -> int:
    """Replace the reference results in ``folder`` by ``records``, and return how many they are.

    Host names are left out, and counts of single samples, which would be nine tenths of its size
    and which no artefact shows. The folder changes at once or not at all; its README stays.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    number = 0
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".reference-") as temporary:
        made = Path(temporary) / folder.name
        store = Store.open(made)
        for record in records:
            details = {key: kept for key, kept in record.details.items() if key != SAMPLES}
            store.append(replace(record, host="", details=details))
            number += 1
        store.compact()
        for empty in (made / "trials" / "new", made / "mirror"):
            shutil.rmtree(empty, ignore_errors=True)
        for lock in made.rglob("*.lock"):
            lock.unlink()
        if (folder / NOTE).is_file():
            shutil.copy2(folder / NOTE, made / NOTE)
        if folder.exists():
            folder.rename(Path(temporary) / "before")
        made.rename(folder)
    return number
