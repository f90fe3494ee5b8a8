"""The commands of ``bench``, one file per family. Heavy imports happen inside the functions."""
