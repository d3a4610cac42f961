"""Analyses one video from its first frame to its last: log, annotated copy and summary."""

import errno
import os
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fer_live.batch.analysis import AnalysisOptions, analyse_frames
from fer_live.batch.job_files import OutputPaths, part_of, silent_of
from fer_live.batch.spans import Span, SpanJoiner, spans_of
from fer_live.capture.container.probe import VideoInfo, probe_video
from fer_live.classification.runtime.base import FaceClassifier
from fer_live.core.errors import FerLiveError, RecordingError, SourceError
from fer_live.core.files import write_error
from fer_live.core.settings import Settings
from fer_live.core.types import FrameResult
from fer_live.overlay.draw import OverlayOptions
from fer_live.recording.options import RecordingOptions
from fer_live.recording.recorder import VideoRecorder
from fer_live.recording.sound import OriginalVideo, add_sound
from fer_live.session_log.log import SessionLog
from fer_live.session_log.schema import SessionAbout

_POLL_S = 0.1
"""Time between two progress reports."""
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
        total_s: Known length of all videos of the queue that are to be analysed, seconds.
    """

    path: Path
    frames: int
    position_s: float
    length_s: float | None
    elapsed_s: float
    number: int = 1
    count: int = 1
    total_s: float = 0.0


OnProgress = Callable[[Progress], None]


def analyse_video(
    outputs: OutputPaths,
    classifier: FaceClassifier,
    settings: Settings,
    on_progress: OnProgress,
    how: AnalysisOptions | None = None,
) -> dict[str, Any]:
    """Analyses a video and writes log and annotated video under their part names.

    A long video is analysed span after span, as by many machines, so that their number does not
    change the results; see `spans`.

    Args:
        outputs: The video and its output files.
        classifier: Shared by the videos, one after the other.
        settings: Smoothing, overlay, and whether faces are hidden.
        on_progress: Called on this thread about ten times a second, and at the end.
        how: Which frames are taken and searched for faces.

    Returns:
        The summary as JSON values.

    Raises:
        FerLiveError: The video cannot be opened, none of its frames can be analysed, or an output
            cannot be written.
    """
    problems: list[str] = []
    drawn = outputs.annotated is not None
    spans = planned_spans(outputs)

    def results() -> Generator[FrameResult]:
        joiner = SpanJoiner()
        for span in spans:
            frames = analyse_span(
                outputs.video, span, classifier, settings, how, problems.append, drawn=drawn
            )
            with closing(frames):
                yield from joiner.join(span, frames)

    with closing(results()) as found:
        about = about_of(outputs.video, classifier)
        return write_results(outputs, found, about, settings, on_progress, problems)


def about_of(video: Path, classifier: FaceClassifier) -> SessionAbout:
    """Video, model and device, for the log."""
    return SessionAbout(video.name, classifier.model_name, classifier.device_name, video)


def planned_spans(outputs: OutputPaths) -> list[Span]:
    """The spans in which a video is analysed; an annotated one is not cut."""
    return [Span()] if outputs.annotated is not None else spans_of(outputs.video)


def analyse_span(
    video: Path,
    span: Span,
    classifier: FaceClassifier,
    settings: Settings,
    how: AnalysisOptions | None = None,
    problems: Callable[[str], None] = lambda _: None,
    *,
    drawn: bool = False,
) -> Generator[FrameResult]:
    """The results of a span's frames, from `Span.from_s` on; see `analysis.analyse_frames`."""
    how = how or AnalysisOptions()
    if drawn and settings.hiding != "none":
        # A face that is hidden must be found in every frame.
        how = replace(how, thorough=True)
    return analyse_frames(
        video,
        classifier,
        settings,
        how,
        start_s=span.from_s,
        end_s=span.end_s,
        keep_pictures=drawn,
        problems=problems,
    )


def write_results(
    outputs: OutputPaths,
    results: Iterable[FrameResult],
    about: SessionAbout,
    settings: Settings,
    on_progress: OnProgress,
    problems: list[str],
) -> dict[str, Any]:
    """Writes the results of a video, in its order, under the part names of its outputs.

    Args:
        outputs, settings, on_progress: As for `analyse_video`.
        results: Of all its frames.
        about: Video, model and device, for the log.
        problems: What was survived; the writing adds to it.

    Returns:
        The summary as JSON values.

    Raises:
        FerLiveError: As `analyse_video` does.
    """
    info = probe_video(outputs.video)
    writers = _Writers(outputs, settings, about, info)
    began_s = told_s = time.monotonic()
    writers.start()
    try:
        for result in results:
            writers.submit(result)
            if writers.error is not None:
                break
            if time.monotonic() - told_s >= _POLL_S:
                told_s = time.monotonic()
                on_progress(writers.progress(info.length_s, told_s - began_s))
    finally:
        writers.stop()
    on_progress(writers.progress(info.length_s, time.monotonic() - began_s))
    if writers.error is not None:
        raise writers.error
    problems += writers.add_sound()
    return writers.summary(time.monotonic() - began_s, problems)


class _Writers:
    """Log and recorder behind one sink, with the counts for the summary.

    One thread uses it.
    """

    def __init__(
        self, outputs: OutputPaths, settings: Settings, about: SessionAbout, info: VideoInfo
    ) -> None:
        self._outputs = outputs
        self._info = info
        self._silent = None if outputs.annotated is None else silent_of(outputs.annotated)
        self._log = SessionLog(part_of(outputs.log), about=about, wait=True)
        shown = OverlayOptions(settings.show_bars, show_fps=False, show_ids=settings.show_ids)
        # The software encoder exists and gives the same video on every computer.
        how = RecordingOptions(encoder="software", privacy=settings.hiding)
        self._recorder = (
            None
            if self._silent is None
            else VideoRecorder(self._silent, options=shown, recording=how, wait=True)
        )
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
        if self._size is None:
            self._size, self._first_s = (result.frame.width, result.frame.height), time_s
        self._frames += 1
        self._last_s = time_s
        self._with_face += bool(result.faces)
        self._labels.update(face.label for face in result.faces if face.label is not None)
        self._identities.update(face.track_id for face in result.faces)

    def progress(self, length_s: float | None, elapsed_s: float) -> Progress:
        """The progress so far."""
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
