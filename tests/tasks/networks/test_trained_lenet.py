"""A LeNet is trained, kept as one vector, and attacked without being changed."""

from __future__ import annotations

import numpy as np
import torch

from tasks.networks.trained_lenet import Classifier, train_lenet, with_weights


def stripes(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Class 0 is bright on the left, class 1 on the right."""
    labels = np.arange(n) % 2
    images = np.random.default_rng(0).integers(0, 60, (n, 1, 16, 16)).astype(np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[:, :, 8 * label : 8 * label + 8] += 120
    return images, labels


def test_it_learns_and_comes_back_the_same() -> None:
    images, labels = stripes(64)
    trained = [
        train_lenet(images, labels, "lenet_1989", 30, np.random.default_rng(0)) for _ in "ab"
    ]
    np.testing.assert_array_equal(*trained)
    network = with_weights(trained[0], "lenet_1989", 1, 16)
    kept = torch.cat([weight.detach().flatten() for weight in network.parameters()]).numpy()
    np.testing.assert_array_equal(kept, trained[0])
    with torch.no_grad():
        seen = network(torch.from_numpy(images).float() / 255).argmax(-1).numpy()
    assert (seen == labels).mean() > 0.95


def test_a_bounded_classifier_sees_no_value_beyond_a_pixel_s_range() -> None:
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4, 2))
    images = torch.tensor([[[[0.2, 3.0], [-5.0, 0.7]]]], requires_grad=True)
    bounded, free = Classifier(network), Classifier(network, bounded=False)
    torch.testing.assert_close(bounded(images), free(images.clamp(0, 1)))
    assert not torch.allclose(bounded(images), free(images))
    assert not any(weight.requires_grad for weight in bounded.parameters())
    bounded(images)[0, 0].backward()
    assert images.grad is not None
    assert (images.grad != 0).tolist() == [[[[True, False], [False, True]]]]
