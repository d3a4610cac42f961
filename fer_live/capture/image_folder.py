"""Images as a source: a folder of images, one frame each, or a single image file."""

import logging
import math
import os
import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from fer_live.capture.decode import MAX_PIXELS, decode_image
from fer_live.capture.source import SourceBase, SourceInfo, not_open_error
from fer_live.core.errors import ConfigError, SourceError, SourceNotFoundError
from fer_live.core.files import check_readable
from fer_live.core.formats import is_hidden, is_image
from fer_live.core.paths import is_folder, user_path
from fer_live.core.types import Frame, ImageBgr

_log = logging.getLogger(__name__)

DEFAULT_FPS = 1.0
"""Images per second on the timeline of a folder: enough time to look at each."""

_ROUNDING = 1e-6


MAX_BYTES = 1 << 30
"""Largest image file, bytes."""


def list_images(folder: Path) -> tuple[Path, ...]:
    """The image files in a folder, in natural order (2 before 10).

    Subfolders and hidden files are left out.

    Raises:
        SourceError: If the folder cannot be listed.
    """
    try:
        images = [p for p in folder.iterdir() if is_image(p) and not is_hidden(p) and p.is_file()]
    except OSError as error:
        raise SourceError(
            f"The folder {folder} cannot be read: {error.strerror or error}.",
            "Check the permissions of the folder.",
        ) from error
    return tuple(sorted(images, key=_natural))


def others_in(folder: Path, wanted: Callable[[Path], bool] = is_image) -> str:
    """What a folder holds besides files to be read, to be named in a message.

    Args:
        folder: The folder; one that cannot be listed gives no text.
        wanted: True for the path of a file to be read.

    Returns:
        Suffix and number of each kind, as in ``.heic: 2, folder: 1``; empty if there is nothing.
        Hidden files are not counted.
    """
    kinds: Counter[str] = Counter()
    try:
        for path in folder.iterdir():
            if is_hidden(path):
                continue
            if is_folder(path):
                kinds["folder"] += 1
            elif not wanted(path):
                kinds[path.suffix.lower() or "without a suffix"] += 1
            elif not path.is_file():
                kinds["no plain file"] += 1
    except OSError as error:
        _log.debug("%s: %s", folder, error)
    return ", ".join(f"{kind}: {count}" for kind, count in sorted(kinds.items()))


def _natural(path: Path) -> tuple[list[tuple[int, str]], str]:
    parts = re.split(r"([0-9]+)", path.name.casefold())
    return [(int(p), "") if p.isdecimal() else (-1, p) for p in parts], path.name


def load_image(path: Path, max_pixels: int = MAX_PIXELS) -> ImageBgr:
    """An image file, (H, W, 3) uint8 BGR, upright as its EXIF says.

    A JPEG or WebP file that is too large for `max_pixels` is read at a half or a quarter of its
    size, and that is logged.

    Raises:
        SourceError: It is no plain file, may not be read, is larger than `MAX_BYTES`, or cannot be
            decoded.
    """
    # A pipe or a device would never end.
    check_readable(path)
    try:
        # Not cv2.imread: on Windows it cannot open every name.
        with path.open("rb") as file:
            if path.stat().st_size > MAX_BYTES:
                raise SourceError(
                    f"{path.name} has more than the {MAX_BYTES / 1e9:.1f} GB that a picture may "
                    "have.",
                    "Choose a picture file.",
                )
            decoded = decode_image(file, max_pixels)
    except OSError as error:
        raise SourceError(
            f"{path} cannot be read: {error.strerror or error}.", "Check the disk."
        ) from error
    if decoded.reduced > 1:
        _log.warning(
            "%s is read at 1/%d of its width and height: it is too large for %.4g million pixels",
            *(path.name, decoded.reduced, max_pixels / 1e6),
        )
    return decoded.image_bgr


