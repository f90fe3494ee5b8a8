"""Simulated and rendered audio."""
