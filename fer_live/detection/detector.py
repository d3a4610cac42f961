"""The Detector protocol: any way of finding faces in a frame."""

from typing import Protocol

from fer_live.core.types import Detections, ImageBgr


class Detector(Protocol):
    """Finds faces. Owned by the inference thread; an instance is used by one thread at a time."""

    @property
    def name(self) -> str:
        """Shown to the user and stored in statistics."""
        ...

    def detect(self, image_bgr: ImageBgr) -> Detections:
        """Faces in a (H, W, 3) uint8 picture, in its own pixels; none gives empty detections."""
        ...
