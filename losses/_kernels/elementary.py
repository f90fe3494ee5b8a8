"""Elementary functions of float64 in operations that vectorise, which a call of libm does not."""

from __future__ import annotations

import numpy as np

from losses._kernels.compiling import inlined

_INVERSE_LN2 = 1.4426950408889634
_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
_TO_INTEGER = 6755399441055744.0  # 1.5 · 2⁵²: adding it leaves the rounded number in the low bits
_TWO_52 = 4503599627370496.0
_TWO_52_BITS = 0x4330000000000000
_SQRT_HALF_BITS = 0x3FE6A09E667F3BCD
_ONE_BITS = 0x3FF0000000000000
_MANTISSA = 0x000FFFFFFFFFFFFF


@inlined
def exp(x: float) -> float:
    """``exp(x)`` to 1e-14, for x ≤ 700; that of -700 for less."""
    x = x if x > -700.0 else -700.0
    shifted = x * _INVERSE_LN2 + _TO_INTEGER
    k = shifted - _TO_INTEGER
    r = (x - k * _LN2_HIGH) - k * _LN2_LOW
    series = 1 / 39916800.0
    series = series * r + 1 / 3628800.0
    series = series * r + 1 / 362880.0
    series = series * r + 1 / 40320.0
    series = series * r + 1 / 5040.0
    series = series * r + 1 / 720.0
    series = series * r + 1 / 120.0
    series = series * r + 1 / 24.0
    series = series * r + 1 / 6.0
    series = series * r + 0.5
    series = series * r + 1.0
    series = series * r + 1.0
    exponent = (np.float64(shifted).view(np.int64) + 1023) << 52
    return series * np.int64(exponent).view(np.float64)


@inlined
def log(x: float) -> float:
    """Natural logarithm to 2 ulp, for positive normal x; NaN for NaN.

    With x = 2^k (1 + f), √½ ≤ 1 + f < √2, and r = f / (2 + f): log(1 + f) = 2 artanh r.
    """
    bits = np.float64(x).view(np.int64) + (_ONE_BITS - _SQRT_HALF_BITS)
    # the exponent is written into the low bits of 2⁵², which spares converting an integer
    k = np.int64((bits >> 52) + _TWO_52_BITS).view(np.float64) - (_TWO_52 + 1023.0)
    f = np.int64((bits & _MANTISSA) + _SQRT_HALF_BITS).view(np.float64) - 1.0
    r = f / (2.0 + f)
    square = r * r
    series = 2 / 19.0
    series = series * square + 2 / 17.0
    series = series * square + 2 / 15.0
    series = series * square + 2 / 13.0
    series = series * square + 2 / 11.0
    series = series * square + 2 / 9.0
    series = series * square + 2 / 7.0
    series = series * square + 2 / 5.0
    series = series * square + 2 / 3.0
    # log(1 + f) = f - f²/2 + r (f²/2 + r² series), whose first term is exact
    half = 0.5 * f * f
    tail = r * (half + square * series) + k * _LN2_LOW
    return k * _LN2_HIGH - ((half - tail) - f) + (x - x)
