"""Which live outputs a user wants, and the outputs that are made of that."""

from collections.abc import Callable
from dataclasses import dataclass

from fer_live.core.network import parse_address
from fer_live.core.settings import Settings
from fer_live.outputs.json_lines import JsonLines
from fer_live.outputs.live_outputs import LiveOutputs
from fer_live.outputs.lsl import LslSender
from fer_live.outputs.osc import OscSender
from fer_live.outputs.output import QueuedOutput, Sender
from fer_live.outputs.virtual_camera import Renderer, VirtualCameraSender
from fer_live.outputs.websocket import WebSocketSender

JSON = "json"


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

    @classmethod
    def from_settings(cls, settings: Settings, json: str = "") -> "OutputOptions":
        """What the user chose; a file for JSON lines may be named besides."""
        return cls(
            json=json or (str(settings.output_dir) if settings.json_output else ""),
            websocket=settings.websocket_address if settings.websocket else "",
            websocket_token=settings.websocket_token,
            osc=settings.osc_address if settings.osc else "",
            lsl=settings.lsl_name if settings.lsl else "",
            virtual_camera=settings.virtual_camera,
        )

    def senders(
        self, renderer: Callable[[], Renderer], fps: Callable[[], float | None] = lambda: None
    ) -> dict[str, Callable[[], Sender]]:
        """What makes each sender that is on, by the name of its option.

        Args:
            renderer: Makes what draws the virtual camera's pictures.
            fps: The source's rate, for the virtual camera.
        """
        makers: dict[str, Callable[[], Sender]] = {}
        if self.json:
            makers[JSON] = lambda: JsonLines(self.json)
        if self.websocket:
            makers["websocket"] = lambda: WebSocketSender(
                *parse_address(self.websocket), self.websocket_token
            )
        if self.osc:
            makers["osc"] = lambda: OscSender(*parse_address(self.osc, None))
        if self.lsl:
            makers["lsl"] = lambda: LslSender(self.lsl)
        if self.virtual_camera:
            makers["virtual_camera"] = lambda: VirtualCameraSender(renderer(), fps)
        return makers


def open_outputs(
    options: OutputOptions,
    live: LiveOutputs,
    renderer: Callable[[], Renderer],
    fps: Callable[[], float | None] = lambda: None,
    on_error: Callable[[QueuedOutput], None] | None = None,
    *,
    wait: bool = False,
) -> None:
    """Opens every output that is on, or none.

    Args:
        options: Which are on.
        live: Gets them.
        renderer, fps: As for `OutputOptions.senders`.
        on_error: As for `QueuedOutput`.
        wait: Let JSON lines wait for their reader, so that none is dropped; everything else drops
            what comes too fast.

    Raises:
        FerLiveError: An address cannot be used, or an output cannot be opened.
    """
    try:
        for name, make in options.senders(renderer, fps).items():
            live.open(QueuedOutput(make(), on_error, wait=wait and name == JSON))
    except BaseException:
        live.stop()
        raise
