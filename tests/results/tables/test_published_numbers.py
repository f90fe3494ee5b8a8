"""The papers' own numbers: format, ranges, and agreement with what the papers say about them."""

import csv
import math
from functools import cache
from itertools import product
from pathlib import Path

import pandas as pd
import pytest

import results

PUBLISHED = Path(results.__file__).parent / "published"
HEADER = [
    *("table", "section", "row", "row_kind", "column", "metric"),
    *("value", "spread", "spread_kind", "unit", "note"),
]
KEY = ["table", "section", "row", "column", "metric"]
IDS = [
    *("section-3.3", "figure-3.1", "table-4.1", "table-4.2", "section-4.3.3"),
    *("table-5.1a", "table-5.1b", "table-5.2", "table-5.3", "table-5.4", "table-5.5"),
    *("figure-5.7", "figure-5.8", "figure-6.2", "figure-6.3", "figure-6.4"),
    *("table-6.2", "table-6.3", "table-6.4", "table-6.5", "table-6.6", "table-6.7"),
    *("table-6.8", "table-6.9", "table-6.10", "table-C.1", "table-C.2"),
    *("figure-7.1", "sa-coco"),
]
KINDS = {"ours", "ablation", "baseline", "reference", "difference", "setting"}
UPPER = {
    "%": 100,
    "percentage points": 100,
    "fraction": 1,
    "probability": 1,
    "px": 50,
    "mm": 500,
    "ms": 1000,
    "count": 1000,
    "iterations": 1e6,
    "images/s": 1000,
    "dimensionless": 1000,
    "not stated": 100,
}
DELTAS = [f"δ={d}" for d in (1, 2, 4, 8, 16)]


@cache
def load(table: str) -> pd.DataFrame:
    """One file, every cell as printed; `x` is the value as a number. Callers do not change it."""
    frame = pd.read_csv(PUBLISHED / f"{table}.csv", dtype=str, keep_default_na=False)
    frame["x"] = pd.to_numeric(frame["value"])
    return frame


def body(table: str) -> pd.DataFrame:
    """Rows of the printed table alone, without numbers from prose."""
    frame = load(table)
    return frame[~frame["section"].str.startswith("text")]


def wide(table: str, section: str = "", metric: str | None = None) -> pd.DataFrame:
    """Methods by columns, in printed order."""
    frame = load(table)
    frame = frame[frame["section"] == section]
    if metric is not None:
        frame = frame[frame["metric"] == metric]
    assert len(frame) > 0, (table, section, metric)
    out = frame.pivot(index="row", columns="column", values="x")
    return out.loc[frame["row"].unique(), frame["column"].unique()]


# ---------------------------------------------------------------- format


def test_one_file_for_each_id_of_the_catalogue():
    assert {p.stem for p in PUBLISHED.glob("*.csv")} == set(IDS)
    readme = (PUBLISHED / "README.md").read_text(encoding="utf-8")
    assert [i for i in IDS if f"`{i}`" not in readme] == []


@pytest.mark.parametrize("table", IDS)
def test_file_is_well_formed(table):
    raw = (PUBLISHED / f"{table}.csv").read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in raw
    assert raw.endswith(b"\n")
    lines = list(csv.reader(raw.decode("utf-8").splitlines()))
    assert lines[0] == HEADER
    assert len(lines) > 1
    assert {len(line) for line in lines} == {len(HEADER)}
    assert all(cell == cell.strip() for line in lines for cell in line)


@pytest.mark.parametrize("table", IDS)
def test_rows_are_valid(table):
    frame = load(table)
    assert set(frame["table"]) == {table}
    assert set(frame["row_kind"]) <= KINDS
    assert set(frame["unit"]) <= set(UPPER)
    for column in ("row", "column", "metric"):
        assert (frame[column] != "").all()
    assert not frame.duplicated(KEY).any()
    assert frame.groupby("row")["row_kind"].nunique().eq(1).all()
    units = frame[frame["row_kind"] != "setting"].groupby("metric")["unit"].nunique()
    assert units.eq(1).all()
    assert (frame[frame["row_kind"] == "baseline"]["note"] != "").all()


