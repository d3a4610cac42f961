"""What the tests of many videos share."""

import pytest

from fer_live.batch.video_queue import VideoOptions
from fer_live.core.settings import Settings


@pytest.fixture
def options(checkpoint, tmp_path):
    """The tests' own model, every face named, logs in a folder of their own."""
    settings = Settings(model=str(checkpoint), device="cpu", unsure_below=0.0)
    return VideoOptions(settings, tmp_path / "logs")
