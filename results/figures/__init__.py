"""Pictures of results: how they look, and those that are no surface."""
