"""OpenFace's layout of a log: its columns first, filled where they can be, then all of ours.

Columns and order are those of FeatureExtraction and FaceLandmarkVidMulti of OpenFace 2.2
(Baltrušaitis et al. 2018, "OpenFace 2.0: Facial Behavior Analysis Toolkit"), with every group of
them switched on. What is not measured here stays empty: head pose, gaze, landmarks, shape and
action units, and `confidence`, which is that of OpenFace's landmarks.
"""

from collections.abc import Sequence

from fer_live.session_log.schema import FACE, Row, Value

PREFIX = "fer_"
"""Begins the name of each of our own columns, whose names could else be OpenFace's."""

EYE_LANDMARKS, FACE_LANDMARKS, SHAPE_MODES = 56, 68, 34
AU_INTENSITIES = (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 20, 23, 25, 26, 45)
AU_PRESENCES = (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 20, 23, 25, 26, 28, 45)
KIND = "kind"
"""The column that every log has."""

FIRST_FRAME = 1
"""OpenFace counts frames from here; a log from 0."""
NO_FACE = 0
"""`face_id` in a row that tells of no face; identities begin at 1."""


def _numbered(prefixes: Sequence[str], count: int) -> list[str]:
    return [f"{prefix}{number}" for prefix in prefixes for number in range(count)]


FILLED = ("frame", "face_id", "timestamp", "confidence", "success")
"""The first columns; all but `confidence` are filled."""

COLUMNS = (
    *FILLED,
    *("gaze_0_x", "gaze_0_y", "gaze_0_z", "gaze_1_x", "gaze_1_y", "gaze_1_z"),
    *("gaze_angle_x", "gaze_angle_y"),
    *_numbered(["eye_lmk_x_", "eye_lmk_y_"], EYE_LANDMARKS),
    *_numbered(["eye_lmk_X_", "eye_lmk_Y_", "eye_lmk_Z_"], EYE_LANDMARKS),
    *("pose_Tx", "pose_Ty", "pose_Tz", "pose_Rx", "pose_Ry", "pose_Rz"),
    *_numbered(["x_", "y_"], FACE_LANDMARKS),
    *_numbered(["X_", "Y_", "Z_"], FACE_LANDMARKS),
    *("p_scale", "p_rx", "p_ry", "p_rz", "p_tx", "p_ty"),
    *_numbered(["p_"], SHAPE_MODES),
    *(f"AU{unit:02}_r" for unit in AU_INTENSITIES),
    *(f"AU{unit:02}_c" for unit in AU_PRESENCES),
)
"""OpenFace's 714 columns."""

_EMPTY = (None,) * (len(COLUMNS) - len(FILLED))


def header(columns: Sequence[str]) -> list[str]:
    """The header of a log in this layout, for the names of the columns of one in our own."""
    return [*COLUMNS, *(PREFIX + name for name in columns)]


def cells(columns: Sequence[str], row: Row) -> list[Value]:
    """A row in this layout.

    Args:
        columns: Names of the log's own columns.
        row: Its cells in their order.
    """
    known = dict(zip(columns, row, strict=True))
    frame, identity = known["frame"], known["identity"]
    found = known["kind"] == FACE and known["missed_s"] == 0
    return [
        None if frame is None else int(frame) + FIRST_FRAME,
        NO_FACE if identity is None else identity,
        known["time_s"],
        None,
        int(found),
        *_EMPTY,
        *row,
    ]


def own_columns(header: Sequence[str]) -> dict[int, str] | None:
    """The places and names of our own columns in a log of this layout; None for another."""
    if PREFIX + KIND not in header:
        return None
    return {
        n: name.removeprefix(PREFIX) for n, name in enumerate(header) if name.startswith(PREFIX)
    }
