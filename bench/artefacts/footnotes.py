"""What is said below every table and figure."""

CLEAN_NOTE = "Label noise touches training labels only; validation and test labels are clean."
