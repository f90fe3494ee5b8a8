"""A label offset of one recording is seen, and nothing is moved by it."""

import numpy as np

from tasks.metrics.timing_per_file import timing_per_file


def test_a_recording_with_late_labels_is_named():
    names = ["a"] * 3 + ["b"] * 3 + ["c"]
    error = np.array([0.001, -0.002, 0.04, -0.03, -0.022, -0.025, 0.02])
    found = timing_per_file(names, error)
    assert found["median_error"] == {"a": 0.001, "b": -0.025, "c": 0.02}
    assert found["beyond_20_ms"] == ["b"]


def test_nothing_matched():
    assert timing_per_file([], np.zeros(0)) == {"median_error": {}, "beyond_20_ms": []}
