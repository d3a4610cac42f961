"""The detectors for running pictures, by the name that the user chooses."""

from collections.abc import Callable
from typing import Protocol

from fer_live.core.settings import DetectorChoice
from fer_live.core.types import Detections, ImageBgr
from fer_live.detection.close_looks import CANDIDATE_SCORE
from fer_live.detection.combined import CASCADE_LOOK, CombinedDetector
from fer_live.detection.haar import HaarDetector
from fer_live.detection.incremental_scan import IncrementalScan
from fer_live.detection.scheduler import FULL_SCAN_INTERVAL_S, ScheduledDetector
from fer_live.detection.yunet import YuNetDetector


class LiveDetector(Protocol):
    """Finds faces in one frame after another. Owned by the inference thread."""

    @property
    def name(self) -> str:
        """Shown to the user and stored in statistics."""
        ...

    def detect(self, image_bgr: ImageBgr) -> Detections:
        """Faces in the next (H, W, 3) uint8 picture."""
        ...

    def reset(self) -> None:
        """Forgets all faces, for a new source."""
        ...


def live_detector(
    choice: DetectorChoice,
    clock: Callable[[], float],
    interval_s: float = FULL_SCAN_INTERVAL_S,
) -> LiveDetector:
    """A detector for one source.

    Args:
        choice: ``auto`` finds with the network and follows frontal faces with the cascade;
            ``haar`` and ``yunet`` use one of them alone.
        clock: Monotonic seconds.
        interval_s: For ``haar``: seconds in which the whole frame is searched once.

    Raises:
        DetectorError: The cascade or the network is missing or damaged.
    """
    if choice == "haar":
        cascade = HaarDetector()
        return ScheduledDetector(cascade, interval_s, clock, IncrementalScan(cascade, interval_s))
    network = YuNetDetector(min_score=CANDIDATE_SCORE)
    if choice == "yunet":
        return CombinedDetector(network, None, clock)
    return CombinedDetector(network, HaarDetector(close_look=CASCADE_LOOK), clock)
