"""How waitress refuses a request before the application sees it: in JSON, and so that it arrives.

Waitress by itself answers in plain text and closes at once. Closing on a client that is still
sending resets the connection, and many clients then never read the answer.
"""

import json
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import ErrorTask
from waitress.utilities import RequestEntityTooLarge

_MAX_DISCARDED = 1 << 30
"""Bytes of a body that are received and thrown away, so that the refusal can be read."""

_SENTENCES = {
    400: "The request cannot be understood.",
    413: "The request is too large. Send fewer or smaller pictures at once.",
    431: "The request's headers are too large.",
    501: "The request's transfer encoding is not supported.",
}


class _Parser(HTTPRequestParser):  # type: ignore[misc]
    """Receives a body that is too large without keeping it, and is refused after that."""

    def __init__(self, adjustments: Any) -> None:
        super().__init__(adjustments)
        self._discard = 0

    def received(self, data: bytes) -> int:
        """Takes bytes from the connection; gives how many of them belong to this request."""
        if self._discard:
            taken = min(len(data), self._discard)
            self._discard -= taken
            self.completed = self._discard == 0
            return taken
        consumed: int = super().received(data)
        # Who asks first whether to send the body hears the refusal before sending it.
        if isinstance(self.error, RequestEntityTooLarge) and not self.expect_continue:
            self._discard = self.content_length if self.content_length < _MAX_DISCARDED else 0
            self.completed = self._discard == 0
        return consumed


class _JsonErrorTask(ErrorTask):  # type: ignore[misc]
    """A refusal in the form of the application's own."""

    def execute(self) -> None:
        """Writes the answer."""
        code = self.request.error.code
        sentence = _SENTENCES.get(code, "Something unforeseen went wrong. Please report it.")
        body = json.dumps({"error": sentence}).encode()
        self.status = f"{code} {self.request.error.reason}"
        self.response_headers.append(("Content-Type", "application/json"))
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class Channel(HTTPChannel):  # type: ignore[misc]
    """A connection with both."""

    parser_class = _Parser
    error_task_class = _JsonErrorTask
