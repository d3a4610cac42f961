"""Stand-ins with the interfaces of engine, recorder and camera list, driven by the test."""

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from fer_live.capture.camera import CameraSettings, Granted
from fer_live.capture.camera_check import CameraCheck
from fer_live.capture.source import SourceInfo
from fer_live.core.errors import FerLiveError
from fer_live.core.types import Face, Frame, FrameResult
from fer_live.gui.controllers.services import real_services
from fer_live.gui.protocols import Services
from fer_live.live.playback import Playback
from fer_live.live.states import EngineEvent, State
from fer_live.live.statistics import StatsSnapshot

LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")


def face(track_id: int, top: int = 3, share: float = 0.7) -> Face:
    values = np.full(len(LABELS), (1 - share) / (len(LABELS) - 1), np.float32)
    values[top] = share
    left = 40.0 * track_id
    return Face(track_id, (left, 20, left + 30, 50), 5.0, LABELS[top], share, values, values)


def result(index: int = 0, faces=(), size=(160, 120), grey: int = 90, at_s=None) -> FrameResult:
    now = time.perf_counter() if at_s is None else at_s
    frame = Frame(np.full((size[1], size[0], 3), grey, np.uint8), index, now)
    return FrameResult(frame, tuple(faces), LABELS, {"detect": 1.0}, now)


class FakeEngine:
    """Does nothing by itself; the test gives it states and results."""

    def __init__(self, source, settings, on_event, engines) -> None:
        self.source, self.settings = source, settings
        self._on_event, self._engines = on_event, engines
        self.state = State.IDLE
        self.source_info = self.device_name = self.model_name = self.camera = None
        self.supports_heat_maps: bool | None = None
        self.left_out: dict[str, str] = {}
        self.early_end: str | None = None
        self.mirrors: list[bool] = []
        self.maps: list[bool] = []
        self.tuned: list[object] = []
        self.playback: Playback | None = Playback(threading.Event(), paced=True)
        self.names: dict[int, str] = {}
        self.sinks: list[object] = []
        self.started = self.stopped = False
        self.results: list[FrameResult] = []

    def start(self) -> None:
        self.say(State.OPENING)
        self.started = True  # last: a test that waits for it says the next state

    def say(self, state: State, error: FerLiveError | None = None, details: str = "") -> None:
        self.state = state
        self._on_event(EngineEvent(state, error.message if error else "", error, details))

    def stream(self, *results: FrameResult) -> None:
        first = results[0].frame
        self.source_info = SourceInfo("demo", "Demo", first.width, first.height, 30.0, True)
        self.device_name, self.model_name = "CPU", "default"
        self.supports_heat_maps = self._engines.supports_heat_maps
        self.results = list(results)
        self.say(State.STREAMING)

    def stop(self, timeout_s: float = 2.0) -> bool:
        if not self._engines.gate.wait(timeout_s):
            return False
        self.stopped = True
        self.state = State.STOPPED
        self._on_event(EngineEvent(State.STOPPED, "Stopped."))
        return True

    def set_mirror(self, on: bool) -> None:
        self.mirrors.append(on)

    def set_maps(self, on: bool) -> None:
        self.maps.append(on)

    def set_smoothing(self, options) -> None:
        self.tuned.append(options)

    def set_name(self, track_id: int, name: str) -> None:
        self.names[track_id] = name

    def newest(self, after: int = -1, *, searched: bool = False) -> FrameResult | None:
        newer = [r for r in self.results if r.frame.index > after]
        return newer[-1] if newer else None

    def add_sink(self, sink: object) -> None:
        self.sinks.append(sink)

    def remove_sink(self, sink: object) -> None:
        if sink in self.sinks:
            self.sinks.remove(sink)

    def statistics(self) -> StatsSnapshot:
        return StatsSnapshot(
            capture_fps=30.0,
            analysis_fps=24.5,
            frames_captured=100,
            frames_dropped=20,
            frames_not_analysed=7,
        )


class FakeEngines:
    """Builds fake engines and remembers them."""

    def __init__(self) -> None:
        self.made: list[FakeEngine] = []
        self.error: Exception | None = None
        self.supports_heat_maps = True
        self.gate = threading.Event()
        self.gate.set()

    def build(self, source, settings, on_event) -> FakeEngine:
        if self.error is not None:
            raise self.error
        engine = FakeEngine(source, settings, on_event, self)
        self.made.append(engine)
        return engine

    def release(self) -> None:
        """Lets engines stop that were held back."""
        self.gate.set()


@dataclass(frozen=True)
class Camera:
    index: int
    name: str
    backend: str = "V4L2"


@dataclass(frozen=True)
class Summary:
    paths: tuple[Path, ...]
    frames_written: int = 12
    frames_dropped: int = 0
    duration_s: float = 3.0
    error: FerLiveError | None = None
    parts: tuple = ()


@dataclass(frozen=True)
class LogSummary:
    path: Path | None
    rows: int = 30
    frames_written: int = 12
    frames_dropped: int = 0
    markers: int = 2
    duration_s: float = 3.0
    error: FerLiveError | None = None


