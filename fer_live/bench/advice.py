"""What the measurements mean for the settings."""

import math
from collections.abc import Mapping
from typing import Any

CAMERA_RATES = (60, 30, 15)
"""Frames per second that cameras offer, best first."""

SMALL = (640, 480)
"""Width and height that every camera offers, for a slow machine."""

ROOM = 0.8
"""Share of a frame's time that the analysis may take: the rest is for camera and window."""

BUSY = 0.5
"""Load per core from which other programs spoil the measurement."""


def recommend(report: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Settings for this machine, and sentences that say why.

    Args:
        report: As `run.measure` gives it.
    """
    p95_ms = report["end_to_end"]["wall_ms"]["p95"]
    cpu_ms = report["end_to_end"]["cpu_ms_per_frame"]
    rate = next((r for r in CAMERA_RATES if p95_ms <= ROOM * 1000 / r), None)
    settings: dict[str, Any] = {"fps": rate or CAMERA_RATES[-1]}
    width, height = report["source"]["width"], report["source"]["height"]
    size = f"{width}x{height}"
    if rate is not None:
        says = [
            f"A camera of {size} may run at {rate} frames per second: 95 % of frames are analysed "
            f"in {p95_ms:.1f} ms, on {cpu_ms * rate / 10:.0f} % of one core."
        ]
    else:
        wanted = f"{settings['fps']} frames per second"
        if width * height > math.prod(SMALL):
            settings |= {"width": SMALL[0], "height": SMALL[1]}
            wanted = f"{SMALL[0]}x{SMALL[1]}, and {wanted}"
        says = [f"At {size} a frame can take {p95_ms:.0f} ms: choose {wanted}."]
    # Not the one measured: what is best live need not be best for `predict`.
    settings["device"] = "auto"
    machine = report["machine"]
    if machine["load"] is not None and machine["load"] > BUSY * machine["cores"]:
        says.append(
            f"Other programs are busy (load {machine['load']:g}): measure again when they are not."
        )
    return settings, says
