"""Data of wearable sensors: respiration cycles and the wrist beside them."""
