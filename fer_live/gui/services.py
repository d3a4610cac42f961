"""What the window needs from the rest of the program, in one place, imported only when used."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from fer_live.capture.source import SourceInfo
from fer_live.config import Settings, save_settings
from fer_live.gui.messages import NoCameraError
from fer_live.pipeline.states import EngineEvent, ResultSink, State
from fer_live.types import FrameResult

if TYPE_CHECKING:
    from fer_live.errors import FerLiveError
    from fer_live.overlay.draw import OverlayOptions
    from fer_live.pipeline.statistics import StatsSnapshot
    from fer_live.recording.video import RecordingSummary


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
    def set_mirror(self, on: bool) -> None: ...
    def newest(self, after: int = -1) -> FrameResult | None: ...
    def add_sink(self, sink: ResultSink) -> None: ...
    def remove_sink(self, sink: ResultSink) -> None: ...
    def statistics(self) -> "StatsSnapshot": ...


class RecorderLike(ResultSink, Protocol):
    """The part of `recording.video.VideoRecorder` that a window uses."""

    @property
    def elapsed_s(self) -> float: ...
    @property
    def frames_dropped(self) -> int: ...
    @property
    def size_bytes(self) -> int: ...
    @property
    def error(self) -> "FerLiveError | None": ...
    def start(self) -> None: ...
    def stop(self) -> "RecordingSummary": ...


class CameraLike(Protocol):
    """The part of `capture.devices.CameraDevice` that a window uses."""

    @property
    def index(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def backend(self) -> str: ...


BuildEngine = Callable[[str, Settings, Callable[[EngineEvent], None]], EngineLike]


@dataclass(frozen=True)
class Services:
    """Calls into the rest of the program; every one may be slow and runs off the GUI thread.

    Args:
        build_engine: Source, settings and event handler to an engine that is not started.
        list_cameras: Cameras that are there.
        save_snapshot: Result, settings and frame rate to the path of the picture.
        make_recorder: Present settings and frame rate, asked for each frame in another thread,
            to a recorder that is not started.
        save_settings: Writes the settings.
    """

    build_engine: BuildEngine
    list_cameras: Callable[[], Sequence[CameraLike]]
    save_snapshot: Callable[[FrameResult, Settings, float | None, str | None], Path]
    make_recorder: Callable[[Callable[[], Settings], Callable[[], float | None]], RecorderLike]
    save_settings: Callable[[Settings], None]


def overlay_options(settings: Settings) -> "OverlayOptions":
    """`OverlayOptions.from_settings`; imports OpenCV only when it is called."""
    from fer_live.overlay.draw import OverlayOptions

    return OverlayOptions.from_settings(settings)


def real_services() -> Services:
    """The program itself."""
    return Services(
        _build_engine, _list_cameras, _save_snapshot, _make_recorder, lambda s: save_settings(s)
    )


def _build_engine(
    source: str, settings: Settings, on_event: Callable[[EngineEvent], None]
) -> EngineLike:
    from fer_live.pipeline.build import mirrored, processor_for, source_for
    from fer_live.pipeline.engine import Engine

    opened = source_for(settings, source or _first_camera())
    return Engine(
        opened,
        lambda: processor_for(settings, opened),
        mirror=mirrored(settings, opened),
        on_event=on_event,
    )


def _first_camera() -> str:
    from fer_live.gui.source_menu import camera_source

    cameras = _list_cameras()
    if not cameras:
        raise NoCameraError
    return camera_source(cameras[0], cameras)


def _list_cameras() -> Sequence[CameraLike]:
    from fer_live.capture.devices import list_cameras

    return list_cameras()


def _save_snapshot(
    result: FrameResult, settings: Settings, fps: float | None, model: str | None
) -> Path:
    from fer_live.recording.snapshot import save_snapshot

    files = save_snapshot(
        result,
        settings.output_dir,
        clean=settings.clean_snapshot,
        options=overlay_options(settings),
        fps=fps,
        model=model or "",
    )
    return files.picture


def _make_recorder(
    settings: Callable[[], Settings], fps: Callable[[], float | None]
) -> RecorderLike:
    from fer_live.recording.video import VideoRecorder

    return VideoRecorder(
        settings().output_dir, options=lambda: overlay_options(settings()), fps=fps
    )
