"""Frames in, faces of every frame out: batches, frames in between, and frames that fail."""

import numpy as np
import pytest

from fer_live.batch.analysis import CPU_BATCH, Analysis, AnalysisOptions, analyse_frames
from fer_live.capture.video_decoder import black_picture
from fer_live.core.errors import ModelError, SourceError
from fer_live.core.settings import Settings
from fer_live.core.types import Frame
from fer_live.live.assembly import load_classifier
from tests.batch.videos import VARYING_MS, steady_ms, write_video
from tests.live.fakes import Parts

SIZE = (480, 360)
SETTINGS = Settings(device="cpu", unsure_below=0.0)


@pytest.fixture(scope="module")
def classifier(checkpoint):
    return load_classifier([checkpoint], "cpu")


@pytest.fixture(scope="module")
def varying(tmp_path_factory):
    folder = tmp_path_factory.mktemp("analysis")
    return write_video(folder / "varying.mp4", VARYING_MS, size=SIZE, sound=None)


def results(video, classifier, problems=None, **options):
    told = [] if problems is None else problems
    how = AnalysisOptions(**options)
    return list(analyse_frames(video, classifier, SETTINGS, how, problems=told.append))


class Counting:
    """A classifier that notes the sizes of its batches, and may fail."""

    def __init__(self, classifier, fails=lambda count: False):
        self._classifier, self._fails = classifier, fails
        self.counts = []
        for name in ("labels", "input", "device_name", "engine_name", "model_name"):
            setattr(self, name, getattr(classifier, name))

    def classify(self, crops):
        self.counts.append(len(crops))
        if self._fails(len(crops)):
            raise ModelError("The model failed.")
        return self._classifier.classify(crops)


def test_every_frame_has_a_result_and_faces_are_classified_in_batches(tmp_path, classifier):
    video = write_video(tmp_path / "steady.mp4", steady_ms(200), size=SIZE, sound=None)
    counting = Counting(classifier)
    found = results(video, counting)
    assert [r.frame.time_s for r in found] == pytest.approx([0.04 * n for n in range(200)])
    searched = [r for r in found if r.found is not None]
    assert len(searched) == pytest.approx(8.0 * 8, abs=2)
    # The first and last frames aside, there is a face in every frame.
    assert sum(len(r.faces) == 1 for r in found) > 190
    assert counting.counts[:-1] == [CPU_BATCH] * (len(counting.counts) - 1)
    assert len(counting.counts) > 1


def test_boxes_in_between_lie_on_the_way_and_the_expression_is_the_last(varying, classifier):
    found = results(varying, classifier)
    assert len(found) == len(VARYING_MS)
    before = checked = None
    for index, now in enumerate(found):
        if now.found is not None:
            before = now
            continue
        after = next((r for r in found[index:] if r.found is not None), None)
        if after is None or not (before.faces and after.faces and now.faces):
            continue
        checked = now
        share = (now.frame.time_s - before.frame.time_s) / (
            after.frame.time_s - before.frame.time_s
        )
        one, two = (np.array(r.faces[0].box_xyxy) for r in (before, after))
        np.testing.assert_allclose(now.faces[0].box_xyxy, one + share * (two - one), atol=1e-3)
        assert now.faces[0].label == before.faces[0].label
    assert checked is not None


def test_thoroughly_every_frame_is_searched(varying, classifier):
    assert all(r.found is not None for r in results(varying, classifier, thorough=True))


def test_a_batch_that_fails_is_classified_frame_by_frame(tmp_path, classifier):
    video = write_video(tmp_path / "steady.mp4", steady_ms(100), size=SIZE, sound=None)
    problems = []
    found = results(video, Counting(classifier, lambda count: count > 1), problems)
    assert (len(found), problems) == (100, [])
    assert [r.faces[0].label for r in found if r.faces][-1] is not None


def test_frames_that_fail_are_told_and_too_many_in_a_row_end_it(varying, classifier, tmp_path):
    problems, calls = [], []

    def once(count):
        calls.append(count)
        return len(calls) in (1, 2)  # the batch, and the first of its frames

    found = results(varying, Counting(classifier, once), problems, thorough=True)
    assert len(found) == len(VARYING_MS) - 1
    assert problems[0] == "The model failed."
    assert "1 frames could not be analysed" in problems[-1]
    # Without the network's detector every face is classified ten times a second.
    video = write_video(tmp_path / "steady.mp4", steady_ms(100), size=SIZE, sound=None)
    settings, broken = Settings(device="cpu", detector="haar"), Counting(classifier, lambda _: True)
    with pytest.raises(ModelError, match="The model failed"):
        list(analyse_frames(video, broken, settings, AnalysisOptions()))


def test_a_file_that_is_no_video_raises_and_leaves_no_thread(tmp_path, classifier):
    (tmp_path / "words.mp4").write_text("These are words. " * 40, "utf-8")
    with pytest.raises(SourceError, match=r"words\.mp4 is not a video"):
        results(tmp_path / "words.mp4", classifier)


def test_a_change_of_size_starts_the_faces_again_after_what_came_before():
    parts = Parts()
    processor = parts.build()
    analysis = Analysis(processor, parts.classifier, keep_pictures=False)
    found = []
    for index, size in enumerate([(64, 48)] * 3 + [(32, 24)] * 3):
        frame = Frame(np.zeros((size[1], size[0], 3), np.uint8), index, 0.0, index / 10)
        found += analysis.push(frame, searched=True)
    found += analysis.flush()
    assert [r.frame.index for r in found] == list(range(6))
    assert [r.frame.width for r in found] == [64] * 3 + [32] * 3
    assert black_picture(3, 2).shape == (2, 3, 3)
