"""Calibration of the leaderboard.

Equal losses are called tied, planted differences are found at the rate that theory predicts, and
every interval covers as often as documented.

Spread is real: means, standard deviations over replicates and residuals of F1 are those of
drums-noise in the reference results. ``docs/leaderboard.md`` has the figures that
``pytest tests/results/scenarios/test_calibration.py -rP`` prints.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.power import TTestPower

from results.leaderboard.board import Column, Method, Runs, build_leaderboard
from results.leaderboard.ranks import RankColumn, overall_ranks, rank_columns
from results.leaderboard.tuned import choose
from results.stats.inference import Floats, mean_interval, paired_difference
from results.stats.pairwise_tests import corrected, pairwise_p
from results.store.trial_source import REFERENCE
from results.store.trial_store import Store

METHODS = 7
BOARDS = 1000
ALPHA = 0.05


def monte_carlo(share: float, number: int) -> float:
    """Four standard errors of a share seen in so many cases."""
    return float(4 * np.sqrt(share * (1 - share) / number))


def reference(sweep: str, *columns: str) -> pd.DataFrame:
    """Finished trials of a sweep in the reference results."""
    store = Store.open(REFERENCE, create=False)
    trials = store.load(columns=["sweep", "status", "metric.f1", "task.noise", *columns])
    return trials[(trials["sweep"] == sweep) & (trials["status"] == "finished")]


def real_table() -> tuple[Floats, Floats]:
    """(methods, columns) means and standard deviations over replicates of F1, drums-noise."""
    runs = reference("drums-noise", "loss", "loss.decoder").fillna({"loss.decoder": ""})
    cells = runs.groupby(["loss", "loss.decoder", "task.noise"])["metric.f1"]
    mean, sd = (values.unstack("task.noise") for values in (cells.mean(), cells.std()))
    return mean.to_numpy(), sd.to_numpy()


def real_residuals() -> Floats:
    """Deviations from the means of the table's cells, in standard deviations of each cell."""
    runs = reference("drums-noise", "loss", "loss.decoder").fillna({"loss.decoder": ""})
    cells = runs.groupby(["loss", "loss.decoder", "task.noise"])["metric.f1"]
    residuals = ((runs["metric.f1"] - cells.transform("mean")) / cells.transform("std")).to_numpy()
    return np.asarray(residuals / residuals.std())


def real_boards(
    rows: list[int], boards: int, replicates: int, generator: np.random.Generator
) -> Floats:
    """(boards, methods, columns, replicates) values of methods with the table's means and spread.

    Half of the variance is common to all methods of a replicate.
    """
    mean, sd = real_table()
    residuals = real_residuals()
    shape = (boards, len(rows), mean.shape[1], replicates)
    own = generator.choice(residuals, shape)
    common = generator.choice(residuals, (boards, 1, *shape[2:]))
    return mean[rows][:, :, None] + sd[rows][:, :, None] * (own + common) / np.sqrt(2)


def told_apart(values: Floats) -> np.ndarray:
    """(boards, methods, methods, columns) of (boards, methods, columns, replicates)."""
    p = pairwise_p(np.swapaxes(values, 1, 2))
    return np.asarray(corrected(np.moveaxis(p, 1, -1)) < ALPHA)


@pytest.mark.parametrize("row", range(METHODS))
@pytest.mark.parametrize("replicates", [3, 10])
def test_one_loss_under_two_names_is_called_tied(row: int, replicates: int) -> None:
    """A loss, its copy, and eight others (the table's, two of them twice)."""
    generator = np.random.default_rng([1, row, replicates])
    others = [other for other in range(METHODS) if other != row]
    values = real_boards([row, row, *others, *others[:2]], BOARDS, replicates, generator)
    apart = told_apart(values)
    tied = (~apart[:, 0, 1].any(axis=-1)).mean()
    print(f"A/A, row {row}, {replicates} replicates, 8 others, 4 columns: tied in {tied:.1%}")
    assert tied >= 0.95


@pytest.mark.parametrize("columns", [1, 4])
@pytest.mark.parametrize("replicates", [3, 10])
def test_the_error_rate_is_kept_where_nothing_is_to_spare(columns: int, replicates: int) -> None:
    """Two names alone, normal spread: Holm's correction over columns is all that there is."""
    boards = 20_000
    generator = np.random.default_rng([2, columns, replicates])
    apart = told_apart(generator.normal(size=(boards, 2, columns, replicates)))
    error = apart[:, 0, 1].any(axis=-1).mean()
    print(f"A/A alone, {columns} columns, {replicates} replicates: told apart in {error:.2%}")
    exact = ALPHA if columns == 1 else 1 - (1 - ALPHA / columns) ** columns
    assert error == pytest.approx(exact, abs=monte_carlo(exact, boards))


