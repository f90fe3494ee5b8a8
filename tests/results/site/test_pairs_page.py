"""The matrix of pairs: what stands in a cell, and in the one across the diagonal."""

from __future__ import annotations

import csv
import io

import numpy as np

from results.leaderboard.board import Column, Method, Runs, build_leaderboard
from results.site.pairs_page import shown_pairs

COLUMNS = [
    Column(key, "drums", key, metric, direction, "kits", "laptop", (0, 1, 2), unit, rope=rope)
    for key, metric, direction, unit, rope in (
        ("clean", "F1", "max", "", 0.01),
        ("noisy", "F1", "max", "", 0.01),
        ("off", "MAD", "min", "px", 0.0),
    )
]


def values(mean: float, seed: int) -> dict[int, float]:
    return dict(enumerate(np.random.default_rng(seed).normal(mean, 0.01, 3).tolist()))


def test_a_cell_and_its_mirror_say_the_same() -> None:
    means = {"good": 0.9, "fair": 0.8, "bad": 0.5}
    methods = [Method(key, key, key, "as published") for key in means]
    runs = {
        (key, column.key): Runs(values(mean if column.direction == "max" else 1 - mean, 7 * k + m))
        for m, (key, mean) in enumerate(means.items())
        for k, column in enumerate(COLUMNS)
    }
    shown = shown_pairs(build_leaderboard(COLUMNS, methods, runs, resamples=20))
    assert shown is not None
    f1, error = shown.matrices
    assert (f1.title, f1.rope) == ("F1, up to 2 columns", "0.01")
    assert (error.title, error.rope) == ("MAD, off", "0 px")
    for matrix in (f1, error):
        assert matrix.methods == ("good", "fair", "bad")
        assert matrix.cells[0][0].difference == ""
        above, below = matrix.cells[0][2], matrix.cells[2][0]
        assert above.difference.startswith("+0.")
        assert above.difference[1:] == below.difference[1:]
        assert below.difference.startswith("-")
        assert (above.better, above.worse) == (below.worse, below.better)
        assert (above.lean, below.lean) == ("better", "worse")
    lines = list(csv.DictReader(io.StringIO(shown.csv)))
    assert len(lines) == 3 * (3 + 1), "three columns and two of them together, of every pair"


def test_a_board_of_one_method_has_no_pairs() -> None:
    method = Method("a", "a", "a", "as published")
    runs = {("a", "clean"): Runs(values(0.5, 1))}
    assert shown_pairs(build_leaderboard(COLUMNS[:1], [method], runs, resamples=20)) is None
