"""Records survive JSON, and hostile values are refused or made plain."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from results.store.trial_store import STATUSES, Store, TrialRecord

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
OPTIONS = st.dictionaries(st.text(), PLAIN, max_size=3)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@given(
    status=st.sampled_from(STATUSES),
    reason=st.none() | st.text(),
    task_options=OPTIONS,
    loss_options=OPTIONS,
    metrics=st.dictionaries(st.text(), st.none() | NUMBERS, max_size=3),
    details=OPTIONS,
    curve=st.lists(OPTIONS, max_size=3),
    finished_at=st.floats(0, 1e10),
    replicate=st.integers(0, 10**6),
)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_round_trip_through_json_and_through_a_store(make_record, tmp_path_factory, **fields):
    record = make_record("abc_DEF-123", **fields)
    assert TrialRecord.from_json(record.to_json()) == record
    store = Store.open(tmp_path_factory.mktemp("store"))
    store.append(record)
    assert store.record(record.trial_id) == record
    store.compact()
    assert store.record(record.trial_id) == record


def test_a_traceback_that_is_not_unicode_is_kept_escaped(make_record, tmp_path):
    store = Store.open(tmp_path)
    store.append(make_record(status="failed", reason="cannot open caf\udce9.wav"))
    assert store.record("t0").reason == "cannot open caf\\udce9.wav"


def test_numbers_that_are_not_finite_become_null_and_numpy_becomes_plain(make_record):
    record = make_record(
        metrics={"f1": math.nan, "precision": np.float32(0.5), "recall": np.float32("inf")},
        details={"counts": np.arange(3), "nested": [(1.0, -math.inf)]},
    )
    values = json.loads(record.to_json())
    assert values["metrics"] == {"f1": None, "precision": 0.5, "recall": None}
    assert values["details"] == {"counts": [0, 1, 2], "nested": [[1.0, None]]}


def test_what_json_cannot_hold_is_refused_by_type(make_record):
    with pytest.raises(TypeError, match=r"a object cannot be kept as JSON"):
        make_record(details={"model": object()}).to_json()


@pytest.mark.parametrize("trial_id", ["", "a/b", "a.b", "../up", "é", "x" * 129, "a b", 7])
def test_an_id_that_cannot_name_a_file_is_refused(make_record, trial_id):
    with pytest.raises(ValueError, match="trial_id must be 1 to 128 letters"):
        make_record(trial_id)


def test_unknown_status_and_time_are_refused(make_record):
    with pytest.raises(ValueError, match=r"status must be one of finished, failed, .*'done'"):
        make_record(status="done")
    with pytest.raises(ValueError, match="seconds since the Unix epoch; got nan"):
        make_record(finished_at=math.nan)


def test_missing_and_unknown_fields_are_named(make_record):
    values = dataclasses.asdict(make_record())
    lacking = {name: value for name, value in values.items() if name != "loss"}
    with pytest.raises(ValueError, match=r"lacks the field\(s\) loss"):
        TrialRecord.from_json(json.dumps(lacking))
    with pytest.raises(ValueError, match="unknown field 'metricz'; did you mean 'metrics'"):
        TrialRecord.from_json(json.dumps({**values, "metricz": {}}))
    with pytest.raises(ValueError, match="is a JSON object; got list"):
        TrialRecord.from_json("[]")
