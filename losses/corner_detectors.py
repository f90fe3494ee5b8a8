"""Corner detectors that train nothing, beside losses: their outputs come from the task."""

from __future__ import annotations

from typing import ClassVar

from bench.plugin import Loss, register_loss


class _Detector(Loss):
    trains: ClassVar[bool] = False


@register_loss("opencv_classic", heads={"points"}, space={})
class OpenCvClassic(_Detector):
    """OpenCV's chessboard detector with sub-pixel refinement; nothing is trained.

    When to use:
        As the classical baseline of `checkerboard`. It is told the size of the board and finds
        whole boards or nothing.

    Departures:
        The window of the refinement is as wide as 0.4 of the distance to the next corner allows, at
        most 11 pixels on either side; the authors' is 11 at any resolution (`opencv_classic_11`).
    """

    source: ClassVar[str] = "Bradski 2000; thesis §6.4.2, tables 6.5, 6.6 and C.1"


@register_loss("opencv_classic_11", heads={"points"}, space={})
class OpenCvClassic11(_Detector):
    """`opencv_classic` refined within 11 pixels whatever the resolution, as the authors did.

    When to use:
        Beside `opencv_classic`, to see what the window alone costs: at low resolution it covers
        several corners.
    """

    source: ClassVar[str] = "Bradski 2000; thesis §6.4.2, tables 6.5 and 6.6"


@register_loss("opencv_sectors", heads={"points"}, space={})
class OpenCvSectors(_Detector):
    """OpenCV's sector-based chessboard detector; nothing is trained.

    When to use:
        As the stronger of OpenCV's detectors: it, too, is told the size of the board and finds
        whole boards or nothing, but bears blur, noise and distortion.

    Defaults:
        Its flags EXHAUSTIVE and ACCURACY are set.
    """

    source: ClassVar[str] = "Duda & Frese 2018"


@register_loss("chess_corners", heads={"points"}, space={})
class ChessCorners(_Detector):
    """ChESS corners of the package `chess-corners`; nothing is trained.

    When to use:
        As a classical baseline that knows of no board: each corner has a score, and validation data
        choose the threshold.
    """

    source: ClassVar[str] = "Bennett & Lasenby 2014"
