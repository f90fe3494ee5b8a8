"""Average precision by similarity is that of pycocotools, where each image has one figure."""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pytest

from tasks.metrics.keypoint_similarity import (
    THRESHOLDS,
    average_precision,
    mean_average_precision,
    similarity,
)

SIGMAS = np.array([0.035, 0.107, 0.062, 0.089])


def by_pycocotools(truth, found, labelled, area, score):
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    visible = 2 * labelled[..., None]
    rows = [
        {
            "id": k + 1, "image_id": k + 1, "category_id": 1, "iscrowd": 0, "area": float(area[k]),
            "bbox": [0, 0, 9, 9], "num_keypoints": int(labelled[k].sum()),
            "keypoints": np.concatenate([truth[k], visible[k]], 1).ravel().tolist(),
        }
        for k in range(len(truth))
    ]  # fmt: skip
    ones = np.ones((len(SIGMAS), 1))
    results = [
        {
            "image_id": k + 1, "category_id": 1, "score": float(score[k]),
            "keypoints": np.concatenate([found[k], ones], 1).ravel().tolist(),
        }
        for k in range(len(truth))
    ]  # fmt: skip
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        images = [{"id": k + 1} for k in range(len(truth))]
        coco.dataset = {"images": images, "annotations": rows, "categories": [{"id": 1}]}
        coco.createIndex()
        compared = COCOeval(coco, coco.loadRes(results), "keypoints")
        compared.params.kpt_oks_sigmas = SIGMAS
        compared.evaluate()
        compared.accumulate()
        compared.summarize()
    return compared.stats


@pytest.mark.parametrize("ties", [False, True])
def test_the_same_as_pycocotools(ties: bool) -> None:
    draw = np.random.default_rng(1)
    truth = draw.uniform(0, 100, (80, 4, 2))
    labelled = draw.random((80, 4)) < 0.8
    labelled[:, 0] = True
    area = draw.uniform(400, 4000, 80)
    found = truth + draw.normal(0, 1, truth.shape) * draw.exponential(4, (80, 1, 1))
    score = draw.integers(0, 5, 80) / 5 if ties else draw.random(80)
    errors = np.linalg.norm(found - truth, axis=-1) / np.sqrt(area)[:, None]
    similar = similarity(errors, labelled, 2 * SIGMAS)
    stats = by_pycocotools(truth, found, labelled, area, score)
    assert mean_average_precision(similar, score) == pytest.approx(stats[0], abs=1e-9)
    assert average_precision(similar, score, 0.5) == pytest.approx(stats[1], abs=1e-9)
    assert average_precision(similar, score, 0.75) == pytest.approx(stats[2], abs=1e-9)
    assert 0.05 < stats[0] < 0.95


def test_order_matters_and_ties_keep_the_order_of_samples() -> None:
    right_first = np.array([1.0, 0.0])
    assert average_precision(right_first, np.array([0.9, 0.1]), 0.5) == pytest.approx(51 / 101)
    assert average_precision(right_first, np.array([0.1, 0.9]), 0.5) == pytest.approx(25.5 / 101)
    tied = np.array([0.5, 0.5])
    assert average_precision(right_first, tied, 0.5) == pytest.approx(51 / 101)
    assert average_precision(right_first[::-1], tied, 0.5) == pytest.approx(25.5 / 101)


def test_extremes() -> None:
    score = np.linspace(0, 1, 7)
    assert mean_average_precision(np.ones(7), score) == 1.0
    assert mean_average_precision(np.zeros(7), score) == 0.0
    assert np.isnan(mean_average_precision(np.full(7, np.nan), score))
    some = np.where(np.arange(7) < 3, np.nan, 1.0)
    assert mean_average_precision(some, score) == 1.0


def test_a_keypoint_at_its_falloff_counts_by_half_a_square() -> None:
    labelled = np.array([[True, True], [True, False], [False, False]])
    errors = np.array([[0.0, 0.2], [0.1, np.nan], [np.nan, np.nan]])
    found = similarity(errors, labelled, np.array([0.1, 0.2]))
    np.testing.assert_allclose(found[:2], [(1 + np.exp(-0.5)) / 2, np.exp(-0.5)])
    assert np.isnan(found[2])
    assert len(THRESHOLDS) == 10
