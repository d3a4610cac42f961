"""Which live outputs are on."""

from dataclasses import dataclass

from fer_live.core.settings import Settings


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

    def wanted(self) -> dict[str, tuple[object, ...]]:
        """What each output that is on is made of, by the name of its option."""
        found: dict[str, tuple[object, ...]] = {}
        if self.json:
            found["json"] = (self.json,)
        if self.websocket:
            found["websocket"] = (self.websocket, self.websocket_token)
        if self.osc:
            found["osc"] = (self.osc,)
        if self.lsl:
            found["lsl"] = (self.lsl,)
        if self.virtual_camera:
            found["virtual_camera"] = ()
        return found