@pytest.mark.parametrize("methods", [3, 10])
@pytest.mark.parametrize("replicates", [3, 10])
def test_of_equal_methods_none_is_told_from_the_best(methods: int, replicates: int) -> None:
    """The best of many equal ones is a maximum, and still no other is wrongly told from it."""
    boards = 5_000
    generator = np.random.default_rng([3, methods, replicates])
    values = generator.normal(size=(boards, methods, 1, replicates))
    best = values.mean(axis=3)[:, :, 0].argmax(axis=1)
    excluded = told_apart(values)[np.arange(boards), best, :, 0].any(axis=1).mean()
    print(f"{methods} equal, {replicates} replicates: one is told from the best in {excluded:.2%}")
    assert excluded <= ALPHA + monte_carlo(ALPHA, boards)


@pytest.mark.parametrize("replicates", [3, 5, 10])
@pytest.mark.parametrize(("methods", "columns"), [(7, 1), (7, 4), (10, 4), (10, 13)])
def test_how_often_any_two_equal_losses_are_told_apart_anywhere_on_the_board(
    methods: int, columns: int, replicates: int
) -> None:
    """No rule bounds this but that of each column: a column errs in 5 % at most, a board in more.

    The columns are independent here, so that the board errs about as often as any of them would.
    """
    boards = 4_000
    generator = np.random.default_rng([12, methods, columns, replicates])
    apart = told_apart(generator.normal(size=(boards, methods, columns, replicates)))
    error = apart.any(axis=(1, 2, 3)).mean()
    by_column = apart.any(axis=(1, 2)).mean()
    print(
        f"{methods} equal losses, {columns} columns, {replicates} replicates: some two are told "
        f"apart in {error:.1%} of boards, in {by_column:.2%} of columns"
    )
    assert by_column <= ALPHA + monte_carlo(ALPHA, boards * columns)
    assert error <= 1 - (1 - ALPHA) ** columns + monte_carlo(0.2, boards)


@pytest.mark.parametrize("replicates", [3, 5, 10, 30])
def test_a_planted_difference_is_found_as_theory_predicts(replicates: int) -> None:
    """Two standard errors of the paired mean, one comparison: the noncentral t distribution."""
    boards = 20_000
    generator = np.random.default_rng([4, replicates])
    values = generator.normal(size=(boards, 2, 1, replicates))
    values[:, 0] += 2 * np.sqrt(2 / replicates)  # a difference of two has the variance of both
    found = told_apart(values)[:, 0, 1, 0].mean()
    expected = TTestPower().power(2 / np.sqrt(replicates), replicates, ALPHA)
    print(f"planted 2 s.e., {replicates} replicates: found in {found:.1%}, theory {expected:.1%}")
    assert found == pytest.approx(expected, abs=monte_carlo(expected, boards))


def holms_walk(p: Floats) -> np.ndarray:
    """Which hypotheses are rejected: from the smallest p on, until one exceeds its share of α."""
    rejected = np.zeros(len(p), dtype=bool)
    for left, index in zip(range(len(p), 0, -1), np.argsort(p), strict=True):
        if p[index] > ALPHA / left:
            break
        rejected[index] = True
    return rejected


def test_a_planted_difference_among_many_is_found_as_simulated_independently() -> None:
    """45 pairs of ten methods: SciPy's test and Holm's walk on boards of their own."""
    replicates, boards, reference = 10, 4_000, 2_000
    error = np.sqrt(2 / replicates)
    means = np.array([0.0, -2.0, -4, -6, -8, -8, -8, -8, -8, -8]) * error

    def values(number: int, seed: int) -> Floats:
        noise = np.random.default_rng(seed).normal(size=(number, 10, 1, replicates))
        return noise + means[:, None, None]

    first, second = np.triu_indices(10, 1)
    pair = [int(np.flatnonzero((first == 0) & (second == other))[0]) for other in (1, 2, 3)]
    drawn = values(reference, 51)[:, :, 0]
    p = stats.ttest_rel(drawn[:, first], drawn[:, second], axis=2).pvalue
    rejected = np.array([holms_walk(row)[pair] for row in p])
    expected = rejected.mean(axis=0)
    found = told_apart(values(boards, 52))[:, 0, 1:4, 0].mean(axis=0)
    print(f"planted 2, 4, 6 s.e. among 45 pairs: found in {found}, expected {expected}")
    for share, one in zip(found, expected, strict=True):
        assert share == pytest.approx(one, abs=monte_carlo(max(one, 0.01), reference))


