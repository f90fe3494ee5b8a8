"""Video of people in motion: rendered clips, and how clips are kept."""
