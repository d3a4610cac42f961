"""Live outputs: how late clients get a frame, what each output costs, and what stalled ones cost.

    python benchmarks/outputs.py latency [--seconds 30] [--clip FILE]
    python benchmarks/outputs.py cost [--frames 2000] [--faces 1]
    python benchmarks/outputs.py stall [--hours 24] [--faces 2]

`latency` plays a clip at its own rate through the whole engine. WebSocket, OSC and LSL clients in
processes of their own note when they have a frame; its capture is known by its number. The clocks
are one clock: on Linux `time.perf_counter` is the same in every process.

`cost` hands one output after another the same results, each when the one before has been sent. It
prints the time that `submit` takes on the analysis thread and the CPU time of all threads a frame.

`stall` simulates hours at 30 frames a second, as fast as they go, with every output on and a client
behind each that reads nothing. It prints the resident memory over time, the frames that the engine
analysed and handed to the window's side, and what each output has dropped.
"""

import argparse
import json
import multiprocessing
import os
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.clips import write
from fer_live.capture.source import SourceInfo
from fer_live.capture.video_file import VideoFileSource
from fer_live.core.labels import FER2013
from fer_live.core.machine import rss_mb
from fer_live.core.settings import Settings
from fer_live.core.types import Face, Frame, FrameResult
from fer_live.live.assembly import processor_for
from fer_live.live.engine import Engine
from fer_live.live.log_listener import session_about
from fer_live.outputs.json_lines import JsonLines
from fer_live.outputs.live_outputs import LiveOutputs
from fer_live.outputs.lsl import LslSender
from fer_live.outputs.osc import OscSender
from fer_live.outputs.output import QueuedOutput, Sender
from fer_live.outputs.virtual_camera import VirtualCameraSender
from fer_live.outputs.websocket import WebSocketSender
from fer_live.overlay.draw import draw_overlay
from fer_live.session_log.schema import SessionAbout

FPS = 30.0
LABELS = FER2013.labels
PICTURE = np.full((720, 1280, 3), 90, np.uint8)
ABOUT = SessionAbout("benchmark", "none", "cpu")
PROGRESS_STEPS = 24


def faces_of(count: int) -> tuple[Face, ...]:
    """Faces with probabilities that are nobody's."""
    shares = np.full(len(LABELS), 1 / len(LABELS), np.float32)
    return tuple(
        Face(n, (90.0 * n, 100.0, 90.0 * n + 80, 190.0), 5.0, "happy", 0.9, shares, shares)
        for n in range(1, count + 1)
    )


# --- clients, each in a process of its own ---------------------------------------------------


def websocket_client(pipe: Connection, place: str) -> None:
    """Notes when each frame came."""
    from websockets.sync.client import connect

    came = {}
    with connect(place) as client:
        pipe.send("ready")
        while not pipe.poll():
            try:
                message = json.loads(client.recv(timeout=0.1))
            except TimeoutError:
                continue
            if message["kind"] == "frame":
                came[message["frame"]] = time.perf_counter()
    pipe.send(came)


def osc_client(pipe: Connection, port: int) -> None:
    """Notes when the last message of each frame came."""
    from pythonosc.osc_message import OscMessage

    came: dict[int, float] = {}
    frame = -1
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", port))
        server.settimeout(0.1)
        pipe.send("ready")
        while not pipe.poll():
            try:
                message = OscMessage(server.recv(4096))
            except TimeoutError:
                continue
            if message.address == "/fer/frame":
                frame = message.params[0]
            if message.address != "/fer/time":
                came[frame] = time.perf_counter()
    pipe.send(came)


def lsl_client(pipe: Connection, name: str) -> None:
    """Notes when each sample came, less its time stamp."""
    import pylsl

    found = pylsl.resolve_byprop("name", name, timeout=20)
    inlet = pylsl.StreamInlet(found[0])
    inlet.open_stream(timeout=20)
    pipe.send("ready")
    late = []
    while not pipe.poll():
        sample, stamp = inlet.pull_sample(timeout=0.1)
        if sample is not None:
            late.append(pylsl.local_clock() - stamp)
    pipe.send(late)


