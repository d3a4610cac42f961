"""What the cheap path loses: boxes, new faces and faces that leave, on the moving clips.

    python benchmarks/quality.py [--clips FOLDER] [--plain] [NAME ...]

Every frame of a clip goes through the live path, and beside it through a full search: the
detector's own, or with --plain OpenCV's plain `detectMultiScale` at full size (slow, so only
every fifth frame). Prints one JSON object per clip:

- boxes: share of the true faces that the full search finds in a frame for which the live path
  has a box with IoU >= 0.6 in that very frame (goal: 0.98);
- labelled_s: from the first frame in which a face is whole again and the full search finds it to
  its label (goal: 0.3);
- labels: share of faces whose shown label is the class that the model answers for that very
  frame, once for the live path and once with every face classified in every frame (goal: within
  0.01 of each other);
- gone_s: from the last frame with a part of a face to the last box there (goal: 0.5).
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from clips import FACES, write

from fer_live.capture.demo import DemoSource
from fer_live.capture.video import VideoFileSource
from fer_live.config import Settings
from fer_live.faces.boxes import iou
from fer_live.faces.haar import HaarDetector
from fer_live.paths import find_cascade
from fer_live.pipeline.build import BuildOptions, build_processor, processor_for
from fer_live.tracking.smoothing import SmoothingOptions
from fer_live.types import FrameResult

IOU = 0.6
SAME_FACE_IOU = 0.4
PLAIN_EVERY = 5


class Labels:
    """How often the label that is shown is what the model answers for the frame itself."""

    def __init__(self) -> None:
        self._faces = self._live = self._every = 0

    def frame(self, live: FrameResult, every: FrameResult) -> None:
        """The same frame, faces classified in turn and all of them."""
        shown = {face.track_id: face.label for face in live.faces}
        for face in every.faces:
            if face.track_id in shown and not face.missed_s and face.raw_probabilities is not None:
                answer = every.labels[int(face.raw_probabilities.argmax())]
                self._faces += 1
                self._live += shown[face.track_id] == answer
                self._every += face.label == answer

    def report(self) -> dict[str, float]:
        """Shares, 0-1."""
        count = max(self._faces, 1)
        return {"live": round(self._live / count, 4), "every_frame": round(self._every / count, 4)}


class Watched:
    """What was seen of one clip."""

    def __init__(self, truth: list[list[dict[str, Any]]], fps: float) -> None:
        self._truth, self._fps = truth, fps
        self._asked = self._had = 0
        self._waiting: dict[int, float] = {}
        self._away: set[int] = set()
        self._left: dict[int, tuple[float, np.ndarray, float]] = {}
        self._present: dict[int, np.ndarray] = {}
        self.labelled_s: list[float] = []
        self.gone_s: list[float] = []

    def frame(self, number: int, shown: np.ndarray, labelled: list[bool], full: np.ndarray) -> None:
        """One frame: shown boxes (N, 4), whether each has a label, a full search's boxes."""
        t_s = number / self._fps
        faces = self._truth[number]
        here = {f["who"]: np.array(f["box_xyxy"], np.float32) for f in faces}
        for face in faces:
            box = here[face["who"]]
            seen = _best(box, full) >= SAME_FACE_IOU
            if seen:
                found = full[int(iou(box[None], full)[0].argmax())]
                self._asked += 1
                self._had += _best(found, shown) >= IOU
            if face["who"] in self._away and face["whole"] and seen:
                self._away.discard(face["who"])
                self._waiting[face["who"]] = t_s
            if face["who"] in self._waiting and len(shown):
                at = int(iou(box[None], shown)[0].argmax())
                if labelled[at] and _best(box, shown) >= SAME_FACE_IOU:
                    self.labelled_s.append(t_s - self._waiting.pop(face["who"]))
        self._departures(t_s, here, shown)

    def _departures(self, t_s: float, here: dict[int, np.ndarray], shown: np.ndarray) -> None:
        for who in self._present.keys() - here.keys():
            self._left[who] = (t_s, self._present[who], t_s)
            self._waiting.pop(who, None)
        self._away |= self._present.keys() - here.keys()
        if not self._present and not self.labelled_s:
            self._away |= here.keys()
        for who, (left_s, box, _) in list(self._left.items()):
            alone = all(_best(box, other[None]) == 0 for other in here.values())
            if alone and _best(box, shown) > 0:
                self._left[who] = (left_s, box, t_s)
            if t_s - left_s > 1.0 or not alone:
                self.gone_s.append(self._left.pop(who)[2] - left_s)
        self._present = here

    def report(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "faces_asked": self._asked,
            "boxes": round(self._had / max(self._asked, 1), 4),
            "labelled_s": _sorted(self.labelled_s),
            "never_labelled": len(self._waiting),
            "gone_s": _sorted(self.gone_s),
        }


def _best(box: np.ndarray, boxes: np.ndarray) -> float:
    return float(iou(box[None], boxes).max()) if len(boxes) else 0.0


def _sorted(values: list[float]) -> list[float]:
    return [round(v, 3) for v in sorted(values)]


def measure(name: str, folder: Path, *, plain: bool) -> dict[str, Any]:
    """Plays one clip."""
    path = folder / f"{name}.mp4"
    if not path.is_file():
        write(name, folder)
    about = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    processor = processor_for(Settings().with_values({"device": "cpu"}), DemoSource())
    # The same detections and identities, so that only the classification differs.
    every = build_processor(device="cpu", options=BuildOptions(SmoothingOptions()))
    labels = Labels()
    own, cascade = HaarDetector(), cv2.CascadeClassifier(str(find_cascade()))
    source, watched = VideoFileSource(path), Watched(about["frames"], about["fps"])
    source.open()
    for number in range(len(about["frames"])):
        frame = source.read()
        assert frame is not None
        result = processor.process(frame)
        labels.frame(result, every.process(frame))
        shown = np.array([f.box_xyxy for f in result.faces], np.float32).reshape(-1, 4)
        if not plain:
            full = own.detect(frame.image_bgr).boxes_xyxy
        elif number % PLAIN_EVERY == 0:
            grey = cv2.cvtColor(frame.image_bgr, cv2.COLOR_BGR2GRAY)
            found = cascade.detectMultiScale(grey, 1.1, 5, minSize=(50, 50))
            full = np.array([(x, y, x + w, y + h) for x, y, w, h in found], np.float32)
            full = full.reshape(-1, 4)
        else:
            full = np.zeros((0, 4), np.float32)
        watched.frame(number, shown, [f.label is not None for f in result.faces], full)
    source.close()
    return {"clip": name, **watched.report(), "labels": labels.report()}


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--clips", type=Path, default=Path("/tmp/fer-live-clips"))
    parser.add_argument("--plain", action="store_true")
    given = parser.parse_args()
    for name in given.names or FACES:
        print(json.dumps(measure(name, given.clips, plain=given.plain)), flush=True)


if __name__ == "__main__":
    main()
