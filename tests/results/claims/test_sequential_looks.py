"""Looking while replicates are added: levels, error rates and lengths by simulation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from results.claims.claim_model import Claim
from results.claims.comparison import Comparison, Evidence, Region
from results.claims.sequential_looks import LOOKS, MOST, looks, progress
from results.claims.verdict import HOPELESS
from results.claims.verdict_chance import chance

SD = 0.0096
"""Of the difference of F1 between two trainings on drums."""


@pytest.mark.parametrize("planned", [1, 2, 3, 4, 5, 6, 12, 20, 30])
def test_looks_spend_the_level_of_one_test(planned: int) -> None:
    found = looks(planned)
    assert found[0].replicates == max(planned, 3)
    assert [look.replicates for look in found[1:]] == [n for n in LOOKS if n > max(planned, 3)]
    assert sum(look.alpha for look in found) == pytest.approx(0.025)
    assert all(look.alpha > 0 for look in found)


def simulated(effect: float, planned: int, paths: int) -> tuple[float, float, float]:
    """Shares supported and contradicted, and mean replicates, of a claim of one comparison > 0."""
    rng = np.random.default_rng([planned, int(1e6 * abs(effect))])
    values = rng.normal(effect, SD, (paths, MOST))
    verdict, used = np.zeros(paths), np.full(paths, MOST)
    for look in looks(planned):
        n = look.replicates
        t, p = stats.ttest_1samp(values[:, :n], 0.0, axis=1)
        new = (verdict == 0) & (p / 2 < look.alpha)
        verdict[new] = np.sign(t[new])
        used[new] = n
    return (verdict > 0).mean(), (verdict < 0).mean(), used.mean()


@pytest.mark.parametrize("planned", [3, 5])
def test_a_truth_on_the_boundary_is_rarely_called_anything(planned: int) -> None:
    supported, contradicted, _ = simulated(0.0, planned, 40_000)
    assert 0.015 < supported <= 0.025
    assert 0.015 < contradicted <= 0.025


@pytest.mark.parametrize("planned", [3, 5])
def test_a_point_beyond_the_margin_is_decided(planned: int) -> None:
    supported, contradicted, used = simulated(0.01, planned, 40_000)
    assert supported >= 0.95
    assert contradicted < 0.001
    assert used <= 14


def test_giving_up_where_the_chance_is_small_costs_few_verdicts() -> None:
    rng, paths, region = np.random.default_rng(11), 1500, Region(0.0)
    schedule = looks(5)
    decided = used = 0
    for values in rng.normal(0.01, SD, (paths, MOST)):
        for look in schedule:
            n = look.replicates
            mean, sd = values[:n].mean(), values[:n].std(ddof=1)
            t = mean / sd * math.sqrt(n)
            if abs(t) > stats.t.isf(look.alpha, n - 1):
                decided += 1
                break
            now = Comparison("", "f1", region, Evidence(mean, -1.0, 1.0, n, 0.5, sd))
            if n < MOST and chance([now], MOST, schedule[-1].alpha) < HOPELESS:
                break
        used += n
    assert decided / paths >= 0.95
    assert used / paths <= 14


def claim(*parts: dict[str, Any]) -> Claim:
    greater = {
        "kind": "greater",
        "metric": "f1",
        "origin": "a table",
        "of": {"loss": "a"},
        "than": {"loss": "b"},
    }
    return Claim.model_validate(
        {
            "id": "101",
            "title": "t",
            "source": "s",
            "task": "drums",
            "sweep": "mine",
            "parts": [{**greater, **part} for part in parts or ({},)],
        }
    )


def trials(differences: np.ndarray, ran: int, **fates: str) -> pd.DataFrame:
    """Outcomes of 20 replicates of two losses, of which the first ``ran`` have ended."""
    rows = []
    for replicate in range(MOST):
        for loss, value in (("a", 0.5 + differences[replicate]), ("b", 0.5)):
            name = f"{loss}{replicate}"
            fate = fates.get(name, "finished" if replicate < ran else "missing")
            rows.append(
                {
                    "trial_id": name,
                    "fate": fate,
                    "reason": None,
                    "replicate": replicate,
                    "resampled": 0.0,
                    "task": "drums",
                    "loss": loss,
                    "metric.f1": value if fate == "finished" else math.nan,
                }
            )
    return pd.DataFrame(rows)


VALUES = np.random.default_rng(12).normal(0.012, SD, MOST)


def test_a_look_waits_for_its_trials_and_for_no_others() -> None:
    found = progress(claim(), trials(VALUES, 3), 5)
    assert (found.look, found.stopped) == (None, "")
    assert found.next is not None
    assert found.next.replicates == 5
    assert set(found.missing) == {f"{loss}{r}" for loss in "ab" for r in (3, 4)}


def test_the_same_trials_give_the_same_whatever_ran_beyond() -> None:
    """Looks are a function of replicates in their order: later ones change no earlier verdict."""
    strong = np.random.default_rng(13).normal(0.05, SD, MOST)
    at_five, at_twenty = (progress(claim(), trials(strong, ran), 5) for ran in (5, 20))
    assert at_five.verdict == at_twenty.verdict
    assert at_five.stopped == "supported"
    assert at_five.look is not None
    assert (at_five.look.replicates, at_five.verdict.replicates) == (5, 5)
    assert at_five.verdict.level == pytest.approx(1 - 2 * 0.00625)


def test_the_interval_is_that_of_the_looks_level() -> None:
    found = progress(claim(), trials(VALUES, 20), 5)
    assert found.look is not None
    n = found.look.replicates
    level = 1 - 2 * found.look.alpha
    expected = stats.t.interval(level, n - 1, VALUES[:n].mean(), stats.sem(VALUES[:n]))
    assert (found.verdict.low, found.verdict.high) == pytest.approx(expected)


def test_it_ends_where_more_would_not_help() -> None:
    flat = np.tile([0.01, -0.01], 10)
    found = progress(claim({"families": 3}), trials(flat, 5), 5)
    assert found.next is None
    assert found.stopped == (
        "not resolvable by replicates: replicates take turns through 3 sets of test data"
    )
    constant = progress(claim(), trials(np.full(MOST, 0.1), 5), 5)
    assert "all 5 values are equal" in constant.stopped
    little = progress(claim(), trials(flat, 12), 5)
    assert little.next is None
    assert little.stopped.startswith("chance of a verdict with 20 replicates is 0.0")
    assert little.look is not None
    assert little.look.replicates == 12
    failed = progress(claim(), trials(VALUES, 5, a6="failed"), 8)
    assert (failed.next, failed.stopped) == (None, "of 16 trials 1 failed")
    whole = progress(claim(), trials(flat, 20), 5)
    assert whole.stopped == "no verdict with 20 replicates"


def test_it_ends_at_the_most_replicates() -> None:
    weak = np.random.default_rng(14).normal(0.004, SD, MOST)
    found = progress(claim(), trials(weak, 8), 5, most=8)
    assert found.next is None
    assert found.stopped == "no verdict with 8 replicates"
    assert progress(claim(), trials(weak, 0), 5, most=3).next is not None


def test_one_part_that_fails_ends_it() -> None:
    """Of two parts one is contradicted: the other may stay open."""
    away = {"of": {"loss": "b"}, "than": {"loss": "a"}}
    strong = np.random.default_rng(15).normal(0.05, SD, MOST)
    found = progress(claim({}, away), trials(strong, 5), 5)
    assert found.stopped == "contradicted"
