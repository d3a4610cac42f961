"""Facial expressions from face crops: models, runtimes, explanations, exports."""
