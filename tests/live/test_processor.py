import numpy as np
import pytest

from fer_live.core.errors import ModelError
from fer_live.live.processor import (
    FORGET_S,
    FrameProcessor,
    ProcessorOptions,
)

from .fakes import FakeDetector, FakeTrack, FakeTracker, Parts, boxes, crop, frame


def test_no_face_is_no_error_and_costs_no_batch():
    parts = Parts(detector=FakeDetector(boxes()))
    result = parts.build().process(frame())
    assert result.faces == ()
    assert result.labels == ("happy", "sad")
    assert parts.classifier.batches == []
    assert set(result.stage_ms) == {"detect", "track", "classify"}


def test_all_faces_go_through_in_one_batch():
    parts = Parts(detector=FakeDetector(boxes((0, 0, 9, 9), (20, 0, 29, 9), (40, 0, 49, 9))))
    result = parts.build().process(frame(captured_s=1.0))
    assert parts.classifier.batches == [3]
    assert [face.track_id for face in result.faces] == [1, 2, 3]
    face = result.faces[1]
    assert face.box_xyxy == (20, 0, 29, 9)
    assert (face.label, face.confidence) == ("happy", 0.75)
    np.testing.assert_allclose(face.raw_probabilities, (0.75, 0.25))


def test_a_face_is_shown_only_when_the_tracker_gives_it():
    parts = Parts(tracker=FakeTracker([()]))
    assert parts.build().process(frame()).faces == ()
    assert parts.classifier.batches == []


def test_a_coasting_face_keeps_its_label_and_is_not_classified_again():
    script = [(FakeTrack(1),), (FakeTrack(1, missed_s=0.1),)]
    parts = Parts(tracker=FakeTracker(script))
    processor = parts.build()
    processor.process(frame(0, 0.0))
    face = processor.process(frame(1, 0.1)).faces[0]
    assert parts.classifier.batches == [1]
    assert (face.label, face.missed_s) == ("happy", 0.1)


def test_a_face_that_coasts_from_the_start_has_no_label_yet():
    parts = Parts(tracker=FakeTracker([(FakeTrack(1, missed_s=0.1),)]))
    face = parts.build().process(frame()).faces[0]
    assert (face.label, face.confidence, face.probabilities) == (None, 0.0, None)


def test_faces_come_in_the_order_of_their_identities():
    parts = Parts(tracker=FakeTracker([(FakeTrack(7), FakeTrack(2))]))
    assert [f.track_id for f in parts.build().process(frame()).faces] == [2, 7]


def test_a_lost_identity_is_forgotten_when_it_can_no_longer_return():
    script = [(FakeTrack(1), FakeTrack(2)), (FakeTrack(2),), (FakeTrack(2),)]
    parts = Parts(tracker=FakeTracker(script))
    processor = parts.build()
    processor.process(frame(0, 0.0))
    processor.process(frame(1, FORGET_S))
    assert parts.smoother.forgotten == []
    processor.process(frame(2, FORGET_S + 0.1))
    assert parts.smoother.forgotten == [1]


def test_the_tracker_is_told_how_faces_look_and_how_large_the_picture_is():
    parts = Parts()
    processor = FrameProcessor(
        parts.detector,
        parts.classifier,
        parts.tracker,
        parts.smoother,
        crop,
        describe=lambda image_bgr, boxes_xyxy: np.ones((len(boxes_xyxy), 3), np.float32),
    )
    processor.process(frame())
    assert parts.tracker.descriptors.shape == (1, 3)
    assert parts.tracker.frame_size == (64, 48)


def test_a_detector_with_a_memory_is_reset_with_the_rest():
    class Remembering(FakeDetector):
        resets = 0

        def reset(self):
            self.resets += 1

    parts = Parts(detector=Remembering())
    parts.build().reset()
    assert parts.detector.resets == 1


def test_live_goes_by_the_clock_and_a_file_by_its_own_time():
    assert frame(captured_s=5.0).time_s == 5.0
    assert frame(captured_s=5.0, position_s=0.25).time_s == 0.25
    parts = Parts()
    processor = parts.build()
    for index in range(3):
        processor.process(frame(index, 100 + index * 1e-3, position_s=index * 0.5))
    assert parts.tracker.times_s == [0.0, 0.5, 1.0]
    assert [now_s for _, now_s in parts.smoother.updates] == [0.0, 0.5, 1.0]


