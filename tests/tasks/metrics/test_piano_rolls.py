"""Piano rolls are plain numbers in order."""

import json

import numpy as np

from tasks.metrics.event_lists import Events
from tasks.metrics.piano_rolls import roll


def test_keys_and_times_in_order():
    events = Events(np.zeros(3, int), np.array([4, 0, 2]), np.array([0.5, 0.12345, 0.5]), 1, 48)
    found = roll(events, 36)
    assert found == {"x": [0.123, 0.5, 0.5], "y": [36.0, 38.0, 40.0]}
    json.dumps(found)
