"""What claims declare as printed is what the tables of `results/published` print."""

# ruff: noqa: E501 -- one line per claim reads as a table

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import pytest

import results
from bench.specs.claim_entries import find

PUBLISHED = Path(results.__file__).parent / "published"
SMOOTHED = ["L_CE", "L_LS|CE", "L_LS|SE"]
ALL = [*SMOOTHED, "LR-M"]
NOISE = ["σ=0ms", "σ=50ms", "σ=100ms", "σ=150ms", "σ=200ms"]
DELTAS = ["δ=1", "δ=2", "δ=4", "δ=8", "δ=16"]
GOPRO = ["δ=2", "δ=4", "δ=6"]
SLL, PB = "L_SLL (α=0)", "L_PB (α=1)"
GOLF = ["Naïve upsampling", "Frame interpolation", "Prediction upsampling"]
PER_CLASS = [*GOLF[:2], "Dense classification"]
CLASSES = ["A", "TU", "MB", "T", "MD", "I", "MFT", "F"]
MICROSCOPY = ["Deep-Storm", "Upsampling", "Refinement"]
NONE, L1, COUNTING = "None (no regularization)", "l1", "Counting (L_Count)"
WITHOUT, WITH = "Without Count Regularization", "With Count Regularization"


def number(table: str, section: str, row: str, column: str, metric: str, field: str) -> float:
    with (PUBLISHED / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        found = [
            line[field]
            for line in csv.DictReader(file)
            if (line["section"], line["row"], line["column"], line["metric"])
            == (section, row, column, metric)
        ]
    assert len(found) == 1, (table, section, row, column, metric)
    return float(found[0])


def rows(
    table: str,
    section: str,
    metric: str,
    of: str,
    than: Sequence[str],
    columns: Sequence[str],
    scale: float = 1.0,
    field: str = "value",
) -> list[float]:
    """``of`` minus each of ``than`` in each column."""
    return [
        (
            number(table, section, of, column, metric, field)
            - number(table, section, other, column, metric, field)
        )
        / scale
        for column in columns
        for other in than
    ]


def columns(
    table: str,
    row: str,
    metric: str,
    pairs: Sequence[tuple[str, str]],
    scale: float = 1.0,
    section: str = "",
) -> list[float]:
    """The first minus the second column of each pair."""
    return [
        (
            number(table, section, row, first, metric, "value")
            - number(table, section, row, second, metric, "value")
        )
        / scale
        for first, second in pairs
    ]


def bandwidths(pairs: Sequence[tuple[str, str]], tolerance: str) -> list[float]:
    return columns("table-6.4", "Ours", "jaccard", pairs, section=tolerance)


def puffs(section: str, columns: Sequence[str]) -> list[float]:
    return rows("table-5.2", section, "f1", "L_SoftLoc", ALL, columns, 100)


def fold_spread(row: str, levels: Sequence[tuple[str, str]]) -> list[float]:
    return [
        (
            number("table-5.2", section, row, column, "f1", "spread")
            - number("table-5.2", section, "L_SoftLoc", column, "f1", "spread")
        )
        / 100
        for section, column in levels
    ]


def sigma(*levels: int) -> list[str]:
    return [f"σ={level}" for level in levels]


DELTA = [f"δ={level}" for level in (1, 2, 3, 4)]
NORMAL_AND_BINARY = [*(("N", name) for name in sigma(1, 2, 3, 4)), *(("B", name) for name in DELTA)]
SKEWED = [("SN", name) for name in sigma(1, 2, 3)]
BIDIRECTIONAL, CAUSAL = "bidirectional RNN", "unidirectional RNN"
LAMBDA = [(f"λ={level}", "λ=0.2") for level in ("0.3", "0.4", "0.5", "0.6", "0.8")]
WIDE = [("λ=0.8", "λ=1.2"), ("λ=0.8", "λ=2.0")]

PRINTED = {
    "2a": [rows("table-4.1", "D-DTD random", "f1", "ours", ["lstmpB"], ["F1"], 100)],
    "2b": [rows("table-4.1", "D-DTD subset", "f1", "ours", ["lstmpB"], ["F1"], 100)],
    "4a": [rows("table-5.1a", BIDIRECTIONAL, "accuracy", "L_SoftLoc", SMOOTHED, sigma(1, 2, 3, 4), 100)],
    "4b": [rows("table-5.1b", CAUSAL, "accuracy", "L_SoftLoc", SMOOTHED, sigma(1, 2, 3, 4), 100)],
    "4c": [rows("table-5.1b", CAUSAL, "accuracy", "L_SoftLoc", SMOOTHED, sigma(0), 100)],
    "5": [rows("table-5.2", "N", "f1", "L_SoftLoc", SMOOTHED[1:], sigma(0), 100)],
    "6a": [puffs("N", sigma(1, 2, 3, 4)) + puffs("B", DELTA) + puffs("SN", sigma(1, 2, 3, 4))],
    "6b": [fold_spread(row, levels) for row in ALL for levels in (NORMAL_AND_BINARY, SKEWED)],
    "7a": [columns("table-5.4", "L_SoftLoc", "f1", [(n, NOISE[0]) for n in NOISE[1:]], 100)],
    "7b": [columns("table-5.3", "Hawthorne (original)", "f1", [(NOISE[0], NOISE[2])], 100)],
    "7c": [rows("table-5.4", "", "f1", SLL, [PB], NOISE[:3], 100)],
    "7d": [rows("table-5.4", "", "f1", PB, [SLL], NOISE[3:], 100)],
    "7e": [rows("table-5.4", "", "f1", "L_SoftLoc", [PB], NOISE, 100)],
    "7f": [rows("table-5.4", "", "f1", "L_SoftLoc", [SLL], NOISE, 100)],
    "9": [rows("table-5.5", "D-DTD random", "f1", "L_SoftLoc", ["lstmpB"], ["F1"], 100)],
    "10a": [rows("table-6.3", "", "jaccard", COUNTING, [NONE, L1], [t]) for t in ("τ=25nm", "τ=50nm")],
    "10c": [rows("table-6.7", "Consistency", "displacement_mean", WITHOUT, [WITH], GOPRO)],
    "10d": [rows("table-6.7", "Reprojection Error", "reprojection_error", WITHOUT, [WITH], GOPRO[::2])],
    "10e": [rows("table-6.7", "Reprojection Error", "boards_detected", WITH, [WITHOUT], ["δ=4"])],
    "10f": [rows("table-6.10", "", "accuracy", "With Count Regularizer", ["Without Count Regularizer"], DELTAS, 100)],
    "11a": [bandwidths(LAMBDA, t) for t in ("τ=25nm", "τ=50nm")],
    "11b": [bandwidths(WIDE, t) for t in ("τ=25nm", "τ=50nm")],
    "11c": [bandwidths([("λ=0.2", "λ=0.1")], t) for t in ("τ=25nm", "τ=50nm")],
    "12a": [rows("table-6.2", "", "jaccard", "Ours", MICROSCOPY, [t]) for t in ("τ=25nm", "τ=50nm")],
    "13a": [rows("table-6.9", "", "accuracy", "Ours", GOLF, DELTAS, 100)],
    "13b": [columns("table-6.9", "Ours", "accuracy", [(d, "δ=1") for d in DELTAS[1:4]], 100)],
    "13c": [columns("table-6.9", "Naïve upsampling", "accuracy", [("δ=1", "δ=8")], 100)],
    "13d": [rows("table-C.2", one, "accuracy", "Ours", PER_CLASS, ["δ=8"], 100) for one in CLASSES],
    "15e": [
        rows("table-6.5", "Consistency", "displacement_mean", "DL-Heatmap", ["OURS"], GOPRO),
        rows("table-6.5", "Consistency", "displacement_mean", "+ Refinement", ["OURS"], GOPRO),
        rows("table-6.5", "Reprojection Error", "reprojection_error", "DL-Heatmap", ["OURS"], GOPRO),
        rows("table-6.5", "Reprojection Error", "reprojection_error", "+ Refinement", ["OURS"], GOPRO),
    ],
    "16a": [rows("sa-coco", "paper", "map", "Soft-argmax", ["Expected error (discrete)"], ["COCO Keypoint"], 100)],
}  # fmt: skip


@pytest.mark.parametrize("claim_id", PRINTED)
def test_effects_are_those_of_the_table(claim_id: str) -> None:
    [claim] = [claim for claim in find(claim_id) if claim.id == claim_id]
    declared = [part.effects for part in claim.parts]
    assert len(declared) == len(PRINTED[claim_id])
    for given, printed in zip(declared, PRINTED[claim_id], strict=True):
        assert given == pytest.approx(printed, abs=1e-9)
