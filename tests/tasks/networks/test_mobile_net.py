"""MobileNetV2: size and form as published, channels that expand and reduce."""

import torch

from tasks.networks.mobile_net import InvertedResidual, MobileNetV2


def test_a_vector_of_1280_for_each_image_whatever_its_side():
    network = MobileNetV2().eval()
    with torch.no_grad():
        assert network(torch.rand(2, 3, 64, 64)).shape == (2, 1280)
        assert network(torch.rand(1, 3, 160, 160)).shape == (1, 1280)


def test_weights_are_as_many_as_published():
    weights = sum(p.numel() for p in MobileNetV2().parameters())
    assert weights + 1280 * 1000 + 1000 == 3_504_872  # with the classifier of ImageNet


def test_the_input_is_added_where_it_fits():
    block = InvertedResidual(8, 8, 1, 6).eval()
    for layer in block.layers:
        if isinstance(layer, torch.nn.Conv2d):
            torch.nn.init.zeros_(layer.weight)
    image = torch.rand(1, 8, 5, 5)
    with torch.no_grad():
        torch.testing.assert_close(block(image), image)
    assert not InvertedResidual(8, 8, 2, 6).adds
    assert not InvertedResidual(8, 16, 1, 6).adds