@pytest.mark.parametrize("table", IDS)
def test_values_are_plain_numbers_in_the_range_of_their_unit(table):
    frame = load(table)
    printed = frame[frame["value"] != ""]
    assert printed["value"].str.fullmatch(r"\d+(\.\d+)?").all()
    assert (printed["x"] <= printed["unit"].map(UPPER)).all()
    empty = frame[frame["value"] == ""]
    assert empty["note"].str.startswith("not reported").all()
    assert not printed["note"].str.contains("not reported").any()


@pytest.mark.parametrize("table", IDS)
def test_spread_comes_with_its_kind(table):
    frame = load(table)
    with_spread = frame["spread"] != ""
    assert (with_spread == (frame["spread_kind"] != "")).all()
    assert set(frame["spread_kind"]) <= {"", "sd"}
    spread = frame.loc[with_spread, "spread"]
    assert spread.str.fullmatch(r"\d+\.\d+").all()
    assert (frame.loc[with_spread, "value"] != "").all()
    assert with_spread.any() == (table in {"table-5.2", "table-6.9", "table-6.10"})


@pytest.mark.parametrize("table", IDS)
def test_default_reading_loses_no_text(table):
    """No label is one that CSV readers take for a missing value."""
    frame = pd.read_csv(PUBLISHED / f"{table}.csv")
    assert frame[["row", "column", "metric", "unit"]].notna().all().all()
    raw = load(table)
    for column in ("section", "value", "note"):
        assert (frame[column].isna() == (raw[column] == "")).all()


@pytest.mark.parametrize(
    ("table", "cells"),
    [
        ("table-4.1", 4 * 6 * 6),
        ("table-4.2", 4 * 3),
        ("table-5.1a", 4 * 5),
        ("table-5.1b", 4 * 5),
        ("table-5.2", 3 * 5 * 5),
        ("table-5.3", 6 * 5),
        ("table-5.4", 3 * 5),
        ("table-5.5", 6 * 6),
        ("table-6.2", 4 * 5),
        ("table-6.3", 3 * 2),
        ("table-6.4", 2 * 9),
        ("table-6.5", 7 * 3 * 4),
        ("table-6.6", 7 * 2 * 4),
        ("table-6.7", 2 * 3 * 4),
        ("table-6.8", 2 * 2 * 4),
        ("table-6.9", 4 * 5),
        ("table-6.10", 3 * 5),
        ("table-C.1", 7 * 4),
        ("table-C.2", 8 * 4 * 5),
    ],
)
def test_every_cell_of_the_printed_table_is_there(table, cells):
    assert len(body(table)) == cells


# ---------------------------------------------------------------- arithmetic within a table


def blocks(table: str):
    for (section, row), cells in body(table).groupby(["section", "row"], sort=False):
        yield section, row, dict(zip(cells["column"], cells["x"], strict=True))


@pytest.mark.parametrize("table", ["table-4.1", "table-5.5"])
def test_overall_f1_is_the_mean_of_the_three_drums(table):
    for section, row, cell in blocks(table):
        mean = (cell["KD"] + cell["SD"] + cell["HH"]) / 3
        assert cell["F1"] == pytest.approx(mean, abs=0.1), (section, row)


@pytest.mark.parametrize("table", ["table-4.1", "table-5.5", "table-4.2"])
def test_averaged_f1_is_at_most_the_f1_of_the_averages(table):
    """The harmonic mean is concave, so averaging F1 over pieces can only lower it."""
    for section, row, cell in blocks(table):
        precision, recall = cell.get("Pre", cell.get("Pre.")), cell.get("Rec", cell.get("Rec."))
        of_averages = 2 * precision * recall / (precision + recall)
        assert of_averages - 3 <= cell["F1"] <= of_averages + 0.1, (section, row)


