"""Analyses one video from its first frame to its last: log, annotated copy and summary."""

import errno
import logging
import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fer_live.batch.job_files import OutputPaths, part_of, silent_of
from fer_live.capture.container_probe import VideoInfo, probe_video
from fer_live.capture.video_file import VideoFileSource
from fer_live.core.errors import FerLiveError, RecordingError, SourceError
from fer_live.core.files import write_error
from fer_live.core.settings import Settings
from fer_live.core.types import FrameResult
from fer_live.live.assembly import processor_for
from fer_live.live.engine import Engine
from fer_live.live.protocols import FaceClassifier
from fer_live.live.states import EngineEvent, EngineOptions, State
from fer_live.overlay.draw import OverlayOptions
from fer_live.recording.options import RecordingOptions
from fer_live.recording.recorder import VideoRecorder
from fer_live.recording.sound import OriginalVideo, add_sound
from fer_live.session_log.log import SessionLog
from fer_live.session_log.schema import SessionAbout

_log = logging.getLogger(__name__)

_POLL_S = 0.1
"""Time between two progress reports, and until the end, a full disk or Ctrl-C is noticed."""
_SHARE_DIGITS = 4


@dataclass(frozen=True)
class Progress:
    """Progress of a video's analysis.

    Args:
        path: The video.
        frames: Number of frames analysed so far.
        position_s: Position of the newest frame in the video, seconds.
        length_s: Length of the video, seconds; None if its container does not state it.
        elapsed_s: Time spent on it, seconds.
        number, count: Its number in the queue, from 1, and the number of videos in the queue.
        later_s: Known length of the unfinished videos after it, seconds.
    """

    path: Path
    frames: int
    position_s: float
    length_s: float | None
    elapsed_s: float
    number: int = 1
    count: int = 1
    later_s: float = 0.0


OnProgress = Callable[[Progress], None]


def analyse_video(
    outputs: OutputPaths, classifier: FaceClassifier, settings: Settings, on_progress: OnProgress
) -> dict[str, Any]:
    """Analyses every frame and writes log and annotated video under their part names.

    The labels are the same as those of ``fer-live run --headless`` on the file.

    Args:
        outputs: The video and its output files.
        classifier: Shared by the videos, one after the other.
        settings: Smoothing, overlay, and whether faces are hidden.
        on_progress: Called on this thread about ten times a second, and at the end.

    Returns:
        The summary as JSON values.

    Raises:
        FerLiveError: The video cannot be opened, none of its frames can be analysed, or an output
            cannot be written.
    """
    source = VideoFileSource(outputs.video)
    info = probe_video(outputs.video)
    problems: list[str] = []
    engine = _engine(source, classifier, settings, problems)
    writers = _Writers(outputs, settings, classifier, info)
    began_s = time.monotonic()
    writers.start()
    try:
        engine.add_sink(writers)
        engine.start()
        ended = False
        while not ended and writers.error is None:
            ended = engine.wait(_POLL_S)
            on_progress(writers.progress(info.length_s, time.monotonic() - began_s))
    finally:
        engine.stop()
        writers.stop()
    if engine.error is not None:
        raise engine.error
    if writers.error is not None:
        raise writers.error
    if source.early_end is not None:
        problems.append(f"{source.early_end}.")
    if failed := engine.statistics().frames_failed:
        problems.append(f"{failed} frames could not be analysed and are in no output.")
    problems += writers.add_sound()
    return writers.summary(time.monotonic() - began_s, problems)


def _engine(
    source: VideoFileSource, classifier: FaceClassifier, settings: Settings, problems: list[str]
) -> Engine:
    """An engine that loses no frame, with a new tracker; it adds survived errors to `problems`."""

    def survived(event: EngineEvent) -> None:
        if event.error is not None and event.state is not State.FAILED:
            problems.append(event.message)

    return Engine(
        source,
        lambda: processor_for(settings, source, classifier),
        paced=False,
        lossless=True,
        on_event=survived,
        options=EngineOptions(wait_for_processor=True),
    )


