"""What became of trials without a value, and the command that goes on."""

from __future__ import annotations

from collections.abc import Mapping

from bench.planning.plan import Plan
from bench.specs.sweep import shipped
from results.tables.fates import UNCOUNTED, WORDS


def run_command(plan: Plan) -> str:
    """``bench run degen.yaml --scale smoke``: the sweep as its user calls it."""
    name = plan.sweep.name
    if name not in shipped() and plan.source is not None:
        name = str(plan.source.file.path)
    scale = "" if plan.scale == "laptop" else f" --scale {plan.scale}"
    return f"bench run {name}{scale}"


def unfinished_words(plan: Plan, counts: Mapping[str, int]) -> str:
    """``12 failed; bench run degen.yaml --failed``; empty where no trial is without a value.

    Failed trials run again with ``--failed``, those that have not run with the same command. What
    diverged would diverge again, and what was skipped cannot be run: nothing goes on with them.

    Args:
        counts: trials by fate (`results.tables.fates.FATES`).
    """
    found = {name: counts[name] for name in UNCOUNTED if counts.get(name)}
    if not found.keys() - {"skipped"} and counts.get("finished"):
        return ""
    words = ", ".join(f"{number} {WORDS.get(name, name)}" for name, number in found.items())
    if "failed" in found:
        return f"{words}; {run_command(plan)} --failed"
    if found.keys() & {"missing", "stale"}:
        return f"{words}; {run_command(plan)}"
    if "diverged" in found:
        change = f"{run_command(plan)} --set train.lr=LOWER"
        return f"{words}: the same training would diverge again, so change it, such as by {change}"
    return words


def alarm(plan: Plan, counts: Mapping[str, int]) -> str:
    """`unfinished_words` where nobody may miss them: a trial failed, or none has a value."""
    begun = any(number for name, number in counts.items() if name not in ("missing", "skipped"))
    silent = not counts.get("failed") and (counts.get("finished") or not begun)
    return "" if silent else unfinished_words(plan, counts)
