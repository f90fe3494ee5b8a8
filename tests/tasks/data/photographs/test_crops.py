"""Crops: positions and pixels move together, and maps go back."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from bench.plugin import UsageError
from tasks.data.photographs.crops import crop_map, cropped, inverse, mapped, read_photograph


def blob(place: np.ndarray, height: int = 90, width: int = 120) -> np.ndarray:
    """A photograph with a soft spot at ``(x, y)``, pixel i covering [i, i + 1)."""
    rows, columns = np.indices((height, width)) + 0.5
    away = (columns - place[0]) ** 2 + (rows - place[1]) ** 2
    return np.repeat((250 * np.exp(-away / 12))[..., None], 3, 2).astype(np.uint8)


def middle(image: np.ndarray) -> np.ndarray:
    light = image[..., 0].astype(float)
    rows, columns = np.indices(light.shape) + 0.5
    return np.array([(light * columns).sum(), (light * rows).sum()]) / light.sum()


@pytest.mark.parametrize(("height", "angle", "flipped"), [
    (80.0, 0.0, False), (40.0, 0.0, False), (80.0, 0.6, False), (80.0, -0.4, True),
    (60.0, 0.0, True),
])  # fmt: skip
def test_a_spot_lies_in_the_crop_where_the_map_says(
    height: float, angle: float, flipped: bool
) -> None:
    place = np.array([63.3, 41.8])
    matrix = crop_map(np.array([60.0, 45.0]), height, (64, 48), angle, flipped)
    crop = cropped(blob(place), matrix, (64, 48))
    assert crop.shape == (64, 48, 3)
    np.testing.assert_allclose(middle(crop), mapped(place, matrix), atol=0.1)
    np.testing.assert_allclose(mapped(mapped(place, matrix), inverse(matrix)), place)


def test_flipping_takes_x_to_the_width_minus_x() -> None:
    centre, place = np.array([60.0, 45.0]), np.array([[51.0, 20.0], [70.5, 60.0]])
    plain, turned = (mapped(place, crop_map(centre, 80, (64, 48), 0, f)) for f in (False, True))
    np.testing.assert_allclose(turned[:, 0], 48 - plain[:, 0])
    np.testing.assert_allclose(turned[:, 1], plain[:, 1])


def test_red_comes_first_and_a_note_on_rotation_is_not_followed(tmp_path: Path) -> None:
    red = np.zeros((2, 4, 3), np.uint8)
    red[..., 2] = 255  # OpenCV has blue first
    plain = tmp_path / "a.jpg"
    cv2.imwrite(str(plain), red)
    pixels = plain.read_bytes()
    note = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    turned = tmp_path / "b.jpg"
    turned.write_bytes(
        pixels[:2] + b"\xff\xe1" + (len(note) + 2).to_bytes(2, "big") + note + pixels[2:]
    )
    for path in (plain, turned):
        image = read_photograph(path)
        assert image.shape == (2, 4, 3)
        assert image[..., 0].min() > 200
        assert image[..., 2].max() < 60


def test_a_damaged_photograph_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8 cut off")
    for name in ("a.jpg", "none.jpg"):
        with pytest.raises(UsageError, match=f"{name}' is missing or cannot be read as an image"):
            read_photograph(tmp_path / name)