def test_table_c1_f1_follows_from_precision_and_recall():
    for _, row, cell in blocks("table-C.1"):
        f1 = 2 * cell["Prec."] * cell["Rec."] / (cell["Prec."] + cell["Rec."])
        assert cell["F1"] == pytest.approx(f1, abs=0.1), row


def test_table_62_f1_follows_from_jaccard():
    jaccard, f1 = wide("table-6.2", metric="jaccard"), wide("table-6.2", metric="f1")
    assert list(f1.columns) == [f"{tolerance} [F1]" for tolerance in jaccard.columns]
    for row, tolerance in product(jaccard.index, jaccard.columns):
        index, half = jaccard.loc[row, tolerance], 0.0005
        low, high = (2 * (index + s) / (1 + index + s) for s in (-half, half))
        assert low - half <= f1.loc[row, f"{tolerance} [F1]"] <= high + half, (row, tolerance)


@pytest.mark.parametrize("table", ["table-6.5", "table-6.6", "table-6.7", "table-6.8"])
def test_displacements_and_boards_are_possible(table):
    mean, q90 = (wide(table, "Consistency", f"displacement_{m}") for m in ("mean", "q90"))
    assert (q90 > mean).all().all()
    assert mean.diff(axis=1).iloc[:, 1:].gt(0).all().all()  # worse at lower resolution
    total = 206 if table in ("table-6.6", "table-6.8") else 100
    assert (wide(table, "Reprojection Error", "boards_detected") <= total).all().all()


def test_table_610_differences_except_the_misprint():
    accuracy = wide("table-6.10", metric="accuracy")
    printed = wide("table-6.10", metric="accuracy_difference").loc["Diff."]
    real = accuracy.loc["With Count Regularizer"] - accuracy.loc["Without Count Regularizer"]
    assert (printed >= 1).all()
    assert (real > 0.99).all()
    wrong = [d for d in DELTAS if abs(printed[d] - real[d]) > 0.05]
    assert wrong == ["δ=16"]
    assert (printed["δ=16"], round(real["δ=16"], 1)) == (1.6, 1.3)


# ---------------------------------------------------------------- tables that share rows


@pytest.mark.parametrize(
    ("here", "there"),
    [
        (
            ("table-6.7", "With Count Regularization", "Consistency"),
            ("table-6.5", "OURS", "Consistency"),
        ),
        (
            ("table-6.7", "With Count Regularization", "Reprojection Error"),
            ("table-6.5", "OURS", "Reprojection Error"),
        ),
        (
            ("table-6.8", "With Count Regularizer", "Consistency"),
            ("table-6.6", "OURS", "Consistency"),
        ),
        (
            ("table-6.8", "With Count Regularizer", "Reprojection Error"),
            ("table-6.6", "OURS", "Reprojection Error"),
        ),
        (("table-6.10", "With Count Regularizer", ""), ("table-6.9", "Ours", "")),
        *(
            (("table-5.5", row, "D-DTD random"), ("table-4.1", row, "D-DTD random"))
            for row in ("RNN", "tanhB", "ReLUts", "lstmpB", "GRUts")
        ),
    ],
)
def test_repeated_rows_are_equal(here, there):
    def cells(table, row, section):
        frame = load(table)
        frame = frame[(frame["row"] == row) & (frame["section"] == section)]
        assert len(frame) > 0
        return frame[["column", "metric", "value", "spread"]].values.tolist()

    assert cells(*here) == cells(*there)


def test_table_63_counting_is_ours_of_table_62():
    counting = wide("table-6.3").loc["Counting (L_Count)"]
    assert counting.to_dict() == wide("table-6.2", metric="jaccard").loc["Ours"].to_dict()