class FakeSink:
    """What recorder, log and replay have in common."""

    def __init__(self) -> None:
        self.elapsed_s, self.frames_dropped = 0.0, 0
        self.error: FerLiveError | None = None
        self.started = self.stopped = False
        self.start_error: Exception | None = None
        self.told: list[tuple] = []

    def start(self) -> None:
        if self.start_error is not None:
            raise self.start_error
        self.started = True

    def submit(self, result: FrameResult) -> None:
        self.elapsed_s += 1

    def stop(self) -> object:
        self.stopped = True
        self.told.append(("stop",))
        return None


class FakeRecorder(FakeSink):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.size_bytes, self.part, self.space, self.paused = 0, 1, None, False
        self.refuses = False
        self.privacy = "none"

    def stop(self) -> Summary:
        super().stop()
        return Summary((self.path,), frames_dropped=self.frames_dropped, error=self.error)

    def pause(self) -> None:
        self.paused = True

    def resume(self) -> None:
        self.paused = False

    def new_part(self) -> None:
        self.told.append(("new_part",))

    def mark(self, text, time_s=None) -> object | None:
        self.told.append(("mark", text, time_s))
        return None if self.refuses else (1, 0.0)

    def follow(self, log) -> None:
        self.told.append(("follow", log))


class FakeLog(FakeSink):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path, self.rows, self.markers = path, 0, 0

    def stop(self) -> LogSummary:
        super().stop()
        return LogSummary(self.path, error=self.error)

    def moment(self) -> str:
        return f"moment {len(self.told)}"

    def mark(self, key, text="", moment=None) -> None:
        self.told.append(("mark", key, text, moment))

    def note(self, kind, text="") -> None:
        self.told.append(("note", kind))


class FakeReplay(FakeSink):
    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds, self.kept_s, self.memory_bytes = seconds, 12.0, 45_000_000

    def clear(self) -> None:
        self.told.append(("clear",))


@dataclass
class FakeServices:
    engines: FakeEngines
    folder: Path
    cameras: list[Camera] = field(default_factory=list)
    saved: list = field(default_factory=list)
    snapshots: list = field(default_factory=list)
    replays: list = field(default_factory=list)
    replays_saved: list = field(default_factory=list)
    reports: list = field(default_factory=list)
    requests: list = field(default_factory=list)
    log_paths: list = field(default_factory=list)
    checked: list = field(default_factory=list)
    check_error: Exception | None = None
    snapshot_error: Exception | None = None
    save_error: Exception | None = None
    report_error: Exception | None = None

    def __post_init__(self) -> None:
        self.recorder = FakeRecorder(self.folder / "recording.mp4")
        self.log = FakeLog(self.folder / "session.csv")

    def made(self) -> Services:
        return Services(
            build_engine=lambda *arguments: self.engines.build(*arguments),
            list_cameras=lambda: tuple(self.cameras),
            check_camera=lambda *arguments: self.check_camera(*arguments),
            save_snapshot=self._snapshot,
            make_recorder=lambda request: self.make_recorder(request),
            make_log=self._make_log,
            make_replay=self._make_replay,
            save_replay=lambda *arguments: self.save_replay(*arguments),
            # Outputs need no camera and no model: the real ones are as quick as stand-ins.
            make_live_outputs=real_services().make_live_outputs,
            write_report=self._write_report,
            save_settings=self._save,
            open_sound=lambda: None,
        )

    def check_camera(self, source, settings, offered):
        self.checked.append(source)
        if self.check_error is not None:
            raise self.check_error
        asked = CameraSettings(settings.width, settings.height, settings.fps)
        granted = Granted("V4L2", 640, 480, 30.0, "MJPG")
        return CameraCheck(
            "Desk", asked, granted, tuple(offered), 76, 5.0, 15.0, 1.5, 68.0, 40.0, 66.0, 4.0, 21.0
        )

    def make_recorder(self, request) -> FakeRecorder:
        self.requests.append(request)
        return self.recorder

    def _make_log(self, path, settings, engine) -> FakeLog:
        self.log_paths.append(path)
        self.log_engine = engine
        return self.log

    def _make_replay(self, settings) -> FakeReplay:
        self.replays.append(FakeReplay(settings.replay_s))
        return self.replays[-1]

    def save_replay(self, replay, settings) -> Summary:
        self.replays_saved.append((replay, settings))
        return Summary((self.folder / "replay.mp4",))

    def _write_report(self, log: Path) -> Path:
        if self.report_error is not None:
            raise self.report_error
        self.reports.append(log)
        return log.with_suffix(".html")

    def _snapshot(self, shown, settings, fps, model, hidden) -> Path:
        if self.snapshot_error is not None:
            raise self.snapshot_error
        self.snapshots.append((shown, settings, model))
        return self.folder / "snapshot.png"

    def _save(self, settings, changed) -> None:
        if self.save_error is not None:
            raise self.save_error
        self.saved.append(settings)


class OneFaceProcessor:
    """A processor that sees one face in every frame."""

    labels, device_name, model_name, velocities = LABELS, "CPU", "stand-in", {}
    supports_heat_maps = maps = False

    def reset(self) -> None:
        pass

    def process(self, frame):
        return FrameResult(frame, (face(1),), LABELS, {"detect": 1.0}, frame.captured_s)
