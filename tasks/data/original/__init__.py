"""Readers of original data sets, one per data set."""
