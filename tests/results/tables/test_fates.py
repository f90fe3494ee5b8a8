"""What becomes of a trial's number, and the words for it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from results.tables.fates import (
    FATES,
    UNCOUNTED,
    counted,
    overall,
    uncounted_texts,
    with_value,
)


@pytest.fixture
def outcomes() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "trial_id": list("abcdef"),
            "fate": ["finished"] * 4 + ["failed", "missing"],
            "valued": [True, False, True, True, False, False],
            "metric.f1": [0.5, np.nan, np.inf, 0.7, 0.9, np.nan],
            "seconds.train": [1.0, 2.0, 3.0, 4.0, 5.0, np.nan],
            "hardware": ["old", "new", "new", "old", "new", None],
        }
    )


def test_a_trial_that_finished_may_be_without_a_value(outcomes: pd.DataFrame) -> None:
    found = with_value(outcomes, "metric.f1")
    assert found["fate"].tolist() == [
        "finished",
        "undefined",
        "undefined",
        "finished",
        "failed",
        "missing",
    ]
    assert found.loc[found["fate"] == "finished", "value"].tolist() == [0.5, 0.7]
    assert outcomes["fate"].tolist().count("finished") == 4, "the frame given stays as it is"


def test_a_metric_that_no_trial_has_is_undefined(outcomes: pd.DataFrame) -> None:
    assert with_value(outcomes, "metric.recall")["fate"].tolist()[:4] == ["undefined"] * 4


def test_times_count_on_the_most_used_hardware(outcomes: pd.DataFrame) -> None:
    times = with_value(outcomes.iloc[:3], "seconds.train")
    assert times["fate"].tolist() == ["elsewhere", "finished", "finished"]
    even = with_value(outcomes, "seconds.train")["fate"].tolist()
    assert even[:4] == ["elsewhere", "finished", "finished", "elsewhere"], "of two the first name"
    assert even[4:] == ["failed", "missing"]


def test_as_a_whole_a_trial_is_undefined_without_any_ranked_value(outcomes: pd.DataFrame) -> None:
    assert overall(outcomes).tolist()[:3] == ["finished", "undefined", "finished"]
    assert overall(outcomes).tolist()[4:] == ["failed", "missing"]


def test_counts_are_in_one_order() -> None:
    assert counted(pd.Series(["missing", "failed", "finished", "failed"])) == {
        "finished": 1,
        "failed": 2,
        "missing": 1,
    }
    assert list(counted(pd.Series(reversed(FATES)))) == list(FATES)


def test_words_say_what_is_in_no_mean() -> None:
    everything = dict.fromkeys(FATES, 2)
    texts = uncounted_texts(everything, "no locations")
    assert list(texts) == list(UNCOUNTED)
    assert texts["elsewhere"] == "2 timed on other hardware"
    assert texts["skipped"] == "skipped: no locations"
    assert texts["missing"] == "2 not run"
    assert uncounted_texts({"missing": 3}, None) == {"missing": "not run"}
    assert uncounted_texts({"skipped": 1}, None) == {"skipped": "skipped: no reason given"}
