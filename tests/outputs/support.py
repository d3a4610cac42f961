"""Results to give away, and outputs whose every move a test decides."""

import json
import threading
import time
from contextlib import contextmanager

import numpy as np

from fer_live.core.labels import FER2013
from fer_live.core.types import Face, Frame, FrameResult
from fer_live.outputs.live_outputs import LiveOutputs
from fer_live.outputs.output import QueuedOutput
from fer_live.session_log.schema import SessionAbout

LABELS = FER2013.labels
WAIT_S = 10.0
"""Longest wait for something that must come; only a failing test waits so long."""
ABOUT = SessionAbout("Tëst camera", "default", "cpu")
SIZE = (640, 360)
PICTURE = np.full((SIZE[1], SIZE[0], 3), 60, np.uint8)


def face(number=1, label="happy", confidence=0.9, box=(100.0, 50.0, 200.0, 170.0), **more):
    shares = np.full(len(LABELS), (1 - confidence) / (len(LABELS) - 1), np.float32)
    shares[LABELS.index(label)] = confidence
    return Face(number, box, 5.0, label, confidence, shares, shares, age_s=1.0, **more)


def result(index=0, faces=(), *, captured_s=None, position_s=None, image_bgr=None, labels=LABELS):
    at_s = time.perf_counter() if captured_s is None else captured_s
    picture = PICTURE.copy() if image_bgr is None else image_bgr
    frame = Frame(picture, index, at_s, position_s)
    return FrameResult(frame, tuple(faces), labels, {"detect": 1.0}, at_s + 0.01)


@contextmanager
def outputs_of(*senders, about=ABOUT, on_error=None, wait=False, **more):
    """Live outputs around these senders, and the outputs; stopped at the end."""
    live = LiveOutputs(lambda: about, **more)
    made = [QueuedOutput(sender, on_error, wait=wait) for sender in senders]
    try:
        for output in made:
            live.open(output)
        yield live, *made
    finally:
        live.stop()


def wait_until(condition, what="it"):
    """Waits for something that another thread does."""
    deadline_s = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline_s, f"{what} did not come"
        time.sleep(0.002)


class FakeSender:
    """Keeps what it is given; can be held up, refuse and fail."""

    clients = None
    warning = ""
    place = "nowhere"

    def __init__(self, name="Fake", capacity=4, *, pictures=False):
        self.name, self.capacity, self.pictures = name, capacity, pictures
        self.sessions, self.frames, self.events, self.drops = [], [], [], []
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()
        self.error = self.open_error = self.close_error = None
        self.refuses = False
        self.closed = 0

    def open(self):
        if self.open_error is not None:
            raise self.open_error

    def session(self, session):
        self.sessions.append(session)

    def frame(self, frame, dropped):
        self.entered.set()
        self.gate.wait(WAIT_S)
        if self.error is not None:
            raise self.error
        if self.refuses:
            return False
        self.frames.append(frame)
        self.drops.append(dropped)
        return True

    def event(self, event):
        self.events.append(event)
        return not self.refuses

    def close(self):
        self.closed += 1
        if self.close_error is not None:
            raise self.close_error


def lines(text):
    """The messages of some lines."""
    return [json.loads(line) for line in text.splitlines()]
