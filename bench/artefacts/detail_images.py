"""A column of pictures that a trial keeps in its details."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.artefacts.detail_series import first_finished, read_detail
from bench.planning.trial import PlannedTrial
from bench.plugin import UsageError
from results.figures.image_figure import Gallery
from results.store.trial_source import TrialSource

_COLUMNS = ["panel", "image", "row", "pixels", "trial"]


def images(
    label: str,
    selected: Sequence[PlannedTrial],
    outcomes: pd.DataFrame,
    source: TrialSource,
    detail: str,
) -> tuple[Gallery, pd.DataFrame]:
    """The pictures of the first replicate that finished, and a row for each of their rows.

    Args:
        outcomes: of the plan's trials (`bench.artefacts.outcomes.join`).

    Raises:
        UsageError: the trial keeps no such detail, or one of another form.
    """
    first, words = first_finished(selected, outcomes)
    if first is None:
        return Gallery(label, words=words), pd.DataFrame(columns=_COLUMNS)
    kept = read_images(first, source, detail)
    rows = [
        (label, caption, number, " ".join(map(str, row.ravel())), first)
        for caption, image in kept.items()
        for number, row in enumerate(image)
    ]
    return Gallery(label, kept, words), pd.DataFrame(rows, columns=_COLUMNS)


def read_images(trial_id: str, source: TrialSource, detail: str) -> dict[str, NDArray[np.uint8]]:
    """``{caption: rows}`` of a trial's details, checked.

    Raises:
        UsageError: there is no such detail, or it has another form.
    """
    kept = read_detail(trial_id, source, detail)
    try:
        return {str(caption): _image(rows) for caption, rows in kept.items()}
    except (AttributeError, TypeError, ValueError) as error:
        wanted = "{caption: rows of pixels from 0 to 255, or of [red, green, blue]}"
        raise UsageError(f"trial {trial_id}: '{detail}' is not {wanted}: {error}") from None


def _image(rows: Any) -> NDArray[np.uint8]:
    image = np.asarray(rows)
    if image.dtype.kind not in "iu" or image.size == 0:
        raise ValueError(f"not whole numbers, but {image.dtype}")
    if image.ndim not in (2, 3) or (image.ndim == 3 and image.shape[-1] != 3):
        raise ValueError(f"of shape {image.shape}")
    if image.min() < 0 or image.max() > 255:
        raise ValueError(f"values from {image.min()} to {image.max()}")
    return image.astype(np.uint8)
