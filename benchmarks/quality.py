"""What the cheap path loses: boxes, new faces and faces that leave, on the moving clips.

    python benchmarks/quality.py [--clips FOLDER] [--plain] [NAME ...]

Every frame of a clip goes through the live path, and beside it through a full search: the
detector's own, or with --plain OpenCV's plain `detectMultiScale` at full size (slow, so only
every fifth frame). Prints one JSON object per clip:

- boxes: share of the true faces that the full search finds in a frame for which the live path
  has a box with IoU >= 0.6 in that very frame (goal: 0.98);
- labelled_s: of each face that comes in, from the first frame in which it is whole to its label
  (goal: 0.3); never_labelled counts those that leave, or the clip ends, before; found_s is how
  long the full search itself takes from that frame on;
- labels: share of faces whose shown label is the class that the model answers for that very
  frame, once for the live path and once with every face classified in every frame (goal: within
  0.01 of each other);
- gone_s: of each face that leaves, from the first frame without any part of its box to the first
  one without a box over its last place that is nobody else's (goal: 0.5);
- false: boxes per frame that are over nobody's face, shown and of the full search.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.clips import FACES, write
from fer_live.capture.demo import DEFAULT_SIZE, DemoSource
from fer_live.capture.video_file import VideoFileSource
from fer_live.core.paths import find_cascade
from fer_live.core.process import share_cores
from fer_live.core.settings import Settings
from fer_live.core.types import FrameResult
from fer_live.detection.boxes import iou
from fer_live.detection.haar import HaarDetector
from fer_live.live.assembly import BuildOptions, build_processor, processor_for
from fer_live.tracking.smoothing import SmoothingOptions

IOU = 0.6
SAME_FACE_IOU = 0.4
OTHERS_IOU = 0.3
"""A box that overlaps a present face by this much is that face's."""

LEFT_FOR_S = 1.0
"""Boxes of a face that has left are looked for so long."""

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
    """What was seen of one clip.

    Args:
        truth: For every frame, whose face is where.
        fps: Of the clip.
        size: Width and height of the picture, pixels.
    """

    def __init__(
        self, truth: list[list[dict[str, Any]]], fps: float, size: tuple[int, int] = DEFAULT_SIZE
    ) -> None:
        self._truth, self._fps = truth, fps
        self._picture = np.array([[0, 0, *size]], np.float32)
        self._asked = self._had = self._never = 0
        self._frames = self._searched = self._false = self._false_full = 0
        self._present: dict[int, np.ndarray] = {}
        self._coming: set[int] = set()
        self._waiting: dict[int, float] = {}
        self._unfound: dict[int, float] = {}
        self._left: dict[int, tuple[float, np.ndarray, float]] = {}
        self.found_s: list[float] = []
        self.labelled_s: list[float] = []
        self.gone_s: list[float] = []

    def frame(
        self, number: int, shown: np.ndarray, labelled: list[bool], full: np.ndarray | None
    ) -> None:
        """One frame: shown boxes (N, 4), whether each has a label, a full search's boxes."""
        t_s = number / self._fps
        boxes = {f["who"]: np.array(f["box_xyxy"], np.float32) for f in self._truth[number]}
        # One that slides out is listed until its middle is far outside.
        here = {who: box for who, box in boxes.items() if _best(box, self._picture) > 0}
        whole = {f["who"] for f in self._truth[number] if f["whole"]}
        self._coming = (self._coming | (here.keys() - self._present.keys())) & here.keys()
        for who in self._coming & whole:
            self._waiting[who] = self._unfound[who] = t_s
        self._coming -= whole
        for who, box in here.items():
            if full is not None and _best(box, full) >= SAME_FACE_IOU:
                found = full[int(iou(box[None], full)[0].argmax())]
                self._asked += 1
                self._had += _best(found, shown) >= IOU
                if who in self._unfound:
                    self.found_s.append(t_s - self._unfound.pop(who))
            named = shown[np.array(labelled, np.bool_)]
            if who in self._waiting and _best(box, named) >= SAME_FACE_IOU:
                self.labelled_s.append(t_s - self._waiting.pop(who))
        present = np.array([*here.values()], np.float32).reshape(-1, 4)
        stale = _nobodys(shown, present)
        self._frames += 1
        self._false += len(stale)
        if full is not None:
            self._searched += 1
            self._false_full += len(_nobodys(full, present))
        self._departures(t_s, here, stale)

    def _departures(self, t_s: float, here: dict[int, np.ndarray], stale: np.ndarray) -> None:
        for who in self._present.keys() - here.keys():
            self._left[who] = t_s, self._present[who], t_s
            self._unfound.pop(who, None)
            self._never += self._waiting.pop(who, None) is not None
        for who, (left_s, box, until_s) in list(self._left.items()):
            if _best(box, stale) > 0:
                until_s = t_s + 1 / self._fps
            self._left[who] = left_s, box, until_s
            if who in here or t_s - left_s > LEFT_FOR_S:
                self.gone_s.append(self._left.pop(who)[2] - left_s)
        self._present = here

    def report(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "faces_asked": self._asked,
            "boxes": round(self._had / max(self._asked, 1), 4),
            "labelled_s": _sorted(self.labelled_s),
            "found_s": _sorted(self.found_s),
            "never_labelled": self._never + len(self._waiting),
            "gone_s": _sorted(self.gone_s + [u - left for left, _, u in self._left.values()]),
            "false": {
                "live": round(self._false / max(self._frames, 1), 4),
                "full_search": round(self._false_full / max(self._searched, 1), 4),
            },
        }


def _best(box: np.ndarray, boxes: np.ndarray) -> float:
    return float(iou(box[None], boxes).max()) if len(boxes) else 0.0


def _nobodys(boxes: np.ndarray, faces: np.ndarray) -> np.ndarray:
    return np.array([box for box in boxes if _best(box, faces) < OTHERS_IOU], np.float32)


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
            full = None
        watched.frame(number, shown, [f.label is not None for f in result.faces], full)
    source.close()
    return {"clip": name, **watched.report(), "labels": labels.report()}


def main() -> None:
    """Runs the benchmark."""
    share_cores()  # as the command line and the window do
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--clips", type=Path, default=Path("/tmp/fer-live-clips"))
    parser.add_argument("--plain", action="store_true")
    given = parser.parse_args()
    for name in given.names or FACES:
        print(json.dumps(measure(name, given.clips, plain=given.plain)), flush=True)


if __name__ == "__main__":
    main()