def test_a_jump_back_resets():
    parts = Parts()
    processor = parts.build()
    processor.process(frame(0, position_s=9.0))
    assert parts.tracker.resets == 0
    processor.process(frame(1, position_s=0.0))
    assert parts.tracker.resets == 1


@pytest.mark.parametrize(("fps", "expected"), [(30, 10), (10, 10), (5, 5)])
def test_faces_are_classified_at_the_interval_or_as_often_as_there_are_frames(fps, expected):
    parts = Parts(options=ProcessorOptions(classify_interval_s=0.1))
    processor = parts.build()
    for index in range(fps):
        result = processor.process(frame(index, index / fps))
        assert result.faces[0].label == "happy"
    assert len(parts.classifier.batches) == expected


HOLD = ProcessorOptions(classify_interval_s=0.1, hold=True)


def test_a_still_face_keeps_its_classification_and_the_smoothing_hears_of_it():
    """One classification per `HOLD_S` and at once when the face changes; the filter's time is the
    same as if every frame had been classified."""
    parts = Parts(options=HOLD)
    processor = parts.build()
    for index in range(60):
        processor.process(frame(index, index / 30))
    assert 4 <= len(parts.classifier.batches) <= 5
    assert len(parts.smoother.updates) == 20
    changed = np.random.default_rng(1).integers(0, 255, (48, 64, 3), np.uint8)
    before = len(parts.classifier.batches)
    for index in range(60, 64):
        processor.process(frame(index, index / 30, image_bgr=changed))
    assert len(parts.classifier.batches) == before + 1


def test_a_still_face_that_is_lost_for_long_is_classified_when_it_is_back():
    parts = Parts(options=HOLD)
    processor = parts.build()
    processor.process(frame(0, 0.0))
    processor.reset()
    processor.process(frame(1, 0.2))
    assert parts.classifier.batches == [1, 1]


def test_many_faces_take_turns():
    places = [(20 * i, 0, 20 * i + 9, 9) for i in range(5)]
    parts = Parts(detector=FakeDetector(boxes(*places)), options=ProcessorOptions(max_batch=2))
    processor = parts.build()
    for index in range(5):
        processor.process(frame(index, index / 30))
    assert parts.classifier.batches == [2] * 5
    counts = [sum(i == track_id for i, _ in parts.smoother.updates) for track_id in range(1, 6)]
    assert counts == [2] * 5


def test_frames_that_are_far_apart_take_more_faces_each():
    places = [(20 * i, 0, 20 * i + 9, 9) for i in range(10)]
    options = ProcessorOptions(classify_interval_s=0.1, max_batch=2)
    parts = Parts(detector=FakeDetector(boxes(*places)), options=options)
    processor = parts.build()
    for index in range(6):
        processor.process(frame(index, index / 7.5))
    assert parts.classifier.batches == [2] + [8] * 5


def test_another_size_of_frame_resets():
    parts = Parts()
    processor = parts.build()
    for index, side in enumerate((90, 90, 120)):
        image = np.zeros((side, 120, 3), np.uint8)
        processor.process(frame(index, index / 30, image_bgr=image))
        assert parts.tracker.resets == (side == 120)


def test_an_answer_that_is_no_number_never_reaches_the_smoothing():
    parts = Parts()
    parts.classifier.row = (float("nan"), 0.5)
    with pytest.raises(ModelError, match="no probability"):
        parts.build().process(frame())
    assert parts.smoother.updates == []


def test_after_an_error_the_next_frame_works():
    parts = Parts()
    processor = parts.build()
    parts.classifier.error = RuntimeError("once")
    with pytest.raises(RuntimeError):
        processor.process(frame(0, 0.0))
    parts.classifier.error = None
    assert processor.process(frame(1, 0.1)).faces[0].label == "happy"


def test_a_reset_starts_afresh():
    parts = Parts(tracker=FakeTracker([(FakeTrack(1),), (FakeTrack(1, missed_s=0.1),)]))
    processor = parts.build()
    processor.process(frame(0, 0.0))
    processor.reset()
    assert processor.velocities == {}
    face = processor.process(frame(1, 0.1)).faces[0]
    assert (face.label, face.raw_probabilities) == (None, None)


def test_what_was_found_but_is_not_shown_is_told_for_hiding():
    parts = Parts(tracker=FakeTracker([()]))
    result = parts.build().process(frame())
    assert (result.faces, result.found) == ((), ((8.0, 8.0, 40.0, 40.0),))
