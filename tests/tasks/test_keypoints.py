"""The keypoints task: what is measured, what who knows nothing or all scores, original data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from bench.plugin import NotFinite, UsageError, create_loss, create_task
from tasks.data.original.human36m import FILES
from tasks.keypoints import FALLOFF, ROOT_AREA, sureness

LOSS = create_loss("soft_argmax")


def tiny(**options: Any) -> Any:
    return create_task("keypoints", size="tiny", **options)


class Told(torch.nn.Module):
    """Maps that are Gaussians around what it was told, sample by sample."""

    def __init__(self, position: np.ndarray, width: np.ndarray | float, cells: int = 12) -> None:
        super().__init__()
        self.position = torch.nn.Parameter(torch.from_numpy(np.nan_to_num(position)))
        self.width = torch.from_numpy(np.broadcast_to(width, position.shape[:2]).copy())
        self.cells, self.row = cells, 0

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        rows = slice(self.row, self.row + len(images))
        self.row = (self.row + len(images)) % len(self.position)
        place = torch.arange(self.cells) + 0.5
        away = (place - self.position[rows][..., None]) ** 2
        squares = away[:, :, 0, :, None] + away[:, :, 1, None, :]
        return -squares / (2 * self.width[rows][..., None, None] ** 2)


def scored(task: Any, split: Any, position: np.ndarray, width: np.ndarray | float = 0.5) -> Any:
    return task.evaluate(Told(position, width), LOSS, split, {})


def test_what_an_oracle_a_constant_and_chance_score() -> None:
    """Source of these numbers in docs/tasks/keypoints.md: shown with ``pytest -rP``."""
    task = create_task("keypoints")
    splits = task.splits(0)
    truth = splits.test.truth
    middle = np.nanmean(splits.train.truth, axis=0)
    others = np.roll(truth, 1, axis=0)
    swapped = truth[:, [0, 1, 3, 2, 5, 4]]
    swapped = np.where(np.isnan(swapped), truth, swapped)
    cells = np.floor(truth) + 0.5
    outputs = {
        "oracle": truth, "the cell of each": cells, "left and right exchanged": swapped,
        "constant: the mean place": np.broadcast_to(middle, truth.shape),
        "chance: another figure's": others,
    }  # fmt: skip
    found = {}
    for name, position in outputs.items():
        found[name] = scored(task, splits.test, position).metrics
        print(name, {metric: round(value, 3) for metric, value in found[name].items()})
    oracle, cell, exchanged, constant, chance = found.values()
    assert oracle["ap"] > 0.99
    assert oracle["error"] < 0.02
    assert 0.4 < cell["ap"] < 0.6  # who knows cells only is short of the stricter thresholds
    assert exchanged["ap"] < 0.1
    assert constant["ap"] < 0.01
    assert chance["ap"] < 0.01
    assert abs(chance["calibration"]) < 0.1
    assert abs(exchanged["calibration"]) < 0.1


def test_certainty_that_ranks_errors_is_calibrated() -> None:
    task = tiny()
    split = task.splits(0).test
    draw = np.random.default_rng(0)
    width = draw.uniform(0.3, 1.5, split.truth.shape[:2])
    position = split.truth + width[..., None] * np.sign(draw.normal(size=split.truth.shape)) * 0.4
    right = scored(task, split, position, width).metrics
    wrong = scored(task, split, position, 1.8 - width).metrics
    assert right["calibration"] > 0.8
    assert right["calibration_spread"] > 0.8
    assert wrong["calibration"] < -0.5
    assert wrong["calibration_spread"] < -0.5


def test_average_precision_ranks_figures_by_their_peaks() -> None:
    task = tiny()
    split = task.splits(0).test
    good = np.arange(len(split)) % 2 == 0
    position = np.where(good[:, None, None], split.truth, split.truth + 4)
    width = np.where(good, 0.3, 1.5)[:, None]
    ranked = scored(task, split, position, width).metrics["ap"]
    reverse = scored(task, split, position, 1.8 - width).metrics["ap"]
    assert ranked > reverse + 0.1


def test_errors_are_shares_of_a_scale_that_follows_from_head_and_hip() -> None:
    task = tiny()
    split = task.splits(0).test
    scale = task.scales(split, split.truth)
    stature = np.linalg.norm(split.truth[:, 0] - split.truth[:, 1], axis=-1) / 0.41
    np.testing.assert_allclose(scale, ROOT_AREA * stature)
    found = task.evaluate(Told(split.truth + np.array([0.0, 0.5]), 0.4), LOSS, split, {})
    expected = 0.5 / np.broadcast_to(scale[:, None], split.truth.shape[:2])
    labelled = np.isfinite(split.truth).all(-1)
    assert found.metrics["error"] == pytest.approx(expected[labelled].mean(), rel=0.1)
    assert len(FALLOFF) == split.truth.shape[1]


def test_sureness_is_the_mean_and_the_largest_peak() -> None:
    assert sureness(np.array([[0.2, 0.4, 0.9]])).tolist() == [pytest.approx(1.4)]


def test_sizes_replicates_and_labels() -> None:
    task = create_task("keypoints")
    first, again, second = (tiny().splits(replicate) for replicate in (0, 0, 1))
    assert [len(part) for part in (first.train, first.validation, first.test)] == [200, 60, 60]
    assert torch.equal(first.train.inputs, again.train.inputs)
    assert not torch.equal(first.train.inputs, second.train.inputs)
    images, target = first.train.batch(np.arange(4))
    assert images.dtype == torch.uint8
    assert images.shape == (4, 1, 48, 48)
    assert target.position.shape == (4, 6, 2)
    assert task.data_name == "rendered figures"
    assert task.resampled == 0.0


@pytest.mark.parametrize(
    "options",
    [{}, {"images": "large", "architecture": "published"}],
    ids=["laptop", "paper"],
)
def test_networks_fit_the_images_forward_and_backward(options: dict[str, Any]) -> None:
    task = tiny(**options)
    side = 256 if options else 48
    images = torch.randint(0, 256, (2, 1, side, side), dtype=torch.uint8)
    torch.manual_seed(0)
    network = task.network("heatmap", LOSS)
    maps = network(images)
    assert maps.shape == (2, 6, side // 4, side // 4)
    maps.square().mean().backward()
    assert all(weight.grad is not None for weight in network.parameters())


def test_output_that_is_not_finite_is_refused() -> None:
    task = tiny()
    split = task.splits(0).test
    with pytest.raises(NotFinite):
        scored(task, split, split.truth, float("nan"))


def test_options() -> None:
    with pytest.raises(UsageError, match="head 'heatmap', not 'points'"):
        tiny().network("points")
    keys = {tiny(**o).data_version for o in ({}, {"images": "large"})}
    assert len(keys) == 2


def test_faces_are_read_prepared_and_scored(tmp_path: Path) -> None:
    import cv2

    (tmp_path / "AFLW").mkdir()
    draw, lines = np.random.default_rng(0), []
    for k in range(30):
        cv2.imwrite(str(tmp_path / "AFLW" / f"{k}.jpg"), draw.integers(0, 255, (64, 64, 3)))
        x, y = np.array([20, 44, 32, 24, 40]), np.array([24, 24, 36, 48, 48])
        points = " ".join(map(str, [*(x + draw.integers(0, 4, 5)), *(y + draw.integers(0, 4, 5))]))
        lines.append(f"AFLW\\{k}.jpg {points} 1 1 1 {1 + k % 3}")
    (tmp_path / "training.txt").write_text("\r\n".join(lines))
    (tmp_path / "testing.txt").write_text("\r\n".join(lines[:9]))
    with pytest.raises(UsageError, match="MTFL has 10,000 faces"):
        create_task("keypoints", corpus="mtfl", root=str(tmp_path)).check_data()
    task = create_task("keypoints", corpus="mtfl", root=str(tmp_path), allow_partial=True)
    task.check_data()
    assert task.data_name == "MTFL (partial)"
    splits = task.splits(0)
    assert [len(part) for part in (splits.train, splits.validation, splits.test)] == [28, 2, 9]
    network = task.network("heatmap", LOSS)
    images, target = splits.train.batch(np.arange(4), np.random.default_rng(0))
    assert LOSS(network(images), target).isfinite().all()
    truth = splits.test.batch(np.arange(9))[1].position.double().numpy()
    found = task.evaluate(Told(truth, 0.4, cells=16), LOSS, splits.test, {})
    assert found.metrics["error"] < 0.02
    assert found.metrics["ap"] > 0.9
    assert set(found.details["error_by_group"]) == {"1", "2", "3"}
    assert found.details["left_out"] == {"training": {}, "testing": {}}
    aside = Told(truth + np.array([0.0, 1.0]), 0.4, cells=16)
    shifted = task.evaluate(aside, LOSS, splits.test, {})
    eyes = np.linalg.norm(truth[:, 0] - truth[:, 1], axis=-1)
    assert shifted.metrics["error"] == pytest.approx((1 / eyes).mean(), rel=0.02)


def test_persons_are_scored_by_the_tool_of_coco(tmp_path: Path) -> None:
    import json

    import cv2

    draw = np.random.default_rng(0)
    (tmp_path / "annotations").mkdir()
    for part in ("train", "val"):
        (tmp_path / f"{part}2017").mkdir()
        images, rows = [], []
        for k in range(1, 7):
            name = f"{k:012d}.jpg"
            cv2.imwrite(str(tmp_path / f"{part}2017" / name), draw.integers(0, 255, (96, 90, 3)))
            images.append({"id": k, "file_name": name, "width": 90, "height": 96})
            points = np.column_stack([draw.integers(25, 65, (17, 2)), np.full(17, 2)])
            rows.append({
                "id": k, "image_id": k, "category_id": 1, "iscrowd": 0, "area": 1600.0,
                "bbox": [20.0, 20.0, 50.0, 55.0], "num_keypoints": 17,
                "keypoints": points.ravel().tolist(),
            })  # fmt: skip
        content = {"images": images, "annotations": rows, "categories": [{"id": 1}]}
        path = tmp_path / "annotations" / f"person_keypoints_{part}2017.json"
        path.write_text(json.dumps(content))
    task = create_task("keypoints", root=str(tmp_path), allow_partial=True)
    task.check_data()
    assert task.data_name == "COCO keypoints (partial)"
    splits = task.splits(0)
    images, target = splits.test.batch(np.arange(6))
    assert images.shape == (6, 3, 64, 48)
    assert task.network("heatmap", LOSS)(images).shape == (6, 17, 16, 12)
    truth = target.position.double().numpy()

    class Sharp(Told):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return super().forward(images)[..., :12]

    found = task.evaluate(Sharp(truth, 0.4, cells=16), LOSS, splits.test, {})
    assert found.metrics["ap"] > 0.9
    assert found.metrics["error"] < 0.03
    away = task.evaluate(Sharp(truth + 3, 0.4, cells=16), LOSS, splits.test, {})
    assert away.metrics["ap"] < 0.05


def test_joints_in_space_are_scored_in_millimetres(tmp_path: Path) -> None:
    import json

    import cv2

    draw = np.random.default_rng(0)
    (tmp_path / "annotations").mkdir()
    (tmp_path / "images").mkdir()
    camera = {"R": np.eye(3).tolist(), "t": [0, 0, 0], "f": [1100, 1150], "c": [500, 510]}
    for name in FILES.values():
        images, rows = [], []
        for k in range(6):
            file = f"s_01_act_0{2 + k % 2}_{k}.jpg"
            cv2.imwrite(str(tmp_path / "images" / file), draw.integers(0, 255, (1000, 1002, 3)))
            joints = np.array([50.0, -80.0, 5000.0]) + draw.normal(0, 250, (17, 3))
            box = [500 + 11 - 150, 510 - 18 - 150, 300, 300]
            images.append({"file_name": file, "width": 1002, "height": 1000})
            rows.append({"keypoints_world": joints.tolist(), "cam_param": camera, "bbox": box})
        content = {"images": images, "annotations": rows}
        (tmp_path / "annotations" / name).write_text(json.dumps(content))
    task = create_task("keypoints", corpus="human36m", root=str(tmp_path))
    task.check_data()
    assert task.data_name == "Human3.6M"
    split = task.splits(0).test
    images, target = split.batch(np.arange(6))
    assert target.grid == (8, 16, 16)
    truth = target.position.double().numpy()
    np.testing.assert_allclose(split.in_space(truth), split.views.joint, atol=0.2)
    torch.manual_seed(0)
    network = task.network("heatmap", LOSS)
    assert network(images).shape == (6, 17, 8, 16, 16)
    _, batch = task.splits(0).train.batch(np.arange(4), np.random.default_rng(0))
    assert LOSS(network(images[:4]), batch).isfinite().all()
    found = task.evaluate(network, LOSS, split, {})
    expected = task.detect(network, LOSS, split)
    assert found.metrics["mpjpe"] > found.metrics["pa_mpjpe"] > 10
    space = split.in_space(expected.position) - split.in_space(expected.position)[:, :1]
    joints = split.views.joint - split.views.joint[:, :1]
    by_hand = np.linalg.norm(space - joints, axis=-1).mean()
    assert found.metrics["mpjpe"] == pytest.approx(by_hand)
    assert set(found.details["error_by_group"]) == {"2", "3"}
