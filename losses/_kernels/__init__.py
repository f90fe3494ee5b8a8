"""Compiled kernels behind the losses. A sub-package, so that listing losses does not load numba."""
