"""Adds metadata and chapters to a closed MP4 (ISO/IEC 14496-12, iTunes metadata).

The index (`moov`) must be the file's last box. The new data is first appended after it, where
players ignore it, and then included by changing the four bytes of the index's size, so that the
file is playable at every moment.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

MEAN = "com.fer_live"
"""Namespace of fer_live's own metadata."""
KNOWN = {"title": b"\xa9nam", "comment": b"\xa9cmt", "encoder": b"\xa9too", "date": b"\xa9day"}
"""Metadata names that every player shows; the others are written as free-form items."""
MAX_CHAPTERS = 255
"""Most chapters; their count is one byte."""
MAX_TITLE_BYTES = 255
_TEXT = 1
"""Type code of UTF-8 text in iTunes metadata."""
_PER_SECOND = 10_000_000
"""Units of a chapter's time per second."""


class SeekableFile(Protocol):
    """The methods used of a file that is open for reading and writing."""

    def read(self, size: int = -1, /) -> bytes:
        """Reads bytes at the present position."""
        ...

    def write(self, data: bytes, /) -> int:
        """Writes all bytes."""
        ...

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Moves to a position; returns it."""
        ...


def add_notes(
    file: SeekableFile, notes: Mapping[str, str], chapters: Sequence[tuple[float, str]] = ()
) -> bool:
    """Adds metadata and chapters to a closed MP4; replaces those it has.

    Args:
        file: Open for reading and writing.
        notes: Texts by name; `KNOWN` names are written where every player looks.
        chapters: Start in seconds and title, in order; those after `MAX_CHAPTERS` are left out.

    Returns:
        False if the index is not the last box; then nothing is changed.

    Raises:
        OSError: The file cannot be changed; it can still be played.
    """
    end = file.seek(0, 2)
    boxes = list(top_boxes(file))
    if not boxes or boxes[-1][0] != b"moov" or sum(boxes[-1][1:]) != end:
        return False
    _, start, size = boxes[-1]
    old = [place for kind, place, _ in _children(file, start, size) if kind == b"udta"]
    parts = _meta(notes) + (_chapters(chapters) if chapters else b"")
    added = _box(b"udta", parts)
    file.seek(end)
    file.write(added)
    file.seek(start)
    file.write(struct.pack(">I", size + len(added)))
    for place in old:
        file.seek(place + 4)
        file.write(b"free")
    return True


def top_boxes(file: SeekableFile) -> Iterator[tuple[bytes, int, int]]:
    """Kind, position and size of each complete box, up to the first incomplete one.

    Args:
        file: Open for reading.
    """
    end = file.seek(0, 2)
    yield from _children(file, -8, end + 8)


class Fragments:
    """Tracks the complete fragments (`moof` and `mdat`) of a growing file, reading each box once.

    Attributes:
        whole_bytes: Position of the end of the last complete box, not counting a last `moof`
            whose `mdat` is missing.
        frames: Number of frames in the fragments up to there.
    """

    def __init__(self) -> None:
        self.whole_bytes = 0
        self.frames = 0

    def follow(self, file: SeekableFile) -> None:
        """Reads the boxes added since the last call; keeps the file's position."""
        place, end = file.seek(0, 1), file.seek(0, 2)
        coming = 0
        begun = self.whole_bytes
        for kind, start, size in _children(file, begun - 8, end - begun + 8):
            if kind == b"moof":
                coming = _frames_of(file, start, size)
            else:
                self.frames += coming
                coming = 0
                self.whole_bytes = start + size
        file.seek(place)


def _frames_of(file: SeekableFile, start: int, size: int) -> int:
    """Number of samples in the `trun` boxes of a `moof`."""
    frames = 0
    for kind, place, length in _children(file, start, size):
        if kind == b"traf":
            frames += _frames_of(file, place, length)
        elif kind == b"trun":
            file.seek(place + 12)
            frames += struct.unpack(">I", file.read(4))[0]
    return frames


def _children(file: SeekableFile, start: int, size: int) -> Iterator[tuple[bytes, int, int]]:
    place, end = start + 8, start + size
    while place + 8 <= end:
        file.seek(place)
        length, kind = struct.unpack(">I4s", file.read(8))
        if length == 1:
            wide = file.read(8)
            length = struct.unpack(">Q", wide)[0] if len(wide) == 8 else 0
        if length < 8 or place + length > end:
            return
        yield kind, place, length
        place += length


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content) + 8, kind) + content


def _full(kind: bytes, content: bytes) -> bytes:
    return _box(kind, bytes(4) + content)


def _meta(notes: Mapping[str, str]) -> bytes:
    handler = _full(b"hdlr", struct.pack(">4s4s4s8sx", bytes(4), b"mdir", b"appl", bytes(8)))
    items = b"".join(_item(name, text) for name, text in notes.items())
    return _full(b"meta", handler + _box(b"ilst", items))


def _item(name: str, text: str) -> bytes:
    data = _box(b"data", struct.pack(">II", _TEXT, 0) + text.encode())
    if name in KNOWN:
        return _box(KNOWN[name], data)
    mean = _full(b"mean", MEAN.encode())
    return _box(b"----", mean + _full(b"name", name.encode()) + data)


def _chapters(chapters: Sequence[tuple[float, str]]) -> bytes:
    kept = chapters[:MAX_CHAPTERS]
    lines = b"".join(_chapter(start_s, title) for start_s, title in kept)
    return _box(b"chpl", struct.pack(">IIB", 0x01000000, 0, len(kept)) + lines)


def _chapter(start_s: float, title: str) -> bytes:
    # The cut must not split a character.
    text = title.encode()[:MAX_TITLE_BYTES].decode(errors="ignore").encode()
    return struct.pack(">QB", round(start_s * _PER_SECOND), len(text)) + text
