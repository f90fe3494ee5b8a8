"""Molecules that blink under a microscope: where they lie, how they shine, and their images."""
