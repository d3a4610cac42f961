import numpy as np
import pytest

from fer_live.capture.demo import (
    CYCLE_S,
    MAX_FACES,
    SCENES_S,
    SECOND_FACE_S,
    STORY_S,
    DemoSource,
    render_demo,
)
from fer_live.core.errors import ConfigError
from fer_live.detection.yunet import YuNetDetector
from fer_live.tracking.face_quality import FaceQuality
from fer_live.tracking.quality_flags import DARK, SMALL, TURN_UNKNOWN

SIZE = (640, 360)


@pytest.fixture(scope="module")
def network():
    return YuNetDetector()


def found(network, t_s, faces=None):
    boxes = network.detect(render_demo(t_s, SIZE, faces)).boxes_xyxy
    return sorted(boxes.tolist(), key=lambda box: box[0])


def times(count, begin=0.0, end=CYCLE_S):
    return [begin + (end - begin) * (n + 0.5) / count for n in range(count)]


def test_the_detector_finds_the_face_all_through_the_cycle(network):
    counts = [len(found(network, t)) for t in times(36, end=SCENES_S["dark"])]
    assert set(counts) <= {1, 2}


def test_two_faces_at_some_point_and_one_at_others(network):
    begin, end = SECOND_FACE_S
    both = [len(found(network, t)) for t in times(10, begin + 2, end - 2)]
    alone = [len(found(network, t)) for t in times(5, 0, begin)]
    assert sum(c == 2 for c in both) >= 9
    assert sum(c == 1 for c in alone) >= 4


@pytest.mark.parametrize("faces", range(MAX_FACES + 1))
def test_the_number_of_faces_can_be_chosen(network, faces):
    counts = [len(found(network, t, faces)) for t in times(8)]
    assert sum(c == faces for c in counts) >= 7


def test_faces_move_grow_and_are_relit(network):
    moments = times(12, end=SCENES_S["dark"])
    boxes = np.array([found(network, t)[0] for t in moments])
    assert np.ptp(boxes[:, 0]) > 40
    widths = boxes[:, 2] - boxes[:, 0]
    assert widths.max() / widths.min() > 1.3
    light = []
    for t, (x0, y0, x1, y1) in zip(moments, boxes.astype(int), strict=True):
        light.append(render_demo(t, SIZE)[y0:y1, x0:x1].mean())
    assert max(light) / min(light) > 1.2


def test_the_same_time_gives_the_same_picture_and_the_cycle_closes():
    first = render_demo(10.0, SIZE)
    assert np.array_equal(first, render_demo(10.0, SIZE))
    assert not np.array_equal(first, render_demo(10.5, SIZE))
    for cycle_s, faces in ((STORY_S, None), (CYCLE_S, 3)):
        first = render_demo(10.0, SIZE, faces)
        assert np.array_equal(first, render_demo(10.0 + cycle_s, SIZE, faces))
        end = render_demo(cycle_s - 1e-3, SIZE, faces).astype(int)
        assert np.abs(end - render_demo(0, SIZE, faces)).mean() < 1


def test_a_picture_is_the_callers_own():
    image = render_demo(1.0, SIZE)
    image[:] = 0
    assert render_demo(1.0, SIZE).any()


@pytest.mark.parametrize("size", [(16, 16), (90, 160), (333, 71), (1920, 1080)])
def test_any_size(size):
    assert render_demo(9.0, size).shape == (size[1], size[0], 3)


def test_late_readers_miss_pictures_and_keep_the_pace():
    now = [100.0]
    source = DemoSource(*SIZE, fps=10, clock=lambda: now[0])
    source.open()
    assert np.array_equal(source.read().image_bgr, render_demo(0, SIZE))
    now[0] += 0.55
    late = source.read()
    assert np.array_equal(late.image_bgr, render_demo(0.5, SIZE))
    assert (late.index, late.captured_s) == (1, 100.55)
    source.close()


def test_frames_wait_for_their_time():
    source = DemoSource(64, 36, fps=50)
    source.open()
    times_s = [source.read().captured_s for _ in range(6)]
    source.close()
    assert times_s[-1] - times_s[0] >= 4 / 50


@pytest.mark.parametrize(
    "options",
    [{"faces": -1}, {"faces": MAX_FACES + 1}, {"width": 8}, {"height": 99999}, {"fps": 0}],
)
def test_values_out_of_range(options):
    with pytest.raises(ConfigError):
        DemoSource(**options)


def test_each_scene_shows_what_it_is_named_for(network):
    """Light, size, pose and number of faces: what the network sees and the coach says."""
    quality = FaceQuality()
    seen = {}
    for name, begin_s in SCENES_S.items():
        image = render_demo(begin_s + 4, (1280, 720))
        boxes = network.detect(image).boxes_xyxy
        quality.reset()
        faces = [(number, tuple(box)) for number, box in enumerate(boxes.tolist())]
        quality.update(image, faces, 0.0)
        seen[name] = [set(quality.flags(number)) - {TURN_UNKNOWN} for number, _ in faces]
    assert seen["dark"] == [{DARK}]
    assert seen["far"] == [{SMALL}]
    assert seen["tilted"] == [set()]
    assert len(seen["group"]) == 4


def test_nobody_jumps_in_the_story():
    """Neighbouring frames are alike also where a scene begins, and where the story repeats."""
    for begin_s in (*SCENES_S.values(), *SECOND_FACE_S, STORY_S):
        before = render_demo(begin_s - 1 / 60, SIZE).astype(int)
        after = render_demo(begin_s + 1 / 60, SIZE).astype(int)
        assert np.abs(before - after).mean() < 4, begin_s
