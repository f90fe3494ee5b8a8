"""The recursion (2.11) over instances and its adjoint, for `LANES` sequences at a time.

Arrays are flat: ``p``, ``q`` and what belongs to an instance are ``(n, LANES)`` with n even (an
instance with p = 0 changes nothing), states are ``(pair, bin, LANES)``. Instances are taken two at
a time: that halves the traffic of states, of which only those before each pair are kept, and the
time spent waiting for the state just stored. Up to ``_ALL_STATES`` numbers, the states before all
pairs are kept; beyond, pairs are cut into about √n segments, whose first states are kept and the
others computed a second time.
"""

from __future__ import annotations

import math
from typing import Any

from losses._kernels.compiling import Array, compiled, inlined
from losses._kernels.simd import LANES, add, div, load, mul, splat, store, sub

_ALL_STATES = 2**20


@compiled
def segment_length(n: int, bins: int) -> int:
    """Pairs of instances per segment."""
    pairs = n // 2
    if pairs * bins * LANES <= _ALL_STATES:
        return max(pairs, 1)
    return math.ceil(math.sqrt(pairs))


@compiled
def segments(n: int, bins: int) -> int:
    """Number of segments, at least 1."""
    length = segment_length(n, bins)
    return max(1, (n // 2 + length - 1) // length)


@compiled
def room_needed(n: int, most: int) -> tuple[int, int]:
    """Lengths of ``states`` and ``first_states`` that suffice for every number of bins to ``most``.

    Few bins take longer segments, and so may need more than many do.
    """
    states, first_states = 0, 0
    for bins in range(1, most + 1):
        states = max(states, (segment_length(n, bins) + 1) * bins * LANES)
        first_states = max(first_states, segments(n, bins) * bins * LANES)
    return states, first_states


@compiled
def _copy(source: Array, start: int, target: Array, at: int, bins: int) -> None:
    """Copy the states of ``bins`` bins. Slices would do, but take long to compile."""
    for k in range(bins):
        store(target, at + k * LANES, load(source, start + k * LANES))


@compiled
def _advance(p: Array, q: Array, start: int, length: int, bins: int, states: Array) -> None:
    """States after each of ``length`` pairs from pair ``start``; the first states are given."""
    zero = splat(p.dtype.type(0))
    for pair in range(length):
        at = (start + pair) * 2 * LANES
        p_1, q_1, p_2, q_2 = load(p, at), load(q, at), load(p, at + LANES), load(q, at + LANES)
        old, new = pair * bins * LANES, (pair + 1) * bins * LANES
        below, middle_below = zero, zero
        for k in range(bins):
            own = load(states, old + k * LANES)
            middle = add(mul(q_1, own), mul(p_1, below))
            store(states, new + k * LANES, add(mul(q_2, middle), mul(p_2, middle_below)))
            below, middle_below = own, middle


@compiled
def forward(p: Array, q: Array, n: int, bins: int, states: Array, first_states: Array) -> int:
    """Run over all instances.

    Args:
        states: ``(segment + 1, bins, LANES)``, left with the states of the last segment.
        first_states: ``(segments, bins, LANES)``, the states before each segment.

    Returns:
        Position in ``states`` of those after the last instance.
    """
    segment, size = segment_length(n, bins), bins * LANES
    store(states, 0, splat(p.dtype.type(1)))
    for k in range(1, bins):
        store(states, k * LANES, splat(p.dtype.type(0)))
    end = 0
    for number, start in enumerate(range(0, n // 2, segment)):
        if number:
            _copy(states, end, states, 0, bins)
        _copy(states, 0, first_states, number * size, bins)
        length = min(segment, n // 2 - start)
        _advance(p, q, start, length, bins, states)
        end = length * size
    return end


@compiled
def backward(
    p: Array,
    q: Array,
    n: int,
    bins: int,
    states: Array,
    first_states: Array,
    messages: Array,
    odds: Array,
) -> None:
    """Replace ``q`` by the gradient Σ_k b_t[k] (a_{t-1}[k - 1] - a_{t-1}[k]).

    Args:
        states, first_states: as `forward` left them.
        messages: b_n ``(bins + 2, LANES)``, the last two 0; overwritten.
        odds: s ``(LANES,)`` of a tilt to take back from the gradient, or empty.
    """
    segment, size = segment_length(n, bins), bins * LANES
    tilted = odds.shape[0] > 0
    zero, one = splat(p.dtype.type(0)), splat(p.dtype.type(1))
    s = load(odds, 0) if tilted else one
    inverse = div(one, s)
    last = segments(n, bins) - 1
    for number in range(last, -1, -1):
        start = number * segment
        length = min(segment, n // 2 - start)
        if number < last:
            _copy(first_states, number * size, states, 0, bins)
            _advance(p, q, start, length, bins, states)
        for pair in range(length - 1, -1, -1):
            at = (start + pair) * 2 * LANES
            p_1, q_1, p_2, q_2 = load(p, at), load(q, at), load(p, at + LANES), load(q, at + LANES)
            slope_1, slope_2 = zero, zero
            below, middle_below = zero, zero
            late, late_above = load(messages, 0), load(messages, LANES)
            early = add(mul(q_2, late), mul(p_2, late_above))
            for k in range(bins):
                own = load(states, pair * size + k * LANES)
                middle = add(mul(q_1, own), mul(p_1, below))
                slope_2 = add(slope_2, mul(late, sub(middle_below, middle)))
                slope_1 = add(slope_1, mul(early, sub(below, own)))
                late, late_above = late_above, load(messages, (k + 2) * LANES)
                early_above = add(mul(q_2, late), mul(p_2, late_above))
                store(messages, k * LANES, add(mul(q_1, early), mul(p_1, early_above)))
                early, below, middle_below = early_above, own, middle
            if tilted:
                slope_1 = _take_back(slope_1, p_1, q_1, s, inverse, one)
                slope_2 = _take_back(slope_2, p_2, q_2, s, inverse, one)
            store(q, at, slope_1)
            store(q, at + LANES, slope_2)


@inlined
def _take_back(slope: Any, p: Any, q: Any, s: Any, inverse: Any, one: Any) -> Any:
    """Gradient before a tilt by odds ``s`` from ``slope``, that by the tilted ``p``; all vectors.

    Before the tilt p + q was 1, so that q + p / s afterwards is the 1 / (q + s p) of before.
    """
    rise = mul(s, add(one, mul(q, slope)))
    return mul(add(q, mul(p, inverse)), sub(rise, sub(one, mul(p, slope))))


@compiled
def read_count(
    states: Array,
    end: int,
    count: Array,
    bins: int,
    messages: Array,
    least: float,
    probability: Array,
) -> None:
    """``probability (LANES,)`` of ``count (LANES,)``, and the messages' start.

    A lane whose probability is below ``least`` or NaN gets messages of 0.
    """
    messages[: (bins + 2) * LANES] = 0
    for lane in range(LANES):
        probability[lane] = states[end + count[lane] * LANES + lane]
        if probability[lane] >= least:
            messages[count[lane] * LANES + lane] = 1 / probability[lane]
