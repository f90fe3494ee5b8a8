"""Which methods of a leaderboard differ: paired tests of all pairs, corrected for their number.

The best method of a column is the one that the data favour, so a test against it is a test of a
pair that the data chose. Correcting for all pairs of the column covers every choice.
"""

from __future__ import annotations

import numpy as np

from results.stats.inference import LEVEL, Floats, holm
from results.stats.t_tests import one_sample


def pairwise_p(values: Floats, resampled: float = 0.0) -> Floats:
    """Two-sided paired t tests of every pair of methods.

    The same as `results.stats.inference.paired_difference` of each pair, all at once.

    Args:
        values: ``(…, methods, replicates)``, NaN where a replicate has no value.
        resampled: share of the data that is the test set, where replicates are splits of one data
            set (`results.stats.t_tests.mean_error`).

    Returns:
        ``(…, methods, methods)``, symmetric; NaN on the diagonal, where two methods share fewer
        than two replicates, and where their difference is the same in each of a few replicates.
    """
    methods = values.shape[-2]
    first, second = np.triu_indices(methods, 1)
    p = np.full((*values.shape[:-1], methods), np.nan)
    if not len(first) or values.shape[-1] < 2:
        return p
    differences = values[..., first, :] - values[..., second, :]
    known = ~np.isnan(differences)
    size = np.maximum(np.abs(values[..., first, :]), np.abs(values[..., second, :]))
    shared = known.sum(axis=-1)
    found = np.full(shared.shape, np.nan)
    for n in np.unique(shared[shared > 1]):  # pairs with as many replicates are tested at once
        chosen = shared == n
        rows = differences[chosen][known[chosen]].reshape(-1, n)
        sizes = size[chosen][known[chosen]].reshape(-1, n).max(axis=-1)
        found[chosen] = one_sample(rows, 0.0, LEVEL, resampled=resampled, size=sizes).p
    p[..., first, second] = p[..., second, first] = found
    return p


def corrected(p: Floats) -> Floats:
    """P values of all pairs in all columns, corrected by Holm's rule twice; the larger counts.

    Once over all pairs of methods of the column: if methods are equal, any two of them are told
    apart in at most a share α of columns, whichever of them is the best. Once over all columns for
    the pair: two methods that are equal are told apart anywhere on the board in at most a share α
    of boards.

    Args:
        p: ``(…, methods, methods, columns)``, symmetric in methods; NaN does not count.
    """
    first, second = np.triu_indices(p.shape[-2], 1)
    pairs = p[..., first, second, :]
    over_columns = holm(pairs)
    over_pairs = np.swapaxes(holm(np.swapaxes(pairs, -1, -2)), -1, -2)
    adjusted = np.full_like(p, np.nan)
    larger = np.maximum(over_columns, over_pairs)
    adjusted[..., first, second, :] = adjusted[..., second, first, :] = larger
    return adjusted
