"""Benchmark tasks: data, network, metrics and label noise, one file per task."""
