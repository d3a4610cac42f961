"""Saves a snapshot: the annotated frame, a clean copy if wanted, and the faces as JSON."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from fer_live.core.files import reserve_free_names, write_error
from fer_live.core.naming import expand
from fer_live.core.records import face_record
from fer_live.core.settings import Privacy
from fer_live.core.types import Box, FrameResult
from fer_live.overlay.draw import OverlayOptions, draw_overlay
from fer_live.overlay.privacy import hide_boxes, hide_faces
from fer_live.recording.png import write_png


@dataclass(frozen=True)
class SnapshotFiles:
    """The files of one snapshot.

    Args:
        picture: The annotated PNG.
        clean: The PNG without overlay, or None.
        sidecar: The JSON with the faces.
    """

    picture: Path
    clean: Path | None
    sidecar: Path


def save_snapshot(
    result: FrameResult,
    folder: Path,
    *,
    clean: bool = False,
    options: OverlayOptions | None = None,
    fps: float | None = None,
    model: str = "",
    privacy: Privacy = "none",
    hidden: Sequence[Box] | None = None,
    now: Callable[[], datetime] = datetime.now,
) -> SnapshotFiles:
    """Writes a frame with its overlay as PNG, and its faces as JSON beside it.

    Args:
        result: The frame with its faces.
        folder: Created if it is missing; nothing in it is overwritten.
        clean: Also save the frame without overlay.
        options, fps: What is drawn, as for `draw_overlay`.
        model: Name of the model, for the JSON.
        privacy: How faces are hidden in both images. Unlike in a recording, a face that is first
            found in a later frame stays visible.
        hidden: Boxes to hide, as `FaceHider.boxes` knows them from earlier frames; None hides the
            boxes of this frame alone.
        now: Returns the wall time for names and JSON.

    Raises:
        RecordingError: A file cannot be written; all files of the snapshot are removed.
    """
    # The other files are named after the annotated one, whose name is reserved.
    stem = expand("snapshot-{date}-{time}-{ms}", now())
    picture = reserve_free_names(folder, stem, (".png",))[0]
    files = SnapshotFiles(
        picture,
        picture.with_name(f"{picture.stem}-clean.png") if clean else None,
        picture.with_suffix(".json"),
    )
    frame = result.frame
    try:
        if hidden is None:
            image = hide_faces(frame.image_bgr, result.faces, privacy, result.found)
        else:
            image = hide_boxes(frame.image_bgr, hidden, privacy)
        annotated = draw_overlay(image, result.faces, result.labels, options, fps)
        write_png(picture, annotated)
        if files.clean is not None:
            write_png(files.clean, image)
        side = _sidecar(result, files, now()) | {"model": model, "privacy": privacy}
        side["faces"] = [face_record(face, result.labels) for face in result.faces]
        files.sidecar.write_text(json.dumps(side, indent=2) + "\n", "utf-8")
    except Exception as error:
        for path in (files.picture, files.clean, files.sidecar):
            if path is not None:
                path.unlink(missing_ok=True)
        raise (write_error(folder, error) if isinstance(error, OSError) else error) from error
    return files


def _sidecar(result: FrameResult, files: SnapshotFiles, taken: datetime) -> dict[str, Any]:
    frame = result.frame
    return {
        "taken_at": taken.astimezone().isoformat(timespec="milliseconds"),
        "picture": files.picture.name,
        "clean": files.clean.name if files.clean else None,
        "width": frame.width,
        "height": frame.height,
        "frame": frame.index,
        "position_s": frame.position_s,
    }