@contextmanager
def client(target: Callable[..., None], *arguments: object) -> Iterator[Callable[[], Any]]:
    """Runs a client; gives what makes it end and hand over what it noted."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=target, args=(theirs, *arguments), daemon=True
    )
    process.start()
    assert ours.recv() == "ready"

    def end() -> Any:
        ours.send("end")
        return ours.recv()

    yield end
    process.join(5)


def free_port(kind: socket.SocketKind) -> int:
    """A port that nobody uses."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- latency ---------------------------------------------------------------------------------


class Captured:
    """When each frame was captured and analysed."""

    def __init__(self) -> None:
        self.at: dict[int, tuple[float, float]] = {}

    def submit(self, result: FrameResult) -> None:
        """A frame was analysed."""
        self.at[result.frame.index] = (result.frame.captured_s, result.finished_s)


def spread_ms(values: list[float]) -> dict[str, float]:
    """Median and 95th percentile of seconds, milliseconds."""
    return {
        "frames": len(values),
        "p50_ms": round(statistics.median(values) * 1e3, 2),
        "p95_ms": round(float(np.percentile(values, 95)) * 1e3, 2),
    }


def latency(seconds: float, clip: Path) -> dict[str, Any]:
    """From capture to client, of the whole engine on a clip."""
    if not clip.is_file():
        write(clip.stem, clip.parent)
    source = VideoFileSource(clip)
    settings = Settings().with_values({"device": "cpu"})
    engine = Engine(source, lambda: processor_for(settings, source))
    live = LiveOutputs(lambda: session_about(engine))
    websocket = QueuedOutput(WebSocketSender("127.0.0.1", 0))
    osc_port, name = free_port(socket.SOCK_DGRAM), f"fer-benchmark-{os.getpid()}"
    lsl_sender, captured = LslSender(name), Captured()
    for output in (websocket, QueuedOutput(OscSender("127.0.0.1", osc_port))):
        live.open(output)
    live.open(QueuedOutput(lsl_sender))
    engine.add_sink(captured)
    engine.add_sink(live)
    engine.start()
    # The stream of probabilities is there with the first frame.
    while not captured.at:
        time.sleep(0.05)
    with ExitStack() as clients:
        ends = [
            clients.enter_context(client(websocket_client, websocket.place)),
            clients.enter_context(client(osc_client, osc_port)),
            clients.enter_context(client(lsl_client, name)),
        ]
        engine.wait(seconds)
        engine.stop()
        if engine.error is not None:
            raise engine.error
        time.sleep(0.5)
        came = [end() for end in ends]
    live.stop()
    analysed = [done - begun for begun, done in captured.at.values()]
    figures: dict[str, Any] = {"analysis": spread_ms(analysed)}
    for label, seen in zip(("websocket", "osc"), came, strict=False):
        known = [(at, *captured.at[n]) for n, at in seen.items() if n in captured.at]
        figures[label] = {
            **spread_ms([at - begun for at, begun, _ in known]),
            "after_analysis": spread_ms([at - done for at, _, done in known]),
        }
    figures["lsl"] = {
        **spread_ms(came[2]),
        "clock_error_ms": round(lsl_sender.clock_error_s * 1e3, 4),
    }
    figures["dropped"] = engine.report()["frames_dropped"]
    return figures


# --- cost ------------------------------------------------------------------------------------


class StandIn:
    """A virtual camera's device that takes pictures and keeps none."""

    delay_s = 0.0

    def __init__(self, **_: object) -> None:
        pass

    def send(self, frame: object) -> None:
        """Takes a picture."""
        time.sleep(self.delay_s)

    def close(self) -> None:
        """Nothing to release."""

    def device(self) -> str:
        """Its name."""
        return "stand-in"

    def native_fourcc(self) -> None:
        """None of its own."""


@contextmanager
def stand_in_camera(delay_s: float = 0.0) -> Iterator[None]:
    """The only virtual camera there is."""
    import pyvirtualcam.camera

    before = dict(pyvirtualcam.camera.BACKENDS)
    pyvirtualcam.camera.BACKENDS.clear()
    pyvirtualcam.register_backend("stand-in", type("Slow", (StandIn,), {"delay_s": delay_s}))
    try:
        yield
    finally:
        pyvirtualcam.camera.BACKENDS.clear()
        pyvirtualcam.camera.BACKENDS.update(before)


