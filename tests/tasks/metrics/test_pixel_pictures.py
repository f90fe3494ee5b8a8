"""Series that figures are drawn from."""

import json

import numpy as np
import torch

from bench.plugin import PointPrediction
from tasks.metrics import pixel_pictures as pictures
from tasks.metrics.point_lists import Points


def prediction(position, p):
    return PointPrediction(torch.tensor(position), torch.tensor(p)[..., None])


def test_what_remains_of_the_first_sample():
    truth = Points(np.array([0, 1]), np.zeros(2, int), np.array([[0.1, 0.2], [0.3, 0.4]]), 2)
    output = prediction([[[0.5, 0.6], [0.7, 0.8]]] * 2, [[0.1, 0.05], [0.9, 0.9]])
    series = json.loads(json.dumps(pictures.remaining(output, truth, 0.1)))
    assert list(series) == ["truths", "candidates, p ≥ 0.1"]
    assert series["truths"] == {"x": [0.1], "y": [0.2]}
    assert series["candidates, p ≥ 0.1"] == {"x": [0.5], "y": [0.6]}


def test_nothing_may_remain():
    truth = Points(np.array([0]), np.zeros(1, int), np.array([[0.1, 0.2]]), 1)
    series = pictures.remaining(prediction([[[0.5, 0.6]]], [[0.0]]), truth, 0.1)
    assert series["candidates, p ≥ 0.1"] == {"x": [], "y": []}


def test_probabilities_before_and_after():
    output = prediction([[[0.5, 0.5], [0.5, 0.5]]], [[0.0, 1.0]])
    series = pictures.probabilities(np.array([[0.2, 0.7]]), output)
    assert series == {"before": {"x": [0.2], "y": [0.7]}, "after": {"x": [0.0], "y": [1.0]}}


def test_pulls_by_distance():
    places = [[[0.5, 0.5 - d], [0.5, 0.5 + d]] for d in (2.0, 1.0)]
    series = pictures.pulls(np.array([0.3, 0.4]), prediction(places, [[0.5, 0.5]] * 2))
    assert series == {"gradient": {"x": [1.0, 2.0], "y": [0.4, 0.3]}}
