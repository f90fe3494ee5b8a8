"""Matching of points and scores."""
