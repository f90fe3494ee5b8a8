"""Greedy suppression at once, against suppression box by box."""

import numpy as np
import torch

from tasks.networks.greedy_suppression import survivors


def one_by_one(score, overlap, most):
    kept, removed = set(), set()
    for box in sorted(range(len(score)), key=lambda b: (-score[b], b)):
        if box not in removed:
            kept.add(box)
            removed |= {other for other in range(len(score)) if overlap[box, other] > most}
    return [box in kept for box in range(len(score))]


def test_as_box_by_box_ties_included():
    draw = np.random.default_rng(0)
    score = draw.integers(0, 6, (40, 15)) / 5
    half = draw.random((40, 15, 15)) ** 2
    overlap = np.maximum(half, half.transpose(0, 2, 1))
    for most in (0.0, 0.3, 0.7, 1.0):
        found = survivors(torch.from_numpy(score), torch.from_numpy(overlap), most)
        expected = [one_by_one(s, o, most) for s, o in zip(score, overlap, strict=True)]
        np.testing.assert_array_equal(found, expected)


def test_a_removed_box_removes_nothing():
    overlap = torch.eye(4).double()
    for i in range(3):
        overlap[i, i + 1] = overlap[i + 1, i] = 0.8
    score = torch.tensor([[0.9, 0.8, 0.7, 0.6]])
    assert survivors(score, overlap[None], 0.5).tolist() == [[True, False, True, False]]
    assert survivors(score, overlap[None], 0.8).all()  # just as much is not more
