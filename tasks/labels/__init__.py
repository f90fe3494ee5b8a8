"""Label noise and supervision."""
