"""Photographs with keypoints: crops, and what is known of each."""
