"""The tree of errors a user can meet; each one carries a hint that says what to do."""


class FerLiveError(Exception):
    """A failure with one clear sentence for the user and a hint that says what to do.

    Args:
        message: What went wrong, one sentence.
        hint: What the user can do about it; may be empty.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class ConfigError(FerLiveError):
    """A setting, flag or recipe that cannot be used."""


class DeviceError(FerLiveError):
    """A compute device that was asked for and is not there."""


class ModelError(FerLiveError):
    """A checkpoint that is missing, damaged or unfit."""


class DataError(FerLiveError):
    """Training or evaluation data that cannot be used."""


class DetectorError(FerLiveError):
    """A face detector that cannot be loaded or run."""


class SourceError(FerLiveError):
    """A picture source that cannot be opened or read."""


class SourceNotFoundError(SourceError):
    """There is no such camera, file, folder or address."""


class SourceBusyError(SourceError):
    """The camera exists but another program holds it."""


class SourceLostError(SourceError):
    """A live source that delivered frames has stopped: unplugged, stalled or disconnected."""


class RecordingError(FerLiveError):
    """A snapshot, video or log that could not be written, or a log that cannot be read."""


class ReviewError(FerLiveError):
    """A correction of a session that cannot be made, kept or read."""


class OutputError(FerLiveError):
    """A live output to another program that could not be opened, or that failed."""
