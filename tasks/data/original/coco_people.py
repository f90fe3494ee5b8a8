"""Reader of COCO's person keypoints (Lin et al. 2014), 2017 release.

Layout: ``annotations/person_keypoints_{train,val}2017.json`` and the photographs in ``train2017``
and ``val2017``, below the folder or its folder ``coco``. Keypoints are whole pixels ``x, y, v``:
pixel x has its centre at x + 0.5; v is 0 where nothing is labelled, 1 hidden, 2 visible. Boxes are
``x, y, width, height`` from the outer edge; ``area`` is that of the segment, not of the box.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from bench.plugin import UsageError
from tasks.data.photographs.keypoint_photographs import Floats, KeypointPhotographs

PUBLISHED = {"train": 118_287, "val": 5_000}
"""Photographs."""
SIGMAS = (
    0.026, 0.025, 0.025, 0.035, 0.035, 0.079, 0.079, 0.072, 0.072, 0.062, 0.062, 0.107, 0.107,
    0.087, 0.087, 0.089, 0.089,
)  # fmt: skip
"""Nose, eyes, ears, shoulders, elbows, wrists, hips, knees, ankles, left before right."""
PAIRS = tuple((k, k + 1) for k in range(1, 16, 2))
ASPECT = 3 / 4
"""Width of a crop over its height."""
MARGIN = 1.25
_NAMES = ("id", "image_id", "keypoints", "num_keypoints", "area", "bbox", "iscrowd")


def check(root: Path, *, partial: bool = False) -> None:
    """Check files and the number of photographs, without reading the annotation.

    Args:
        partial: accept other numbers of photographs than published.

    Raises:
        UsageError: one line for every problem found.
    """
    if not root.is_dir():
        raise UsageError(f"folder '{root}' of COCO is missing")
    base, problems = folder(root), []
    for part, number in PUBLISHED.items():
        if not annotation(root, part).is_file():
            problems.append(f"'{base}' has no file 'annotations/{annotation(root, part).name}'")
        photographs = base / f"{part}2017"
        if not photographs.is_dir():
            problems.append(f"'{base}' has no folder '{photographs.name}' of photographs")
            continue
        found = sum(1 for _ in photographs.glob("*.jpg"))
        if found == 0 or (found != number and not partial):
            problems.append(
                f"COCO has {number:,} photographs in '{photographs.name}', '{base}' has {found:,}"
                + ("" if found == 0 else "; set allow_partial to use them anyway")
            )
    if problems:
        raise UsageError(problems)


def folder(root: Path) -> Path:
    """Where the parts lie."""
    return root / "coco" if (root / "coco").is_dir() else root


def annotation(root: Path, part: str) -> Path:
    """File of ``train`` or ``val``."""
    return folder(root) / "annotations" / f"person_keypoints_{part}2017.json"


def is_complete(root: Path) -> bool:
    """Whether both folders hold as many photographs as published."""
    try:
        check(root)
    except UsageError:
        return False
    return True


def fingerprint(root: Path) -> str:
    """Hash of the annotation and of which photographs are there."""
    digest = hashlib.sha256()
    for part in PUBLISHED:
        with annotation(root, part).open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
        names = sorted(path.name for path in (folder(root) / f"{part}2017").glob("*.jpg"))
        digest.update("\n".join(names).encode())
    return digest.hexdigest()[:16]


def read(root: Path, part: str) -> KeypointPhotographs:
    """Persons of ``train`` or ``val`` with a labelled keypoint, a box and an area.

    Raises:
        UsageError: the annotation is none of COCO's keypoints.
    """
    content = _content(annotation(root, part))
    images = {image["id"]: image for image in content["images"]}
    there = {path.name for path in (folder(root) / f"{part}2017").glob("*.jpg")}
    dropped: Counter[str] = Counter()
    kept: list[tuple[Any, ...]] = []
    for number, row in enumerate(content["annotations"]):
        missing = [name for name in _NAMES if name not in row]
        if missing:
            where = f"'{annotation(root, part)}', annotation {number}"
            raise UsageError(f"{where}: no '{missing[0]}', it is none of persons' keypoints")
        if len(row["keypoints"]) != 3 * len(SIGMAS) or row["image_id"] not in images:
            where = f"'{annotation(root, part)}', annotation {number}"
            raise UsageError(f"{where}: {len(SIGMAS)} keypoints x, y, v of a listed image are due")
        image = images[row["image_id"]]
        box = _clipped(row["bbox"], image["width"], image["height"])
        reason = _unfit(row, box, image["file_name"] in there)
        if reason:
            dropped[reason] += 1
            continue
        points = np.array(row["keypoints"], float).reshape(-1, 3)
        centre = np.array([box[0] + box[2] / 2, box[1] + box[3] / 2])
        height = MARGIN * max(box[3], box[2] / ASPECT)
        path = f"{part}2017/{image['file_name']}"
        kept.append((path, image["id"], centre, height, points, np.sqrt(row["area"])))
    if not kept:
        raise UsageError(f"'{annotation(root, part)}' has no person with keypoints")
    paths, ids, centres, heights, points, scale = (np.array(one) for one in zip(*kept, strict=True))
    return KeypointPhotographs(
        path=paths,
        image=ids,
        centre=centres,
        height=heights,
        position=points[..., :2] + 0.5,
        labelled=points[..., 2] > 0,
        scale=scale,
        group=np.zeros(len(paths), np.int64),
        dropped=dict(dropped),
    )


def average_precision(
    root: Path, persons: KeypointPhotographs, position: Floats, score: Floats
) -> float:
    """COCO's AP of one prediction for each person, by pycocotools.

    Args:
        persons: of ``val``; photographs without any of them take no part.
        position: ``(n, 17, 2)`` (x, y), pixel i covering [i, i + 1).
        score: ``(n,)``.
    """
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    found = [
        {
            "image_id": int(image),
            "category_id": 1,
            "keypoints": np.column_stack([points - 0.5, np.ones(len(points))]).ravel().tolist(),
            "score": float(sure),
        }
        for image, points, sure in zip(persons.image, position, score, strict=True)
    ]
    if not found:
        return 0.0
    with contextlib.redirect_stdout(io.StringIO()):  # it tells of every step
        truth = COCO(str(annotation(root, "val")))
        compared = COCOeval(truth, truth.loadRes(found), "keypoints")
        compared.params.imgIds = sorted({int(image) for image in persons.image})
        compared.params.catIds = [1]
        compared.evaluate()
        compared.accumulate()
        compared.summarize()
    return float(max(compared.stats[0], 0.0))


def _content(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"'{path}' cannot be read: {error}") from None
    if not isinstance(content, dict) or not {"images", "annotations"} <= content.keys():
        raise UsageError(f"'{path}' has no 'images' and 'annotations': it is no file of COCO")
    return content


def _clipped(box: list[float], width: int, height: int) -> tuple[float, float, float, float]:
    """A box clipped to its photograph, as the authors' code does: the last pixel is inside."""
    x, y, w, h = box
    left, top = max(0.0, x), max(0.0, y)
    right, bottom = min(width - 1.0, x + max(0.0, w - 1)), min(height - 1.0, y + max(0.0, h - 1))
    return left, top, right - left, bottom - top


def _unfit(row: dict[str, Any], box: tuple[float, ...], there: bool) -> str:
    """Why a row is left out, or nothing."""
    if not there:
        return "photograph missing"
    if row["iscrowd"]:
        return "crowd"
    if not row["num_keypoints"] or not any(row["keypoints"][2::3]):
        return "no keypoint labelled"
    if row["area"] <= 0:
        return "no area"
    return "empty box" if box[2] <= 0 or box[3] <= 0 else ""
