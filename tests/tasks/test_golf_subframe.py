"""The sub-frame golf task: heads and ways to fill gaps, positions, oracle, what is skipped."""

import numpy as np
import pytest
import torch

from bench.plugin import PointPrediction, UsageError, create_loss, create_task

EXCLUSIVE = {"classes": "exclusive"}


def tiny(**options):
    return create_task("golf_subframe", size="tiny", **options)


class Told(torch.nn.Module):
    """Gives the points that it was told, in the order of the samples."""

    def __init__(self, position, p):
        super().__init__()
        self.p = torch.nn.Parameter(p)
        self.position, self.place = position, 0

    def forward(self, frames):
        rows = slice(self.place, self.place + len(frames))
        self.place += len(frames)
        return PointPrediction(self.position[rows], self.p[rows])


def test_the_clips_are_those_of_golf():
    ours, theirs = tiny(decimation=4).splits(0), create_task("golf", size="tiny").splits(0)
    assert torch.equal(ours.test.batch(np.arange(3))[0], theirs.test.batch(np.arange(3))[0][:, ::4])
    assert ours.train.truth.tolist() == theirs.train.truth.tolist()


@pytest.mark.parametrize("decimation", [1, 2, 4, 8, 16])
def test_candidates_stay_in_the_gap_behind_their_frame(decimation):
    task = tiny(decimation=decimation)
    inputs, _ = task.splits(0).test.batch(np.arange(2))
    found = task.network("points")(inputs)
    kept = 80 // decimation
    assert found.position.shape == (2, 8 * kept, 1)
    assert found.p.shape == (2, 8 * kept, 8)
    assert found.cell_size == decimation
    inside = found.position - found.cell
    assert (inside >= 0).all()
    assert (inside <= decimation).all()
    own = torch.eye(8).repeat(kept, 1).bool()
    assert (found.p[:, own] > 0).all()
    assert (found.p[:, ~own] == 0).all()


@pytest.mark.parametrize("decimation", [1, 16])
def test_points_may_lie_between_kept_frames(decimation):
    task = tiny(decimation=decimation)
    test = task.splits(0).test
    _, target = test.batch(np.arange(len(test)))
    p = 0.9 * torch.eye(8).expand(len(test), 8, 8)
    loss = create_loss("heatmap_matching")
    right = task.evaluate(Told(target.position, p), loss, test, {}).metrics
    assert right["accuracy"] == right["accuracy_1_frame"] == 1.0
    assert np.isnan(right["undecided"])
    near = task.evaluate(Told(target.position + 1.4, p), loss, test, {}).metrics
    assert near["accuracy_1_frame"] == 1.0
    far = task.evaluate(Told(target.position + 1.6, p), loss, test, {}).metrics
    assert far["accuracy_1_frame"] == 0.0


@pytest.mark.parametrize("upsampling", ["naive", "interpolation", "prediction"])
def test_events_have_a_probability_in_every_frame(upsampling):
    task = tiny(decimation=8, upsampling=upsampling)
    inputs, target = task.splits(0, "events").train.batch(np.arange(3))
    p = task.network("events")(inputs)
    assert p.shape == target.events.shape == (3, 8, 80)
    assert (p.sum(1) < 1).all()
    create_loss("cross_entropy", **EXCLUSIVE)(p, target).mean().backward()


def test_prediction_upsampling_gives_each_of_the_frames_its_own_probability():
    task = tiny(decimation=4, upsampling="prediction")
    network = task.network("events").eval()
    with torch.no_grad():
        network.output.bias.zero_()
        network.output.weight.zero_()
        network.output.bias[2 * 9 + 5] = 20.0  # third of four frames, sixth event
        inputs, _ = task.splits(0, "events").test.batch(np.arange(1))
        p = network(inputs)
    assert (p[0, 5].view(-1, 4)[:, 2] > 0.99).all()
    assert (p[0, 5].view(-1, 4)[:, [0, 1, 3]] < 0.2).all()


def test_what_does_not_go_together_is_skipped_with_a_reason():
    points, events = create_loss("heatmap_matching"), create_loss("cross_entropy", **EXCLUSIVE)
    for options in ({}, {"upsampling": "naive"}, {"upsampling": "interpolation"}):
        assert tiny(**options).skip(events) is None
    assert tiny().skip(points) is None
    assert "frames need no upsampling" in tiny(upsampling="naive").skip(points)
    assert "learns from counts" in tiny().skip(create_loss("poisson_binomial"))


def test_the_published_architecture_has_points_and_runs():
    task = tiny(architecture="thesis", decimation=8)
    network = task.network("points")
    found = network(torch.rand(1, 3, 3, 64, 64))
    assert found.position.shape == (1, 24, 1)
    found.p.sum().backward()


def test_other_decimations_and_heads_are_errors():
    with pytest.raises(UsageError, match="decimation"):
        tiny(decimation=3)
    with pytest.raises(UsageError, match="heads are 'points' and 'events'"):
        tiny().network("heatmap")
