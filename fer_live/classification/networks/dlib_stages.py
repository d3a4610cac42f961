"""The plan of dlib's face network, for PyTorch and for graphs that do without it."""

STAGES = ((32, 3), (64, 4), (128, 3), (256, 3))
"""Channels and blocks of each stage. dlib's network has one more block of 256 channels, for its
own input of 150 pixels; a face of 112 pixels has a map of 3x3 before it, too small to halve."""
