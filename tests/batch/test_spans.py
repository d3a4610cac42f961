"""A video in spans: the same frames and faces as in one, and identities that go on."""

import itertools

import numpy as np
import pytest

from fer_live.batch.analysis import AnalysisOptions
from fer_live.batch.spans import OVERLAP_S, FrameFaces, Span, SpanJoiner, spans_of
from fer_live.batch.video_job import analyse_span
from fer_live.core.settings import Settings
from fer_live.core.types import Face, Frame, FrameResult
from fer_live.live.assembly import load_classifier
from tests.batch.videos import steady_ms, write_video

SIZE = (480, 360)
LENGTH_S = 12.0


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    path = tmp_path_factory.mktemp("spans") / "face.mp4"
    return write_video(path, steady_ms(round(LENGTH_S * 25)), size=SIZE, sound=None)


@pytest.fixture(scope="module")
def classifier(checkpoint):
    return load_classifier([checkpoint], "cpu")


def joined(video, spans, classifier, **options):
    joiner = SpanJoiner()
    settings, how = Settings(device="cpu", unsure_below=0.0), AnalysisOptions(**options)
    parts = [
        joiner.join(span, list(analyse_span(video, span, classifier, settings, how)))
        for span in spans
    ]
    return list(itertools.chain.from_iterable(parts))


def test_the_spans_begin_at_key_frames_and_cover_the_video(video):
    spans = spans_of(video, 4.0)
    assert [span.end_s for span in spans] == [*[span.start_s for span in spans[1:]], None]
    assert spans[0].start_s == 0
    assert all(4.0 <= span.end_s - span.start_s < 5.0 for span in spans[:-1])
    assert len(spans) == 3
    assert spans_of(video) == [Span()]


def test_a_video_without_an_index_is_one_span(tmp_path):
    (tmp_path / "no.mp4").write_bytes(b"no video")
    assert spans_of(tmp_path / "no.mp4", 1.0) == [Span()]


@pytest.mark.parametrize("options", [{}, {"thorough": True}, {"fps": 5.0}])
def test_a_video_in_spans_gives_what_it_gives_in_one(video, classifier, options):
    spans = spans_of(video, 4.0)
    whole = joined(video, [Span()], classifier, **options)
    cut = joined(video, spans, classifier, **options)
    assert len(spans) == 3
    assert [r.frame.time_s for r in cut] == [r.frame.time_s for r in whole]
    assert [r.frame.index for r in cut] == list(range(len(whole)))
    seams_s = [span.start_s for span in spans[1:]]
    compared = 0
    for one, other in zip(whole, cut, strict=True):
        if any(abs(one.frame.time_s - seam_s) < 1.0 for seam_s in seams_s):
            continue
        assert [f.track_id for f in one.faces] == [f.track_id for f in other.faces]
        for a, b in zip(one.faces, other.faces, strict=True):
            compared += 1
            assert a.label == b.label
            side = a.box_xywh[2]
            assert np.abs(np.subtract(a.box_xyxy, b.box_xyxy)).max() < 0.15 * side
            np.testing.assert_allclose(a.probabilities, b.probabilities, atol=0.1)
    assert compared > 0.5 * len(whole)
    assert {f.track_id for r in whole for f in r.faces} == {1}


def result(time_s, *faces):
    frame = Frame(np.zeros((2, 2, 3), np.uint8), 0, time_s, time_s)
    shown = tuple(Face(number, (x, 0.0, x + 10.0, 10.0)) for number, x in faces)
    return FrameResult(frame, shown, (), {}, time_s)


def test_identities_are_found_again_by_their_place_and_new_ones_get_new_numbers():
    joiner, seam_s = SpanJoiner(), 10.0
    times = [seam_s - OVERLAP_S + 0.5, seam_s - 0.1]
    first = [result(t, (1, 0.0), (4, 100.0)) for t in times]
    list(joiner.join(Span(0.0, seam_s), first))
    # The next tracker numbers them anew, in another order, and there is a third one.
    second = [result(t, (1, 101.0), (2, 2.0), (3, 200.0)) for t in [*times, seam_s, seam_s + 0.1]]
    found = list(joiner.join(Span(seam_s), second))
    assert [r.frame.time_s for r in found] == [seam_s, seam_s + 0.1]
    assert [r.frame.index for r in found] == [2, 3]
    for faces in (r.faces for r in found):
        assert [(f.track_id, f.box_xyxy[0]) for f in faces] == [(1, 2.0), (4, 101.0), (5, 200.0)]


def test_a_face_that_is_elsewhere_is_another_one():
    joiner = SpanJoiner()
    list(joiner.join(Span(0.0, 10.0), [result(9.0, (1, 0.0))]))
    (found,) = joiner.join(Span(10.0), [result(9.0, (1, 50.0)), result(10.0, (1, 50.0))])
    assert [face.track_id for face in found.faces] == [2]


def test_a_result_is_sent_without_its_picture():
    sent = FrameFaces.of(result(3.0, (1, 0.0)))
    back = sent.result()
    assert (back.frame.time_s, back.frame.width, back.frame.height) == (3.0, 2, 2)
    assert [face.track_id for face in back.faces] == [1]
    assert back.found is not None
