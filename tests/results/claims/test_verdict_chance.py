"""The predicted chance of a verdict against what further replicates then show."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from results.claims.comparison import Comparison, Evidence, Region, compare_pairs
from results.claims.verdict import weigh
from results.claims.verdict_chance import chance


def comparison(values: np.ndarray, region: Region) -> Comparison:
    pairs = dict(enumerate(values.tolist()))
    return Comparison("", "f1", region, compare_pairs(pairs, dict.fromkeys(pairs, 0.0), region))


def known(effect: float, sd: float, n: int, region: Region) -> Comparison:
    """A comparison with exactly this mean and spread."""
    shape = stats.norm.ppf((np.arange(n) + 0.5) / n)
    return comparison(effect + sd * (shape - shape.mean()) / shape.std(ddof=1), region)


@pytest.mark.parametrize("regions", [[Region(0.0)], [Region(-1.0, 1.0)], [Region(0.0), Region(-2)]])
def test_the_chance_is_how_often_there_is_a_verdict(regions: list[Region]) -> None:
    """Over true effects anywhere, predicted and found shares agree, whatever the spread is."""
    rng = np.random.default_rng([3, len(regions)])
    predicted, found = [], []
    for _ in range(400):
        truths = [rng.uniform(-4, 4) for _ in regions]
        values = [rng.normal(truth, 1, 12) for truth in truths]
        now = [comparison(v[:4], region) for v, region in zip(values, regions, strict=True)]
        then = [comparison(v, region) for v, region in zip(values, regions, strict=True)]
        predicted.append(chance(now, 12))
        found.append(weigh(then)[0] in ("supported", "contradicted"))
    error = np.std(np.subtract(predicted, found)) / np.sqrt(len(found))
    assert np.mean(predicted) == pytest.approx(np.mean(found), abs=3.5 * error)


def test_it_grows_with_replicates_and_with_the_effect() -> None:
    near, far = known(0.3, 1.0, 5, Region(0.0)), known(1.0, 1.0, 5, Region(0.0))
    shares = [chance([near], total) for total in (8, 20, 50, 1000)]
    assert shares == sorted(shares)
    assert chance([far], 20) > chance([near], 20)
    assert chance([far], 20, alpha=0.001) < chance([far], 20)


def test_with_many_replicates_it_is_certain_of_an_effect_and_of_none() -> None:
    assert chance([known(2.0, 1.0, 40, Region(0.0))], 50) > 0.999
    assert chance([known(0.0, 1.0, 49, Region(0.0))], 50) < 0.01
    assert chance([known(-2.0, 1.0, 40, Region(0.0))] * 3, 50) > 0.999


def test_splits_of_one_data_set_never_make_it_certain() -> None:
    """Their mean keeps an error of sd · √(ρ / (1 - ρ)), here twice the effect that is looked at."""
    fresh = known(0.25, 1.0, 40, Region(0.0))
    assert fresh.evidence is not None
    shared = replace(fresh, evidence=replace(fresh.evidence, resampled=0.2))
    assert chance([fresh], 2000) > 0.9
    assert chance([shared], 2000) < 0.01


def test_one_that_cannot_be_predicted_is_refused() -> None:
    constant = Comparison("", "f1", Region(0.0), Evidence(1.0, np.nan, np.nan, 3, np.nan, 0.0))
    for found in (constant, Comparison("", "f1", Region(0.0)), known(1, 1, 10, Region(0.0))):
        with pytest.raises(ValueError, match="a spread and fewer than 10 replicates"):
            chance([found], 10)
