"""What the gallery of attacks shows, and how it is captioned."""

from __future__ import annotations

import numpy as np
import torch

from tasks.metrics.attack_gallery import GAP, gallery
from tasks.metrics.attack_outcomes import Outcomes, outcomes


def classifier(images: torch.Tensor) -> torch.Tensor:
    return torch.stack([torch.zeros(len(images)), 9 * images.mean((1, 2, 3)) - 1], -1)


def test_two_of_each_kind_left_before_and_right_after() -> None:
    before = np.zeros((5, 1, 4, 4), np.uint8)
    bright, label = before.copy(), np.zeros(5, np.int64)
    bright[:, :, :2, 1] = 255
    ours = bright.copy()
    ours[3:] = 0  # two attacks that change nothing

    def of(after: np.ndarray) -> Outcomes:
        return outcomes(before, after, label, classifier, 2)

    shown = gallery(before, of(before), of(ours), of(bright), ("cat", "dog"))
    captions = list(shown)
    assert len(captions) == 4
    assert captions[0].startswith("0. cat [73 %] → dog [")
    assert captions[0].endswith("by 2 px, evolution dog")
    assert captions[2].startswith("3. missed: cat [73 %] → cat [73 %], evolution dog")
    picture = np.array(shown[captions[1]])
    assert picture.shape == (4, 8 + GAP)
    np.testing.assert_array_equal(picture[:, :4], before[1, 0])
    np.testing.assert_array_equal(picture[:, 4 + GAP :], ours[1, 0])
    assert (picture[:, 4 : 4 + GAP] == 255).all()


def test_coloured_pictures_have_three_values_a_pixel() -> None:
    before = np.zeros((1, 3, 4, 4), np.uint8)
    after = before.copy()
    after[0, 2] = 255
    found = [
        outcomes(before, images, np.zeros(1, np.int64), classifier, 16)
        for images in (before, after)
    ]
    [picture] = gallery(before, found[0], found[1], found[0], ("a", "b")).values()
    assert np.shape(picture) == (4, 8 + GAP, 3)
    assert picture[0][-1] == [0, 0, 255]
