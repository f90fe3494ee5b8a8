"""Nadaraya-Watson surfaces: regression, bandwidths, band, placement of runs, picture."""
