"""fer_live: a real-time desktop webcam emotion detector."""

__version__ = "0.1.0"
