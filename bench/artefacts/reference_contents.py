"""What the reference results hold, and which trials of a store go into new ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from bench.planning.plan import plan
from bench.planning.plan_size import trials_text
from bench.specs.sweep import shipped
from results.store.record import TrialRecord
from results.store.trial_store import Store


def describe_reference(reference: Store) -> list[dict[str, Any]]:
    """JSON-able facts by sweep and scale: trials, where they ran, how many no plan has any more."""
    frame = reference.load(
        columns=["trial_id", "sweep", "scale", "status", "hardware", "git_revision"]
    )
    rows: list[dict[str, Any]] = []
    for (sweep, scale), trials in frame.groupby(["sweep", "scale"]):
        current: set[str] = set()
        if sweep in shipped():
            current = set(plan(str(sweep), str(scale), results=reference).ids)
        rows.append(
            {
                "sweep": sweep,
                "scale": scale,
                "trials": len(trials),
                "finished": int((trials["status"] == "finished").sum()),
                "not planned any more": int((~trials["trial_id"].isin(current)).sum()),
                "hardware": sorted(set(trials["hardware"])),
                "git_revisions": sorted(set(trials["git_revision"].dropna())),
            }
        )
    return rows


def reference_lines(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """The same for a person."""
    for row in rows:
        yield (
            f"{row['sweep']} ({row['scale']}): {trials_text(row['trials'])}, "
            f"{row['finished']} finished, {row['not planned any more']} not planned any more; "
            f"{', '.join(row['hardware'])}"
        )


def planned_records(
    sweeps: Sequence[str], scale: str, store: Store
) -> tuple[list[TrialRecord], list[str]]:
    """Trials of the store that the sweeps plan, and lines about those that it lacks.

    A trial that several sweeps plan goes under the name of the first.
    """
    known, owner, lines = set(store.statuses()), dict[str, str](), []
    for sweep in sweeps:
        planned = plan(sweep, scale, results=store)
        missing = set(planned.ids) - known
        if missing:
            lines.append(f"{sweep}: {len(missing)} of {len(planned.ids)} trials are missing")
        owner = {**dict.fromkeys(planned.ids, planned.sweep.name), **owner}
    records = [replace(one, sweep=owner[one.trial_id]) for one in store.records(set(owner))]
    return records, lines
