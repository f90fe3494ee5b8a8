"""Which trials have not converged."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from results.tables.convergence import MARK, NOTE, unconverged, undecided_shares
from results.tables.table import tabulate
from results.tables.table_formats import to_csv, to_markdown


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ([0.4, 0.7], True),
        ([0.5, 0.5], False),
        ([0.6, math.nan], True),
        ([math.nan], False),
        ([], False),
    ],
)
def test_the_mean_of_what_is_known_decides(shares: list[float], expected: bool) -> None:
    assert unconverged(shares) is expected


def test_only_losses_that_need_sparse_outputs_count() -> None:
    frame = pd.DataFrame({"metric.undecided": [0.9, 0.9, np.nan], "sparse": [True, False, True]})
    assert undecided_shares(frame).fillna(-1).tolist() == [0.9, -1, -1]
    assert undecided_shares(frame.drop(columns="sparse")).isna().all()
    assert undecided_shares(frame.drop(columns="metric.undecided")).isna().all()


def test_a_table_marks_the_cell_and_explains_the_mark() -> None:
    rows = [("a", "soft", 0.9), ("b", "soft", 0.8), ("c", "sharp", 0.1)]
    frame = pd.DataFrame(rows, columns=["trial_id", "row", "metric.undecided"])
    frame = frame.assign(column="f1", fate="finished", reason=None, value=[0.5, 0.7, 0.9])
    table = tabulate(frame.assign(sparse=True), title="t", corner="loss")
    text = to_markdown(table)
    assert f"| soft | 0.600{MARK} ±" in text
    assert "| sharp | 0.900 (n=1) |" in text
    assert f"- {NOTE}" in text
    assert [line.split(",")[-2] for line in to_csv(table).splitlines()] == ["unconverged", "1", "0"]
    plain = to_markdown(tabulate(frame.assign(sparse=False), title="t", corner="loss"))
    assert MARK not in plain
