"""File suffixes, and what a source string means: a camera, a file, a folder, an address, the demo.

The factory, the command line, the window, batch analysis and training all decide here.
"""

import os
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, TypeVar
from urllib.parse import SplitResult, urlsplit

from fer_live.core.paths import is_folder, may_exist, user_path

IMAGE_SUFFIXES = frozenset(
    {
        ".avif", ".bmp", ".dib", ".heic", ".heif", ".hif", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpg",
        ".pbm", ".pgm", ".png", ".pnm", ".ppm", ".tif", ".tiff", ".webp",
    }
)  # fmt: skip
"""Suffixes of image files, in lower case."""

VIDEO_SUFFIXES = frozenset(
    {
        ".264", ".265", ".3g2", ".3gp", ".asf", ".avi", ".divx", ".dv", ".f4v", ".flv", ".gif",
        ".h264", ".h265", ".hevc", ".m2ts", ".m4v", ".mjpeg", ".mjpg", ".mkv", ".mov", ".mp4",
        ".mpeg", ".mpg", ".mts", ".mxf", ".ogm", ".ogv", ".ts", ".vob", ".webm", ".wmv", ".y4m",
    }
)  # fmt: skip
"""Suffixes of video files, in lower case; a GIF is an animation, so it counts as a video."""

LOG_SUFFIXES = (".csv", ".jsonl", ".parquet")
"""Suffixes of the formats of a session log."""

ANIMATION_SUFFIX = ".gif"
"""Suffix of animations: videos, unless single images are wanted, where the first frame counts."""

DEMO = "demo"
"""The source string of the demo; options follow, as in ``demo?faces=4&width=640&fps=15``."""

SOURCE_HINT = (
    "Name a camera (its index or name), a video file, a folder of pictures, a URL, or 'demo'."
)
"""What a source string can be, as the hint of an error on the command line."""

URL_SCHEMES = ("http", "https", "rtsp", "rtsps", "rtmp", "udp")
"""Schemes of the addresses that can be opened."""


class NamedCamera(Protocol):
    """What a source string can mean a camera by."""

    @property
    def index(self) -> int: ...
    @property
    def name(self) -> str: ...


_Camera = TypeVar("_Camera", bound=NamedCamera)

SourceKind = Literal["camera", "video", "image", "folder", "url", "demo"]
"""``image`` is one image file, ``folder`` is a folder of images."""


@dataclass(frozen=True)
class SourceSpec:
    """What a source string means; nothing is opened.

    Args:
        kind: What it is.
        text: The source string without spaces around it; empty stands for the first camera.
        path: Of a video, image or folder; None for the other kinds.
        index: Of a camera that is given by its number; None for the other sources.
    """

    kind: SourceKind
    text: str
    path: Path | None = None
    index: int | None = None


def parse_source(
    source: str | int,
    camera_names: Callable[[], Iterable[str]] = tuple,
    *,
    may_wait: bool = True,
) -> SourceSpec:
    """Decides what a source string means.

    In this order: a number is a camera, and so is Linux's ``/dev/video0``; ``demo``; anything
    with ``://`` is an address; a file or folder that exists; a text that looks like a path, unless
    it is the whole name of a camera; anything else is the name of a camera.

    Args:
        source: Camera index or name, path, address, or `DEMO`.
        camera_names: Gives the names of the cameras present; called only when a text looks like
            a path and its file does not exist.
        may_wait: False decides a path that names a folder by its text alone, because a network
            disk may take long to answer.

    Returns:
        The meaning. Its file, camera or address need not exist.
    """
    text = str(source).strip()
    if not text:
        return SourceSpec("camera", text)
    if text.isdecimal():
        return SourceSpec("camera", text, index=int(text))
    if (device := _device_number(text)) is not None:
        return SourceSpec("camera", text, index=device)
    if text == DEMO or text.startswith(f"{DEMO}?"):
        return SourceSpec("demo", text)
    if "://" in text:
        return SourceSpec("url", text)
    path = user_path(text)
    if (may_wait or not _names_folder(text)) and may_exist(path):
        return SourceSpec("folder" if is_folder(path) else _file_kind(path), text, path)
    if _looks_like_path(text) and text.casefold() not in map(str.casefold, camera_names()):
        has_suffix = bool(_SUFFIX.search(text))
        return SourceSpec(_file_kind(path) if has_suffix else "folder", text, path)
    return SourceSpec("camera", text)


_DEVICE = re.compile(r"/dev/video([0-9]+)")


def _device_number(text: str) -> int | None:
    """Number of a camera that is named by its device file or by a link to it in /dev."""
    if text.startswith("/dev/v4l/"):
        with suppress(OSError, ValueError):
            text = os.path.realpath(text)
    found = _DEVICE.fullmatch(text)
    return int(found[1]) if found else None


_SUFFIX = re.compile(r"\.\w{2,5}$")


def _names_folder(text: str) -> bool:
    return bool(re.search(r"[/\\]", text))


def _looks_like_path(text: str) -> bool:
    return _names_folder(text) or bool(_SUFFIX.search(text))


def _file_kind(path: Path) -> Literal["video", "image"]:
    return "image" if is_image(path) else "video"


def is_image(path: Path) -> bool:
    """True if the suffix is one of an image file."""
    return path.suffix.lower() in IMAGE_SUFFIXES


def is_video(path: Path) -> bool:
    """True if the suffix is one of a video file."""
    return path.suffix.lower() in VIDEO_SUFFIXES


def is_hidden(path: Path) -> bool:
    """True if the name begins with a dot: file managers do not show it, and no folder scan does."""
    return path.name.startswith(".")


def is_url(text: str) -> bool:
    """True for an address with a scheme of `URL_SCHEMES`."""
    scheme, separator, rest = text.strip().partition("://")
    return bool(separator and rest) and scheme.lower() in URL_SCHEMES


def public_address(url: str) -> str:
    """An address for display: without user and password, and without its query.

    The query may hold a key; ``…`` stands for it.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port is not None else ""
    except ValueError:
        return url.partition("://")[0] + "://…"
    host = f"[{host}]" if ":" in host else host
    query = "…" if parts.query else ""
    # An @ behind the host may end a password that was not percent-encoded.
    path = "/…" if "@" in parts.path + parts.fragment else parts.path
    return SplitResult(parts.scheme, host + port, path, query, "").geturl()


def matching_cameras(text: str, cameras: Iterable[_Camera]) -> tuple[_Camera, ...]:
    """The cameras that a text can mean.

    Args:
        text: An index (``0``), a name, or a part of a name; upper and lower case are alike.
        cameras: The cameras to choose from.

    Returns:
        Those with this index; or with this whole name; or else with it as a part of their name.
        All for an empty text, which stands for any camera.
    """
    wanted = text.strip().casefold()
    if not wanted:
        return tuple(cameras)
    if wanted.isdecimal():
        return tuple(camera for camera in cameras if camera.index == int(wanted))
    having = tuple(camera for camera in cameras if wanted in camera.name.casefold())
    return tuple(camera for camera in having if camera.name.casefold() == wanted) or having
