"""Parts of a task's data."""
