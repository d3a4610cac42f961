"""The window's services on the real program; each part is imported when it is first used."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from fer_live.core.formats import parse_source
from fer_live.core.settings import Settings, save_settings
from fer_live.gui.protocols import (
    CameraLike,
    EngineLike,
    LiveOutputsRequest,
    LogLike,
    OutputSwitchesLike,
    RecorderLike,
    RecorderRequest,
    ReplayLike,
    Services,
)
from fer_live.gui.sound_device import open_output
from fer_live.gui.window.source_menu import camera_source
from fer_live.gui.window.source_messages import NoCameraError
from fer_live.live.states import EngineEvent

if TYPE_CHECKING:
    from fer_live.capture.camera_check import CameraCheck, CameraFormat
    from fer_live.core.types import Box, FrameResult
    from fer_live.live.processor import FrameProcessor
    from fer_live.overlay.draw import OverlayOptions
    from fer_live.recording.recorder import RecordingSummary


def overlay_options(settings: Settings) -> "OverlayOptions":
    """`OverlayOptions.from_settings`, which imports OpenCV when it is first called."""
    from fer_live.overlay.draw import OverlayOptions

    return OverlayOptions.from_settings(settings)


def real_services() -> Services:
    """Services that run the program's own engine, cameras, recorder, log and report."""
    return Services(
        build_engine=_build_engine,
        list_cameras=_list_cameras,
        check_camera=_check_camera,
        save_snapshot=_save_snapshot,
        make_recorder=_make_recorder,
        make_log=_make_log,
        make_replay=_make_replay,
        save_replay=_save_replay,
        make_live_outputs=_make_live_outputs,
        write_report=_write_report,
        save_settings=lambda settings, changed: save_settings(settings, changed=changed),
        open_sound=open_output,
    )


def _build_engine(
    source: str, settings: Settings, on_event: Callable[[EngineEvent], None]
) -> EngineLike:
    from fer_live.capture.factory import mirrored, source_for
    from fer_live.live.engine import Engine

    opened = source_for(settings, source or _first_camera())

    def load() -> "FrameProcessor":
        # Imported on the thread that loads it, while the source is being opened.
        from fer_live.live.assembly import processor_for

        return processor_for(settings, opened)

    engine = Engine(
        opened,
        load,
        lossless=settings.every_frame and not opened.live,
        mirror=mirrored(settings, opened),
        on_event=on_event,
    )
    # An image is analysed once, so its heat maps must exist before they are switched on.
    engine.set_maps(settings.show_heat or parse_source(source).kind == "image")
    return engine


def _first_camera() -> str:
    cameras = _list_cameras()
    if not cameras:
        raise NoCameraError
    return camera_source(cameras[0], cameras)


def _list_cameras() -> Sequence[CameraLike]:
    from fer_live.capture.devices import list_cameras

    return list_cameras()


def _check_camera(
    source: str, settings: Settings, offered: "Sequence[CameraFormat]"
) -> "CameraCheck":
    from fer_live.live.assembly import check_settings_camera

    return check_settings_camera(settings, source, offered)


def _save_snapshot(
    result: "FrameResult",
    settings: Settings,
    fps: float | None,
    model: str | None,
    hidden: "Sequence[Box]",
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


def _make_recorder(request: RecorderRequest) -> RecorderLike:
    from fer_live.recording.recorder import VideoRecorder

    target = request.target or request.settings().output_dir
    return VideoRecorder.from_settings(
        target, request.settings, request.fps, on_low_space=request.on_low_space
    )


def _make_log(
    path: Path | None, settings: Settings, engine: Callable[[], EngineLike | None]
) -> LogLike:
    from fer_live.live.log_listener import session_about
    from fer_live.session_log.log import SessionLog
    from fer_live.session_log.schema import SessionAbout

    def about() -> SessionAbout:
        running = engine()
        return SessionAbout() if running is None else session_about(running)

    return SessionLog(
        path or settings.output_dir,
        suffix=f".{settings.log_format}",
        about=about,
        layout=settings.log_layout,
        derived=settings.derived_figures,
    )


def _make_live_outputs(request: LiveOutputsRequest) -> OutputSwitchesLike:
    from fer_live.live.log_listener import session_about
    from fer_live.outputs.live_outputs import LiveOutputs
    from fer_live.outputs.switches import OutputSwitches
    from fer_live.recording.frame_renderer import annotated_images
    from fer_live.session_log.schema import SessionAbout

    def about() -> SessionAbout:
        running = request.engine()
        return SessionAbout() if running is None else session_about(running)

    def source_fps() -> float | None:
        running = request.engine()
        info = running.source_info if running else None
        return info.fps if info else None

    live = LiveOutputs(about, derived=lambda: request.settings().derived_figures)
    return OutputSwitches(
        live,
        lambda: annotated_images(request.settings, request.fps),
        source_fps,
        request.on_error,
    )


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