class _Writers:
    """Log and recorder behind one sink, with the counts for the summary.

    The inference thread calls `submit`; the thread of `analyse_video` calls the other methods.
    """

    def __init__(
        self, outputs: OutputPaths, settings: Settings, classifier: FaceClassifier, info: VideoInfo
    ) -> None:
        self._outputs = outputs
        self._info = info
        self._silent = None if outputs.annotated is None else silent_of(outputs.annotated)
        about = SessionAbout(
            outputs.video.name, classifier.model_name, classifier.device_name, outputs.video
        )
        self._log = SessionLog(part_of(outputs.log), about=about, wait=True)
        shown = OverlayOptions(settings.show_bars, show_fps=False, show_ids=settings.show_ids)
        # The software encoder exists and gives the same video on every computer.
        how = RecordingOptions(encoder="software", privacy=settings.hiding)
        self._recorder = (
            None
            if self._silent is None
            else VideoRecorder(self._silent, options=shown, recording=how, wait=True)
        )
        self._lock = threading.Lock()
        self._frames = self._with_face = 0
        self._labels: Counter[str] = Counter()
        self._identities: set[int] = set()
        self._size: tuple[int, int] | None = None
        self._first_s = self._last_s = 0.0
        self._unexpected: FerLiveError | None = None

    @property
    def error(self) -> FerLiveError | None:
        """The error that prevents an output, or None."""
        recorded = None
        if self._recorder is not None:
            recorded = self._recorder.error
            if recorded is None and len(self._recorder.paths) > 1:
                # A recording continues in a new file, to which the sound would not fit.
                too_large = OSError(errno.EFBIG, os.strerror(errno.EFBIG))
                recorded = write_error(self._recorder.paths[0], too_large)
        return self._unexpected or self._log.error or recorded

    def start(self) -> None:
        """Opens the files. Raises RecordingError if one cannot be written."""
        self._log.start()
        if self._recorder is not None:
            try:
                self._recorder.start()
            except FerLiveError:
                self._log.stop()
                raise

    def submit(self, result: FrameResult) -> None:
        """Passes a frame to log and recorder; waits for the slower of the two."""
        self._log.submit(result)
        if self._size is None:
            video = self._outputs.annotated or self._outputs.video
            self._log.recording(video, result.frame, float(self._info.first_frame_s))
        if self._recorder is not None:
            self._recorder.submit(result)
        time_s = result.frame.time_s
        with self._lock:
            if self._size is None:
                self._size, self._first_s = (result.frame.width, result.frame.height), time_s
            self._frames += 1
            self._last_s = time_s
            self._with_face += bool(result.faces)
            self._labels.update(face.label for face in result.faces if face.label is not None)
            self._identities.update(face.track_id for face in result.faces)

    def progress(self, length_s: float | None, elapsed_s: float) -> Progress:
        """The progress so far."""
        with self._lock:
            return Progress(self._outputs.video, self._frames, self._last_s, length_s, elapsed_s)

    def stop(self) -> None:
        """Writes the queued frames and closes both files; afterwards `error` is final."""
        counts = {"log": self._log.stop().frames_written}
        if self._recorder is not None:
            counts["annotated video"] = self._recorder.stop().frames_written
        for name, count in counts.items():
            if count != self._frames and self.error is None:
                video = self._outputs.video.name
                self._unexpected = RecordingError(
                    f"The {name} of {video} has {count} of {self._frames} frames."
                )
        if not self._frames and self.error is None:
            self._unexpected = SourceError(
                f"No frame of {self._outputs.video.name} could be analysed.", "Choose another file."
            )

    def add_sound(self) -> tuple[str, ...]:
        """Completes the annotated video; returns a sentence for each problem with its sound."""
        if self._silent is None or self._outputs.annotated is None or self._size is None:
            return ()
        info = self._info
        aspect = info.upright_aspect(self._size)
        original = OriginalVideo(self._outputs.video, info.begins_s, info.first_frame_s, aspect)
        problems = add_sound(self._silent, original, part_of(self._outputs.annotated))
        self._silent.unlink(missing_ok=True)
        return problems

    def summary(self, took_s: float, problems: list[str]) -> dict[str, Any]:
        """The summary as JSON values."""
        outputs, size = self._outputs, self._size or (None, None)
        named = sum(self._labels.values())
        return {
            "width": size[0],
            "height": size[1],
            "frames": self._frames,
            "frames_with_face": self._with_face,
            "identities": len(self._identities),
            "expression_shares": {
                label: round(count / named, _SHARE_DIGITS)
                for label, count in self._labels.most_common()
            },
            "length_s": round(self._last_s - self._first_s, 3),
            "log": str(outputs.log),
            "annotated": None if outputs.annotated is None else str(outputs.annotated),
            "took_s": round(took_s, 3),
            "problems": problems,
        }
