"""Whether prediction and target of a built-in head have shapes that fit; no value is looked at.

Each check takes the prediction, the target and `Loss.upsampling_factor`: cells of the prediction
along a cell of the input grid. They raise `Mismatch`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.plugin.heatmap_target import HeatmapTarget
from bench.plugin.mismatch import (
    Mismatch,
    expect_bool,
    expect_floating,
    expect_integer,
    expect_shape,
)

if TYPE_CHECKING:
    from torch import Tensor

    from bench.plugin.attack_head import AttackPrediction, AttackTarget
    from bench.plugin.event_target import EventTarget
    from bench.plugin.instance_target import InstanceTarget
    from bench.plugin.point_head import PointPrediction, PointTarget


def events(prediction: Tensor, target: EventTarget, upsampling: int) -> None:
    """``(batch, channel, time · upsampling)`` for labels ``(batch, channel, time)``."""
    expect_shape("prediction", prediction, ("batch", "channel", "time"))
    expect_floating("prediction", prediction)
    located, counts, mask = target.events, target.known_counts, target.mask
    if located is None and counts is None:
        raise Mismatch("target", "has neither events nor known_counts", "one of them")
    if located is not None:
        expect_shape("target.events", located, ("batch", "channel", "time"))
        labels = tuple(located.shape)
        due = (*labels[:2], labels[2] * upsampling)
        expect_shape("prediction", prediction, due, _for(f"target.events {labels}", upsampling))
    batch, channel = prediction.shape[:2]
    if counts is not None:
        expect_shape("target.known_counts", counts, (batch, channel), " as in the prediction")
        expect_integer("target.known_counts", counts)
    if mask is not None:
        expect_shape("target.mask", mask, (batch, "time"), " as in the prediction")
        expect_bool("target.mask", mask)
        due = (batch, channel, mask.shape[1] * upsampling)
        meaning = _for(f"target.mask {tuple(mask.shape)}", upsampling)
        expect_shape("prediction", prediction, due, meaning)
    if target.softness is not None:
        given = getattr(target.softness, "shape", ())
        due = (batch,) if len(given) == 1 else (batch, channel)
        expect_shape("target.softness", target.softness, due, " as in the prediction")


def points(prediction: PointPrediction, target: PointTarget, upsampling: int) -> None:
    """``position (batch, n, dim)`` and ``p (batch, n, channel)`` for labels ``(batch, m, dim)``."""
    position, p, cell = prediction.position, prediction.p, prediction.cell
    expect_shape("prediction.position", position, ("batch", "n", "dim"))
    batch, n, dim = position.shape
    expect_floating("prediction.position", position)
    expect_shape("prediction.p", p, (batch, n, "channel"), " as in prediction.position")
    expect_floating("prediction.p", p)
    if cell is not None:
        expect_shape("prediction.cell", cell, (n, dim), " as in prediction.position")
    _labelled_points(target, batch, dim, p.shape[2], " as in prediction.position")


def heatmap(prediction: Tensor, target: HeatmapTarget | PointTarget, upsampling: int) -> None:
    """``(batch, keypoint, *grid · upsampling)`` for one coordinate or several points a map."""
    if getattr(prediction, "ndim", 0) < 3:
        expect_shape("prediction", prediction, ("batch", "keypoint", "*grid"))
    expect_floating("prediction", prediction)
    (batch, maps), dim = prediction.shape[:2], prediction.ndim - 2
    if isinstance(target, HeatmapTarget):
        expect_shape("target.position", target.position, ("batch", "keypoint", "dim"))
        keypoints = target.position.shape[1]
        if (batch, maps) != tuple(target.position.shape[:2]):
            due = (*target.position.shape[:2], *prediction.shape[2:])
            expect_shape("prediction", prediction, due, f" for {keypoints} keypoints")
        _dimensions(target.position, dim, _for_map(dim))
        if target.mask is not None:
            expect_shape("target.mask", target.mask, (batch, maps), " as in target.position")
            expect_bool("target.mask", target.mask)
    else:
        _labelled_points(target, batch, dim, maps, _for_map(dim))
    _grid(prediction, target.grid, upsampling)


def instances(prediction: Tensor, target: InstanceTarget, upsampling: int) -> None:
    """``(batch, n)``, and as many labels and a count of each sample."""
    expect_shape("prediction", prediction, ("batch", "n"))
    expect_floating("prediction", prediction)
    shape = tuple(prediction.shape)
    expect_shape("target.count", target.count, shape[:1], " as in the prediction")
    expect_integer("target.count", target.count)
    if target.labels is not None:
        expect_shape("target.labels", target.labels, shape, " as in the prediction")
    if target.mask is not None:
        expect_shape("target.mask", target.mask, shape, " as in the prediction")
        expect_bool("target.mask", target.mask)


def attack(prediction: AttackPrediction, target: AttackTarget, upsampling: int) -> None:
    """``p (batch, *grid)`` and ``magnitude (batch, channel, *grid)`` for such an image."""
    if getattr(target.image, "ndim", 0) < 3:
        expect_shape("target.image", target.image, ("batch", "channel", "*grid"))
    image = tuple(target.image.shape)
    one_a_pixel = (image[0], *image[2:])
    expect_shape("prediction.p", prediction.p, one_a_pixel, f" for target.image {image}")
    expect_floating("prediction.p", prediction.p)
    expect_shape("prediction.magnitude", prediction.magnitude, image, " as in target.image")
    expect_shape("target.label", target.label, image[:1], " as in target.image")
    expect_integer("target.label", target.label)
    if not callable(target.classifier):
        raise Mismatch("target.classifier", f"is {type(target.classifier).__name__}", "a function")


def _labelled_points(
    target: PointTarget, batch: int, dim: int, channels: int, meaning: str
) -> None:
    """Labels of so many dimensions, with a channel of each where there are several."""
    expect_shape("target.position", target.position, (batch, "m", "dim"), " as in the prediction")
    _dimensions(target.position, dim, meaning)
    labels = tuple(target.position.shape[:2])
    expect_shape("target.mask", target.mask, labels, " as in target.position")
    expect_bool("target.mask", target.mask)
    if target.channel is not None:
        expect_shape("target.channel", target.channel, labels, " as in target.position")
        expect_integer("target.channel", target.channel)
    elif channels != 1:
        raise Mismatch("target.channel", "is None", f"the channel of each label, one of {channels}")


def _dimensions(position: Tensor, dim: int, meaning: str) -> None:
    shape = tuple(position.shape)
    expect_shape("target.position", position, (*shape[:2], dim), meaning)


def _for_map(dim: int) -> str:
    return f" for a map of {dim} {'axis' if dim == 1 else 'axes'}"


def _grid(prediction: Tensor, grid: tuple[int, ...] | None, upsampling: int) -> None:
    """Maps have the size of the input grid, times what the loss upsamples."""
    if grid is None:
        if upsampling != 1:
            raise Mismatch(
                "target.grid",
                "is None",
                f"the input grid's cells along each axis, a {upsampling}th of the maps' "
                f"{tuple(prediction.shape[2:])}, since the loss has upsampling {upsampling}",
            )
        return
    due: tuple[Any, ...] = (*prediction.shape[:2], *(size * upsampling for size in grid))
    expect_shape("prediction", prediction, due, _for(f"target.grid {tuple(grid)}", upsampling))


def _for(labels: str, upsampling: int) -> str:
    """Why a shape is due."""
    finer = f" and an upsampling of {upsampling}" if upsampling != 1 else ""
    return f" for {labels}{finer}"