def test_table_64_contradicts_its_caption():
    """The caption equates λ = 0.2 with *Ours* of table 6.2; the printed numbers differ."""
    ours = wide("table-6.2", metric="jaccard").loc["Ours"]
    tolerances = ["τ=25nm", "τ=50nm"]
    assert ours[tolerances].tolist() == [0.221, 0.482]
    found = [wide("table-6.4", section=one).loc["Ours", "λ=0.2"] for one in tolerances]
    assert found == [0.234, 0.517]
    assert (load("table-6.4").query("column == 'λ=0.2'")["note"].str.contains("table 6.2")).all()


def test_table_53_is_table_54_rounded_except_two_cells():
    coarse, fine = wide("table-5.3"), wide("table-5.4")
    differing = [
        (row, noise)
        for row, name in (("L_SLL", "L_SLL (α=0)"), ("L_SoftLoc", "L_SoftLoc"))
        for noise in coarse.columns
        if abs(coarse.loc[row, noise] - fine.loc[name, noise]) > 0.0501
    ]
    assert differing == [("L_SoftLoc", "σ=0ms"), ("L_SoftLoc", "σ=150ms")]


def test_table_c2_averages_to_table_69_except_in_five_cells():
    mean = body("table-C.2").groupby(["row", "column"])["x"].mean()
    mean = mean.rename({"Dense classification": "Prediction upsampling"}, level="row")
    overall = wide("table-6.9")
    gap = {
        (row, delta): abs(mean[row, delta] - overall.loc[row, delta])
        for row, delta in product(overall.index, DELTAS)
    }
    assert max(gap.values()) < 0.4
    assert {cell for cell, size in gap.items() if size > 0.1} == {
        ("Naïve upsampling", "δ=4"),
        ("Naïve upsampling", "δ=8"),
        ("Frame interpolation", "δ=16"),
        ("Ours", "δ=8"),
        ("Ours", "δ=16"),
    }


@pytest.mark.parametrize("table", ["table-6.9", "table-C.2"])
def test_upsampling_baselines_share_the_original_resolution(table):
    first = body(table).query("column == 'δ=1' and row_kind == 'baseline'")
    assert first.groupby("section")[["value", "spread"]].nunique().eq(1).all().all()
    assert first["note"].str.contains("ditto").sum() == 2 * first["section"].nunique()


# ---------------------------------------------------------------- what the text says


def best(frame: pd.DataFrame) -> dict[str, str]:
    return frame.idxmax().to_dict()


def test_section_33_accuracy_and_error_both_slip():
    frame = wide("section-3.3", "text")
    change = frame.loc["Poisson-binomial counting"] - frame.loc["Deterministic counting"]
    assert change["test accuracy"] == pytest.approx(-1.4)
    assert change["root-mean-square error"] == pytest.approx(0.01)


def test_table_41_statements():
    for task, split in product(("D-DTD", "D-DTP"), ("random", "subset")):
        frame = wide("table-4.1", f"{task} {split}")
        assert frame.loc["ours", "Pre"] > frame.loc["ours", "Rec"]
        if task == "D-DTP":
            assert frame["Pre"].idxmax() == "ours"
    assert wide("table-4.1", "D-DTD subset")["SD"].idxmin() == "ours"
    said = wide("table-4.1", "text: D-DTD random", "f1").loc["ours"]
    assert said["HH, tolerance 50ms"] == wide("table-4.1", "D-DTD random").loc["ours", "HH"]
    assert said["HH, tolerance 20ms"] < said["HH, tolerance 50ms"]


def test_table_42_statements():
    f1 = wide("table-4.2")["F1"]
    assert f1.sort_values().index.tolist() == [
        "Sigtia et al. (2016)",
        "Kelz et al. (2016)",
        "ours",
        "Hawthorne et al. (2017)",
    ]
    ours = wide("table-4.2").loc["ours"]
    assert ours["Pre."] > ours["Rec."]


def test_section_433_counts_beat_full_supervision():
    accuracy = wide("section-4.3.3", "text", "accuracy")["recognition accuracy"]
    assert accuracy["ours"] > accuracy["VGG-13"]


