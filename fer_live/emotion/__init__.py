"""Expressions named from faces: models, engines, maps."""

import os

# The one environment variable this program sets: ONNX Runtime sends usage data to its maker, and
# writes an identifier of the computer, as soon as it is imported without this (its Privacy.md).
# Whatever imports it lies in this package or uses it, so nothing can come before.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
