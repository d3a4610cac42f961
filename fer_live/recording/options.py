"""What a user chooses about a recording; checked when it is made."""

from dataclasses import dataclass
from typing import get_args

from fer_live.core.errors import ConfigError
from fer_live.core.settings import EncoderChoice, Pictures, Privacy, Quality, Settings
from fer_live.recording.naming import check_pattern

DEFAULT_NAME = "recording-{date}-{time}"
RESERVE_BYTES = 100_000_000
"""A recording is closed when so little is left: its index takes 13 MB for ten hours at 30 per
second, and a full system disk harms more than the recording."""
LEAST_SPLIT_S = 1.0
LEAST_SPLIT_BYTES = 1_000_000
MB = 1_000_000


@dataclass(frozen=True)
class RecordingOptions:
    """How a recording is made.

    Args:
        pictures: ``annotated``, ``clean``, ``both`` (two files, frame by frame alike), or
            ``none``: a session that is only logged, for which there is no recorder.
        quality: ``small``, ``balanced`` or ``high``.
        encoder: ``auto`` or ``software``.
        privacy: ``none``, or how faces are made unrecognisable: ``blur``, ``pixelate``. It holds
            for the clean picture too.
        split_s: A new part after so much recorded time, seconds; None never.
        split_bytes: A new part before a file grows beyond this; None never.
        name: Pattern of the file's name without ending; see `naming.FIELDS`.
        reserve_bytes: The recording is closed when the disk has no more than this left.

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
        """What the user chose. Raises ConfigError as the class does."""
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
        """Endings of the files a part consists of; the annotated one first."""
        return {
            "annotated": (".mp4",),
            "clean": (".mp4",),
            "both": (".mp4", "-clean.mp4"),
            "none": (),
        }[self.pictures]
