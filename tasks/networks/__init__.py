"""Networks of tasks, and how their outputs are gathered."""
