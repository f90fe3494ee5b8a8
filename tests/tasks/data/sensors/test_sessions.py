"""The scale of features comes from what it is given, and from nothing else."""

import numpy as np
import pytest
from scipy.stats import zscore

from tasks.data.sensors.sessions import FEATURES, Scale, Session


def session(seed, cycles=40):
    draw = np.random.default_rng(seed)
    features = draw.normal(5, 3, (cycles, FEATURES)).astype(np.float32)
    return Session(0, features, np.zeros(cycles, bool))


def test_features_are_scaled_to_mean_zero_and_deviation_one_over_all_cycles():
    sessions = [session(0), session(1, 90)]
    scaled = np.concatenate([Scale.of(sessions)(one.features) for one in sessions])
    rows = np.concatenate([one.features for one in sessions]).astype(np.float64)
    np.testing.assert_allclose(scaled, zscore(rows, axis=0), atol=1e-5)
    assert scaled.dtype == np.float32


def test_a_feature_that_never_changes_is_zero():
    one = session(0)
    one.features[:, 7] = 4.0
    assert np.abs(Scale.of([one])(one.features)[:, 7]).max() == 0


def test_a_session_is_as_long_as_its_labels():
    assert len(session(0, 12)) == 12
    assert Scale.of([session(2)]).mean == pytest.approx(session(2).features.mean(0), abs=1e-4)
