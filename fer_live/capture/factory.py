"""Makes a source from a source string, or from the settings."""

from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl

from fer_live.capture.camera import CameraSettings, CameraSource
from fer_live.capture.decode import MAX_PIXELS
from fer_live.capture.demo import DemoSource
from fer_live.capture.devices import describe, find_camera, list_cameras
from fer_live.capture.image_folder import ImageFolderSource
from fer_live.capture.network_stream import UrlSource
from fer_live.capture.source import Source
from fer_live.capture.video_file import VideoFileSource
from fer_live.core.errors import ConfigError, SourceNotFoundError
from fer_live.core.formats import SOURCE_HINT, URL_SCHEMES, is_url, parse_source, public_address
from fer_live.core.paths import may_exist, user_path
from fer_live.core.settings import Settings

_DEMO_OPTIONS = {"width": int, "height": int, "fps": float, "faces": int}


def make_source(
    text: str | int,
    settings: CameraSettings | None = None,
    max_pixels: int = MAX_PIXELS,
    ca_file: Path | None = None,
) -> Source:
    """The source that a text means, as `core.formats.parse_source` decides; opens nothing.

    Args:
        text: See `SOURCE_HINT`; of a camera's name, a part that no other camera has is enough.
        settings: What to ask for if it is a camera.
        max_pixels: Most pixels of a picture file, see `load_image`.
        ca_file: PEM file of the certificates that a stream's is verified against; None is the
            public ones.

    Raises:
        SourceNotFoundError: If it is none of these; the hint names the possibilities.
        ConfigError: If an option of the demo, an address or `ca_file` cannot be used.
    """
    spec = parse_source(text, lambda: (camera.name for camera in list_cameras()))
    if spec.index is not None:
        return CameraSource(spec.index, settings=settings)
    if spec.kind == "demo":
        return _demo(spec.text)
    if spec.kind == "url":
        return _url(spec.text, ca_file)
    if spec.path is None:
        return _camera(spec.text, settings)
    if not may_exist(spec.path):
        raise SourceNotFoundError(f"There is no file or folder {spec.text}.", SOURCE_HINT)
    if spec.kind == "video":
        return VideoFileSource(spec.path)
    return ImageFolderSource(spec.path, max_pixels=max_pixels)


def source_for(settings: Settings, text: str | None = None) -> Source:
    """The source of a source string, else of the settings, else the first camera.

    Raises:
        SourceNotFoundError: There is no such source, or no camera.
        ConfigError: The camera's settings, or the certificates, cannot be used.
    """
    text = text or settings.source
    camera = camera_settings(settings)
    if text:
        ca_file = user_path(settings.ca_file) if settings.ca_file else None
        return make_source(text, camera, round(settings.max_megapixels * 1e6), ca_file)
    cameras = list_cameras()
    if not cameras:
        raise SourceNotFoundError("There is no camera on this computer.", SOURCE_HINT)
    first = cameras[0]
    return CameraSource(first.index, first.name, replace(camera, backend=first.backend))


def camera_settings(settings: Settings) -> CameraSettings:
    """What to ask a camera for.

    Raises:
        ConfigError: The settings cannot be used.
    """
    return CameraSettings(
        settings.width,
        settings.height,
        settings.fps,
        pixel_format=settings.pixel_format,
        controls=settings.camera_controls,
    )


def mirrored(settings: Settings, source: Source) -> bool:
    """Whether to flip a source: only a camera shows the user, who expects a mirror image."""
    return settings.mirror and isinstance(source, CameraSource)


def _url(text: str, ca_file: Path | None) -> Source:
    if is_url(text):
        return UrlSource(text, ca_file=ca_file)
    raise SourceNotFoundError(
        f"{public_address(text)} is not an address that can be opened.",
        f"Addresses begin with {', '.join(f'{scheme}://' for scheme in URL_SCHEMES)}. "
        f"{SOURCE_HINT}",
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
        raise SourceNotFoundError(
            f"There is no source {text!r}.", f"{SOURCE_HINT} {there}"
        ) from error
    settings = settings or CameraSettings()
    if settings.backend is None:
        settings = replace(settings, backend=device.backend)
    return CameraSource(device.index, device.name, settings)