def draw(result: FrameResult) -> list[Any]:
    """The annotated picture."""
    return [draw_overlay(result.frame.image_bgr, result.faces, result.labels)]


def cost(frames: int, faces: int) -> dict[str, Any]:
    """Of one frame, with each output alone; clients are in processes of their own."""
    found = faces_of(faces)
    figures = {}
    with tempfile.TemporaryDirectory() as folder, stand_in_camera():
        osc_port, name = free_port(socket.SOCK_DGRAM), f"fer-benchmark-{os.getpid()}"
        senders: dict[str, tuple[Sender, Callable[[QueuedOutput], tuple[Any, ...]] | None]] = {
            "json": (JsonLines(str(Path(folder) / "out.jsonl")), None),
            "websocket": (
                WebSocketSender("127.0.0.1", 0),
                lambda output: (websocket_client, output.place),
            ),
            "osc": (OscSender("127.0.0.1", osc_port), lambda _: (osc_client, osc_port)),
            "lsl": (LslSender(name), lambda _: (lsl_client, name)),
            "virtual camera": (VirtualCameraSender(draw), None),
        }
        for label, (sender, client_of) in senders.items():
            live, output = LiveOutputs(lambda: ABOUT), QueuedOutput(sender)
            live.open(output)
            live.submit(result_at(0, found))
            with ExitStack() as stack:
                end = stack.enter_context(client(*client_of(output))) if client_of else None
                figures[label] = _cost_of(live, output, frames, found)
                if end is not None:
                    end()
                live.stop()
    return figures


def _cost_of(
    live: LiveOutputs, output: QueuedOutput, frames: int, found: tuple[Face, ...]
) -> dict[str, float]:
    submit_s = 0.0
    begun_s = time.process_time()
    for index in range(1, frames + 1):
        one = result_at(index, found)
        before_s = time.thread_time()
        live.submit(one)
        submit_s += time.thread_time() - before_s
        while output.sent <= index:
            time.sleep(0.0005)
    spent_s = time.process_time() - begun_s
    idle_s = _idle_cpu_s(frames)
    return {
        "submit_us": round(submit_s / frames * 1e6, 1),
        "cpu_ms": round((spent_s - idle_s) / frames * 1e3, 3),
    }


def _idle_cpu_s(frames: int) -> float:
    """What the loop itself spends on making results and waiting."""
    begun_s = time.process_time()
    for index in range(frames):
        result_at(index, ())
        time.sleep(0.0005)
    return time.process_time() - begun_s


def result_at(index: int, faces: tuple[Face, ...]) -> FrameResult:
    """An analysed frame of now."""
    now_s = time.perf_counter()
    return FrameResult(Frame(PICTURE, index, now_s), faces, LABELS, {}, now_s)


# --- stalled clients -------------------------------------------------------------------------


