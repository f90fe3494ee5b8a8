"""Impulses with shifted labels: what is known of the data, and of what each loss learns."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from bench.execution.trainer import run
from bench.planning.trial import Trial
from bench.plugin import (
    Loss,
    NotFinite,
    OptionError,
    TrainSettings,
    create_loss,
    create_task,
    linear,
)
from tasks.metrics import optimal_filters as optimal
from tasks.shift import REACH, Shift

torch.set_num_threads(1)
CE = create_loss("cross_entropy")
ANSWERED = {
    "cross_entropy": {},
    "label_smoothing_ce": {"softness": 3},
    "label_smoothing_se": {"softness": 3},
    "soft_localization": {"softness": 3},
    "softloc": {"softness": 3, "weight_step": 1},
}


def places(split):
    return set(split.truth.time.tolist())


def network_of(values):
    network = Shift().network("events", CE)
    network.logits.data = torch.logit(torch.as_tensor(values), eps=1e-7).float()
    return network


def evaluated(task, loss, values):
    split = task.splits(0).test
    return task.evaluate(network_of(values), loss, split, {"threshold": 0.5})


def test_parts_have_places_of_their_own_far_from_the_ends():
    splits = Shift().splits(0)
    parts = [splits.train, splits.validation, splits.test]
    assert [len(part) for part in parts] == [16384, 8, 8]
    assert [len(places(part)) for part in parts] == [16, 8, 8]
    assert len(set.union(*map(places, parts))) == 32
    for part in parts:
        inputs, target = part.batch(np.arange(len(part)))
        assert torch.equal(inputs, target.events)
        assert (inputs.sum(-1) == 1).all()
        assert inputs[..., :REACH].sum() + inputs[..., -REACH:].sum() == 0


@pytest.mark.parametrize("kind", ["normal", "binary", "skewed"])
def test_training_labels_are_off_as_the_distribution_says_and_others_are_not(kind):
    task = Shift(noise=3, noise_kind=kind)
    splits = task.splits(0)
    labels = splits.train.target.events[:, 0]
    assert (labels.sum(-1) == 1).all()  # no label is lost
    off = labels.argmax(-1).numpy() - splits.train.truth.time.astype(int)
    found = np.bincount(off + REACH, minlength=2 * REACH + 1) / len(off)
    assert optimal.total_variation(found, task.errors) < 0.03
    for part in (splits.validation, splits.test):
        assert torch.equal(part.target.events, part.inputs)


def test_noise_scales_common_draws_and_replicates_differ():
    def off(noise, replicate=0):
        train = Shift(noise=noise).splits(replicate).train
        return train.target.events[:, 0].argmax(-1).numpy() - train.truth.time.astype(int)

    assert np.abs(off(4.0) - 2 * off(2.0)).max() <= 1  # rounding
    np.testing.assert_array_equal(off(2.0), off(2.0))
    assert not np.array_equal(off(2.0), off(2.0, replicate=1))


@pytest.mark.parametrize("name", ANSWERED)
def test_who_has_learned_the_known_answer_is_at_no_distance_from_it(name):
    task, loss = Shift(noise=3), create_loss(name, **ANSWERED[name])
    answer = task.theory(loss)
    found = evaluated(task, loss, answer)
    assert found.details["distance_to_theory"] == pytest.approx(0, abs=1e-4)
    metrics = found.metrics
    assert metrics["distance_to_impulse"] == pytest.approx(
        optimal.total_variation(answer, optimal.impulse(REACH)), abs=1e-4
    )
    assert metrics["peak"] == 0


def test_the_truth_a_constant_and_an_untrained_network():
    task = Shift(noise=3)
    truth = evaluated(task, CE, optimal.impulse(REACH)).metrics
    assert truth["distance_to_impulse"] == pytest.approx(0, abs=1e-4)
    assert truth["f1"] == 1
    assert truth["distance_to_errors"] == pytest.approx(1 - task.errors[REACH], abs=1e-4)
    even = evaluated(task, CE, np.full(2 * REACH + 1, 1 / (2 * REACH + 1))).metrics
    assert even["distance_to_impulse"] == pytest.approx(64 / 65, abs=1e-4)
    assert even["f1"] == 0
    torch.manual_seed(0)
    found = task.evaluate(task.network("events", CE), CE, task.splits(0).test, {"threshold": 0.5})
    assert found.metrics["distance_to_impulse"] == pytest.approx(0.61, abs=0.02)
    assert set(found.metrics) == {metric.name for metric in task.metrics}


def test_the_picture_is_kept():
    task, loss = Shift(noise=3, noise_kind="skewed"), create_loss("softloc", softness=3)
    series = json.loads(json.dumps(evaluated(task, loss, task.errors).details))["filter"]
    assert list(series) == ["learned", "theory"]
    assert series["learned"]["x"] == list(range(-16, 17))
    np.testing.assert_allclose(series["learned"]["y"], task.errors[16:-16], atol=2e-5)
    assert series["theory"]["y"][series["theory"]["x"].index(-2)] == 1


def test_other_losses_have_no_known_answer():
    task, loss = Shift(noise=3), create_loss("poisson_binomial")
    assert task.theory(loss) is None
    found = evaluated(task, loss, task.errors)
    assert "distance_to_theory" not in found.details
    assert list(found.details["filter"]) == ["learned"]


def test_the_smoothing_is_the_tasks():
    task = Shift(noise=3, smoothing=1)
    found = evaluated(task, CE, optimal.smoothed(task.errors, 1.0)).metrics
    assert found["distance_to_smoothed_errors"] == pytest.approx(0, abs=1e-4)
    assert found["distance_to_errors"] > 0.02


def test_a_filter_at_another_place_is_told_from_one_at_the_truth():
    task = Shift(noise=3)
    late = evaluated(task, CE, optimal.impulse(REACH, at=2)).metrics
    assert late["peak"] == 2
    assert late["distance_to_impulse"] == pytest.approx(1, abs=1e-4)


def test_what_trains_nothing_is_skipped_and_nan_is_refused():
    class Nothing(Loss):
        plugin_name = "nothing"
        trains = False

    assert Shift().skip(Nothing()) == "nothing learns no filter"
    assert Shift().skip(CE) is None
    with pytest.raises(NotFinite):
        evaluated(Shift(), CE, np.full(2 * REACH + 1, np.nan))
    with pytest.raises(OptionError, match="noise"):
        create_task("shift", noise=5)


@pytest.mark.parametrize(
    ("name", "closer", "further"),
    [("cross_entropy", "errors", "impulse"), ("softloc", "impulse", "errors")],
)
def test_a_short_training_comes_near_the_known_answer(name, closer, further):
    early = {"alpha": linear(0.2, 0.9, 0.15, 0.35)} if name == "softloc" else {}
    loss = create_loss(name, **ANSWERED[name], **early)
    settings = TrainSettings(**{**Shift.train.options(), "steps": 500, "device": "cpu"})
    found = run(Trial(Shift(noise=3), loss, settings, "laptop", 100, "events"))
    assert found.details["distance_to_theory"] < 0.1
    metrics = found.metrics
    assert metrics[f"distance_to_{closer}"] < metrics[f"distance_to_{further}"]
