"""Registers: every key in one, scores of each by hand."""

import numpy as np

from tasks.metrics.event_lists import Events
from tasks.metrics.event_matching import match_events
from tasks.metrics.piano_registers import REGISTERS, register_scores


def test_every_key_is_in_one_register():
    keys = [key for low, high in REGISTERS.values() for key in range(low, high + 1)]
    assert keys == list(range(21, 109))


def test_scores_of_each_register():
    keys = np.array([47, 48, 71, 72])
    truth = Events(np.zeros(4, int), keys - 36, np.ones(4), 1, 48)
    found = truth.only(np.array([True, True, False, False]))
    scores = register_scores(match_events(truth, found, 0.05), 36)
    assert scores["low"].f1 == 1
    assert scores["middle"].recall == 0.5
    assert scores["high"].f1 == 0
