"""Scenes of boxes."""
