"""Videos analysed by several processes: the same results, and a process that dies costs one."""

import json
import multiprocessing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fer_live.batch.video_queue import DONE, FAILED, SKIPPED, VideoOptions, predict_videos
from fer_live.batch.video_workers import predict_videos_in_processes
from fer_live.cli.main import app
from fer_live.core.errors import ModelError
from fer_live.core.settings import Settings
from tests.batch.videos import LARGE, figures, steady_ms, write_queue, write_video


@pytest.fixture(scope="module")
def videos(tmp_path_factory):
    return write_queue(tmp_path_factory.mktemp("videos"), "short.mp4", 5)


def in_processes(videos, options, workers=2, **more):
    records = list(predict_videos_in_processes(videos, options, workers, **more))
    return {Path(record["path"]).name: record for record in records}


def test_the_results_are_those_of_one_process(videos, options, tmp_path):
    many = in_processes(videos, options)
    alone = VideoOptions(options.settings, tmp_path / "alone")
    one = {Path(record["path"]).name: record for record in predict_videos(videos, alone)}
    assert {name: r["status"] for name, r in many.items()} == {
        "varying.mp4": DONE, "steady.mp4": DONE, "short.mp4": DONE, "words.mp4": FAILED,
    }  # fmt: skip
    assert many["words.mp4"]["error"] == one["words.mp4"]["error"]
    for name in ("varying.mp4", "steady.mp4", "short.mp4"):
        assert figures(many[name]) == figures(one[name])
        assert any(row["kind"] == "face" and row["label"] for row in figures(many[name]))
        assert many[name]["frames"] == one[name]["frames"]
    assert {r["status"] for r in in_processes(videos[:3], options).values()} == {SKIPPED}
    assert multiprocessing.active_children() == []


def test_progress_says_which_of_the_videos_it_is_of(videos, options):
    told = []
    in_processes(videos[:3], options, on_progress=told.append)
    assert {(p.path, p.number, p.count) for p in told} == {
        (video, number + 1, 3) for number, video in enumerate(videos[:3])
    }


def test_a_process_that_is_killed_costs_its_video_alone(videos, options, tmp_path):
    long = write_video(tmp_path / "long.mp4", steady_ms(600), size=LARGE, sound=None)
    killed = []

    def kill(progress):
        if progress.path == long and progress.frames and not killed:
            for child in multiprocessing.active_children():
                killed.append(child.pid)
                child.kill()

    # One worker: the one that is killed is the one that has the long video.
    records = in_processes([long, *videos[:2]], options, workers=1, on_progress=kill)
    assert len(killed) == 1
    assert records["long.mp4"]["status"] == FAILED
    assert "ended unexpectedly" in records["long.mp4"]["error"]
    assert [records[video.name]["status"] for video in videos[:2]] == [DONE, DONE]
    # Nothing keeps the next run from doing it.
    assert in_processes([long], options)["long.mp4"]["status"] == DONE


def test_videos_with_the_same_name_do_not_take_each_others_outputs(videos, options, tmp_path):
    copies = []
    for folder in ("a", "b", "c"):
        (tmp_path / folder).mkdir()
        copies.append(tmp_path / folder / "Clip.mp4")
        copies[-1].write_bytes(videos[2].read_bytes())
    records = list(predict_videos_in_processes([*copies, videos[1]], options, 4))
    assert [record["status"] for record in records] == [DONE] * 4
    assert len({record["log"] for record in records}) == 4


def test_a_run_that_ends_early_leaves_nothing_half_done(options, tmp_path):
    long = [
        write_video(tmp_path / f"{name}.mp4", steady_ms(600), size=LARGE, sound=None)
        for name in "ab"
    ]

    def end(progress):
        if progress.frames:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(predict_videos_in_processes(long, options, 2, on_progress=end))
    assert multiprocessing.active_children() == []
    assert list(options.out_dir.iterdir()) == []


def test_a_model_that_is_not_there_is_told_before_any_process_starts(videos, options):
    wrong = VideoOptions(Settings(model="no-such-model"), options.out_dir)
    with pytest.raises(ModelError):
        next(predict_videos_in_processes(videos, wrong, 2))


def test_a_model_that_no_process_can_load_ends_the_run(videos, options, tmp_path):
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"no model")
    with pytest.raises(Exception, match=r"broken\.safetensors"):
        in_processes(videos, VideoOptions(Settings(model=str(broken)), options.out_dir))
    assert multiprocessing.active_children() == []


def test_the_command_prints_a_line_for_each_video(videos, checkpoint, tmp_path):
    words = ["predict", "--model", checkpoint, "--device", "cpu", "--workers", 2, "--out", tmp_path]
    done = CliRunner().invoke(app, [str(word) for word in [*words, *videos]])
    assert done.exit_code == 1
    found = {Path(r["path"]).name: r["status"] for r in map(json.loads, done.stdout.splitlines())}
    assert found == {
        "varying.mp4": DONE, "steady.mp4": DONE, "short.mp4": DONE, "words.mp4": FAILED,
    }  # fmt: skip
    assert "1 of 4 videos could not be analysed" in done.stderr
