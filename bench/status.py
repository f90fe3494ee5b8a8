"""Facts about a plan and a store: what is done, what is missing, how well the cores were used."""

from __future__ import annotations

import os
from typing import Any

import pandas as pd

from bench.plan import Plan
from results.store import Store


def describe_plan(plan: Plan, store: Store) -> dict[str, Any]:
    """JSON-able facts: counts by status, time left, sessions, parallel efficiency."""
    statuses = store.statuses()
    counts: dict[str, int] = {}
    for trial_id in plan.ids:
        status = statuses.get(trial_id, "missing")
        counts[status] = counts.get(status, 0) + 1
    skips: dict[str, int] = {}
    for planned in plan.trials:
        if planned.skip_reason is not None:
            skips[planned.skip_reason] = skips.get(planned.skip_reason, 0) + 1
    seconds = store.load(ids=plan.ids, columns=["seconds.train", "seconds.evaluate"])
    each = (
        float((seconds["seconds.train"] + seconds["seconds.evaluate"]).mean())
        if len(seconds)
        else None
    )
    runnable = counts.get("missing", 0)
    return {
        "sweep": plan.sweep.name,
        "title": plan.sweep.title,
        "scale": plan.scale,
        "trials": len(plan.trials),
        "statuses": counts,
        "skip_reasons": skips,
        "seconds_per_trial": each,
        "seconds_left": None if each is None else runnable * each / (os.cpu_count() or 1),
        "efficiency": _efficiency(store, plan.sweep.name, plan.scale),
        "trial_ids": plan.ids,
    }


def plan_lines(facts: dict[str, Any]) -> list[str]:
    """The same for a person."""
    counts = ", ".join(f"{count} {status}" for status, count in sorted(facts["statuses"].items()))
    lines = [
        f"{facts['sweep']} ({facts['scale']}): {facts['title']}",
        f"  {facts['trials']} trials: {counts}",
    ]
    lines += [f"  {count} skipped: {why}" for why, count in facts["skip_reasons"].items()]
    if facts["seconds_per_trial"] is None:
        lines.append("  time: unknown until a first trial has run")
    else:
        lines.append(
            f"  time: {facts['seconds_per_trial']:.1f} s a trial, about "
            f"{facts['seconds_left'] / 60:.0f} min left on this machine's {os.cpu_count()} cores"
        )
    use = facts["efficiency"]
    if use is not None:
        lines.append(
            f"  parallel efficiency {use['efficiency']:.3f}: {use['busy_seconds']:.0f} s in "
            f"training and evaluation / ({use['core_seconds']:.0f} core seconds of "
            f"{use['sessions']} runs, {use['wall_seconds']:.0f} s wall)"
        )
    return lines


def describe_store(store: Store) -> dict[str, Any]:
    """JSON-able facts about a whole store: trials by sweep and status."""
    trials = store.load(columns=["sweep", "scale", "status"])
    sweeps = []
    for (sweep, scale), group in trials.groupby(["sweep", "scale"], sort=True):
        counts = {str(k): int(v) for k, v in group["status"].value_counts().sort_index().items()}
        use = _efficiency(store, str(sweep), str(scale))
        sweeps.append({"sweep": sweep, "scale": scale, "statuses": counts, "efficiency": use})
    return {"store": store.shown, "trials": len(trials), "sweeps": sweeps}


def store_lines(facts: dict[str, Any]) -> list[str]:
    """The same for a person."""
    lines = [f"store {facts['store']}: {facts['trials']} trials"]
    for entry in facts["sweeps"]:
        counts = ", ".join(f"{n} {status}" for status, n in entry["statuses"].items())
        use = entry["efficiency"]
        efficiency = f"; parallel efficiency {use['efficiency']:.3f}" if use else ""
        lines.append(f"  {entry['sweep']} ({entry['scale']}): {counts}{efficiency}")
    return lines


def _efficiency(store: Store, sweep: str, scale: str) -> dict[str, Any] | None:
    """(Seconds inside training and evaluation) / (cores × wall seconds), over all sessions."""
    sessions = store.sessions()
    if sessions.empty or "busy_seconds" not in sessions:
        return None
    chosen = sessions[
        (sessions["sweep"] == sweep) & (sessions["scale"] == scale) & sessions["cores"].notna()
    ]
    core_seconds = float((pd.to_numeric(chosen["cores"]) * chosen["wall_seconds"]).sum())
    if core_seconds <= 0:
        return None
    busy = float(chosen["busy_seconds"].sum())
    return {
        "efficiency": busy / core_seconds,
        "busy_seconds": busy,
        "core_seconds": core_seconds,
        "wall_seconds": float(chosen["wall_seconds"].sum()),
        "sessions": len(chosen),
    }
