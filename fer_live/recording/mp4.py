"""An MP4 file with H.264 that can be played even if its writing is interrupted."""

import errno
import logging
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import av

from fer_live.recording.disk import LOOK_S, FileLostError, SafeFile
from fer_live.recording.encoder import NOMINAL_FPS, Encoder, EncoderError, Yuv
from fer_live.recording.mp4_metadata import Fragments, add_notes
from fer_live.recording.timeline import TIME_BASE

_log = logging.getLogger(__name__)

KEYFRAME_S = 2.0
"""Distance of key frames, to which players can seek, seconds."""
FRAGMENT_S = 0.1
"""Length of a fragment, seconds, at least one frame; a killed program loses the unfinished one."""
MOVFLAGS = "hybrid_fragmented+frag_keyframe+empty_moov+default_base_moof"
"""Fragmented while it grows; closing adds an index, with which every player can seek and every
editor can open it."""


class Mp4File:
    """A file with one H.264 track at a variable frame rate. Used by one thread.

    Args:
        path: An existing, empty file.
        encoder: The encoder and its options.
        width, height: Size of the frames, pixels, even.
        notes: Metadata that a file keeps which is never closed; `creation_time` is ISO 8601.

    Raises:
        OSError: The file cannot be written.
        EncoderError: The encoder does not open.
    """

    def __init__(
        self, path: Path, encoder: Encoder, width: int, height: int, notes: Mapping[str, str]
    ) -> None:
        self.path = path
        self._encoder = encoder
        self._next_key = 0
        self._muxed = 0
        self._complete = False
        self._looked_s = time.monotonic()
        self.lost = False
        """True once another program has deleted, replaced or cut off the file."""
        self._fragments = Fragments()
        self._file = SafeFile(path)
        self._container: Any = None
        try:
            self._container = av.open(
                self._file,
                "w",
                format="mp4",
                options={
                    "movflags": MOVFLAGS,
                    "frag_duration": str(round(FRAGMENT_S * 1e6)),
                    "flush_packets": "1",
                },
            )
            self._container.metadata.update(notes)
            self._stream = self._container.add_stream(encoder.name, rate=NOMINAL_FPS)
            encoder.configure(self._stream.codec_context, width, height)
            self._stream.time_base = TIME_BASE
            self._container.start_encoding()
        except Exception as error:
            self._leave()
            raise self._cause(error) from error

    @property
    def size_bytes(self) -> int:
        """Bytes written so far."""
        return self._file.size_bytes

    @property
    def frames(self) -> int:
        """Frames that can be played: all after a full close, else those in whole fragments; none
        of a file that was lost."""
        if self.lost:
            return 0
        return self._muxed if self._complete else self._fragments.frames

    def write(self, yuv: Yuv, ticks: int) -> None:
        """Encodes a frame.

        Args:
            yuv: I420 planes from `encoder.to_yuv`, of the file's size.
            ticks: Its time in `TIME_BASE`, later than the frame before.

        Raises:
            OSError: The file cannot be written.
            EncoderError: The encoder fails.
            FileLostError: Another program has deleted, replaced or cut off the file.
        """
        key = ticks >= self._next_key
        if key:
            self._next_key = ticks + round(KEYFRAME_S / TIME_BASE)
        try:
            before = self.size_bytes
            self._mux(self._stream.encode(self._encoder.frame(yuv, ticks, key)))
            self._check()
            if time.monotonic() - self._looked_s >= LOOK_S:
                self._check_lost()
            if self.size_bytes > before:
                self._fragments.follow(self._file)
        except Exception as error:
            raise self._cause(error) from error

    def close(self, notes: Mapping[str, str], chapters: Sequence[tuple[float, str]] = ()) -> None:
        """Finishes the file; it can be played even if that fails.

        Args:
            notes: Metadata, which replace the first ones.
            chapters: Start in seconds and title, in order.

        Raises:
            OSError: The file cannot be written; what was written can be played.
            EncoderError: The encoder fails; what was written can be played.
            FileLostError: As `write`.
        """
        try:
            self._check_lost()
            try:
                self._mux(self._stream.encode())
            finally:
                self._container.close()
                self._check()
                self._complete = True
            if not add_notes(self._file, notes, chapters):
                _log.warning("%s has no place for its metadata", self.path)
        except Exception as error:
            raise self._cause(error) from error
        finally:
            self._leave()

    def _mux(self, packets: Iterable[Any]) -> None:
        for packet in packets:
            self._container.mux(packet)
            self._muxed += 1

    def _check(self) -> None:
        if self._file.error is not None:
            raise self._file.error

    def _check_lost(self) -> None:
        self._looked_s = time.monotonic()
        self._look()
        self._check()

    def _look(self) -> None:
        if self._file.error is None and self._file.lost:
            # No more is written: the file may be somebody else's now.
            self._file.error = OSError(errno.ESTALE, os.strerror(errno.ESTALE))

    def _cause(self, error: Exception) -> Exception:
        self._look()  # it may have been lost since the last look, and so cannot be read
        if self._file.error is not None:
            self.lost = self.lost or self._file.lost
            if self.lost:
                return FileLostError(
                    f"The recording {self.path} was deleted, replaced or cut off by another "
                    "program.",
                    "Keep other programs away from the folder of a running recording.",
                )
            return self._file.error
        if isinstance(error, OSError) and not isinstance(error, av.FFmpegError):
            return error
        return EncoderError(
            f"The encoder {self._encoder.name} failed: {error}.",
            "What was written so far can be played; start a new recording.",
        )

    def _leave(self) -> None:
        """Closes the file; the rest of a failed write after the last whole fragment is cut off."""
        try:
            if self._container is not None:
                self._container.close()
        except Exception as error:
            _log.debug("%s could not be closed: %s", self.path, error)
        if self._file.error is not None and not self.lost:
            try:
                self._fragments.follow(self._file)
                self._file.truncate(self._fragments.whole_bytes)
            except OSError as error:
                _log.debug("%s keeps a torn end: %s", self.path, error)
        self._file.finish()
