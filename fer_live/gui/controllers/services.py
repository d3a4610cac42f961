"""What the window needs from the rest of the program, in one place, imported only when used."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from fer_live.capture.source import SourceInfo
from fer_live.core.settings import Privacy, Settings, save_settings
from fer_live.core.types import Box, Frame, FrameResult
from fer_live.gui.window.messages import NoCameraError, is_picture
from fer_live.live.states import EngineEvent, ResultSink, State

if TYPE_CHECKING:
    from fer_live.core.errors import FerLiveError
    from fer_live.live.statistics import StatsSnapshot
    from fer_live.overlay.draw import OverlayOptions
    from fer_live.recording.disk import DiskSpace
    from fer_live.recording.recorder import RecordingSummary
    from fer_live.recording.timeline import VideoLog
    from fer_live.session_log.log import LogSummary
    from fer_live.session_log.schema import Moment


class EngineLike(Protocol):
    """The part of `pipeline.engine.Engine` that a window uses."""

    @property
    def state(self) -> State: ...
    @property
    def source_info(self) -> SourceInfo | None: ...
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
    def newest(self, after: int = -1, *, searched: bool = False) -> FrameResult | None: ...
    def add_sink(self, sink: ResultSink) -> None: ...
    def remove_sink(self, sink: ResultSink) -> None: ...
    def statistics(self) -> "StatsSnapshot": ...


class RecorderLike(ResultSink, Protocol):
    """The part of `recording.video.VideoRecorder` that a window uses."""

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
    """The part of `recording.log.SessionLog` that a window uses; a recorder tells it more."""

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
    def recording(self, file: Path, frame: Frame, video_time_s: float) -> None: ...
    def recording_off(self, frame: Frame, dropped: int = 0) -> None: ...


class ReplayLike(ResultSink, Protocol):
    """The part of `recording.replay.InstantReplay` that a window uses."""

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
    """The part of `capture.devices.CameraDevice` that a window uses."""

    @property
    def index(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def backend(self) -> str: ...


@dataclass(frozen=True)
class RecorderWish:
    """What a recorder is to be like.

    Args:
        target: File or folder; None is the folder in the settings.
        settings: As they are now; asked for each frame, in another thread.
        fps: The frame rate to draw; asked likewise.
        on_low_space: Told in another thread that the disk will soon be full.
    """

    target: Path | None
    settings: Callable[[], Settings]
    fps: Callable[[], float | None]
    on_low_space: Callable[["DiskSpace"], None]


BuildEngine = Callable[[str, Settings, Callable[[EngineEvent], None]], EngineLike]


@dataclass(frozen=True)
class Services:
    """Calls into the rest of the program; every one may be slow and runs off the GUI thread.

    Args:
        build_engine: Source, settings and event handler to an engine that is not started.
        list_cameras: Cameras that are there.
        save_snapshot: Result, settings, frame rate, model and places to hide to the path of the
            picture.
        make_recorder: A recorder that is not started.
        make_log: A session log that is not started: a file, or None for a new one in the folder
            of the settings; and the engine whose frames it takes, asked for each frame.
        make_replay: An instant replay that is not started.
        save_replay: Writes what a replay keeps as a file.
        write_report: Writes the report of a log beside it.
        save_settings: Writes the settings.
    """

    build_engine: BuildEngine
    list_cameras: Callable[[], Sequence[CameraLike]]
    save_snapshot: Callable[[FrameResult, Settings, float | None, str | None, Sequence[Box]], Path]
    make_recorder: Callable[[RecorderWish], RecorderLike]
    make_log: Callable[[Path | None, Settings, Callable[[], EngineLike | None]], LogLike]
    make_replay: Callable[[Settings], ReplayLike]
    save_replay: Callable[[ReplayLike, Settings], "RecordingSummary"]
    write_report: Callable[[Path], Path]
    save_settings: Callable[[Settings], None]


def overlay_options(settings: Settings) -> "OverlayOptions":
    """`OverlayOptions.from_settings`; imports OpenCV only when it is called."""
    from fer_live.overlay.draw import OverlayOptions

    return OverlayOptions.from_settings(settings)


def real_services() -> Services:
    """The program itself."""
    return Services(
        build_engine=_build_engine,
        list_cameras=_list_cameras,
        save_snapshot=_save_snapshot,
        make_recorder=_make_recorder,
        make_log=_make_log,
        make_replay=_make_replay,
        save_replay=_save_replay,
        write_report=_write_report,
        save_settings=lambda settings: save_settings(settings),
    )


def _build_engine(
    source: str, settings: Settings, on_event: Callable[[EngineEvent], None]
) -> EngineLike:
    from fer_live.live.assembly import mirrored, processor_for, source_for
    from fer_live.live.engine import Engine

    opened = source_for(settings, source or _first_camera())
    engine = Engine(
        opened,
        lambda: processor_for(settings, opened),
        mirror=mirrored(settings, opened),
        on_event=on_event,
    )
    # A picture is looked at once: its maps are there for whoever switches them on later.
    engine.set_maps(settings.show_heat or is_picture(source))
    return engine


def _first_camera() -> str:
    from fer_live.gui.window.source_menu import camera_source

    cameras = _list_cameras()
    if not cameras:
        raise NoCameraError
    return camera_source(cameras[0], cameras)


def _list_cameras() -> Sequence[CameraLike]:
    from fer_live.capture.devices import list_cameras

    return list_cameras()


def _save_snapshot(
    result: FrameResult,
    settings: Settings,
    fps: float | None,
    model: str | None,
    hidden: Sequence[Box],
) -> Path:
    from fer_live.recording.snapshot import save_snapshot

    files = save_snapshot(
        result,
        settings.output_dir,
        clean=settings.clean_snapshot,
        options=overlay_options(settings),
        fps=fps,
        model=model or "",
        privacy=settings.hiding,
        hidden=hidden,
    )
    return files.picture


def _make_recorder(wish: RecorderWish) -> RecorderLike:
    from fer_live.live.recorders import new_recorder

    target = wish.target or wish.settings().output_dir
    return new_recorder(target, wish.settings, wish.fps, on_low_space=wish.on_low_space)


def _make_log(
    path: Path | None, settings: Settings, engine: Callable[[], EngineLike | None]
) -> LogLike:
    from fer_live.live.log_notes import about_engine
    from fer_live.session_log.log import SessionAbout, SessionLog

    def about() -> SessionAbout:
        present = engine()
        return SessionAbout() if present is None else about_engine(present)

    return SessionLog(path or settings.output_dir, suffix=f".{settings.log_format}", about=about)


def _make_replay(settings: Settings) -> ReplayLike:
    from fer_live.recording.replay import InstantReplay

    return InstantReplay(settings.replay_s)


def _save_replay(replay: ReplayLike, settings: Settings) -> "RecordingSummary":
    from fer_live.recording.options import RecordingOptions
    from fer_live.recording.replay import InstantReplay

    assert isinstance(replay, InstantReplay)
    recording = replace(
        RecordingOptions.from_settings(settings),
        name="replay-{date}-{time}",
        split_s=None,
        split_bytes=None,
    )
    return replay.save(settings.output_dir, options=overlay_options(settings), recording=recording)


def _write_report(log: Path) -> Path:
    from fer_live.report.page import write_report

    return write_report(log)
