"""Parts of a pipeline whose every move a test decides."""

import threading
from dataclasses import dataclass, field

import numpy as np

from fer_live.core.labels import LabelSet
from fer_live.core.types import Detections, Frame, FrameResult
from fer_live.detection.crop import crop_faces
from fer_live.live.processor import FrameProcessor, ProcessorOptions
from fer_live.tracking.smoothing import SmoothingOptions
from tests.scripted_source import Pictures, ScriptedSource

LABELS = LabelSet("two", ("happy", "sad"))
BLACK = np.zeros((48, 64, 3), np.uint8)
WAIT_S = 5.0
"""Longest wait for something that must come; only a failing test waits so long."""


def frame(index=0, captured_s=0.0, position_s=None, image_bgr=None):
    image_bgr = BLACK.copy() if image_bgr is None else image_bgr
    return Frame(image_bgr, index, captured_s, position_s)


def result(index=0, captured_s=0.0, faces=(), finished_s=None, stage_ms=None):
    stages = {"detect": 1.0, "track": 2.0, "classify": 3.0} if stage_ms is None else stage_ms
    finished_s = captured_s + 0.01 if finished_s is None else finished_s
    return FrameResult(frame(index, captured_s), faces, LABELS.labels, stages, finished_s)


def boxes(*places):
    array = np.array(places, np.float32).reshape(-1, 4)
    return Detections(array, np.ones(len(array), np.float32))


class FakeDetector:
    """Gives the same boxes each time, or raises."""

    name = "fake"

    def __init__(self, detections=None):
        self.detections = detections if detections is not None else boxes((8, 8, 40, 40))
        self.error = None
        self.calls = 0

    def detect(self, image_bgr):
        self.calls += 1
        if self.error is not None:
            raise self.error
        return self.detections


@dataclass(frozen=True)
class FakeSpec:
    size: int = 16
    color: str = "gray"
    crop_margin: float = 1.25


class FakeClassifier:
    """Answers with a fixed row for every crop; remembers the batches it saw."""

    labels = LABELS
    input = FakeSpec()
    device_name = "fake device"
    engine_name = "fake engine"
    model_name = "fake model"

    def __init__(self):
        self.row = (0.75, 0.25)
        self.batches = []
        self.error = None

    def classify(self, crops):
        self.batches.append(len(crops))
        if self.error is not None:
            raise self.error
        return np.tile(np.array(self.row, np.float32), (len(crops), 1))


@dataclass(frozen=True)
class FakeTrack:
    id: int
    box_xyxy: tuple = (8.0, 8.0, 40.0, 40.0)
    score: float = 1.0
    age_s: float = 0.5
    missed_s: float = 0.0
    velocity: tuple = (0.0, 0.0)

    @property
    def raw_box(self):
        return self.box_xyxy


class FakeTracker:
    """One track per detection, numbered by its place; or `script`, one tuple per frame."""

    def __init__(self, script=None):
        self.script = list(script) if script is not None else None
        self.times_s = []
        self.resets = 0
        self.error = None

    def update(self, detections, now_s, descriptors=None, frame_size=None):
        self.descriptors, self.frame_size = descriptors, frame_size
        self.times_s.append(now_s)
        if self.error is not None:
            raise self.error
        if self.script is not None:
            return self.script.pop(0)
        return tuple(
            FakeTrack(place + 1, tuple(map(float, box)))
            for place, box in enumerate(detections.boxes_xyxy)
        )

    def reset(self):
        self.resets += 1


@dataclass(frozen=True)
class FakeShown:
    label: str
    confidence: float
    probabilities: np.ndarray = field(repr=False)


class FakeSmoother:
    """Shows the last row; remembers what it was told."""

    def __init__(self):
        self.options = SmoothingOptions()
        self.rows = {}
        self.updates = []
        self.forgotten = []

    def update(self, track_id, probabilities, now_s):
        self.updates.append((track_id, now_s))
        self.rows[track_id] = probabilities
        return self.current(track_id)

    def current(self, track_id):
        row = self.rows.get(track_id)
        if row is None:
            return None
        return FakeShown(LABELS.labels[int(row.argmax())], float(row.max()), row)

    def forget(self, alive):
        self.forgotten += [track_id for track_id in self.rows if track_id not in alive]
        self.rows = {key: row for key, row in self.rows.items() if key in alive}

    def reset(self):
        self.rows.clear()


crop = crop_faces


@dataclass
class Parts:
    """A processor and the parts inside it."""

    detector: FakeDetector = field(default_factory=FakeDetector)
    classifier: FakeClassifier = field(default_factory=FakeClassifier)
    tracker: FakeTracker = field(default_factory=FakeTracker)
    smoother: FakeSmoother = field(default_factory=FakeSmoother)
    options: ProcessorOptions = field(default_factory=ProcessorOptions)

    def build(self):
        return FrameProcessor(
            self.detector,
            self.classifier,
            self.tracker,
            self.smoother,
            crop,
            options=self.options,
        )


class GatedDetector(FakeDetector):
    """Lets one frame through per `let`; says by `busy` that one is inside."""

    def __init__(self):
        super().__init__()
        self.busy = threading.Semaphore(0)
        self._gate = threading.Semaphore(0)

    def detect(self, image_bgr):
        self.busy.release()
        assert self._gate.acquire(timeout=WAIT_S)
        return super().detect(image_bgr)

    def let(self, count=1):
        self._gate.release(count)


class FedSource(ScriptedSource):
    """A camera whose every frame a test takes by hand; `asked` when it is waiting for one."""

    def __init__(self):
        super().__init__([Pictures(BLACK, None)])
        self.asked = threading.Semaphore(0)
        self._food = threading.Semaphore(0)

    def feed(self, count=1):
        """Returns when the engine has taken these frames and asks for the next."""
        for _ in range(count):
            assert self.asked.acquire(timeout=WAIT_S)
            self._food.release()
        assert self.asked.acquire(timeout=WAIT_S)
        self.asked.release()

    def read(self):
        self.asked.release()
        while not self._food.acquire(timeout=0.01):
            if self._interrupted.is_set():
                return None
        return super().read()


class Recorder:
    """A listener and a sink that can be waited for."""

    def __init__(self):
        self.events = []
        self.results = []
        self._changed = threading.Condition()

    def on_event(self, event):
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def submit(self, result):
        with self._changed:
            self.results.append(result)
            self._changed.notify_all()

    def wait_for(self, condition, timeout_s=WAIT_S):
        with self._changed:
            assert self._changed.wait_for(lambda: condition(self), timeout_s), self.events

    @property
    def states(self):
        return [event.state for event in self.events]
