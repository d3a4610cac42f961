"""What the window needs from the rest of the program, as interfaces that tests can replace."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from fer_live.core.settings import Privacy, Settings
from fer_live.live.states import EngineEvent, ResultSink, State
from fer_live.outputs.options import OutputOptions

if TYPE_CHECKING:
    from fer_live.capture.camera_check import CameraCheck, CameraFormat
    from fer_live.capture.camera_controls import ControlState
    from fer_live.capture.source import SourceInfo
    from fer_live.core.errors import FerLiveError
    from fer_live.core.types import Box, Frame, FrameResult
    from fer_live.live.playback import Playback
    from fer_live.live.statistics import StatsSnapshot
    from fer_live.recording.disk import DiskSpace
    from fer_live.recording.recorder import RecordingSummary
    from fer_live.recording.video_log import VideoLog
    from fer_live.session_log.log import LogSummary
    from fer_live.session_log.schema import Moment
    from fer_live.tracking.smoothing import SmoothingOptions


class CameraControlsLike(Protocol):
    """The part of `capture.camera.CameraSource` that the window uses; each call may wait."""

    def read_controls(self) -> "tuple[ControlState, ...]": ...
    def set_control(self, name: str, value: float | None) -> "ControlState | None": ...


class EngineLike(Protocol):
    """The part of `live.engine.Engine` that the window uses."""

    @property
    def state(self) -> State: ...
    @property
    def source_info(self) -> "SourceInfo | None": ...
    @property
    def camera(self) -> "CameraControlsLike | None": ...
    @property
    def left_out(self) -> dict[str, str]: ...
    @property
    def early_end(self) -> str | None: ...
    @property
    def device_name(self) -> str | None: ...
    @property
    def model_name(self) -> str | None: ...
    def start(self) -> None: ...
    def stop(self, timeout_s: float = 2.0) -> bool: ...
    @property
    def supports_heat_maps(self) -> bool | None: ...
    def set_mirror(self, on: bool) -> None: ...
    def set_maps(self, on: bool) -> None: ...
    def set_smoothing(self, options: "SmoothingOptions") -> None: ...
    def set_name(self, track_id: int, name: str) -> None: ...
    @property
    def playback(self) -> "Playback | None": ...
    def newest(self, after: int = -1, *, searched: bool = False) -> "FrameResult | None": ...
    def add_sink(self, sink: ResultSink) -> None: ...
    def remove_sink(self, sink: ResultSink) -> None: ...
    def statistics(self) -> "StatsSnapshot": ...


class RecorderLike(ResultSink, Protocol):
    """The part of `recording.recorder.VideoRecorder` that the window uses."""

    paused: bool
    privacy: Privacy

    @property
    def elapsed_s(self) -> float: ...
    @property
    def frames_dropped(self) -> int: ...
    @property
    def size_bytes(self) -> int: ...
    @property
    def part(self) -> int: ...
    @property
    def space(self) -> "DiskSpace | None": ...
    @property
    def error(self) -> "FerLiveError | None": ...
    def start(self) -> None: ...
    def stop(self) -> "RecordingSummary": ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def new_part(self) -> None: ...
    def mark(self, text: str, time_s: float | None = None) -> object | None: ...
    def follow(self, log: "VideoLog") -> None: ...


class LogLike(ResultSink, Protocol):
    """The part of `session_log.log.SessionLog` that the window and a recorder use."""

    @property
    def rows(self) -> int: ...
    @property
    def markers(self) -> int: ...
    @property
    def elapsed_s(self) -> float: ...
    @property
    def frames_dropped(self) -> int: ...
    @property
    def error(self) -> "FerLiveError | None": ...
    def start(self) -> None: ...
    def stop(self) -> "LogSummary": ...
    def moment(self) -> "Moment": ...
    def mark(self, key: int, text: str = "", moment: "Moment | None" = None) -> None: ...
    def note(self, kind: str, text: str = "") -> None: ...
    def recording(self, file: Path, frame: "Frame", video_time_s: float) -> None: ...
    def recording_off(self, frame: "Frame", dropped: int = 0) -> None: ...


class ReplayLike(ResultSink, Protocol):
    """The part of `recording.replay.InstantReplay` that the window uses."""

    @property
    def kept_s(self) -> float: ...
    @property
    def memory_bytes(self) -> int: ...
    @property
    def error(self) -> "FerLiveError | None": ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def clear(self) -> None: ...


class CameraLike(Protocol):
    """The part of `capture.devices.CameraDevice` that the window uses."""

    @property
    def index(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def backend(self) -> str: ...


@dataclass(frozen=True)
class RecorderRequest:
    """What a new recorder needs.

    Args:
        target: File or folder; None is the folder in the settings.
        settings: Gives the current settings; called for each frame, on the recorder's thread.
        fps: Gives the frame rate to draw, frames per second; called like `settings`.
        on_low_space: Called on the recorder's thread when the disk will soon be full.
    """

    target: Path | None
    settings: Callable[[], Settings]
    fps: Callable[[], float | None]
    on_low_space: Callable[["DiskSpace"], None]


class LiveOutputLike(Protocol):
    """The part of `outputs.output.Output` that the window uses."""

    @property
    def name(self) -> str: ...
    @property
    def place(self) -> str: ...
    @property
    def clients(self) -> int | None: ...
    @property
    def dropped(self) -> int: ...
    @property
    def error(self) -> "FerLiveError | None": ...
    @property
    def warning(self) -> str: ...


class LiveOutputsLike(ResultSink, Protocol):
    """The part of `outputs.live_outputs.LiveOutputs` that the window uses."""

    @property
    def running(self) -> Sequence[LiveOutputLike]: ...
    @property
    def elapsed_s(self) -> float: ...
    def moment(self) -> Any: ...
    def mark(self, key: int, text: str = "", moment: Any = None) -> None: ...
    def note(self, kind: str, text: str = "") -> None: ...


class OutputSwitchesLike(Protocol):
    """The part of `outputs.switches.OutputSwitches` that the window uses."""

    @property
    def live(self) -> LiveOutputsLike: ...
    def apply(
        self, options: OutputOptions
    ) -> tuple[Sequence[LiveOutputLike], Sequence["FerLiveError"]]: ...
    def stop(self) -> None: ...


@dataclass(frozen=True)
class LiveOutputsRequest:
    """What live outputs need. All is called on threads of theirs.

    Args:
        settings: Gives the current settings.
        fps: Gives the frame rate to draw, frames per second.
        engine: Gives the running engine.
        on_error: Called with an output that has ended early.
    """

    settings: Callable[[], Settings]
    fps: Callable[[], float | None]
    engine: Callable[[], EngineLike | None]
    on_error: Callable[[LiveOutputLike], None]


SaveSnapshot = Callable[["FrameResult", Settings, float | None, str | None, Sequence["Box"]], Path]
"""Writes a picture of a result; arguments as in `Services`."""

CheckCamera = Callable[[str, Settings, Sequence["CameraFormat"]], "CameraCheck"]
"""Measures the camera of a source string; takes the formats that it offers."""

BuildEngine = Callable[[str, Settings, Callable[[EngineEvent], None]], EngineLike]


class SoundOutput(Protocol):
    """A sound device that is open, for 48 kHz, stereo, 16 bit."""

    @property
    def buffered(self) -> int:
        """Samples of each channel handed over and not yet heard."""
        ...

    def write(self, samples: bytes) -> int:
        """Takes samples, left and right in turn; returns how many of each there was room for."""
        ...

    def set_volume(self, volume: float) -> None:
        """From 0 to 1."""
        ...

    def drop(self) -> None:
        """Forgets what is not yet heard, and is silent until the next `write`."""
        ...

    def close(self) -> None:
        """Releases the device."""
        ...


@dataclass(frozen=True)
class Services:
    """Calls into the rest of the program. Each may be slow and runs off the GUI thread.

    Args:
        build_engine: Takes source, settings and event handler; returns an engine, not started.
        list_cameras: Returns the connected cameras.
        check_camera: Measures a camera that nobody holds.
        save_snapshot: Takes result, settings, frame rate, model name and the boxes to hide;
            returns the path of the image.
        make_recorder: Returns a recorder, not started.
        make_log: Takes a file, or None for a new one in the folder of the settings, the settings,
            and a function that gives the running engine; returns a session log, not started.
        make_replay: Returns an instant replay, not started.
        save_replay: Writes the frames that a replay holds to a video file.
        make_live_outputs: Returns the live outputs, none of which is open.
        write_report: Writes the report of a log beside it and returns its path.
        save_settings: Writes those of the settings whose names it is given.
        open_sound: Opens the sound device, on the GUI thread; None if there is none.
    """

    build_engine: BuildEngine
    list_cameras: Callable[[], Sequence[CameraLike]]
    check_camera: CheckCamera
    save_snapshot: SaveSnapshot
    make_recorder: Callable[[RecorderRequest], RecorderLike]
    make_log: Callable[[Path | None, Settings, Callable[[], EngineLike | None]], LogLike]
    make_replay: Callable[[Settings], ReplayLike]
    save_replay: Callable[[ReplayLike, Settings], "RecordingSummary"]
    make_live_outputs: Callable[[LiveOutputsRequest], OutputSwitchesLike]
    write_report: Callable[[Path], Path]
    save_settings: Callable[[Settings, Collection[str]], None]
    open_sound: Callable[[], SoundOutput | None]
