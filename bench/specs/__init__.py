"""Specifications in YAML: reading, models, and what can be wrong with them."""
