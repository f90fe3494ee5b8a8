"""Simulators and readers of the original data sets."""