@pytest.mark.parametrize("replicates", [3, 10])
def test_intervals_of_means_and_differences_cover(replicates: int) -> None:
    cases = 1500
    generator = np.random.default_rng([6, replicates])
    a, b = generator.normal(0.9, 0.02, (2, cases, replicates))
    means = [mean_interval(row) for row in a]
    pairs = [
        paired_difference(dict(enumerate(x)), dict(enumerate(y)))
        for x, y in zip(a.tolist(), b.tolist(), strict=True)
    ]
    for name, covers in (
        ("mean", [one.low <= 0.9 <= one.high for one in means]),
        ("difference", [one.low <= 0.0 <= one.high for one in pairs]),
    ):
        print(f"95% interval of a {name}, {replicates} replicates: covers in {np.mean(covers):.1%}")
        assert np.mean(covers) == pytest.approx(0.95, abs=monte_carlo(0.95, cases))


@pytest.mark.parametrize(
    ("columns", "replicates", "spread", "least", "most"),
    [
        (4, 3, 1.0, 0.93, 1.0),
        (4, 10, 1.0, 0.93, 1.0),
        (10, 3, 1.0, 0.94, 1.0),
        (4, 3, 0.3, 0.8, 0.97),
    ],
)
def test_rank_intervals_cover(
    columns: int, replicates: int, spread: float, least: float, most: float
) -> None:
    """Seven methods that differ by two standard deviations of task × method from first to last.

    Covered is the mean rank on columns of the kind with as many replicates.
    """
    cases, keys = 100, list("abcdefg")
    generator = np.random.default_rng([7, columns, replicates])
    effect = np.linspace(0, 2, len(keys))
    noise = np.sqrt(1 + spread**2 / replicates) * generator.normal(size=(50_000, len(keys)))
    target = rank_columns(effect + noise).mean(axis=0)
    covered = []
    for _ in range(cases):
        truth = effect + generator.normal(size=(columns, len(keys)))
        values = truth[:, :, None] + spread * generator.normal(size=(*truth.shape, replicates))
        board = [
            RankColumn(
                f"task {k}", {key: dict(enumerate(row)) for key, row in zip(keys, by, strict=True)}
            )
            for k, by in enumerate(values.tolist())
        ]
        ranks, _ = overall_ranks(board, keys, 0.95, 400, 0)
        covered += [
            ranks[key].low <= rank <= ranks[key].high
            for key, rank in zip(keys, target, strict=True)
        ]
    share = np.mean(covered)
    print(
        f"95% rank interval, {columns} columns, {replicates} replicates, "
        f"replicates {spread} × tasks: covers in {share:.1%}"
    )
    assert least <= share <= most


def test_rank_intervals_cover_where_tasks_have_several_columns() -> None:
    """Seven methods, five tasks of three columns; a task is as much of its own as a replicate.

    Covered is the mean rank on other tasks of the kind, each with three columns.
    """
    tasks, per_task, replicates, cases = 5, 3, 5, 100
    keys = list("abcdefg")
    generator = np.random.default_rng([13, tasks])
    effect = np.linspace(0, 2, len(keys))

    def truths(number: int) -> Floats:
        """(number, columns, methods) true means: effect, task and column."""
        own = generator.normal(size=(number, 1, len(keys)))
        return effect + own + 0.5 * generator.normal(size=(number, per_task, len(keys)))

    many = truths(20_000)
    noise = generator.normal(size=many.shape) / np.sqrt(replicates)
    target = rank_columns(many + noise).mean(axis=(0, 1))
    covered = []
    for _ in range(cases):
        truth = truths(tasks)
        values = truth[..., None] + generator.normal(size=(*truth.shape, replicates))
        board = [
            RankColumn(
                f"task {t}", {key: dict(enumerate(row)) for key, row in zip(keys, by, strict=True)}
            )
            for t, columns in enumerate(values.tolist())
            for by in columns
        ]
        ranks, _ = overall_ranks(board, keys, 0.95, 400, 0)
        covered += [
            ranks[key].low <= rank <= ranks[key].high
            for key, rank in zip(keys, target, strict=True)
        ]
    share = np.mean(covered)
    print(f"95% rank interval, {tasks} tasks of {per_task} columns: covers in {share:.1%}")
    assert 0.93 <= share <= 1.0


