"""What the quality benchmark counts, on faces whose coming and going is known."""

import numpy as np
import pytest

from benchmarks.quality import Watched

FPS = 10.0
SIZE = 200, 100
FACE = (10, 10, 50, 50)
BELOW = (10, 120, 50, 160)
HALF = (10, 80, 50, 120)


def truth(*boxes):
    """One face per frame, None where it is away."""
    frames = []
    for box in boxes:
        whole = box is not None and box[3] <= SIZE[1]
        frames.append([] if box is None else [{"who": 0, "box_xyxy": box, "whole": whole}])
    return frames


def watch(there, shown, labelled=None, full=None):
    """The report on a clip; `shown`, `full` hold a box or None per frame."""
    watched = Watched(truth(*there), FPS, SIZE)
    for number, box in enumerate(shown):
        boxes = np.array([] if box is None else [box], np.float32).reshape(-1, 4)
        found = there[number] if full is None else full[number]
        search = np.array([] if found is None else [found], np.float32).reshape(-1, 4)
        named = box is not None and (labelled is None or labelled[number])
        watched.frame(number, boxes, [named] * len(boxes), search)
    return watched.report()


def test_a_face_that_is_there_from_the_first_frame_counts_from_it():
    report = watch([FACE] * 4, [None, FACE, FACE, FACE], labelled=[False, False, True, True])
    assert report["labelled_s"] == [0.2]
    assert report["boxes"] == 0.75
    assert report["faces_asked"] == 4


def test_the_label_is_waited_for_from_the_whole_face_on_found_or_not():
    there = [None, HALF, HALF, FACE, FACE, FACE]
    shown = [None, None, None, None, None, FACE]
    report = watch(there, shown, full=[None, None, None, None, FACE, FACE])
    assert report["labelled_s"] == [0.2]
    assert report["found_s"] == [0.1]


def test_a_face_that_is_labelled_while_it_slides_in_waits_no_time():
    report = watch([None, HALF, FACE], [None, HALF, FACE])
    assert report["labelled_s"] == [0.0]


@pytest.mark.parametrize("end", [FACE, None])
def test_a_face_without_a_label_is_never_labelled(end):
    report = watch([None, FACE, FACE, end], [None] * 4)
    assert report["labelled_s"] == []
    assert report["never_labelled"] == 1


def test_a_second_visit_counts_again():
    report = watch([FACE, None, FACE, FACE], [FACE, None, None, FACE])
    assert report["labelled_s"] == [0.0, 0.1]


def test_a_box_that_stays_behind_is_counted_until_it_is_gone():
    report = watch([FACE, FACE, None, None, None], [FACE, FACE, FACE, FACE, None])
    assert report["gone_s"] == [0.2]
    assert watch([FACE, None, None], [FACE, None, None])["gone_s"] == [0.0]


def test_a_face_that_slides_out_has_left_when_nothing_of_it_is_in_the_picture():
    there = [FACE, HALF, BELOW, BELOW, None, None]
    report = watch(there, [FACE, HALF, HALF, HALF, HALF, None])
    assert report["gone_s"] == [0.3]


def test_boxes_over_nobody_are_false():
    report = watch([FACE] * 4, [FACE, BELOW, FACE, FACE], full=[FACE, FACE, None, BELOW])
    assert report["false"] == {"live": 0.25, "full_search": 0.25}


def test_a_false_box_elsewhere_does_not_keep_a_face_that_has_left():
    away = (120, 10, 160, 50)
    assert watch([FACE, None, None], [FACE, away, away])["gone_s"] == [0.0]
