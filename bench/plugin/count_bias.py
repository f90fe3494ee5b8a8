"""Bias of a last layer with which counting can start."""

from __future__ import annotations

import math


def zero_count_bias(n: int, zero_mass: float) -> float:
    """Bias of a final sigmoid layer that gives ``Pr(count = 0) = zero_mass`` over ``n`` instances.

    With all probabilities equal to ``p``, ``(1 - p) ** n = zero_mass``; the bias is ``logit(p)``
    (thesis eq 2.14).

    Raises:
        ValueError: ``n < 1`` or ``zero_mass`` outside (0, 1).
    """
    if n < 1 or not 0 < zero_mass < 1:
        raise ValueError(f"needs n >= 1 and 0 < zero_mass < 1, got n={n}, zero_mass={zero_mass}")
    log_q = math.log(zero_mass) / n
    return math.log(-math.expm1(log_q)) - log_q
