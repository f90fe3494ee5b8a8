"""The base of event tasks: what an oracle scores, noise, padding, baselines, NaN."""

from typing import Annotated

import numpy as np
import pytest
import torch

from bench.plugin import EventTarget, Ge, Loss, NotFinite, TensorSplit, Unit
from tasks.bases import Events, EventsTask, event_metrics, timing_metrics

SAMPLES = 300  # more than one batch of inference


class Clicks(EventsTask):
    """Sample i has the input i; two channels of events on a grid of 10 ms."""

    plugin_name = "clicks"
    step, bins = 0.01, 100
    channels = ("left", "right")
    metrics = (*event_metrics("left", "right"), *timing_metrics())
    noise: Annotated[float, Unit("s"), Ge(0)] = 0.0

    def sizes(self):
        return 40, 30, SAMPLES

    def simulate(self, draw, n):
        count = 4 * n
        where = draw.integers(0, n, count), draw.integers(0, 2, count)
        return np.arange(n), Events(*where, draw.uniform(0, 1, count), n, 2)

    def training_labels(self, truth, replicate):
        return self.jittered(truth, replicate, self.noise)

    def baseline(self, name, split):
        return split.target.events * (0.9 if name == "oracle" else float("nan"))


def labels(split):
    return split.target.events.clamp(max=1) * 0.9 + 0.01


def scored(task, network, loss, split):
    return task.evaluate(network, loss, split, task.calibrate(network, loss, split))


def test_the_truth_scores_best_and_a_shifted_one_less(recorded, plain):
    task = Clicks()
    split = task.splits(0, "events").test
    right = scored(task, recorded(labels(split)), plain, split)
    assert right.metrics["recall"] > 0.97  # two events of one bin give one detection
    assert right.metrics["precision"] == 1.0
    assert abs(right.metrics["timing_error"]) < 0.001  # bins stand for their centres
    assert right.metrics["timing_distance"] < 0.005
    for shift in (-7, 7):
        moved = scored(task, recorded(labels(split).roll(shift, -1)), plain, split)
        assert moved.metrics["f1"] < 0.6
    late = scored(task, recorded(labels(split).roll(2, -1)), plain, split)
    assert late.metrics["timing_error"] == pytest.approx(0.02, abs=0.003)


def test_the_order_of_samples_does_not_matter(recorded, plain):
    task = Clicks()
    split = task.splits(0, "events").test
    noisy = labels(split) * torch.rand(split.target.events.shape)
    found = scored(task, recorded(noisy), plain, split)
    order = np.random.default_rng(0).permutation(SAMPLES)
    place = np.argsort(order)
    truth = Events(place[split.truth.sample], split.truth.channel, split.truth.time, SAMPLES, 2)
    other = type(split)(split.inputs[order], EventTarget(split.target.events[order], 0.01), truth)
    again = scored(task, recorded(noisy), plain, other)
    counts = [name for name in found.metrics if not name.startswith("timing")]
    assert {name: again.metrics[name] for name in counts} == pytest.approx(
        {name: found.metrics[name] for name in counts}, rel=1e-9
    )
    for name, values in found.samples.items():
        np.testing.assert_array_equal(np.array(values)[order], again.samples[name])


def test_noise_moves_training_labels_alone_and_in_proportion():
    parts = [Clicks(noise=noise).splits(3, "events") for noise in (0.0, 0.05)]
    clean, noisy = parts
    assert not torch.equal(clean.train.target.events, noisy.train.target.events)
    before, after = (part.train.target.counts.sum() for part in parts)
    assert 0.9 * before < after < before  # labels that leave their sample are lost
    for part in ("validation", "test"):
        ours, theirs = (getattr(p, part).target.events for p in parts)
        assert torch.equal(ours, theirs)
    truth = clean.train.truth
    task = Clicks()
    truth = truth.only((truth.time > 0.02) & (truth.time < 0.98))
    moves = [task.jittered(truth, 3, noise).time - truth.time for noise in (0.001, 0.002)]
    np.testing.assert_allclose(moves[1], 2 * moves[0], atol=1e-12)


def test_data_depend_on_replicate_and_part_alone():
    first, again, other = (Clicks().splits(r, "events") for r in (0, 0, 1))
    np.testing.assert_array_equal(first.test.truth.time, again.test.truth.time)
    assert not np.array_equal(first.test.truth.time, other.test.truth.time)
    assert not np.array_equal(first.train.truth.time[:100], first.test.truth.time[:100])


def test_labels_lie_in_the_bins_of_from_times():
    truth = Clicks().splits(0, "events").test.truth
    nested = [
        [truth.time[(truth.sample == s) & (truth.channel == c)] for c in range(2)]
        for s in range(SAMPLES)
    ]
    expected = EventTarget.from_times(nested, 0.01, 100)
    assert torch.equal(torch.from_numpy(truth.on_grid(0.01, 100)), expected.events)


def test_without_exact_times_labels_are_at_the_centres_of_their_bins(recorded, plain):
    events = torch.zeros(3, 2, 100)
    events[torch.arange(3), torch.tensor([0, 1, 1]), torch.tensor([5, 50, 99])] = 1
    split = TensorSplit(torch.arange(3), EventTarget(events, 0.01))
    found = scored(Clicks(), recorded(events * 0.9), plain, split)
    assert (found.metrics["f1"], found.metrics["timing_distance"]) == (1.0, 0.0)


def test_padding_holds_no_detections(recorded, plain):
    events = torch.zeros(2, 2, 100)
    events[:, :, 10] = 1
    mask = torch.arange(100).expand(2, -1) < 50
    split = TensorSplit(torch.arange(2), EventTarget(events, 0.01, mask=mask))
    found = scored(Clicks(), recorded((events + ~mask[:, None]) * 0.9), plain, split)
    assert found.metrics["precision"] == 1.0


def test_a_method_without_training_is_evaluated_on_its_output():
    class Method(Loss):
        trains = False

    class Oracle(Method):
        plugin_name = "oracle"

    split = Clicks().splits(0, "events").test
    assert scored(Clicks(), None, Oracle(), split).metrics["precision"] == 1.0
    with pytest.raises(NotFinite):
        Clicks().calibrate(None, Method(), split)


def test_where_nothing_matches_timing_is_undefined_and_the_rest_is_zero(recorded, plain):
    task = Clicks()
    split = task.splits(0, "events").test
    network = recorded(torch.zeros(SAMPLES, 2, 100))
    metrics = task.evaluate(network, plain, split, {"threshold": 0.5}).metrics
    assert np.isnan(metrics.pop("timing_error"))
    assert np.isnan(metrics.pop("timing_distance"))
    assert np.isnan(metrics.pop("undecided"))
    assert set(metrics.values()) == {0.0}
    optional = {m.name for m in task.metrics if m.optional}
    assert optional == {"timing_error", "timing_distance", "undecided"}


def test_a_task_reports_what_it_declares_and_may_add_to_it(recorded, plain):
    class Counting(Clicks):
        metrics = (*event_metrics()[:1], *timing_metrics()[:1])

        def measures(self, matches):
            return {**super().measures(matches), "timing_error": 7.0}

    split = Counting().splits(0, "events").test
    found = scored(Counting(), recorded(labels(split)), plain, split)
    assert set(found.metrics) == {"f1", "timing_error"}
    assert found.metrics["timing_error"] == 7.0