class FastSource:
    """A file of so many frames at 30 a second, all alike; as fast as it is read."""

    live = False
    paced = False

    def __init__(self, frames: int) -> None:
        self._frames, self._next = frames, 0

    def open(self) -> SourceInfo:
        """Says what it is."""
        return SourceInfo("file", "simulated", 1280, 720, FPS, live=False)

    def read(self) -> Frame | None:
        """The next frame, or None at the end."""
        if self._next >= self._frames:
            return None
        self._next += 1
        index = self._next - 1
        return Frame(PICTURE, index, time.perf_counter(), index / FPS)

    def interrupt(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """Nothing to release."""


class FastProcessor:
    """Finds the same faces in every frame, at once."""

    labels = LABELS
    device_name = "cpu"
    model_name = "none"
    supports_heat_maps = False
    maps = False
    velocities: dict[int, tuple[float, float]] = {}

    def __init__(self, faces: int) -> None:
        self._faces = faces_of(faces)

    def reset(self) -> None:
        """Forgets nothing."""

    def process(self, frame: Frame) -> FrameResult:
        """The result."""
        return FrameResult(frame, self._faces, LABELS, {"detect": 0.0}, time.perf_counter())


class Window:
    """Counts what reaches the window's side, and notes the memory now and then."""

    def __init__(self, frames: int) -> None:
        self._step = max(frames // PROGRESS_STEPS, 1)
        self.seen = 0
        self.missed = 0
        self._last = -1
        self.memory_mb: list[float] = []

    def submit(self, result: FrameResult) -> None:
        """A frame was analysed."""
        self.missed += result.frame.index - self._last - 1
        self._last = result.frame.index
        self.seen += 1
        if self.seen % self._step == 0:
            self.memory_mb.append(round(rss_mb() or 0.0, 1))
            print(self.seen, self.memory_mb[-1], file=sys.stderr, flush=True)


def silent_websocket(place: str) -> socket.socket:
    """A client that has connected and reads nothing."""
    host, port = place.removeprefix("ws://").rsplit(":", 1)
    peer = socket.create_connection((host, int(port)))
    peer.sendall(
        b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    return peer


def silent_lsl(name: str, opened: threading.Event, over: threading.Event) -> None:
    """An inlet that is opened and never read; it keeps few samples of its own."""
    import pylsl

    found = pylsl.resolve_byprop("name", name, timeout=60)
    inlet = pylsl.StreamInlet(found[0], max_buflen=1)
    inlet.open_stream(timeout=20)
    opened.set()
    over.wait()
    inlet.close_stream()


def stall(hours: float, faces: int) -> dict[str, Any]:
    """Memory and lost frames with clients that read nothing."""
    frames = round(hours * 3600 * FPS)
    engine = Engine(FastSource(frames), lambda: FastProcessor(faces), paced=False, lossless=True)  # type: ignore[arg-type,return-value]
    live = LiveOutputs(lambda: ABOUT)
    name = f"fer-benchmark-{os.getpid()}"
    opened, over = threading.Event(), threading.Event()
    listener = threading.Thread(target=silent_lsl, args=(name, opened, over), daemon=True)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        stack.enter_context(stand_in_camera(delay_s=0.5))
        pipe = Path(folder) / "pipe"
        os.mkfifo(pipe)
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        receiver = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        receiver.bind(("127.0.0.1", 0))
        server = WebSocketSender("127.0.0.1", 0)
        websocket = QueuedOutput(server)
        outputs = [
            QueuedOutput(JsonLines(str(pipe))),
            websocket,
            QueuedOutput(OscSender(*receiver.getsockname())),
            QueuedOutput(LslSender(name)),
            QueuedOutput(VirtualCameraSender(draw)),
        ]
        for output in outputs:
            live.open(output)
        live.submit(result_at(0, faces_of(faces)))
        stack.enter_context(silent_websocket(websocket.place))
        listener.start()
        assert opened.wait(60)
        window = Window(frames)
        engine.add_sink(live)
        engine.add_sink(window)
        begun_s = time.perf_counter()
        engine.start()
        engine.wait()
        engine.stop()
        if engine.error is not None:
            raise engine.error
        took_s = time.perf_counter() - begun_s
        dropped = {output.name: output.dropped for output in outputs}
        dropped["WebSocket client"] = server.missed
        sent = {output.name: output.sent for output in outputs}
        errors = [str(output.error) for output in outputs if output.error is not None]
        os.close(reader)
        over.set()
        listener.join()
        live.stop()
    settled = window.memory_mb[len(window.memory_mb) // 6]
    return {
        "hours": hours,
        "frames": frames,
        "frames_on_screen": window.seen,
        "frames_missed": window.missed,
        "took_s": round(took_s, 1),
        "memory_mb": window.memory_mb,
        "grown_mb": round(window.memory_mb[-1] - settled, 1),
        "sent": sent,
        "dropped": dropped,
        "errors": errors,
    }


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("latency")
    one.add_argument("--seconds", type=float, default=30.0)
    one.add_argument("--clip", type=Path, default=Path("/tmp/fer-live-clips/one.mp4"))
    one = commands.add_parser("cost")
    one.add_argument("--frames", type=int, default=2000)
    one.add_argument("--faces", type=int, default=1)
    one = commands.add_parser("stall")
    one.add_argument("--hours", type=float, default=24.0)
    one.add_argument("--faces", type=int, default=2)
    given = vars(parser.parse_args())
    runs: dict[str, Callable[..., Any]] = {"latency": latency, "cost": cost, "stall": stall}
    run = runs[given.pop("command")]
    print(json.dumps(run(**given), indent=2))


if __name__ == "__main__":
    main()
