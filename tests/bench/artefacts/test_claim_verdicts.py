"""The declared claims fit the sweeps, losses and options there are; the command judges a store."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.artefacts.claim_verdicts import verdict
from bench.artefacts.outcomes import SweepOutcomes
from bench.execution.trial_record import record
from bench.planning.plan import plan
from bench.planning.trial import Trial
from bench.plugin import UsageError
from bench.plugin.registry import losses, tasks
from bench.specs.claim_entries import entries, find
from bench.specs.claim_words import printable
from bench.specs.sweep import shipped
from results.claims.claim_kinds import Falls, Flat, Greater, NotWorse, Times
from results.claims.claim_model import Claim
from results.store.record import TrialRecord
from results.store.trial_store import Store

REPOSITORY = Path(__file__).parents[3]
CLAIMS = [claim for entry in entries() for claim in entry.claims]
AWAITED_SWEEPS: set[str] = set()
"""Of tasks that exist; whoever adds one takes it from this list, and its claims are checked."""
AWAITED_LOSSES: set[str] = set()
"""Likewise."""
PRESENT = [
    claim for claim in CLAIMS if claim.task in tasks.names() and claim.sweep not in AWAITED_SWEEPS
]


class Simulated:
    """Every trial that is asked for, finished with scores that only the replicate tells apart."""

    def borrowed(self, ids: Collection[str]) -> frozenset[str]:
        return frozenset()

    def load(self, ids: Collection[str] = (), columns: Sequence[str] = ()) -> pd.DataFrame:
        rng = np.random.default_rng(1)
        frame = pd.DataFrame({"trial_id": list(ids), "status": "finished"})
        for column in columns:
            if column.startswith("metric."):
                frame[column] = rng.uniform(0.5, 0.6, len(frame))
        return frame.reindex(columns=list(columns))


SIMULATED = SweepOutcomes(Simulated())  # type: ignore[arg-type]


def selections(claim: Claim) -> Iterator[dict[str, Any]]:
    """Columns and values of the trials that a claim looks at."""
    for part in claim.parts:
        for setting in part.settings():
            if isinstance(part, Greater | NotWorse | Times):
                for own in (part.of, *part.than):
                    yield {**setting, **own}
            elif isinstance(part, Flat):
                for level in (part.start, *part.levels):
                    yield {**setting, part.along: level}
            elif isinstance(part, Falls):
                for level in (part.start, part.end):
                    yield {**setting, part.along: level}
            else:
                yield setting


@pytest.mark.parametrize("claim", PRESENT, ids=lambda claim: claim.id)
def test_claims_fit_the_sweep_of_a_task_that_exists(claim: Claim) -> None:
    """Whoever adds a task settles what its claims look at."""
    assert claim.sweep in shipped()
    found = verdict(claim, SIMULATED)
    assert found.parts
    for part in found.parts:
        assert part.comparison.counts, part.comparison
        assert part.comparison.evidence is not None
        assert part.comparison.evidence.n >= 3
    metrics = {metric.name for metric in tasks.get(str(claim.task)).metrics}
    assert {name for part in claim.parts for name in part.metrics} <= metrics


def test_a_claim_on_drums_at_least() -> None:
    assert {claim.number for claim in PRESENT} >= {2, 4, 7, 8, 9}


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_losses_and_their_options_exist(claim: Claim) -> None:
    for chosen in selections(claim):
        if chosen.get("loss") in AWAITED_LOSSES:
            continue
        for column in chosen:
            if column.startswith("loss."):
                loss = losses.get(str(chosen["loss"]))
                assert column.split(".")[1] in loss.model_fields
        if "loss" in chosen:
            losses.get(str(chosen["loss"]))


def test_what_is_awaited_is_not_there_yet() -> None:
    assert not AWAITED_SWEEPS & set(shipped())
    assert not AWAITED_LOSSES & set(losses.names())


def test_a_theorem_points_to_tests_that_exist() -> None:
    [theorem] = [claim for claim in CLAIMS if claim.proof]
    assert theorem.id == "1a"
    assert (REPOSITORY / str(theorem.proof)).is_file()


@pytest.mark.parametrize("kind", ["task", "sweep"])
def test_claims_without_task_or_sweep_say_so(kind: str) -> None:
    claim = find("9")[0].model_copy(update={kind: "curling"})
    found = verdict(claim, SIMULATED)
    reason = f"{kind} 'curling' is not part of this pointbench"
    assert (found.verdict, found.detail) == ("no data", reason)


def test_a_declaration_that_does_not_fit_names_claim_and_sweep() -> None:
    claim = find("9")[0]
    part = claim.parts[0].model_copy(update={"metric": "f2"})
    with pytest.raises(
        UsageError, match=r"claim 9 and sweep 'drums-noise': no column 'metric\.f2'"
    ):
        verdict(claim.model_copy(update={"parts": [part]}), SIMULATED)


# The command


def ended(trial: Trial, status: str = "finished", **changes: Any) -> TrialRecord:
    return dataclasses.replace(record(trial, "drums-noise", status, None), **changes)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Finished trials of drums-noise: F1 0.9 with SoftLoc everywhere, of others 0.92 - 3 σ."""
    store = Store.open(tmp_path / "store", create=True)
    for planned in plan("drums-noise").trials:
        trial = planned.trial
        level = 0.9 if trial.loss.plugin_name == "softloc" else 0.92 - 3 * trial.task.noise
        place = 7 * trial.replicate + len(trial.loss.plugin_name) + 100 * trial.task.noise
        score = level + 0.001 * math.sin(place)
        store.append(ended(trial, metrics=dict.fromkeys(("f1", "precision", "recall"), score)))
    return store


