"""Where the service listens and how much it takes, unless the user says otherwise."""

HOST = "127.0.0.1"
PORT = 8000

MAX_MB = 32.0
"""Megabytes (10^6 bytes) of one request, all its pictures together."""

MAX_PICTURES = 32
"""Pictures of one request."""

MAX_MEGAPIXELS = 64.0
"""Millions of pixels of one picture: 0.2 GB when decoded, more than most phones' pictures have."""

MAX_REQUESTS = 4
"""Requests that are worked on or wait; a fifth would wait longer than it takes to ask again."""
