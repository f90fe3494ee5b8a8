"""The tuned column: the best of a search by validation, tested on fresh replicates.

Selection is by mean validation value; the estimate is the mean test value of the chosen setting
over fresh replicates, which had no part in the choice. The interval is a bootstrap of the whole
chain: search trials are drawn with replacement, the best of them is selected, and the test mean of
whichever setting that is, is drawn. Means of three replicates vary more than resampling three
values would show (it never leaves the range of the three, which holds the mean in 75 % of cases
only), so the last step draws from the t distribution of the setting's mean: where one setting
always wins, the interval is the t interval.

What the interval covers (simulated in ``tests/results/scenarios/test_calibration.py``, 8 search
trials, 3 finalists, 3 replicates, nominal 95 %): the true mean of the chosen setting in 98 % to 100
% of cases; the mean that another search of this budget would reach in 99 % or more if settings
differ by no more than replicates do (one standard deviation), and in about 80 % if they differ
three times as much, because then eight trials say too little about what others would have found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from results.stats.inference import LEVEL, Floats, Interval, mean_interval

Indices = NDArray[np.intp]
RESAMPLES = 4000
_SEED = 20_240_602


@dataclass(frozen=True)
class Budget:
    """What tuning took.

    Attributes:
        search_trials: trials of the search, those without a value included.
        unusable: of these, how many ended without a value.
        core_seconds: of search and fresh replicates; NaN if unknown.
        hardware: processors that the seconds were measured on.
    """

    search_trials: int
    unusable: int = 0
    core_seconds: float = float("nan")
    hardware: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tuned:
    """What tuning a loss on a column gave.

    Attributes:
        setting: key of the chosen setting; None if no search trial has a value.
        interval: test mean of the chosen setting; n is the number of fresh replicates.
        budget: what it took.
        selected: share of bootstrap samples that choose a setting, by key, the largest first.
        tests: test value by setting of ``selected`` and replicate; the mean of its search trials
            for all replicates, where a setting has no fresh ones.
        fallback: share of samples whose setting has no fresh replicates.
    """

    setting: str | None
    interval: Interval
    budget: Budget
    selected: dict[str, float] = field(default_factory=dict)
    tests: dict[str, dict[int, float]] = field(default_factory=dict)
    fallback: float = 0.0


def choose(search: pd.DataFrame, direction: Literal["max", "min"]) -> str | None:
    """Setting with the best mean validation value; of equals the first.

    Args:
        search: columns ``setting`` and ``validation``, one row per trial. A setting with a trial
            without a value is never chosen.
    """
    means = search.groupby("setting", sort=False)["validation"].agg(lambda v: v.mean(skipna=False))
    means = means.dropna()
    if means.empty:
        return None
    return str(means.idxmax() if direction == "max" else means.idxmin())


def tune(
    search: pd.DataFrame,
    finals: Mapping[str, Mapping[int, float]],
    direction: Literal["max", "min"],
    *,
    core_seconds: float = float("nan"),
    hardware: tuple[str, ...] = (),
    level: float = LEVEL,
    resamples: int = RESAMPLES,
) -> Tuned:
    """Select, estimate, and bootstrap the chain.

    Args:
        search: columns ``setting``, ``replicate``, ``validation`` and ``test``, one row per trial;
            NaN where a trial has no value. Without a row there was nothing to search, and
            ``finals`` has one setting.
        finals: test value by setting and fresh replicate.
        core_seconds: what it all took.

    Raises:
        ValueError: nothing was searched, but there are several final settings.
    """
    spent = Budget(
        len(search), int(search["validation"].isna().sum()), float(core_seconds), hardware
    )
    if search.empty and len(finals) > 1:
        raise ValueError(f"nothing was searched, but there are {len(finals)} final settings")
    setting = next(iter(finals), None) if search.empty else choose(search, direction)
    fresh = list(finals.get(setting, {}).values()) if setting is not None else []
    plain = mean_interval(fresh, level)
    if setting is None:
        return Tuned(None, plain, spent)
    if search.empty or len(fresh) < 2:
        return Tuned(
            setting, plain, spent, {setting: 1.0}, {setting: dict(finals.get(setting, {}))}
        )
    usable = search[search.groupby("setting")["validation"].transform(lambda v: v.notna().all())]
    keys = list(dict.fromkeys(usable["setting"]))
    number = usable["setting"].map(keys.index).to_numpy()
    sign = 1.0 if direction == "max" else -1.0
    generator = np.random.default_rng(_SEED)
    chosen = reselect(
        sign * usable["validation"].to_numpy(float), number, len(keys), resamples, generator
    )
    centre, error, freedom = _test_means(usable, finals, keys)
    drawn = centre[chosen] + error[chosen] * generator.standard_t(freedom[chosen])
    low, high = np.nanquantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    counts = np.bincount(chosen, minlength=len(keys)) / resamples
    without = np.array([len(finals.get(key, {})) == 0 for key in keys])
    selected = {keys[i]: float(counts[i]) for i in np.argsort(-counts, kind="stable") if counts[i]}
    return Tuned(
        setting,
        Interval(
            plain.estimate,
            min(float(low), plain.estimate),
            max(float(high), plain.estimate),
            plain.n,
            level,
        ),
        spent,
        selected,
        {
            key: dict(finals.get(key, {}))
            or dict.fromkeys(finals[setting], float(centre[keys.index(key)]))
            for key in selected
        },
        float(counts[without].sum()),
    )


def reselect(
    validation: Floats,
    setting: Indices,
    settings: int,
    resamples: int,
    generator: np.random.Generator,
) -> Indices:
    """``(resamples,)`` settings chosen from search trials drawn with replacement.

    Args:
        validation: ``(trials,)``, more is better.
        setting: ``(trials,)`` number of each trial's setting, below ``settings``.
    """
    trials = len(validation)
    weights = generator.multinomial(trials, np.full(trials, 1 / trials), size=resamples)
    member = np.eye(settings)[setting]
    drawn = weights @ member
    mean = np.divide(
        (weights * validation) @ member, drawn, out=np.full(drawn.shape, -np.inf), where=drawn > 0
    )
    chosen: Indices = mean.argmax(axis=1)
    return chosen


def _test_means(
    search: pd.DataFrame, finals: Mapping[str, Mapping[int, float]], keys: list[str]
) -> tuple[Floats, Floats, Floats]:
    """Mean, standard error and degrees of freedom of each setting's test mean.

    A setting with fewer than two fresh replicates has the spread of those with more.
    """
    several = [np.array(list(v.values())) for v in finals.values() if len(v) > 1]
    pooled_freedom = sum(len(values) - 1 for values in several)
    pooled = np.sqrt(sum(((v - v.mean()) ** 2).sum() for v in several) / pooled_freedom)
    rows = []
    for key in keys:
        fresh = np.array(list(finals.get(key, {}).values()))
        if len(fresh) > 1:
            rows.append((fresh.mean(), fresh.std(ddof=1) / np.sqrt(len(fresh)), len(fresh) - 1))
            continue
        own = search.loc[search["setting"] == key, "test"].dropna().to_numpy(float)
        values = fresh if len(fresh) else own
        centre = float(values.mean()) if len(values) else float("nan")
        rows.append((centre, pooled / np.sqrt(max(len(values), 1)), pooled_freedom))
    centre, error, freedom = np.array(rows, dtype=np.float64).T
    return centre, error, freedom