def test_one_line_per_claim(call: Callable[..., Any], store: Store) -> None:
    answer = call("claims", "--store", store.url, "--no-reference")
    assert (answer.code, answer.errors) == (0, [])
    lines = {line.split()[0]: line for line in answer.out.splitlines() if line}
    assert set(lines) >= {claim.id for claim in CLAIMS}
    assert re.match(
        r"4f +supported  +0\.05\d \[0\.05\d, 0\.05\d\] +Drums, SoftLoc beats", lines["4f"]
    )
    assert re.match(r"9 +contradicted +-0\.02", lines["9"])
    assert re.match(r"8a +no data +- ", lines["8a"])
    assert "8a, 8b: softness-noise at scale laptop: not run" in answer.out
    assert "  1a: a theorem, which no trial decides; checked by tests/" in answer.out


def test_details_of_the_claims_that_are_named(call: Callable[..., Any], store: Store) -> None:
    answer = call("claims", "claim-9", "7g", "--store", store.url, "--no-reference")
    assert answer.code == 0
    assert answer.out.startswith("claim 9  contradicted: Drums with clean labels")
    assert "\nclaim 7g  supported: " in answer.out
    assert (
        "Margin: 0.036, 1.5 times the largest printed effect; 97.4 without noise"
        in answer.out.replace("\n    ", " ")
    )
    assert "(cross_entropy, loss.decoder=peaks) at task.noise=0.0" in answer.out


def test_json_is_all_of_it(call: Callable[..., Any], store: Store) -> None:
    answer = call("claims", "--json", "--store", store.url, "--no-reference")
    assert (answer.code, answer.errors) == (0, [])
    verdicts = {v["id"]: v for v in json.loads(answer.out, parse_constant=pytest.fail)}
    assert list(verdicts) == [claim.id for claim in CLAIMS]
    found = verdicts["4f"]
    assert found["verdict"] == "supported"
    assert found["low"] < found["effect"] < found["high"]
    assert len(found["parts"]) == 9
    assert len(found["trial_ids"]) == 4 * 3 * 5
    assert verdicts["8a"]["effect"] is None


def test_another_scale_or_number_of_replicates(call: Callable[..., Any], store: Store) -> None:
    smoke = call("claims", "9", "--scale", "smoke", "--store", store.url, "--no-reference")
    assert "drums-noise at scale smoke: not run" in smoke.out.replace("\n    ", " ")
    more = call("claims", "9", "--replicates", "6", "--store", store.url, "--no-reference")
    assert more.out.startswith("claim 9  undecided")
    assert "of 12 trials 2 not run" in more.out.replace("\n    ", " ")


def test_no_store_is_an_error(call: Callable[..., Any], tmp_path: Path) -> None:
    answer = call("claims", "--store", tmp_path / "none", "--no-reference")
    assert answer.code == 2
    assert "no store" in answer.errors[0]


def test_lists_and_pages(call: Callable[..., Any]) -> None:
    listed = call("list", "claims").out.splitlines()
    assert len(listed) == 20
    assert listed[8].startswith("claim-9   Without noise SoftLoc loses little")
    shown = call("show", "claim-9").out
    assert "Claimed: f1 of (softloc) is less than 0.0135 below" in shown.replace("\n    ", " ")
    assert max(map(len, shown.splitlines())) <= 80
    assert json.loads(call("show", "claim-8", "--json").out)["claims"][0]["id"] == "8a"
    assert call("show", "claim-99").errors[0].startswith("error: unknown name 'claim-99'")


HOSTILE = "\x1b[2J<script>alert(1)</script> $\\LaTeX$\r\n😀" + "x" * 300


def test_hostile_text_does_not_reach_the_terminal(call: Callable[..., Any], tmp_path: Path) -> None:
    store = Store.open(tmp_path / "store", create=True)
    for planned in plan("drums-noise").trials:
        store.append(ended(planned.trial, "skipped", reason=HOSTILE))
    for arguments in ((), ("9",)):
        out = call("claims", *arguments, "--store", store.url, "--no-reference").out
        assert "\x1b" not in out
        assert "\r" not in out
        assert "\\x1b[2J<script>" in out
    assert printable(HOSTILE).startswith("\\x1b[2J<script>alert(1)</script> $\\LaTeX$\\r\\n😀x")
