"""What `bench list` and `bench show` know."""
