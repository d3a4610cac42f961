"""JSON error responses for requests that waitress rejects before the application sees them.

Waitress itself responds in plain text and closes the connection at once. That resets the connection
of a client that is still sending, and many clients then never read the response.
"""

import json
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import ErrorTask
from waitress.utilities import RequestEntityTooLarge

_MAX_DISCARDED = 1 << 30
"""Most bytes of a body that are received and discarded, so that the client reads the response."""

_SENTENCES = {
    400: "The request cannot be understood.",
    413: "The request is too large. Send fewer or smaller pictures at once.",
    431: "The request's headers are too large.",
    501: "The request's transfer encoding is not supported.",
}


class _Parser(HTTPRequestParser):  # type: ignore[misc]
    """Discards a body that is too large before the request is rejected."""

    def __init__(self, adjustments: Any) -> None:
        super().__init__(adjustments)
        self._discard = 0

    def received(self, data: bytes) -> int:
        """Takes bytes from the connection; returns how many of them belong to this request."""
        if self._discard:
            taken = min(len(data), self._discard)
            self._discard -= taken
            self.completed = self._discard == 0
            return taken
        consumed: int = super().received(data)
        # A client that waits for "100 Continue" gets the response before it sends the body.
        if isinstance(self.error, RequestEntityTooLarge) and not self.expect_continue:
            self._discard = self.content_length if self.content_length < _MAX_DISCARDED else 0
            self.completed = self._discard == 0
        return consumed


class _JsonErrorTask(ErrorTask):  # type: ignore[misc]
    """An error response in the application's format."""

    def execute(self) -> None:
        """Writes the response."""
        code = self.request.error.code
        sentence = _SENTENCES.get(code, "Unexpected error. Please report it.")
        body = json.dumps({"error": sentence}).encode()
        self.status = f"{code} {self.request.error.reason}"
        self.response_headers.append(("Content-Type", "application/json"))
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class Channel(HTTPChannel):  # type: ignore[misc]
    """A connection with this parser and these error responses."""

    parser_class = _Parser
    error_task_class = _JsonErrorTask
