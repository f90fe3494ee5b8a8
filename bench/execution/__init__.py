"""Running a plan: driver, Ray, trainer, the mirror in MLflow."""
