"""The user's choices for a recording, validated on construction."""

from dataclasses import dataclass
from typing import get_args

from fer_live.core.errors import ConfigError
from fer_live.core.naming import check_pattern
from fer_live.core.settings import EncoderChoice, Pictures, Privacy, Quality, Settings

DEFAULT_NAME = "recording-{date}-{time}"
RESERVE_BYTES = 100_000_000
"""A recording ends when only this much disk space is left: its index takes 13 MB for ten hours at
30 frames per second, and a full system disk harms other programs."""
LEAST_SPLIT_S = 1.0
LEAST_SPLIT_BYTES = 1_000_000
MB = 1_000_000


@dataclass(frozen=True)
class RecordingOptions:
    """How a recording is made.

    Args:
        pictures: ``annotated``, ``clean``, ``both`` (two files with the same frames), or ``none``
            for a session that is only logged, without a recorder.
        quality: ``small``, ``balanced`` or ``high``.
        encoder: ``auto`` or ``software``.
        privacy: How faces are hidden, in the clean video too: ``none``, ``blur`` or ``pixelate``.
        split_s: Longest recorded time of a part, seconds; None for no limit.
        split_bytes: Largest size of a file, bytes; None for no limit.
        name: Pattern of the file's name without suffix; see `naming.FIELDS`.
        reserve_bytes: The recording ends when the disk has no more than this left.

    Raises:
        ConfigError: A value that cannot be used.
    """

    pictures: Pictures = "annotated"
    quality: Quality = "balanced"
    encoder: EncoderChoice = "auto"
    privacy: Privacy = "none"
    split_s: float | None = None
    split_bytes: int | None = None
    name: str = DEFAULT_NAME
    reserve_bytes: int = RESERVE_BYTES

    def __post_init__(self) -> None:
        for name, value, choices in (
            ("pictures", self.pictures, get_args(Pictures)),
            ("quality", self.quality, get_args(Quality)),
            ("encoder", self.encoder, get_args(EncoderChoice)),
            ("privacy", self.privacy, get_args(Privacy)),
        ):
            if value not in choices:
                raise ConfigError(
                    f"A recording's {name} cannot be {value!r}.",
                    f"Choose one of: {', '.join(choices)}.",
                )
        if self.split_s is not None and not self.split_s >= LEAST_SPLIT_S:
            raise ConfigError(
                f"Parts of {self.split_s:g} s are too short.", "Choose a second or more."
            )
        if self.split_bytes is not None and self.split_bytes < LEAST_SPLIT_BYTES:
            raise ConfigError(
                f"Parts of {self.split_bytes} bytes are too small.", "Choose a megabyte or more."
            )
        if self.reserve_bytes < 0:
            raise ConfigError("The space to leave free cannot be negative.", "Choose 0 or more.")
        check_pattern(self.name)

    @classmethod
    def from_settings(cls, settings: Settings) -> "RecordingOptions":
        """The options in the settings. Raises ConfigError as the class does."""
        return cls(
            pictures=settings.record_pictures,
            quality=settings.record_quality,
            encoder=settings.record_encoder,
            privacy=settings.hiding,
            split_s=settings.split_minutes * 60.0 or None,
            split_bytes=round(settings.split_mb * MB) or None,
            name=settings.record_name or DEFAULT_NAME,
        )

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Name endings of a part's files, the annotated one first."""
        return {
            "annotated": (".mp4",),
            "clean": (".mp4",),
            "both": (".mp4", "-clean.mp4"),
            "none": (),
        }[self.pictures]
