"""Errors of joints in space: mean per joint, and after the best similarity transform."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Joints = NDArray[np.float64]


def joint_errors(found: Joints, truth: Joints, root: int = 0) -> Joints:
    """Distances ``(sample, joint)`` after both are moved so that their roots meet.

    Args:
        found, truth: ``(sample, joint, 3)``.
    """
    moved = (one - one[:, root : root + 1] for one in (found, truth))
    return np.asarray(np.linalg.norm(np.subtract(*moved), axis=-1))


def aligned_errors(found: Joints, truth: Joints) -> Joints:
    """Distances ``(sample, joint)`` after the similarity transform with the least squares.

    Rotation without reflection, scale and translation (Procrustes; Umeyama 1991).
    """
    centred = [one - one.mean(1, keepdims=True) for one in (found, truth)]
    left, size, right = np.linalg.svd(np.swapaxes(centred[0], 1, 2) @ centred[1])
    sign = np.sign(np.linalg.det(left @ right))
    size[:, -1] *= sign
    left = left.copy()
    left[:, :, -1] *= sign[:, None]
    scale = size.sum(-1) / np.maximum((centred[0] ** 2).sum((1, 2)), 1e-12)
    turned = scale[:, None, None] * (centred[0] @ (left @ right))
    return np.asarray(np.linalg.norm(turned - centred[1], axis=-1))
