"""JSON is strict: no NaN, no infinity, no NumPy types."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from results.store.plain_json import plain_json, readable_json

VALUE = {"σ": [1.5, float("nan"), {"deep": (np.float64("inf"), np.arange(2))}], "n": np.int64(3)}
STRICT = {"σ": [1.5, None, {"deep": [None, [0, 1]]}], "n": 3}


@pytest.mark.parametrize("write", [plain_json, readable_json])
def test_what_is_not_finite_is_null(write):
    text = write(VALUE)
    assert json.loads(text, parse_constant=pytest.fail) == STRICT
    assert json.loads(write({"whole": [True, None, "NaN"]})) == {"whole": [True, None, "NaN"]}


def test_one_form_is_for_files_and_one_for_readers():
    assert plain_json({"σ": 1.0}) == '{"\\u03c3":1.0}'
    assert readable_json({"σ": 1.0}) == '{\n  "σ": 1.0\n}'


def test_what_json_cannot_hold_is_named():
    with pytest.raises(TypeError, match="PosixPath cannot be kept as JSON"):
        plain_json({"place": Path("/")})
