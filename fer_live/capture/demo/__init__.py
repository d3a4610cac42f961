"""The demo source: people on a drawn background, built in, no camera and no network."""

from fer_live.capture.demo.source import MAX_SIDE_PX, DemoSource
from fer_live.capture.demo.story import (
    CYCLE_S,
    DEFAULT_FPS,
    DEFAULT_SIZE,
    MAX_FACES,
    SCENES_S,
    SECOND_FACE_S,
    STORY_S,
    render_demo,
)

__all__ = [
    "CYCLE_S",
    "DEFAULT_FPS",
    "DEFAULT_SIZE",
    "MAX_FACES",
    "MAX_SIDE_PX",
    "SCENES_S",
    "SECOND_FACE_S",
    "STORY_S",
    "DemoSource",
    "render_demo",
]
