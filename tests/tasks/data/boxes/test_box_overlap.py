"""Intersection over union: hand cases, and its identities on random boxes."""

import numpy as np
import torch

from tasks.data.boxes.box_overlap import box_overlap


def boxes(*corners):
    return torch.tensor(corners, dtype=torch.float64)


def test_hand_cases():
    ours = boxes([0, 0, 2, 2])
    near = [1, 0, 3, 2], [1, 1, 3, 3], [0, 0, 1, 1]
    theirs = boxes([0, 0, 2, 2], *near, [2, 0, 4, 2], [5, 5, 6, 6])
    expected = [1, 1 / 3, 1 / 7, 1 / 4, 0, 0]
    np.testing.assert_allclose(box_overlap(ours, theirs)[0], expected, atol=1e-12)


def test_boxes_without_extent_overlap_nothing():
    empty = boxes([1, 1, 1, 1], [3, 3, 2, 2])
    assert (box_overlap(empty, empty) == 0).all()
    assert (box_overlap(empty, boxes([0, 0, 2, 2])) == 0).all()


def test_it_counts_the_cells_of_a_fine_grid():
    draw = np.random.default_rng(0)
    corners = np.sort(draw.integers(0, 30, (2, 5, 2, 2)), axis=2).reshape(2, 5, 4)
    ours, theirs = (torch.from_numpy(some).double() for some in corners)
    cells = np.zeros((2, 5, 30, 30), bool)
    for side, some in enumerate(corners):
        for number, (left, top, right, bottom) in enumerate(some):
            cells[side, number, left:right, top:bottom] = True
    a, b = cells[0][:, None], cells[1][None]
    common, either = (a & b).sum((2, 3)), (a | b).sum((2, 3))
    expected = np.divide(common, either, out=np.zeros(common.shape), where=either > 0)
    np.testing.assert_allclose(box_overlap(ours, theirs), expected, atol=1e-12)


def test_symmetric_and_unmoved_by_shift_and_scale():
    draw = torch.Generator().manual_seed(1)
    low = torch.rand(3, 6, 2, generator=draw, dtype=torch.float64)
    some = torch.cat([low, low + torch.rand(3, 6, 2, generator=draw, dtype=torch.float64)], -1)
    overlap = box_overlap(some, some)
    torch.testing.assert_close(overlap, overlap.mT)
    torch.testing.assert_close(overlap, box_overlap(3 * some + 2, 3 * some + 2))
    assert (overlap.diagonal(dim1=-2, dim2=-1) == 1).all()