@pytest.mark.parametrize("share", [0.1, 0.2])
def test_intervals_of_resampled_splits_cover_where_plain_ones_do_not(share: float) -> None:
    """Means of overlapping samples: the error that all splits of one data set share is in them.

    A split's value is the mean error of its test part, with a model that is the mean of its
    training part; the truth is the mean over data sets. Ten splits, data sets of 100.
    """
    cases, n, splits = 1_500, 100, 10
    generator = np.random.default_rng([14, int(100 * share)])
    test = int(n * share)
    plain, corrected_ = [], []
    for _ in range(cases):
        data = generator.normal(size=n)
        order = generator.permuted(np.tile(np.arange(n), (splits, 1)), axis=1)
        fits = data[order[:, test:]].mean(axis=1)
        values = ((data[order[:, :test]] - fits[:, None]) ** 2).mean(axis=1)
        truth = 1 + 1 / (n - test)
        for found, resampled in ((plain, 0.0), (corrected_, share)):
            interval = mean_interval(values, resampled=resampled)
            found.append(interval.low <= truth <= interval.high)
    print(
        f"95% interval over {splits} splits of one data set, {share:.0%} tested: covers in "
        f"{np.mean(corrected_):.1%}, without the factor in {np.mean(plain):.1%}"
    )
    assert np.mean(plain) < 0.86
    assert 0.92 <= np.mean(corrected_) <= 0.97


def tuned_values(
    settings_sd: float, cases: int, replicates: int, generator: np.random.Generator
) -> Floats:
    """(cases, replicates) values of the procedure: search, choice and test in every replicate.

    In each replicate 8 settings are drawn, whose true values spread by ``settings_sd``. What a
    setting reads on validation and on test data is its value with noise of the replicate's split
    (all settings alike, validation and test apart) and noise of its own training (both alike) and
    of the reading. The test value of the one that reads best on validation counts.
    """
    shape = (cases, replicates, 8)
    value = settings_sd * generator.normal(size=shape) + generator.normal(size=shape) / 2
    validation, test = (
        value + generator.normal(size=(cases, replicates, 1)) + generator.normal(size=shape) / 2
        for _ in range(2)
    )
    chosen = [
        [
            test[case, r, int(choose({str(i): v for i, v in enumerate(row)}, "max") or "")]
            for r, row in enumerate(rows)
        ]
        for case, rows in enumerate(validation.tolist())
    ]
    return np.array(chosen)


@pytest.mark.parametrize("settings_sd", [0.0, 1.0, 3.0])
@pytest.mark.parametrize("replicates", [3, 5])
def test_intervals_of_tuned_losses_cover(settings_sd: float, replicates: int) -> None:
    """Covered is the mean that the procedure reaches on fresh replicates, choice included."""
    cases = 2_000
    generator = np.random.default_rng([8, int(10 * settings_sd), replicates])
    target = tuned_values(settings_sd, 6_000, 5, generator).mean()
    intervals = map(mean_interval, tuned_values(settings_sd, cases, replicates, generator))
    share = float(np.mean([one.low <= target <= one.high for one in intervals]))
    print(
        f"95% interval of a tuned loss, {replicates} replicates, settings spread {settings_sd} × "
        f"replicates: covers what the procedure reaches in {share:.1%}"
    )
    assert share == pytest.approx(0.95, abs=monte_carlo(0.95, cases))


def test_a_board_says_what_the_simulations_count() -> None:
    """`build_leaderboard` on simulated values: the same ties as the arrays above."""
    generator = np.random.default_rng(9)
    values = real_boards([0, 0, 1, 2, 3, 4, 5], 10, 5, generator)
    apart = told_apart(values)
    names = [f"m{i}" for i in range(values.shape[1])]
    columns = [
        Column(f"c{k}", "drums", f"c{k}", "F1", "max", "rendered kits", "laptop", tuple(range(5)))
        for k in range(values.shape[2])
    ]
    methods = [Method(name, name, name, "as published") for name in names]
    for board, separated in zip(values, apart, strict=True):
        runs = {
            (name, column.key): Runs(values=dict(enumerate(board[i, k].tolist())))
            for i, name in enumerate(names)
            for k, column in enumerate(columns)
        }
        made = build_leaderboard(columns, methods, runs, resamples=50)
        for i, first in enumerate(names):
            for j, second in enumerate(names[:i]):
                letters = [
                    (made.entries[first, c.key].letters, made.entries[second, c.key].letters)
                    for c in columns
                ]
                told = [set(a).isdisjoint(b) for a, b in letters]
                assert told == separated[i, j].tolist()
