"""The harness: registry, sweep specifications, trials, Ray Tune, MLflow, the command line."""
