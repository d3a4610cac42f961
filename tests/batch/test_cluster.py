"""Videos analysed on a Dask cluster: the results of one process, and a worker that is killed."""

import os
import signal
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fer_live.batch.cluster import open_cluster, slurm_cluster
from fer_live.batch.cluster_queue import predict_videos_on_cluster
from fer_live.batch.spans import spans_of
from fer_live.batch.video_queue import (
    BUSY,
    DONE,
    FAILED,
    SKIPPED,
    VideoOptions,
    VideoQueue,
    predict_videos,
)
from fer_live.cli.main import app
from fer_live.core.errors import ConfigError
from tests.batch.videos import figures, write_queue

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def videos(tmp_path_factory):
    return write_queue(tmp_path_factory.mktemp("videos"), "long.mp4", 250)


@pytest.fixture(scope="module")
def client():
    with open_cluster("local", 2) as client:
        yield client


def on_cluster(videos, options, client, **more):
    records = predict_videos_on_cluster(videos, options, client, **more)
    return {Path(record["path"]).name: record for record in records}


@pytest.mark.parametrize("collect", [False, True])
def test_the_results_are_those_of_one_process(videos, options, client, tmp_path, collect):
    alone = VideoOptions(options.settings, tmp_path / "alone")
    one = {Path(record["path"]).name: record for record in predict_videos(videos, alone)}
    found = on_cluster(videos, options, client, collect=collect)
    assert {name: r["status"] for name, r in found.items()} == {
        "varying.mp4": DONE, "steady.mp4": DONE, "long.mp4": DONE, "words.mp4": FAILED,
    }  # fmt: skip
    assert found["words.mp4"]["error"] == one["words.mp4"]["error"]
    for name in ("varying.mp4", "steady.mp4", "long.mp4"):
        assert figures(found[name]) == figures(one[name])
        assert found[name].keys() == one[name].keys()
        assert any(row["kind"] == "face" and row["label"] for row in figures(found[name]))
    again = on_cluster(videos[:3], options, client, collect=collect)
    assert {record["status"] for record in again.values()} == {SKIPPED}


def test_a_long_video_is_done_in_spans_by_several_workers(videos, options, client):
    long = videos[2]
    assert len(spans_of(long, 3.0)) == 3
    told = []
    found = on_cluster([long], options, client, span_s=3.0, on_progress=told.append)["long.mp4"]
    assert (found["status"], found["frames"], found["identities"]) == (DONE, 250, 1)
    numbers = [int(row["frame"]) for row in figures(found) if row["kind"] in ("face", "frame")]
    assert numbers == list(range(250))
    assert on_cluster([long], options, client, span_s=3.0)["long.mp4"]["status"] == SKIPPED


def test_another_runs_video_is_left_alone(videos, options, client):
    claimed = VideoQueue([videos[1]], options, print, print).claim(0)
    for collect in (False, True):
        found = on_cluster(videos[:2], options, client, collect=collect)
        assert found["steady.mp4"]["status"] == BUSY
    claimed.lock.give_up()
    assert on_cluster(videos[:2], options, client)["steady.mp4"]["status"] == DONE


def dies_at_first(video, options):
    """A task whose worker is killed the first time it does the steady video."""
    from fer_live.batch.cluster_queue import analyse_whole

    mark = options.out_dir.parent / "killed"
    if video.name == "steady.mp4" and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return analyse_whole(video, options)


def dies_always(video, options):
    """A task that no worker survives, for the steady video."""
    from fer_live.batch.cluster_queue import analyse_whole

    if video.name == "steady.mp4":
        os.kill(os.getpid(), signal.SIGKILL)
    return analyse_whole(video, options)


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_killed_worker_costs_nothing_but_its_time(videos, options, client, tmp_path):
    found = on_cluster(videos[:3], options, client, whole_task=dies_at_first)
    assert (tmp_path / "killed").exists()
    assert {record["status"] for record in found.values()} == {DONE}
    assert sorted(path.suffix for path in options.out_dir.iterdir()) == [
        ".csv", ".csv", ".csv", ".json", ".json", ".json",
    ]  # fmt: skip


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_video_that_kills_every_worker_costs_itself_alone(videos, options, client):
    found = on_cluster(videos[:3], options, client, whole_task=dies_always)
    assert {name: record["status"] for name, record in found.items()} == {
        "varying.mp4": DONE, "steady.mp4": FAILED, "long.mp4": DONE,
    }  # fmt: skip
    assert "ended unexpectedly" in found["steady.mp4"]["error"]


def test_the_command_uses_a_scheduler_by_its_address(videos, checkpoint, client, tmp_path):
    words = ["predict", "--model", checkpoint, "--device", "cpu", "--out", tmp_path / "logs"]
    words += ["--cluster", client.scheduler.address, videos[1]]
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, done.stderr
    assert '"status": "done"' in done.stdout
    assert "dashboard is http://127.0.0.1" in done.stderr
    assert "distributed." not in done.stderr


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("tcp://127.0.0.1:1", "does not answer"),
        ("cluster", "is no cluster"),
        ("slurm:no-such-file.toml", "no-such-file.toml cannot be read"),
    ],
)
def test_a_cluster_that_is_not_there_is_told_in_one_sentence(where, words, monkeypatch):
    monkeypatch.setattr("fer_live.batch.cluster._CONNECT_S", 1.0)
    with pytest.raises(ConfigError, match=words), open_cluster(where, 1):
        pass


def test_a_missing_library_is_told_in_one_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ConfigError, match=r"distributed, which is not installed.*\[cluster\]"):
        open_cluster("local", 1).__enter__()


def test_slurm_jobs_are_asked_for_as_the_file_says(tmp_path):
    path = tmp_path / "slurm.toml"
    path.write_text(
        'jobs = 5\nqueue = "normal"\naccount = "lab"\ncores = 8\nmemory = "16GB"\n'
        'walltime = "12:00:00"\njob_extra_directives = ["--exclusive"]\n'
        'interface = "lo"\n[scheduler_options]\ndashboard_address = ":0"\n',
        "utf-8",
    )
    cluster, jobs = slurm_cluster(path)
    with cluster:
        script = cluster.job_script()
    assert jobs == 5
    for line in (
        "#SBATCH -p normal", "#SBATCH -A lab", "#SBATCH -t 12:00:00", "#SBATCH --cpus-per-task=8",
        "#SBATCH --exclusive", "export OMP_NUM_THREADS=1", "export OPENCV_FOR_THREADS_NUM=1",
        "--nworkers 8", "--nthreads 1",
    ):  # fmt: skip
        assert line in script


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("cores = 8", "lacks memory"),
        ('cores = 8\nmemory = "1GB"\njobs = 0', "is no number of jobs: 0"),
        ("cores = ", "is no TOML file"),
        ('cores = 1\nmemory = "1GB"\ninterface = "lo"\ncolour = "red"', "cannot be used.*colour"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_in_one_sentence(tmp_path, text, words):
    path = tmp_path / "slurm.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=words):
        slurm_cluster(path)
