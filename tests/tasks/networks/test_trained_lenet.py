"""A LeNet is trained, kept as one vector, and attacked without being changed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from tasks.networks.trained_lenet import Classifier, train_lenet


def stripes(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Class 0 is bright on the left, class 1 on the right."""
    labels = np.arange(n) % 2
    images = np.random.default_rng(0).integers(0, 60, (n, 1, 16, 16)).astype(np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[:, :, 8 * label : 8 * label + 8] += 120
    return images, labels


def test_it_learns_and_comes_back_the_same() -> None:
    images, labels = stripes(64)
    draws = [np.random.default_rng(0) for _ in "ab"]
    trained = [train_lenet(images, labels, "lenet_1989", 30, draw) for draw in draws]
    np.testing.assert_array_equal(*trained)
    classifier = Classifier(torch.from_numpy(trained[0]), "lenet_1989", 1, 16)
    kept = torch.cat([weight.flatten() for weight in classifier.network.parameters()]).numpy()
    np.testing.assert_array_equal(kept, trained[0])
    seen = classifier(torch.from_numpy(images).float() / 255).argmax(-1).numpy()
    assert (seen == labels).mean() > 0.95


def test_a_bounded_classifier_sees_no_value_beyond_a_pixel_s_range() -> None:
    size = 312 + 3_612 + 5_790 + 310
    weights = 0.3 * torch.randn(size, generator=torch.Generator().manual_seed(0))
    bounded = Classifier(weights, "lenet_1989", 1, 16)
    free = replace(bounded, bounded=False)
    images = 0.5 + torch.randn(1, 1, 16, 16, generator=torch.Generator().manual_seed(1))
    images.requires_grad_()
    torch.testing.assert_close(bounded(images), free(images.clamp(0, 1)))
    assert not torch.allclose(bounded(images), free(images))
    bounded(images)[0, 0].backward()
    assert images.grad is not None
    inside = (images > 0) & (images < 1)
    assert torch.equal(images.grad != 0, inside)


def test_it_moves_to_a_device_and_keeps_its_type() -> None:
    weights = torch.zeros(312 + 3_612 + 5_790 + 310)
    classifier = Classifier(weights, "lenet_1989", 1, 16)
    assert classifier.to("cpu", dtype=torch.float64) is classifier
    moved = classifier.to("meta")
    assert moved.weights.device.type == "meta"
    assert classifier.to(torch.device("meta")) is moved


@pytest.mark.parametrize("side", [16, 32])
def test_with_a_gradient_it_is_the_same_function(side: int) -> None:
    size = 312 + 3_612 + 30 * (12 * (side // 4) ** 2 + 1) + 310
    weights = 0.2 * torch.randn(size, generator=torch.Generator().manual_seed(0))
    classifier = Classifier(weights, "lenet_1989", 1, side)
    images = torch.rand(3, 1, side, side, generator=torch.Generator().manual_seed(1))
    plain, leaf = images.clone().requires_grad_(), images.clone().requires_grad_()
    torch.testing.assert_close(classifier(leaf), classifier(images))
    classifier(leaf).square().sum().backward()
    classifier.network(plain).square().sum().backward()
    torch.testing.assert_close(leaf.grad, plain.grad, atol=1e-5, rtol=1e-4)


def test_making_it_draws_nothing() -> None:
    torch.manual_seed(3)
    before = torch.random.get_rng_state()
    images = torch.rand(1, 1, 16, 16, generator=torch.Generator(), requires_grad=True)
    Classifier(torch.zeros(312 + 3_612 + 5_790 + 310), "lenet_1989", 1, 16)(images)
    assert torch.equal(torch.random.get_rng_state(), before)
