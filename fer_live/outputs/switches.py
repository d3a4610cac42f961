"""Opens and closes live outputs as the user switches them on and off."""

import threading
from collections.abc import Callable

from fer_live.core.errors import FerLiveError
from fer_live.core.network import parse_address
from fer_live.outputs.json_lines import JsonLines
from fer_live.outputs.live_outputs import LiveOutputs
from fer_live.outputs.lsl import LslSender
from fer_live.outputs.options import OutputOptions
from fer_live.outputs.osc import OscSender
from fer_live.outputs.output import Output, QueuedOutput, Sender
from fer_live.outputs.virtual_camera import Renderer, VirtualCameraSender
from fer_live.outputs.websocket import WebSocketSender


class OutputSwitches:
    """Keeps the open outputs in step with the options. Any thread may call it.

    Args:
        live: Hands results to the outputs.
        renderer: Makes what renders the virtual camera's images.
        fps: Returns the source's rate, or None while it is unknown; for the virtual camera.
        on_error: Called in the output's thread when an output ends early.
        wait: Let JSON lines wait for their reader, so that no frame is dropped. All other outputs
            drop what comes too fast.
    """

    def __init__(
        self,
        live: LiveOutputs,
        renderer: Callable[[], Renderer],
        fps: Callable[[], float | None] = lambda: None,
        on_error: Callable[[Output], None] | None = None,
        *,
        wait: bool = False,
    ) -> None:
        self.live = live
        self._renderer = renderer
        self._fps = fps
        self._on_error = on_error
        self._wait = wait
        self._lock = threading.Lock()
        self._open: dict[str, tuple[tuple[object, ...], QueuedOutput]] = {}
        self._stopped = False

    def apply(self, options: OutputOptions) -> tuple[list[Output], list[FerLiveError]]:
        """Closes what is off, changed or has failed; opens what is on. Blocks.

        Returns:
            The outputs opened by this call, and why others could not be opened.
        """
        opened: list[Output] = []
        errors: list[FerLiveError] = []
        with self._lock:
            wanted = {} if self._stopped else options.wanted()
            for name, (values, output) in tuple(self._open.items()):
                if wanted.get(name) != values or output.error is not None:
                    del self._open[name]
                    self.live.close(output)
            for name, values in wanted.items():
                if name in self._open:
                    continue
                try:
                    output = self._new(name, options)
                    self.live.open(output)
                except FerLiveError as error:
                    errors.append(error)
                else:
                    self._open[name] = values, output
                    opened.append(output)
        return opened, errors

    def stop(self) -> None:
        """Closes everything for good; nothing opens any more."""
        with self._lock:
            self._stopped = True
            self._open.clear()
            self.live.stop()

    def _new(self, name: str, options: OutputOptions) -> QueuedOutput:
        senders: dict[str, Callable[[], Sender]] = {
            "json": lambda: JsonLines(options.json),
            "websocket": lambda: WebSocketSender(
                *parse_address(options.websocket), options.websocket_token
            ),
            "osc": lambda: OscSender(*parse_address(options.osc, None)),
            "lsl": lambda: LslSender(options.lsl),
            "virtual_camera": lambda: VirtualCameraSender(self._renderer(), self._fps),
        }
        return QueuedOutput(senders[name](), self._on_error, wait=self._wait and name == "json")
