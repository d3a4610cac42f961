"""From what a user types to a source."""

import dataclasses
import re
from urllib.parse import parse_qsl

from fer_live.capture.camera import CameraSettings, CameraSource
from fer_live.capture.demo import DemoSource
from fer_live.capture.devices import describe, find_camera, list_cameras
from fer_live.capture.image_folder import ImageFolderSource, is_picture
from fer_live.capture.network_stream import SCHEMES, UrlSource, is_url, without_credentials
from fer_live.capture.source import Source
from fer_live.capture.video_file import VideoFileSource
from fer_live.core.errors import ConfigError, SourceNotFoundError
from fer_live.core.paths import is_folder, may_exist, user_path

DEMO = "demo"
"""The text for the demo; options follow as in ``demo?faces=4&width=640&height=360&fps=15``."""

HINT = "Name a camera (its index or name), a video file, a folder of pictures, a URL, or 'demo'."
"""What a source can be."""

_DEMO_OPTIONS = {"width": int, "height": int, "fps": float, "faces": int}


def make_source(text: str | int, settings: CameraSettings | None = None) -> Source:
    """The source that a text stands for; opens nothing.

    Looked at in this order: a number is a camera; ``demo``; an address; a file or folder that
    exists; a camera's name or a part of it, though only a whole one if it looks like a path.

    Args:
        text: See `HINT`.
        settings: What to ask for if it is a camera.

    Raises:
        SourceNotFoundError: If it is none of these; the hint names the possibilities.
        ConfigError: If an option of the demo cannot be used.
    """
    wanted = str(text).strip()
    if wanted.isdecimal():
        return CameraSource(int(wanted), settings=settings)
    if wanted == DEMO or wanted.startswith(f"{DEMO}?"):
        return _demo(wanted)
    if "://" in wanted:
        return _url(wanted)
    path = user_path(wanted)
    if wanted and may_exist(path):
        if is_folder(path) or is_picture(path):
            return ImageFolderSource(path)
        return VideoFileSource(path)
    if _looks_like_path(wanted) and not _is_camera(wanted):
        raise SourceNotFoundError(f"There is no file or folder {wanted}.", HINT)
    return _camera(wanted, settings)


def _looks_like_path(text: str) -> bool:
    return bool(re.search(r"[/\\]|\.\w{2,5}$", text))


def _is_camera(text: str) -> bool:
    return any(camera.name.casefold() == text.casefold() for camera in list_cameras())


def _url(text: str) -> Source:
    if is_url(text):
        return UrlSource(text)
    raise SourceNotFoundError(
        f"{without_credentials(text)} is not an address that can be opened.",
        f"Addresses begin with {', '.join(f'{scheme}://' for scheme in SCHEMES)}. {HINT}",
    )


def _demo(text: str) -> DemoSource:
    options: dict[str, int | float] = {}
    for key, value in parse_qsl(text.partition("?")[2], keep_blank_values=True):
        kind = _DEMO_OPTIONS.get(key)
        try:
            if kind is None:
                raise ValueError(key)
            options[key] = kind(value)
        except ValueError:
            known = ", ".join(_DEMO_OPTIONS)
            raise ConfigError(
                f"The demo has no option {key}={value}.",
                f"Its options are numbers: {known}, as in demo?faces=4&width=640&height=360.",
            ) from None
    return DemoSource(**options)  # type: ignore[arg-type]


def _camera(text: str, settings: CameraSettings | None) -> Source:
    cameras = list_cameras()
    try:
        device = find_camera(text, cameras)
    except SourceNotFoundError as error:
        if any(text.casefold() in camera.name.casefold() for camera in cameras) and text:
            raise
        there = f"Cameras here: {describe(cameras)}." if cameras else "No camera was found here."
        raise SourceNotFoundError(f"There is no source {text!r}.", f"{HINT} {there}") from error
    settings = settings or CameraSettings()
    if settings.backend is None:
        settings = dataclasses.replace(settings, backend=device.backend)
    return CameraSource(device.index, device.name, settings)
