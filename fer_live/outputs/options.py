"""Which live outputs a user wants, and the outputs that are made of that."""

from collections.abc import Callable
from dataclasses import dataclass

from fer_live.core.network import parse_address
from fer_live.outputs.json_lines import JsonLines
from fer_live.outputs.lsl import LslSender
from fer_live.outputs.osc import OscSender
from fer_live.outputs.output import QueuedOutput, Sender
from fer_live.outputs.virtual_camera import Painter, VirtualCameraSender
from fer_live.outputs.websocket import WebSocketSender


@dataclass(frozen=True)
class OutputOptions:
    """The outputs that are on; '' is off.

    Args:
        json: A file for JSON lines, or ``-`` for standard output.
        websocket: ``[HOST:]PORT`` to listen on.
        websocket_token: Demanded of WebSocket clients; '' demands none.
        osc: ``HOST:PORT`` of an OSC receiver.
        lsl: Name of the LSL stream.
        virtual_camera: Send the annotated picture to a virtual camera.
    """

    json: str = ""
    websocket: str = ""
    websocket_token: str = ""
    osc: str = ""
    lsl: str = ""
    virtual_camera: bool = False

    def senders(
        self, painter: Callable[[], Painter], fps: Callable[[], float | None] = lambda: None
    ) -> dict[str, Callable[[], Sender]]:
        """What makes each sender that is on, by the name of its option.

        Args:
            painter: Makes what draws the virtual camera's pictures.
            fps: The source's rate, for the virtual camera.
        """
        makers: dict[str, Callable[[], Sender]] = {}
        if self.json:
            makers["json"] = lambda: JsonLines(self.json)
        if self.websocket:
            makers["websocket"] = lambda: WebSocketSender(
                *parse_address(self.websocket), self.websocket_token
            )
        if self.osc:
            makers["osc"] = lambda: OscSender(*parse_address(self.osc, None))
        if self.lsl:
            makers["lsl"] = lambda: LslSender(self.lsl)
        if self.virtual_camera:
            makers["virtual_camera"] = lambda: VirtualCameraSender(painter(), fps)
        return makers


def make_outputs(
    options: OutputOptions,
    painter: Callable[[], Painter],
    fps: Callable[[], float | None] = lambda: None,
    on_error: Callable[[QueuedOutput], None] | None = None,
    *,
    wait: bool = False,
) -> list[QueuedOutput]:
    """The outputs that are on, not started.

    Args:
        options: Which.
        painter, fps: As for `OutputOptions.senders`.
        on_error: As for `QueuedOutput`.
        wait: Let the JSON lines wait for their reader, so that none is dropped; everything else
            drops what comes too fast.

    Raises:
        ConfigError: An address cannot be used.
    """
    makers = options.senders(painter, fps)
    return [
        QueuedOutput(make(), on_error, wait=wait and name == "json")
        for name, make in makers.items()
    ]
