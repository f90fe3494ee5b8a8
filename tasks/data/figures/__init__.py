"""Articulated figures: bodies, and the scenes that they stand in."""
