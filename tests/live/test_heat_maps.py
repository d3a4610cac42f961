"""Heat maps on their way from the classifier to the faces that are shown."""

import av
import cv2
import numpy as np
from skimage.data import astronaut

from fer_live.batch.headless import run_source
from fer_live.core.settings import Settings
from fer_live.live.processor import FORGET_S, ProcessorOptions
from fer_live.overlay.draw import draw_overlay

from .fakes import FakeClassifier, FakeDetector, FakeTrack, FakeTracker, Parts, boxes, frame
from .test_engine import FOREVER, Run, live


class MapClassifier(FakeClassifier):
    """Each face's map is its place in the batch."""

    supports_heat_maps = True
    asked = 0

    def classify_with_maps(self, crops, label=None):
        self.asked += 1
        maps = np.arange(len(crops), dtype=np.float32)[:, None, None] / 10 + np.zeros((1, 2, 3))
        return self.classify(crops), maps.astype(np.float32)


ON = ProcessorOptions(maps=True)


def parts_with(classifier, options=ON):
    places = boxes((0, 0, 9, 9), (20, 0, 29, 9))
    return Parts(classifier=classifier, detector=FakeDetector(places), options=options)


def test_off_asks_for_none():
    classifier = MapClassifier()
    processor = parts_with(classifier, ProcessorOptions()).build()
    assert processor.supports_heat_maps
    assert [face.heat for face in processor.process(frame()).faces] == [None, None]
    assert classifier.asked == 0


def test_each_face_gets_its_own_with_label_and_framing():
    processor = parts_with(MapClassifier()).build()
    first, second = processor.process(frame()).faces
    assert first.heat.values.shape == (2, 3)
    assert (first.heat.values.max(), round(float(second.heat.values.max()), 3)) == (0.0, 0.1)
    assert (first.heat.label, first.heat.margin) == ("happy", 1.25)
    assert second.label == "happy"


def test_it_is_switched_while_running():
    classifier = MapClassifier()
    processor = parts_with(classifier, ProcessorOptions()).build()
    processor.process(frame(0, 0.0))
    processor.maps = True
    assert processor.process(frame(1, 0.1)).faces[0].heat is not None
    processor.maps = False
    assert processor.process(frame(2, 0.2)).faces[0].heat is None
    assert classifier.asked == 1
    assert classifier.batches == [2, 2, 2]


def test_between_classifications_a_face_keeps_its_map_and_then_it_is_forgotten():
    script = [(FakeTrack(1),), (FakeTrack(1, missed_s=0.1),), (), (FakeTrack(1, missed_s=9.0),)]
    parts = Parts(classifier=MapClassifier(), tracker=FakeTracker(script), options=ON)
    processor = parts.build()
    found = processor.process(frame(0, 0.0)).faces[0]
    coasting = processor.process(frame(1, 0.1)).faces[0]
    assert coasting.heat is found.heat is not None
    processor.process(frame(2, 0.2 + 2 * FORGET_S))
    assert processor.process(frame(3, 0.3 + 2 * FORGET_S)).faces[0].heat is None


def test_a_model_without_maps_goes_on_without():
    class Without(MapClassifier):
        supports_heat_maps = False

    for classifier in (FakeClassifier(), Without()):
        processor = parts_with(classifier).build()
        assert not processor.supports_heat_maps
        face = processor.process(frame()).faces[0]
        assert (face.label, face.heat) == ("happy", None)


def test_what_the_processor_gives_can_be_drawn():
    processor = parts_with(MapClassifier()).build()
    result = processor.process(frame())
    drawn = draw_overlay(result.frame.image_bgr, result.faces, result.labels)
    assert drawn.shape == result.frame.image_bgr.shape


def test_the_engine_passes_the_switch_on():
    parts = parts_with(MapClassifier(), ProcessorOptions())
    with Run(live(FOREVER), parts) as run:
        run.until_results(1)
        assert run.engine.supports_heat_maps
        assert run.seen.results[0].faces[0].heat is None
        run.engine.set_maps(True)
        run.seen.wait_for(lambda seen: seen.results[-1].faces[0].heat is not None)
        run.engine.set_maps(False)
        run.seen.wait_for(lambda seen: seen.results[-1].faces[0].heat is None)


def test_a_recording_without_a_window_has_them_as_the_settings_say(checkpoint, tmp_path):
    source, shown = tmp_path / "face.png", {}
    cv2.imwrite(str(source), np.ascontiguousarray(astronaut()[..., ::-1]))
    for on in (False, True):
        video = tmp_path / f"{on}.mp4"
        settings = Settings(model=str(checkpoint), device="cpu", show_heat=on, show_fps=False)
        report = run_source(settings, str(source), record=video)
        assert report["faces"]["max"] == 1
        with av.open(video) as file:
            shown[on] = next(file.decode(video=0)).to_ndarray(format="bgr24").astype(int)
    changed = np.abs(shown[True] - shown[False]).max(2) > 20
    assert changed[60:180, 170:280].mean() > 0.1, "on the face"
    assert changed[300:].mean() < 0.01, "and nowhere else"


def test_a_still_face_gets_its_map_when_maps_are_turned_on():
    options = ProcessorOptions(classify_interval_s=0.1, hold=True)
    parts = parts_with(MapClassifier(), options)
    processor = parts.build()
    assert processor.process(frame(0, 0.0)).faces[0].heat is None
    processor.maps = True
    assert processor.process(frame(1, 0.1)).faces[0].heat is not None
    assert processor.process(frame(2, 0.2)).faces[0].heat is not None
    assert parts.classifier.asked == 1
