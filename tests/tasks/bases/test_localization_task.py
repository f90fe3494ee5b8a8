"""What the bases share: simulated parts, and which output is evaluated."""

import numpy as np
import pytest
import torch

from bench.plugin import InstanceTarget, Loss, Metric
from tasks.bases import Inference, LocalizationTask


class Dots(LocalizationTask):
    plugin_name = "dots"
    metrics = (Metric("shown", "max"),)

    def sizes(self):
        return 5, 3, 4

    def simulate(self, draw, n):
        return draw.standard_normal((n, 2)), draw.integers(0, 9, n)

    def training_labels(self, truth, replicate):
        return truth + 100

    def target(self, truth, head):
        return InstanceTarget(torch.from_numpy(truth))

    def baseline(self, name, split):
        return torch.full((len(split), 1), 0.25)


def test_parts_have_their_sizes_and_only_training_labels_are_spoilt():
    splits = Dots().splits(0, "instances")
    assert [len(part) for part in (splits.train, splits.validation, splits.test)] == [5, 3, 4]
    assert (splits.train.target.count == torch.from_numpy(splits.train.truth) + 100).all()
    assert (splits.test.target.count == torch.from_numpy(splits.test.truth)).all()
    assert splits.train.inputs.dtype == torch.float32


def test_parts_replicates_and_tasks_are_drawn_apart_and_nothing_else_is():
    class Others(Dots):
        plugin_name = "others"

    np.random.seed(0)  # noqa: NPY002 - what must not matter
    tasks = (Dots(), 0), (Dots(), 1), (Others(), 0)
    parts = [part for task, r in tasks for part in vars(task.splits(r, "instances")).values()]
    drawn = [part.inputs[:3] for part in parts if part is not None]
    assert len({values.numpy().tobytes() for values in drawn}) == 9
    again = Dots().splits(0, "instances")
    assert torch.equal(again.train.inputs[:3], drawn[0])


def test_inputs_of_whole_numbers_stay_so():
    class Numbers(Dots):
        def simulate(self, draw, n):
            return np.arange(n), draw.integers(0, 9, n)

    assert Numbers().splits(0, "instances").test.inputs.dtype == torch.int64


def test_networks_are_predicted_with_and_methods_without_training_are_asked(recorded, plain):
    class Ensemble(Dots):
        def predict(self, network, loss, split):
            return Inference([torch.ones(4, 1)], [split.target], 0.5)

    class Method(Loss):
        trains = False

    split = Dots().splits(0, "instances").test
    network = recorded(torch.zeros(4, 1))
    assert Ensemble().infer(network, plain, split).outputs[0].tolist() == [[1.0]] * 4
    found = Ensemble().infer(None, Method(), split)
    assert found.outputs[0].tolist() == [[0.25]] * 4
    assert torch.equal(found.targets[0].count, split.target.count)


def test_only_declared_metrics_are_reported():
    assert Dots().declared({"shown": 1.0, "hidden": 2.0}) == {"shown": 1.0}


def test_a_task_without_data_says_so():
    with pytest.raises(NotImplementedError):
        LocalizationTask().splits(0, "instances")
