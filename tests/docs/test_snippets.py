"""The Python in README and documentation runs, on files with the names it uses."""

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image
from skimage import data

import fer_live
from fer_live.batch.headless import run_source
from fer_live.core.settings import Settings
from tests.batch.videos import steady_ms, write_video

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
SNIPPETS = [
    pytest.param(block, id=f"{path.name}-{number}")
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    for number, block in enumerate(BLOCK.findall(path.read_text("utf-8")))
]


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(data.astronaut()).save("photo.jpg")
    Path("holiday").mkdir()
    for copy in ("a.jpg", "holiday/b.jpg"):
        shutil.copy("photo.jpg", copy)
    write_video(Path("clip.mp4"), steady_ms(6), sound=None)
    run_source(Settings(), "clip.mp4", log_path=Path("session.csv"))


def test_there_are_snippets():
    assert len(SNIPPETS) >= 4


@pytest.mark.parametrize("code", SNIPPETS)
def test_a_snippet_runs(code, files, monkeypatch, capsys):
    stream = fer_live.stream

    def of_a_camera(source, **options):
        assert source == 0
        return stream("photo.jpg", **options)

    monkeypatch.setattr(fer_live, "stream", of_a_camera)
    exec(compile(code, "snippet", "exec"), names := {})
    if "table" in names:
        assert isinstance(names["table"], pd.DataFrame)
        assert len(names["table"]) == 2
    else:
        assert "happy" in capsys.readouterr().out
