"""OSC (Open Sound Control) over UDP: one message per figure.

Addresses are described in docs/outputs.md. Messages are sent singly, not in bundles, which some
receivers do not read.
"""

import logging
import socket
from typing import TYPE_CHECKING, Any

from fer_live.core.derived import DERIVED
from fer_live.core.errors import OutputError
from fer_live.core.network import is_loopback_address
from fer_live.core.types import Face
from fer_live.outputs.messages import EventMessage, FrameMessage, SessionMessage, by_class
from fer_live.outputs.slots import FaceSlots
from fer_live.session_log.schema import MARKER, SESSION

if TYPE_CHECKING:
    from pythonosc.udp_client import SimpleUDPClient

_log = logging.getLogger(__name__)

ROOT = "/fer"
NOBODY = 0
"""Identity of an empty slot."""


class Double(float):
    """A number that is sent with 64 bits; others have 32, which do for shares."""


class OscSender:
    """Sends the faces of each frame by slot.

    Args:
        host, port: Where the receiver listens.
    """

    name = "OSC"
    capacity = 32
    pictures = False
    clients: int | None = None

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._client: SimpleUDPClient | None = None
        self._slots = FaceSlots()
        self._filled: set[int] = set()
        self._unreachable = False
        self.warning = ""

    @property
    def place(self) -> str:
        """Where the messages go."""
        return f"{self._host}:{self._port}"

    def open(self) -> None:
        """Looks the receiver up. Raises OutputError."""
        try:
            from pythonosc.udp_client import SimpleUDPClient
        except ImportError as error:
            raise OutputError(
                "The OSC output needs the library python-osc.",
                'Install it with: pip install "fer-live[stream]".',
            ) from error
        if not self._port:
            raise OutputError("OSC messages cannot go to port 0.", "Name the receiver's port.")
        try:
            # The first address that fits, looked up once: a name server must not cost frames.
            found = socket.getaddrinfo(self._host, self._port, type=socket.SOCK_DGRAM)
            address = str(found[0][4][0])
            self._client = SimpleUDPClient(address, self._port)
        except (OSError, UnicodeError) as error:
            raise OutputError(
                f"There is no address called {self._host!r}.", "Check the receiver's address."
            ) from error
        if not is_loopback_address(address):
            self.warning = (
                f"Warning: the expressions seen here are sent to {self.place} without encryption."
            )

    def session(self, session: SessionMessage) -> None:
        """Tells source and classes."""
        self._send([(f"{ROOT}/{SESSION}", [session.about.source, *session.labels])])

    def frame(self, frame: FrameMessage, dropped: int) -> bool:
        """Sends the frame's figures, and those of slots that it leaves empty."""
        faces = self._slots.place(frame.faces)
        messages: list[tuple[str, Any]] = [
            (f"{ROOT}/time", Double(frame.moment.time_s)),
            (f"{ROOT}/frame", frame.moment.frame),
            (f"{ROOT}/faces", len(frame.faces)),
        ]
        for slot, face in sorted(faces.items()):
            messages += _of_face(f"{ROOT}/face/{slot}", face, frame)
        for slot in sorted(self._filled - faces.keys()):
            messages += _of_nobody(f"{ROOT}/face/{slot}", frame)
        self._filled = set(faces)
        return self._send(messages)

    def event(self, event: EventMessage) -> bool:
        """Sends a marker's key and text, or an event's kind and text."""
        if event.kind == MARKER:
            return self._send([(f"{ROOT}/{MARKER}", [event.marker or 0, event.text])])
        return self._send([(f"{ROOT}/event", [event.kind, event.text])])

    def close(self) -> None:
        """Closes the socket."""
        if self._client is not None:
            self._client.close()

    def _send(self, messages: list[tuple[str, Any]]) -> bool:
        assert self._client is not None
        try:
            for address, value in messages:
                if isinstance(value, Double):
                    self._send_double(address, value)
                else:
                    self._client.send_message(address, value)
        except OSError as error:
            # A network that is away comes back; nobody need switch anything on again.
            if not self._unreachable:
                _log.warning("OSC messages cannot be sent to %s: %s", self.place, error)
            self._unreachable = True
            return False
        self._unreachable = False
        return True

    def _send_double(self, address: str, value: float) -> None:
        from pythonosc.osc_message_builder import OscMessageBuilder

        assert self._client is not None
        builder = OscMessageBuilder(address)
        builder.add_arg(value, OscMessageBuilder.ARG_TYPE_DOUBLE)
        self._client.send(builder.build())


def _of_face(root: str, face: Face, frame: FrameMessage) -> list[tuple[str, Any]]:
    left, top, width, height = face.box_xywh
    columns, rows = frame.size
    figures = zip(DERIVED, frame.derived(face), strict=False)
    return [
        (f"{root}/id", face.track_id),
        (f"{root}/name", face.name),
        (f"{root}/label", face.label or ""),
        (f"{root}/confidence", float(face.confidence)),
        (f"{root}/box", [left / columns, top / rows, width / columns, height / rows]),
        *((f"{root}/{label}", p) for label, p in by_class(face, frame.labels).items()),
        *((f"{root}/{name}", value) for name, value in figures if value is not None),
    ]


def _of_nobody(root: str, frame: FrameMessage) -> list[tuple[str, Any]]:
    return [
        (f"{root}/id", NOBODY),
        (f"{root}/name", ""),
        (f"{root}/label", ""),
        (f"{root}/confidence", 0.0),
        *((f"{root}/{label}", 0.0) for label in frame.labels),
    ]