def test_table_51_statements():
    bidirectional = wide("table-5.1a", "bidirectional RNN")
    causal = wide("table-5.1b", "unidirectional RNN")
    assert best(bidirectional)["σ=0"] == "L_LS|SE"
    assert set(best(bidirectional.drop(columns="σ=0")).values()) == {"L_SoftLoc"}
    assert set(best(causal).values()) == {"L_SoftLoc"}
    assert (bidirectional.max() > causal.max()).all()
    assert bidirectional.loc["L_CE"].is_monotonic_decreasing


def test_table_52_softloc_beats_everything_and_varies_less_than_lr_m():
    for block in ("N", "B", "SN"):
        frame = wide("table-5.2", block).dropna(axis=1)
        assert frame.shape == (5, 5 if block == "N" else 4)
        assert set(best(frame).values()) == {"L_SoftLoc"}
    spread = body("table-5.2").query("value != ''").astype({"spread": float})
    spread = spread.pivot(index=["section", "column"], columns="row", values="spread")
    assert (spread["L_SoftLoc"] < spread["LR-M"]).all()


def test_table_53_and_54_statements():
    piano = wide("table-5.3")
    assert piano["σ=0ms"].idxmax() == "Hawthorne (original)"
    assert set(best(piano.drop(columns="σ=0ms")).values()) == {"L_SoftLoc"}
    assert piano.loc["L_SoftLoc"].max() - piano.loc["L_SoftLoc"].min() < 3
    parts = wide("table-5.4")
    assert set(best(parts).values()) == {"L_SoftLoc"}
    lead = parts.loc["L_SLL (α=0)"] - parts.loc["L_PB (α=1)"]
    assert (lead > 0).tolist() == [True, True, True, False, False]
    assert parts.loc["L_SoftLoc", "σ=150ms"] == pytest.approx(75, abs=0.5)


def test_table_55_softloc_leads_in_three_columns():
    frame = wide("table-5.5", "D-DTD random")
    assert [c for c, row in best(frame).items() if row == "L_SoftLoc"] == ["KD", "HH", "Pre"]


def test_figure_57_labels_score_at_least_their_share_within_tolerance():
    """A normal error of sd σ stays within 50 ms with probability erf(50 / (σ√2))."""

    def share(sigma):
        return 100 * math.erf(50 / (sigma * math.sqrt(2)))

    f1 = wide("figure-5.7", "(b) training labels").loc["training labels"]
    assert f1["σ=0ms"] == 100
    for sigma in (50, 100, 200):
        assert share(sigma) - 0.5 < f1[f"σ={sigma}ms"] < share(sigma) + 5
    within = load("figure-5.7").query("metric == 'labels_within_tolerance'")["x"].item()
    assert within == round(share(150))


def test_figure_58_statements():
    frame = load("figure-5.8")
    claim = frame[frame["section"] == "text"].iloc[0]
    assert (claim["x"], claim["note"].startswith("lower bound")) == (95, True)
    assert wide("table-5.5", "D-DTD random").loc["L_SoftLoc", "F1"] > claim["x"]
    setting = frame[frame["section"] == "processing"].set_index(["column", "metric"])["x"]
    assert setting["runs", "runs"] == 210
    for axis, top in (("σ", 100), ("S_M", 150)):
        assert setting[axis, "kernel_bandwidth"] == 10
        for low, high in (("sampled_from", "sampled_to"), ("grid_from", "grid_to")):
            assert (setting[axis, low], setting[axis, high]) == (0, top)
    assert setting["F1", "clipped_below_at"] < setting["F1", "color_from"]
    assert setting["F1", "color_from"] < claim["x"] / 100 < setting["F1", "color_to"]


