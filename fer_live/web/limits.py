"""Default address and limits of the web service."""

HOST = "127.0.0.1"
PORT = 8000

MAX_MB = 32.0
"""Most megabytes (10^6 bytes) of one request with all its images."""

MAX_PICTURES = 32
"""Most images in one request."""

MAX_MEGAPIXELS = 64.0
"""Most pixels of one image, millions: 0.2 GB when decoded, more than most phones' images have."""

MAX_REQUESTS = 4
"""Most requests in progress or waiting; a fifth would wait longer than a retry takes."""
