"""Facial expressions from face crops: models, runtimes, explanations, exports."""

import os

# ONNX Runtime sends usage data to its maker, and writes an identifier of the computer, as soon as
# it is imported without this variable (its Privacy.md). Every module that imports it lies in this
# package or uses it, so that nothing imports it earlier.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