def test_microscopy_statements():
    for metric in ("jaccard", "f1"):
        assert set(best(wide("table-6.2", metric=metric)).values()) == {"Ours"}
    time = wide("table-6.2", metric="time_per_image")["time/image"]
    assert time["Ours"] == time.min()
    assert set(best(wide("table-6.3")).values()) == {"Counting (L_Count)"}
    longer = wide("table-6.3", "text: longer training")
    assert (longer.max() < wide("table-6.3").loc["None (no regularization)"]).all()
    sweep = pd.concat([wide("table-6.4", section=f"τ={nm}nm") for nm in (25, 50)])
    flat = sweep.loc[:, "λ=0.2":"λ=0.8"]
    assert (flat.max(axis=1) - flat.min(axis=1) < 0.015).all()
    for outside in ("λ=0.1", "λ=1.2", "λ=2.0"):
        assert (sweep[outside] < flat.min(axis=1)).all()


@pytest.mark.parametrize("table", ["table-6.5", "table-6.6"])
def test_only_opencv_and_matlab_of_the_classic_detectors_beat_ours(table):
    for section, metric in (
        ("Consistency", "displacement_mean"),
        ("Reprojection Error", "reprojection_error"),
    ):
        frame = wide(table, section, metric)
        better = frame.lt(frame.loc["OURS"]).any(axis=1)
        assert not better[["OCamCalib", "Rochade"]].any()
        assert better["MATLAB"]
        assert frame.loc["OURS"].lt(frame.loc["DL-Heatmap"]).all()


def test_one_metric_alone_is_better_without_the_count_term():
    better = []
    for table, word in (("table-6.7", "Regularization"), ("table-6.8", "Regularizer")):
        frame = body(table).pivot(index=["section", "metric", "column"], columns="row", values="x")
        gain = frame[f"Without Count {word}"] - frame[f"With Count {word}"]
        higher_is_better = gain.index.get_level_values("metric") == "boards_detected"
        gain[higher_is_better] *= -1
        better += [(table, *key) for key in gain.index[gain < 0]]
    assert better == [("table-6.7", "Reprojection Error", "reprojection_error", "δ=4")]


def test_table_69_statements():
    frame = wide("table-6.9")
    assert set(best(frame).values()) == {"Ours"}
    assert frame.loc["Ours", "δ=1"] - frame.loc["Ours", "δ=8"] < 1.5
    assert frame.loc["Naïve upsampling", "δ=1"] - frame.loc["Naïve upsampling", "δ=8"] > 20
    lead = frame.loc["Ours"] - frame.drop(index="Ours").max()
    assert lead["δ=16"] > lead["δ=4"]


def test_table_c1_statements():
    frame = wide("table-C.1")
    for column in ("Rec.", "Prec.", "F1"):
        assert frame.loc["OURS", column] == frame[column].max()
    assert frame["MAD"].idxmin() == "MATLAB"
    assert (frame.loc["MATLAB", "MAD"], frame.loc["MATLAB", "Rec."]) == (0.086, 65.8)
    assert frame.loc["OURS", "MAD"] < frame.loc["OpenCV", "MAD"]
    assert frame.loc["OURS", "Rec."] > 2 * frame.loc["OpenCV", "Rec."]
    assert wide("table-C.1", "text: inference speed")["CPU"].idxmax() == "OURS"


def test_figure_64_bounds_separate_the_two_losses():
    iterations = wide("figure-6.4", "text", "iterations")["convergence"]
    assert iterations["With regularization"] < iterations["Without regularization"]
    notes = load("figure-6.4").query("section == 'text' and metric == 'iterations'")
    notes = notes.set_index("row")["note"]
    assert notes["With regularization"].startswith("upper bound")
    assert notes["Without regularization"].startswith("lower bound")


def test_sampling_argmax_statements():
    paper = wide("sa-coco", "paper")["COCO Keypoint"]
    assert paper.tolist() == [30.9, 64.5]
    code = wide("sa-coco", "released code")
    bases = [f"Sampling-argmax ({basis})" for basis in ("uniform", "triangular", "gaussian")]
    assert code.loc[bases, "COCO"].tolist() == [68.2, 69.8, 68.3]
    assert code.loc[bases, "Human3.6M"].tolist() == [49.6, 49.5, 50.9]
    assert code.loc[bases, "MTFL"].tolist() == [6.86, 6.82, 6.96]
