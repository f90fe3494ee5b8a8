"""What sequencing reads from an output: frames of the likeliest places, of either head."""

import numpy as np
import torch

from bench.plugin import PointPrediction, create_task


def test_the_likeliest_frame_of_each_class():
    scores = torch.zeros(1, 8, 80)
    frames = [3, 9, 20, 31, 40, 44, 47, 70]
    scores[0, np.arange(8), frames] = 0.4
    scores[0, 2, 50] = 0.3
    found = create_task("golf", size="tiny").found_frames([scores, scores])
    assert found.tolist() == [frames, frames]


def test_a_point_lies_in_the_frame_that_holds_it():
    position = torch.tensor([[[0.2], [7.99], [8.01], [30.5]]])
    p = torch.tensor([[[0.1, 0.0], [0.9, 0.0], [0.0, 0.6], [0.2, 0.5]]])
    found = create_task("golf", size="tiny").found_frames([PointPrediction(position, p)])
    assert found.tolist() == [[7, 8]]
