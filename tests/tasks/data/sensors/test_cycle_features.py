"""Features of a cycle: how many, in which order, and what their changes are changes of."""

import numpy as np

from tasks.data.sensors.cycle_features import BREATH, NAMES, WRIST, cycle_features
from tasks.data.sensors.sessions import FEATURES


def made():
    draw = np.random.default_rng(0)
    inspiration, expiration, stretch, upper = draw.uniform(0.5, 0.9, (4, 20))
    return cycle_features(inspiration, expiration, stretch, upper, draw.normal(size=(20, 5)))


def test_there_are_as_many_as_in_the_published_data():
    assert made().shape == (20, FEATURES)
    assert len(set(NAMES)) == FEATURES == 37


def test_quantities_of_a_breath_agree_with_each_other():
    column = dict(zip(NAMES, made().T, strict=True))
    np.testing.assert_allclose(
        column["inspiration"] + column["expiration"], column["duration"], rtol=1e-6
    )
    np.testing.assert_allclose(
        column["upper_stretch"] + column["lower_stretch"], column["stretch"], rtol=1e-5
    )
    np.testing.assert_allclose(
        column["flow_in"] * column["inspiration"], column["stretch"], rtol=1e-5
    )


def test_changes_are_those_to_the_neighbours():
    column = dict(zip(NAMES, made().T, strict=True))
    for name in (*BREATH, *WRIST):
        change = column[f"{name}_since_last"]
        assert change[0] == 0
        np.testing.assert_allclose(column[name][0] + np.cumsum(change), column[name], atol=1e-4)
    for name in BREATH:
        np.testing.assert_allclose(
            column[f"{name}_until_next"][:-1], column[f"{name}_since_last"][1:], atol=1e-5
        )