class ImageFolderSource(SourceBase):
    """The images of a folder in natural order, or one image file; sizes may differ.

    Frames come as fast as they are read; `Frame.position_s` spaces them by `fps`, `Frame.file` is
    their name. Images that cannot be read are skipped and named in `skipped`; each is logged with
    the reason, and their number at the end.

    Args:
        path: A folder or an image file.
        fps: Images per second of the timeline.
        max_pixels: Most pixels of one image, see `load_image`.
        clock: Monotonic seconds.

    Raises:
        ConfigError: If the rate is not positive.
    """

    live = False

    def __init__(
        self,
        path: str | os.PathLike[str],
        fps: float = DEFAULT_FPS,
        *,
        max_pixels: int = MAX_PIXELS,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        super().__init__()
        if not 0 < fps < math.inf:
            raise ConfigError(
                f"Pictures cannot be shown at {fps:g} per second.", "Choose a rate above zero."
            )
        self.path = user_path(path)
        self._fps = fps
        self._max_pixels = max_pixels
        self._clock = clock
        self._images: list[Path] | None = None
        self._at = 0
        self._pending: ImageBgr | None = None
        self._skipped: dict[str, str] = {}

    @property
    def skipped(self) -> dict[str, str]:
        """Why images could not be read since the opening, by their names."""
        return dict(self._skipped)

    def open(self) -> SourceInfo:
        """Lists the images and reads the first.

        Raises:
            SourceNotFoundError: There is no such folder or file, or no image in it.
            SourceError: None of the images can be read.
        """
        self._release()
        self._raise_if_interrupted(self.path.name)
        images = self._list()
        self._images, self._at, self._skipped = list(images), 0, {}
        first = self._read_here()
        if first is None:
            self._release()
            raise SourceError(
                f"{self.path.name} is not a picture, or it is damaged."
                if images == (self.path,)
                else f"No picture in {self.path} can be read ({len(images)} tried).",
                "Choose another file or folder.",
            )
        self._pending = first
        height, width = first.shape[:2]
        details = "1 picture" if len(images) == 1 else f"{len(images)} pictures"
        if self._skipped:
            details += f"; cannot be read: {', '.join(self._skipped)}"
        name = self.path.name or str(self.path)
        length_s = len(self._images) / self._fps
        return SourceInfo("images", name, width, height, self._fps, self.live, details, length_s)

    def read(self) -> Frame | None:
        """The next image that can be read; None after the last."""
        if self._images is None:
            raise not_open_error(self.path.name)
        if self._interrupted.is_set():
            return None
        image, self._pending = self._pending, None
        if image is None:
            image = self._read_here()
        if image is None:
            self._tell_skipped()
            return None
        position_s, file = self._at / self._fps, self._images[self._at].name
        self._at += 1
        return self._frame(image, self._clock(), position_s, file)

    def seek(self, position_s: float, *, before: bool = False) -> None:
        """Goes to the image that is shown at a position: the next `read` gives it.

        Args:
            position_s: As in `Frame.position_s`; past the end means the last image.
            before: The image before the one that begins there.

        Raises:
            SourceError: The source is not open.
        """
        if self._images is None:
            raise not_open_error(self.path.name)
        place = position_s * self._fps
        # Positions are rounded; an image begins at a whole number.
        at = math.ceil(place - _ROUNDING) - 1 if before else math.floor(place + _ROUNDING)
        self._at = max(0, min(at, len(self._images) - 1))
        self._pending = self._read_here()
        while self._pending is None and self._at > 0 and not self._interrupted.is_set():
            self._at -= 1
            self._pending = self._read_here()

    def close(self) -> None:
        """Forgets the list."""
        self._release()
        self._interrupted.clear()

    def _list(self) -> tuple[Path, ...]:
        if not is_folder(self.path):
            check_readable(self.path)
            return (self.path,)
        images = list_images(self.path)
        others = others_in(self.path)
        if not images:
            besides = f" It holds other things ({others})." if others else ""
            raise SourceNotFoundError(
                f"There is no picture in the folder {self.path}.{besides}",
                "Choose a folder with JPEG, PNG, WebP, TIFF or BMP files.",
            )
        if others:
            _log.warning("other files and folders in %s are left out (%s)", self.path, others)
        return images

    def _read_here(self) -> ImageBgr | None:
        """The image at this place; those that cannot be read are taken out of the list."""
        images = self._images or []
        while self._at < len(images) and not self._interrupted.is_set():
            path = images[self._at]
            try:
                return load_image(path, self._max_pixels)
            except SourceError as error:
                del images[self._at]
                self._skipped[path.name] = error.message
                _log.warning("%s is skipped: %s", path.name, error.message)
        return None

    def _tell_skipped(self) -> None:
        """Logs, at the end, how many images were skipped."""
        count = len(self._skipped)
        if count and not self._interrupted.is_set():
            total = count + len(self._images or [])
            _log.warning("%d of %d pictures in %s were skipped", count, total, self.path)

    def _release(self) -> None:
        self._images = self._pending = None
