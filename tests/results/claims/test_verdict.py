"""Verdicts against simulated truths, and what every kind of test compares."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from scipy import stats
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from results.claims.claim_model import Claim
from results.claims.claim_selection import ClaimError
from results.claims.comparison import (
    Comparison,
    Region,
    compare_groups,
    compare_pairs,
    welch_difference,
)
from results.claims.verdict import Verdict, judge, weigh

SIMULATIONS = 1000
# the share that a procedure with 2.5 % exceeds in one of 1,000 such tests
AT_MOST = stats.binom.ppf(0.999, SIMULATIONS, 0.025) / SIMULATIONS


def outcomes(
    rng: np.random.Generator, region: Region, truths: list[float], n: int, sd: float = 1.0
) -> dict[str, float]:
    """Share of each verdict on claims whose comparisons have these true effects."""
    counts: dict[str, int] = {}
    for _ in range(SIMULATIONS):
        comparisons = []
        for truth in truths:
            draws = dict(enumerate(rng.normal(truth, sd, n)))
            evidence = compare_pairs(draws, dict.fromkeys(draws, 0.0), region)
            comparisons.append(Comparison("", "f1", region, evidence))
        verdict, _ = weigh(comparisons)
        counts[verdict] = counts.get(verdict, 0) + 1
    return {verdict: count / SIMULATIONS for verdict, count in counts.items()}


@pytest.mark.parametrize(
    ("region", "edge", "n"),
    [
        (Region(0.0), 0.0, 3),
        (Region(-0.5), -0.5, 10),
        (Region(ceiling=2.0), 2.0, 3),
        (Region(-3.0, 3.0), 3.0, 3),
        (Region(-3.0, 3.0), -3.0, 5),
    ],
)
def test_a_truth_on_the_boundary_is_rarely_called_anything(
    region: Region, edge: float, n: int
) -> None:
    shares = outcomes(np.random.default_rng([n, 7]), region, [edge], n)
    assert shares.get("supported", 0) <= AT_MOST
    assert shares.get("contradicted", 0) <= AT_MOST


def test_one_truth_on_the_boundary_keeps_a_claim_of_many_parts_from_being_supported() -> None:
    shares = outcomes(np.random.default_rng(1), Region(0.0), [0.0, 5.0, 5.0, 5.0], 5)
    assert shares.get("supported", 0) <= AT_MOST
    # three parts that hold beyond doubt do not make it stricter either: 2.5 % is reached
    assert shares["supported"] >= stats.binom.ppf(0.001, SIMULATIONS, 0.025) / SIMULATIONS


def test_many_truths_on_the_boundary_are_rarely_contradicted() -> None:
    """Without a correction it would be 1 - 0.975^8 = 18 %."""
    shares = outcomes(np.random.default_rng(2), Region(0.0), [0.0] * 8, 5)
    assert shares.get("contradicted", 0) <= AT_MOST


@pytest.mark.parametrize(
    ("truth", "verdict"), [(2.0, "supported"), (-2.0, "contradicted")], ids=["holds", "fails"]
)
def test_power_is_that_of_the_t_test(truth: float, verdict: str) -> None:
    n = 5
    shares = outcomes(np.random.default_rng(3), Region(0.0), [truth], n)
    expected = stats.nct.sf(stats.t.ppf(0.975, n - 1), n - 1, abs(truth) * math.sqrt(n))
    error = 4 * math.sqrt(expected * (1 - expected) / SIMULATIONS)
    assert shares[verdict] == pytest.approx(expected, abs=error)


def test_unpaired_groups_keep_their_level() -> None:
    """As on a plateau: few runs in a cell against many others, of another spread."""
    rng, region = np.random.default_rng(4), Region(-1.0, 1.0)
    supported = contradicted = 0
    for _ in range(SIMULATIONS):
        few, many = rng.normal(1.0, 0.5, 8), rng.normal(0.0, 1.0, 120)
        verdict, _ = weigh([Comparison("", "f1", region, compare_groups(few, many, region))])
        supported += verdict == "supported"
        contradicted += verdict == "contradicted"
    assert max(supported, contradicted) / SIMULATIONS <= AT_MOST


def test_welch_counts_runs_and_their_spread() -> None:
    rng = np.random.default_rng(5)
    a, b = rng.normal(0.3, 1, 7), rng.normal(0, 2, 31)
    found = welch_difference(a, b, margin=0.2)
    test = CompareMeans(DescrStatsW(a), DescrStatsW(b)).ttest_ind(usevar="unequal", value=0.2)
    assert found.p == pytest.approx(test[1])
    assert found.low < found.estimate < found.high
    assert found.n == 38
    error = (found.estimate - 0.2) / test[0]
    assert found.sd == pytest.approx(error * math.sqrt(38))
    with pytest.raises(ValueError, match="two runs in each group, got 1 and 31"):
        welch_difference(a[:1], b)


def test_values_without_spread_are_no_certainty() -> None:
    same = dict.fromkeys(range(4), 0.5)
    for region in (Region(0.0), Region(ceiling=0.0), Region(-0.1, 0.1), Region(-0.1)):
        found = Comparison("", "f1", region, compare_pairs(same, dict.fromkeys(same, 0.1), region))
        verdict, [part] = weigh([found])
        assert (verdict, part.verdict) == ("undecided", "undecided")
        assert math.isnan(part.p)
        assert found.slack == -math.inf
        assert found.unresolvable is not None
        assert found.unresolvable.startswith("all 4 values are equal")
    rounded = {i: 0.1 * i + 0.7 for i in range(4)}  # all 0.7 more, but for their last bits
    assert compare_pairs(rounded, {i: 0.1 * i for i in range(4)}, Region(0.0)).constant
    groups = compare_groups(np.full(4, 0.1), np.full(5, 1.1), Region(0.0))
    assert math.isnan(groups.low)
    assert groups.constant


def test_replicates_of_one_data_set_widen_intervals_at_every_level() -> None:
    values = dict(enumerate(np.random.default_rng(3).normal(0.3, 1, 8)))
    zero = dict.fromkeys(values, 0.0)
    fresh, shared = (compare_pairs(values, zero, Region(0.0), rho) for rho in (0.0, 0.2))
    factor = math.sqrt((1 / 8 + 0.25) / (1 / 8))  # Nadeau and Bengio: 1/n + ρ/(1 - ρ)
    for alpha in (0.025, 0.005):
        (a, b), (c, d) = fresh.interval(alpha), shared.interval(alpha)
        assert (d - c) / (b - a) == pytest.approx(factor)
    assert shared.p > fresh.p


def test_the_interval_of_another_level_is_that_of_the_t_test() -> None:
    values = np.random.default_rng(7).normal(0.3, 1, 8)
    found = compare_pairs(dict(enumerate(values)), dict.fromkeys(range(8), 0.0), Region(0.0))
    expected = stats.t.interval(0.99, 7, values.mean(), stats.sem(values))
    assert found.interval(0.005) == pytest.approx(expected)
    assert found.interval(0.025) == (found.low, found.high)


def test_a_closed_region_holds_its_edge() -> None:
    at_most = Region(ceiling=5.0, closed=True)
    assert (at_most.text, at_most.holds(4.0, 5.0), at_most.holds(5.1)) == ("≤ 5", True, False)
    assert not Region(ceiling=5.0).holds(4.0, 5.0)
    assert Region(0.0, closed=True).text == "≥ 0"
    assert not at_most.holds(math.nan)


# Trials as the store gives them


def trials(
    scores: dict[tuple[str, float], list[float]], statuses: dict[str, str] | None = None
) -> pd.DataFrame:
    """One trial per loss, noise and replicate; ids such as ``softloc-0.1-2``."""
    rows = []
    for (loss, noise), values in scores.items():
        for replicate, value in enumerate(values):
            name = f"{loss}-{noise:g}-{replicate}"
            status = (statuses or {}).get(name, "finished")
            rows.append(
                {
                    "trial_id": name,
                    "fate": status,
                    "reason": "a reason" if status == "skipped" else None,
                    "replicate": replicate,
                    "resampled": 0.0,
                    "task": "drums",
                    "loss": loss,
                    "task.noise": noise,
                    "metric.f1": value if status == "finished" else math.nan,
                    "metric.recall": value / 2 if status == "finished" else math.nan,
                }
            )
    return pd.DataFrame(rows)


def claim(*parts: dict[str, Any]) -> Claim:
    return Claim.model_validate(
        {
            "id": "4a",
            "title": "a sentence",
            "source": "somewhere",
            "task": "drums",
            "sweep": "drums-noise",
            "parts": [{"metric": "f1", "origin": "a number", **part} for part in parts],
        }
    )


SCORES = {
    ("softloc", 0.0): [0.90, 0.91, 0.92],
    ("softloc", 0.1): [0.89, 0.90, 0.92],
    ("ce", 0.0): [0.910, 0.921, 0.929],
    ("ce", 0.1): [0.50, 0.52, 0.51],
}
GREATER = {
    "kind": "greater",
    "of": {"loss": "softloc"},
    "than": {"loss": "ce"},
    "where": {"task.noise": 0.1},
}

CLEAN = {**GREATER, "where": {"task.noise": 0}}


def decide(*parts: dict[str, Any], **statuses: str) -> Verdict:
    names = {name.replace("_", "-").replace("p", "."): status for name, status in statuses.items()}
    return judge(claim(*parts), trials(SCORES, names))


def test_greater_is_the_paired_difference() -> None:
    verdict = decide(GREATER)
    differences = np.array(SCORES["softloc", 0.1]) - np.array(SCORES["ce", 0.1])
    interval = stats.t.interval(0.95, 2, differences.mean(), stats.sem(differences))
    assert verdict.verdict == "supported"
    assert (verdict.effect, verdict.low, verdict.high) == pytest.approx(
        (differences.mean(), *interval)
    )
    assert set(verdict.trial_ids) == {
        f"{loss}-0.1-{r}" for loss in ("softloc", "ce") for r in range(3)
    }
    assert verdict.chances is None
    assert verdict.replicates == 3
    assert verdict.detail == ("f1: (softloc) − (ce) at task.noise=0.1, claimed > 0")


@pytest.mark.parametrize(
    ("part", "verdict"),
    [
        ({**GREATER, "sentence": 0.6}, "contradicted"),
        ({**GREATER, "of": {"loss": "ce"}, "than": [{"loss": "softloc"}]}, "contradicted"),
        ({**GREATER, "where": {}, "at": {"task.noise": [0.0, 0.1]}}, "contradicted"),
        (CLEAN, "contradicted"),
        ({**CLEAN, "kind": "not_worse", "sentence": 0.02}, "supported"),
        ({**CLEAN, "kind": "not_worse", "sentence": 0.005}, "contradicted"),
        (
            {"kind": "falls", "where": {"loss": "ce"}, "along": "task.noise", "start": 0,
             "end": 0.1, "sentence": 0.3},
            "supported",
        ),
        (
            {"kind": "flat", "where": {"loss": "ce"}, "along": "task.noise", "start": 0,
             "levels": [0.1], "sentence": 0.2},
            "contradicted",
        ),
        (
            {"kind": "flat", "where": {"loss": "softloc"}, "along": "task.noise", "start": 0,
             "levels": [0.1], "sentence": 0.03},
            "supported",
        ),
        (
            {"kind": "flat", "where": {"loss": "softloc"}, "along": "task.noise", "start": 0,
             "levels": [0.1], "sentence": 0.01},
            "undecided",
        ),
        ({"kind": "greater_metric", "than_metric": "recall", "where": {"loss": "ce"},
          "at": {"task.noise": [0, 0.1]}}, "supported"),
        ({"kind": "greater_metric", "metric": "recall", "than_metric": "f1",
          "where": {"loss": "ce", "task.noise": 0}}, "contradicted"),
        ({"kind": "level", "where": {"loss": "ce", "task.noise": 0}, "above": 0.8}, "supported"),
        ({"kind": "level", "where": {"loss": "ce", "task.noise": 0}, "below": 0.8}, "contradicted"),
    ],
)  # fmt: skip
def test_every_kind(part: dict[str, Any], verdict: str) -> None:
    assert decide(part).verdict == verdict


def test_all_parts_must_hold_and_the_weakest_is_shown() -> None:
    flat = {"kind": "flat", "where": {"loss": "softloc"}, "along": "task.noise", "start": 0}
    verdict = decide(GREATER, {**flat, "levels": [0.1], "sentence": 0.01})
    assert verdict.verdict == "undecided"
    assert [part.verdict for part in verdict.parts] == ["supported", "undecided"]
    assert verdict.effect == pytest.approx(-0.02 / 3)
    assert "1 of 2 hold" in verdict.detail
    assert verdict.chances is not None
    assert list(verdict.chances) == [10, 20, 50]


@pytest.mark.parametrize("status", ["failed", "diverged", "missing"])
def test_a_trial_without_a_value_leaves_the_claim_undecided(status: str) -> None:
    verdict = decide(GREATER, **{"ce_0p1_2": status})
    assert verdict.verdict == "undecided"
    assert verdict.effect is not None
    assert verdict.chances is None
    assert verdict.not_resolvable is None
    told = "1 not run" if status == "missing" else f"1 {status}"
    assert f"of 6 trials {told}" in verdict.detail


def test_what_there_are_no_data_on() -> None:
    every = {f"{loss}_0p1_{r}": "missing" for loss in ("softloc", "ce") for r in range(3)}
    for statuses, reason in (
        (every, "not run"),
        ({"ce_0p1_1": "missing", "ce_0p1_2": "diverged"}, "of 6 trials 1 diverged, 1 not run"),
        (dict.fromkeys(every, "skipped"), "skipped: a reason"),
    ):
        verdict = decide(GREATER, **statuses)
        assert (verdict.verdict, verdict.effect) == ("no data", None)
        assert verdict.detail == reason
    single = {place: values[:1] for place, values in SCORES.items()}
    verdict = judge(claim(GREATER), trials(single))
    assert (verdict.verdict, verdict.detail) == (
        "no data",
        "n is too small: 1 where an interval needs 2",
    )
    verdict = decide({**GREATER, "where": {"task.noise": 0.7}})
    assert verdict.detail == "the sweep plans no trial with softloc, task.noise=0.7"


def test_a_finished_trial_without_the_metric_is_undefined() -> None:
    frame = trials(SCORES)
    frame.loc[frame["trial_id"] == "ce-0.1-0", "metric.f1"] = math.nan
    assert "of 6 trials 1 undefined" in judge(claim(GREATER), frame).detail


def test_declarations_that_do_not_fit_their_sweep() -> None:
    frame = trials(SCORES)
    with pytest.raises(ClaimError, match=r"no column 'task\.nose' .* did you mean 'task\.noise'"):
        judge(claim({**GREATER, "where": {"task.nose": 0}}), frame)
    with pytest.raises(ClaimError, match=r"no column 'metric\.f2' .* did you mean 'metric\.f1'"):
        judge(claim({**GREATER, "metric": "f2"}), frame)
    with pytest.raises(
        ClaimError, match=r"2 trials of replicate 0 match 'softloc'; .* task\.noise"
    ):
        judge(claim({**GREATER, "where": {}}), frame)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sentense": 0.1}, "Extra inputs"),
        ({"sentence": -0.1}, "greater than 0"),
        ({"sentence": math.nan}, "finite number"),
        ({"margin": 0.1}, "'margin' is not written but follows from 'printed'"),
        ({"kind": "better"}, "does not match any of the expected tags"),
        ({"origin": ""}, "at least 1 character"),
        ({"kind": "not_worse"}, "a tolerance follows from"),
        ({"at": {"task.noise": []}}, "at least 1 item"),
    ],
)
def test_a_wrong_part_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        claim({**GREATER, **change})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": "4-a"}, "match pattern"),
        ({"parts": []}, "needs 'task', 'sweep' and 'parts', or 'proof'"),
        ({"proof": "a file"}, "with 'proof' has no"),
        ({"titel": "x"}, "Extra inputs"),
    ],
)
def test_a_wrong_claim_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Claim.model_validate({**claim(GREATER).model_dump(), **change})
    with pytest.raises(ValidationError, match="one of 'above', 'below', 'at_most' and 'close_to'"):
        claim({"kind": "level", "above": 1.0, "below": 0.0})


def test_a_theorem_is_not_decided_by_trials() -> None:
    theorem = Claim(id="1a", title="t", source="s", proof="tests/x.py")
    verdict = judge(theorem, pd.DataFrame())
    assert verdict.verdict == "no data"
    assert "checked by tests/x.py" in verdict.detail


# The surface of figure 5.8


def surface(
    value: Callable[[np.ndarray, np.ndarray], np.ndarray], sd: float = 0.004, runs: int = 420
) -> pd.DataFrame:
    rng = np.random.default_rng(8)
    softness, noise = rng.uniform(0, 0.15, runs), rng.uniform(0, 0.1, runs)
    return pd.DataFrame(
        {
            "trial_id": [f"run-{i}" for i in range(runs)],
            "fate": "finished",
            "reason": None,
            "replicate": range(runs),
            "resampled": 0.0,
            "loss": "softloc",
            "loss.softness": softness,
            "task.noise": noise,
            "metric.f1": value(softness, noise) + rng.normal(0, sd, runs),
        }
    )


AXES = {"x": "loss.softness", "y": "task.noise", "sentence": 0.013}
PLATEAU = {"kind": "plateau", "strips": [0, 0.025, 0.05, 0.075, 0.1], "near": 0.025, **AXES}
BELOW = {"kind": "below_plateau", "strips": [0.025, 0.05, 0.075, 0.1], **AXES}


def step(softness: np.ndarray, noise: np.ndarray) -> np.ndarray:
    return np.where(softness >= noise, 0.96, 0.9)


def test_a_plateau_is_found() -> None:
    verdict = judge(claim(PLATEAU, BELOW), surface(step))
    assert verdict.verdict == "supported"
    assert len(verdict.parts) == 8 + 3
    assert len(verdict.trial_ids) > 400


@pytest.mark.parametrize(
    "value",
    [
        lambda softness, noise: 0.96 - 0.6 * noise,
        lambda softness, noise: np.where(softness >= noise + 0.025, 0.96, 0.9),
        lambda softness, noise: np.where(softness > 0.1, 0.9, 0.96),
    ],
    ids=["falls with noise", "begins later", "ends"],
)
def test_what_is_no_plateau_is_contradicted(value: Callable[..., np.ndarray]) -> None:
    assert judge(claim(PLATEAU), surface(value)).verdict == "contradicted"


def test_a_surface_that_is_flat_below_too_contradicts_the_slope() -> None:
    flat = surface(lambda softness, noise: np.full_like(noise, 0.96))
    assert judge(claim(PLATEAU), flat).verdict == "supported"
    assert judge(claim(BELOW), flat).verdict == "contradicted"


def test_a_noisy_surface_is_undecided_and_not_for_replicates_to_settle() -> None:
    verdict = judge(claim(PLATEAU), surface(step, sd=0.02, runs=210))
    assert (verdict.verdict, verdict.chances) == ("undecided", None)
    assert verdict.not_resolvable is not None
    assert "drawn at random; more of them (--trials)" in verdict.not_resolvable


def test_an_effect_on_the_boundary_is_not_for_more_replicates_to_settle() -> None:
    spread = np.tile([0.01, -0.01], 15)
    scores = {("softloc", 0.0): (0.5 + spread).tolist(), ("ce", 0.0): [0.5] * 30}
    verdict = judge(claim(CLEAN), trials(scores))
    assert verdict.verdict == "undecided"
    assert verdict.chances is not None
    assert (verdict.chances[10], verdict.chances[20]) == (None, None)
    assert verdict.not_resolvable is not None
    assert "too close to the boundary" in verdict.not_resolvable


def test_families_that_replicates_take_turns_through_are_no_replicates() -> None:
    part = {"kind": "flat", "where": {"loss": "softloc"}, "along": "task.noise", "start": 0,
            "levels": [0.1], "sentence": 0.01, "families": 3}  # fmt: skip
    verdict = decide(part)
    assert (verdict.verdict, verdict.chances) == ("undecided", None)
    assert verdict.not_resolvable == "replicates take turns through 3 sets of test data"


def test_few_runs_are_no_surface() -> None:
    verdict = judge(claim(PLATEAU), surface(step, runs=2))
    assert verdict.verdict == "no data"
    frame = surface(step)
    frame["fate"] = "missing"
    assert judge(claim(PLATEAU), frame).detail == "not run"


def test_strips_must_ascend() -> None:
    with pytest.raises(ValidationError, match="'strips' must ascend"):
        claim({**PLATEAU, "strips": [0, 0.1, 0.05]})
    with pytest.raises(ValidationError, match="'at' has no meaning"):
        claim({**PLATEAU, "at": {"loss": ["softloc"]}})
