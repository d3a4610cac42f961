"""A long run holds no more memory than a short one."""

import gc
import tracemalloc

import pytest

from fer_live.capture.demo import CYCLE_S, render_demo
from fer_live.core.types import Frame
from fer_live.live.assembly import BuildOptions, assemble
from fer_live.live.processor import ProcessorOptions
from fer_live.live.statistics import Statistics
from tests.live.fakes import FakeClassifier

FPS = 5
SIZE = (320, 180)
WARM_CYCLES, CYCLES = 3, 6
MOST_BYTES = 64 * 1024
"""Far under one picture, and under what a hundred bytes per frame would come to."""


class Forgetful(FakeClassifier):
    def classify(self, crops):
        self.batches.clear()
        return super().classify(crops)


@pytest.mark.timeout(300)
def test_faces_that_come_and_go_leave_nothing_behind():
    pictures = [render_demo(n / FPS, SIZE) for n in range(round(CYCLE_S * FPS))]
    turns = ProcessorOptions(0.1, 2)
    processor = assemble(Forgetful(), BuildOptions(processing=turns))
    statistics = Statistics()
    number = 0
    seen: set[int] = set()

    def play(cycles: int) -> int:
        nonlocal number
        for _ in range(cycles):
            for picture in pictures:
                at_s = number / FPS
                statistics.captured()
                result = processor.process(Frame(picture.view(), number, at_s, at_s))
                statistics.analysed(result)
                seen.update(face.track_id for face in result.faces)
                number += 1
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        warm = play(WARM_CYCLES)
        grown = play(CYCLES) - warm
    finally:
        tracemalloc.stop()
    assert len(seen) >= WARM_CYCLES + CYCLES, "a second face comes in every cycle"
    assert grown < MOST_BYTES + 100 * len(seen)
