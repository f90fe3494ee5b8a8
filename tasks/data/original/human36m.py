"""Reader of Human3.6M (Ionescu et al. 2014) in the form of the public code of Li et al.

Layout: ``annotations/Sample_trainmin_train_Human36M_protocol_2.json`` (subjects 1, 5, 6, 7, 8) and
``annotations/Sample_64_test_Human36M_protocol_2.json`` (9 and 11, every 64th frame), photographs
below ``images``. ``images`` and ``annotations`` of a file are lists in one order. Joints are in the
world, in mm; a camera is R, t (its centre in the world), f and c: X' = R (X - t), and the pixel is
f X' / Z' + c.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from bench.plugin import UsageError
from tasks.data.photographs.camera_views import CameraViews
from tasks.data.photographs.keypoint_photographs import KeypointPhotographs

FILES = {
    "train": "Sample_trainmin_train_Human36M_protocol_2.json",
    "test": "Sample_64_test_Human36M_protocol_2.json",
}
DRIFTED = ("s_09_act_05_subact_02", "s_09_act_10_subact_02", "s_09_act_13_subact_01")
"""Sequences whose ground truth drifts, left out by the public code in training and test."""
PAIRS = ((1, 4), (2, 5), (3, 6), (11, 14), (12, 15), (13, 16))
SIGMAS = (
    0.107, 0.107, 0.087, 0.089, 0.107, 0.087, 0.089, 0.107, 0.079, 0.026, 0.035, 0.079, 0.072,
    0.062, 0.079, 0.072, 0.062,
)  # fmt: skip
"""COCO's σ of the nearest kind of joint, ours: pelvis, right and left leg, torso, neck, nose, head,
left and right arm."""
_JOINTS = len(SIGMAS)


def check(root: Path) -> None:
    """Check that both annotations and the photographs' folder are there.

    Raises:
        UsageError: one line for every problem found.
    """
    if not root.is_dir():
        raise UsageError(f"folder '{root}' of Human3.6M is missing")
    problems = [
        f"'{folder(root)}' has no file 'annotations/{name}'"
        for name in FILES.values()
        if not (folder(root) / "annotations" / name).is_file()
    ]
    if not (folder(root) / "images").is_dir():
        problems.append(f"'{folder(root)}' has no folder 'images' of photographs")
    if problems:
        raise UsageError(problems)


def folder(root: Path) -> Path:
    """Where annotations and images lie."""
    return root / "h36m" if (root / "h36m").is_dir() else root


def fingerprint(root: Path) -> str:
    """Hash of both annotations."""
    digest = hashlib.sha256()
    for name in FILES.values():
        with (folder(root) / "annotations" / name).open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]


def read(
    root: Path, part: str, *, partial: bool = False
) -> tuple[KeypointPhotographs, CameraViews]:
    """Persons of ``train`` or ``test``.

    Args:
        partial: leave out those whose photograph is missing.

    Raises:
        UsageError: the annotation is not as published, or photographs are missing.
    """
    path = folder(root) / "annotations" / FILES[part]
    dropped: Counter[str] = Counter()
    kept: list[tuple[Any, ...]] = []
    for number, (image, row) in enumerate(_rows(path)):
        both = {**image, **row}
        name = str(both.get("file_name"))
        if any(drifted in name for drifted in DRIFTED):
            dropped["drifted ground truth"] += 1
            continue
        if not (folder(root) / "images" / name).is_file():
            dropped["photograph missing"] += 1
            continue
        try:
            world = np.array(both["keypoints_world"], float).reshape(_JOINTS, 3)
            x, y, width, height = (float(one) for one in both["bbox"])
            camera = both["cam_param"]
            turn = np.array(camera["R"], float).reshape(3, 3)
            place, focal, centre = (np.array(camera[k], float).ravel() for k in ("t", "f", "c"))
            joint = (world - place.reshape(3)) @ turn.T
        except (KeyError, TypeError, ValueError) as error:
            raise UsageError(f"'{path}', annotation {number}: not as published ({error})") from None
        middle, side = np.array([x + width / 2, y + height / 2]), max(width, height)
        kept.append((f"images/{name}", middle, side, joint, focal, centre, _action(name)))
    if not kept:
        raise UsageError(f"'{path}' names no photograph that is there")
    if dropped["photograph missing"] and not partial:
        raise UsageError(
            f"{dropped['photograph missing']:,} photographs of '{path.name}' are missing below "
            f"'{folder(root) / 'images'}'; set allow_partial to leave them out"
        )
    paths, middles, sides, joints, focals, centres, action = (
        np.array(one) for one in zip(*kept, strict=True)
    )
    views = CameraViews(joints, focals, centres)
    photographs = KeypointPhotographs(
        path=paths,
        image=np.arange(len(paths)),
        centre=middles,
        height=sides,
        position=focals[:, None] * joints[..., :2] / joints[..., 2:] + centres[:, None],
        labelled=np.ones(joints.shape[:2], bool),
        scale=np.ones(len(paths)),
        group=action,
        dropped={reason: n for reason, n in dropped.items() if n},
    )
    return photographs, views


def _rows(path: Path) -> Any:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        images, rows = content["images"], content["annotations"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"'{path}' cannot be read: {error!r}") from None
    if len(images) != len(rows):
        raise UsageError(f"'{path}' has {len(images)} images and {len(rows)} annotations")
    return zip(images, rows, strict=True)


def _action(name: str) -> int:
    """Number of the action that a path names, 2 to 16; 0 where it names none."""
    _, _, rest = name.partition("act_")
    return int(rest[:2]) if rest[:2].isdigit() else 0
