"""A loss and a task for pointbench, found through the entry points of this package."""
