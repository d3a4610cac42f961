"""A frame of the video with the faces that the log has at its time."""

import math

import numpy as np

from fer_live.core.types import Face, Frame, FrameResult
from fer_live.report.timing import GAP_S
from fer_live.review.frame_reader import ShownFrame
from fer_live.review.session import Session
from fer_live.session_log.reader import NO_LABEL, LogTable, flag_bit
from fer_live.session_log.schema import CORRECTED
from fer_live.tracking.quality_flags import QUALITY_FLAGS

SAME_FRAME_S = 2e-3
"""Times of the same frame in log and video differ by less: both are rounded."""


def frame_result(frame: ShownFrame, session: Session, time_s: float) -> FrameResult:
    """The frame and the faces of the log, as corrected.

    Args:
        frame: From the video.
        session: The session.
        time_s: Session time of the frame, seconds.
    """
    table = session.table
    faces = faces_at(table, time_s)
    picture = Frame(frame.image_bgr, max(0, round(frame.time_s * 1000)), 0.0, frame.time_s)
    return FrameResult(picture, faces, table.labels, {}, 0.0)


def faces_at(table: LogTable, time_s: float) -> tuple[Face, ...]:
    """The faces of the newest frame of a log at a time; none after a gap."""
    last = int(np.searchsorted(table.time_s, time_s + SAME_FRAME_S, "right")) - 1
    if last < 0 or time_s - table.time_s[last] > GAP_S:
        return ()
    first = int(np.searchsorted(table.time_s, table.time_s[last], "left"))
    return tuple(face_in(table, row) for row in range(first, last + 1) if table.identity[row] > 0)


def face_in(table: LogTable, row: int) -> Face:
    """The face in a row of a log."""
    left, top, width, height = table.box_xywh[row].tolist()
    place = int(table.label[row])
    known = place != NO_LABEL
    probabilities = table.probabilities[row]
    # The model's probability says nothing about a label that a person gave.
    corrected = bool(table.flags[row] & flag_bit(CORRECTED))
    return Face(
        track_id=int(table.identity[row]),
        box_xyxy=(left, top, left + width, top + height),
        label=table.names[place] if known else None,
        confidence=math.nan if corrected else float(np.nan_to_num(table.confidence[row])),
        probabilities=probabilities.astype(np.float32)
        if np.isfinite(probabilities).all()
        else None,
        missed_s=float(np.nan_to_num(table.missed_s[row])),
        labels=table.labels,
        quality=tuple(flag for flag in QUALITY_FLAGS if table.flags[row] & flag_bit(flag)),
        name=table.face_names.get(int(table.identity[row]), ""),
    )
