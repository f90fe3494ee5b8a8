"""Facts about a plan and a store: what is done, what is missing, how well the cores were used."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pandas as pd

from bench.planning.next_command import unfinished_words
from bench.planning.plan import Plan
from bench.planning.plan_size import size_text, trials_text
from bench.planning.replicate_search import Search
from bench.planning.tuning import Study
from bench.plugin import Schedule
from bench.specs.sweep import shipped
from results.store.trial_source import TrialSource
from results.store.trial_store import Store
from results.tables.fates import WORDS, counted, overall

_MOST_CAUSES = 5
_LONGEST_CAUSE = 300


def describe_plan(plan: Plan, outcomes: pd.DataFrame, source: TrialSource | None) -> dict[str, Any]:
    """JSON-able facts: counts by fate, time left, sessions, parallel efficiency.

    Args:
        outcomes: of the plan's trials (`bench.artefacts.outcomes.join`).
        source: that they were joined with; its runs tell how well cores were used.
    """
    fates = overall(outcomes)
    counts = counted(fates)
    skipped = outcomes.loc[fates == "skipped", "reason"].fillna("no reason given")
    each = _seconds_per_trial(outcomes)
    sessions = source.sessions() if isinstance(source, Store) else pd.DataFrame()
    runnable = counts.get("missing", 0) + counts.get("stale", 0) + plan.unplanned
    facts = {
        "sweep": plan.sweep.name,
        "title": plan.sweep.title,
        "scale": plan.scale,
        "trials": len(plan.trials),
        "statuses": counts,
        "unfinished": unfinished_words(plan, counts),
        "causes": _causes(outcomes),
        "skip_reasons": {str(why): int(n) for why, n in skipped.value_counts(sort=False).items()},
        "seconds_per_trial": each,
        "seconds_left": None if each is None else runnable * each / (os.cpu_count() or 1),
        "efficiency": _efficiency(sessions, plan.sweep.name, plan.scale),
        "trial_ids": plan.ids,
    }
    if plan.rounds:
        facts["rounds"] = plan.rounds
        facts["unplanned"] = plan.unplanned
        facts["studies"] = [describe_study(study) for study in plan.studies]
    return facts


def _causes(outcomes: pd.DataFrame) -> list[dict[str, Any]]:
    """Why trials failed or diverged: last line of the reason, the most frequent first."""
    ended = outcomes[outcomes["fate"].isin(["diverged", "failed"])]
    lines = ended["reason"].fillna("no reason given").map(_last_line)
    counts = Counter(zip(ended["fate"], lines.str[:_LONGEST_CAUSE], strict=True))
    return [
        {"fate": fate, "reason": reason, "trials": number}
        for (fate, reason), number in counts.most_common(_MOST_CAUSES)
    ]


def _seconds_per_trial(outcomes: pd.DataFrame) -> float | None:
    """Mean over trials that were trained and evaluated to the end; None without one."""
    each = (outcomes["seconds.train"] + outcomes["seconds.evaluate"]).dropna()
    return float(each.mean()) if len(each) else None


def _time_text(each: float | None, left: float | None) -> str:
    if each is None or left is None:
        return "unknown until a first trial has finished"
    text = f"{each:.1f} s a trial"
    if not left:
        return text
    return f"{text}, about {left / 60:.0f} min left on this machine's {os.cpu_count()} cores"


def plan_lines(facts: dict[str, Any]) -> list[str]:
    """The same for a person."""
    counts = ", ".join(
        f"{count} {WORDS.get(fate, fate)}" for fate, count in sorted(facts["statuses"].items())
    )
    unplanned = facts.get("unplanned", 0)
    where = f"round {facts['rounds']} of the search: " if unplanned else ""
    lines = [
        f"{facts['sweep']} ({facts['scale']}): {facts['title']}".removesuffix(": "),
        f"  {where}{size_text(facts['trials'], unplanned)}: {counts}",
    ]
    lines += [f"  {count} skipped: {why}" for why, count in facts["skip_reasons"].items()]
    lines += [f"  {one['trials']} {one['fate']}: {one['reason']}" for one in facts["causes"]]
    if {"failed", "diverged"} & facts["statuses"].keys():
        lines.append(f"  {facts['unfinished']}")
    lines += [f"  {line}" for line in study_lines(facts.get("studies", []))]
    lines.append(f"  time: {_time_text(facts['seconds_per_trial'], facts['seconds_left'])}")
    use = facts["efficiency"]
    if use is not None:
        lines.append(
            f"  parallel efficiency {use['efficiency']:.3f}: {use['busy_seconds']:.0f} s in "
            f"training and evaluation / ({use['core_seconds']:.0f} core seconds of "
            f"{use['sessions']} runs, {use['wall_seconds']:.0f} s wall)"
        )
    return lines


def _last_line(text: str) -> str:
    return text.strip().rpartition("\n")[2]


def describe_study(study: Study) -> dict[str, Any]:
    """JSON-able facts about the tuning of one loss on one task setting."""
    return {
        "loss": study.loss,
        "given": study.given,
        "task": {"name": study.task.plugin_name, **study.task.options()},
        "objective": study.objective,
        "searched": list(study.searched),
        "replicates": [describe_search(study, search) for search in study.searches],
    }


def describe_search(study: Study, search: Search) -> dict[str, Any]:
    """The same of the search inside one replicate, with what it would choose now."""
    trial_id = study.chosen(search)
    return {
        "replicate": search.replicate,
        "planned": len(search.trials),
        "ended": len(search.values),
        "complete": search.ended,
        "best": None if trial_id is None else search.values[trial_id],
        "setting": None if trial_id is None else search.candidates[trial_id],
    }


def study_lines(studies: list[dict[str, Any]]) -> Iterator[str]:
    """The same for a person; of the task setting, the options in which the studies differ."""
    tasks = [study["task"] for study in studies]
    varying = {key for task in tasks for key in task if any(t.get(key) != task[key] for t in tasks)}
    for study in studies:
        options = {key: value for key, value in study["task"].items() if key in varying}
        named = ", ".join(f"{key}: {_text(v)}" for key, v in (study["given"] | options).items())
        text = f"{study['loss']}{f' ({named})' if named else ''}: "
        searches = study["replicates"]
        ended, planned, complete = (
            sum(search[key] for search in searches) for key in ("ended", "planned", "complete")
        )
        text += f"{ended} of {planned} planned trials ended"
        if not study["searched"]:
            yield f"{text}, nothing to tune"
            continue
        text += f", {complete} of {len(searches)} searches complete"
        best = [search["best"] for search in searches if search["best"] is not None]
        if best:
            text += f", best {study['objective']} {min(best):.3f} to {max(best):.3f}"
        yield text


def _text(value: Any) -> str:
    return str(Schedule(**value)) if isinstance(value, dict) else str(value)


def describe_store(store: Store) -> dict[str, Any]:
    """JSON-able facts about a whole store: trials by sweep and status."""
    trials = store.load(columns=["sweep", "scale", "status"])
    sweeps, sessions = [], store.sessions()
    for (sweep, scale), group in trials.groupby(["sweep", "scale"], sort=True):
        counts = {str(k): int(v) for k, v in group["status"].value_counts().sort_index().items()}
        use = _efficiency(sessions, str(sweep), str(scale))
        sweeps.append({"sweep": sweep, "scale": scale, "statuses": counts, "efficiency": use})
    return {"store": store.shown, "trials": len(trials), "sweeps": sweeps}


def store_lines(facts: dict[str, Any]) -> list[str]:
    """The same for a person."""
    lines = [f"store {facts['store']}: {trials_text(facts['trials'])}"]
    for entry in facts["sweeps"]:
        counts = ", ".join(f"{n} {status}" for status, n in entry["statuses"].items())
        use = entry["efficiency"]
        efficiency = f"; parallel efficiency {use['efficiency']:.3f}" if use else ""
        lines.append(f"  {entry['sweep']} ({entry['scale']}): {counts}{efficiency}")
        if entry["statuses"].get("failed"):
            name = entry["sweep"] if entry["sweep"] in shipped() else "FILE.yaml"
            scale = "" if entry["scale"] == "laptop" else f" --scale {entry['scale']}"
            lines.append(f"    run what failed again: bench run {name}{scale} --failed")
    return lines


def _efficiency(sessions: pd.DataFrame, sweep: str, scale: str) -> dict[str, Any] | None:
    """(Seconds inside training and evaluation) / (cores × wall seconds), over all sessions."""
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
