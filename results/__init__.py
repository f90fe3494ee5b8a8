"""The store of finished trials, and the pure functions that turn them into artefacts."""
