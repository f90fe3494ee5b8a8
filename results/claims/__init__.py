"""Claims of the papers as tests on results."""
