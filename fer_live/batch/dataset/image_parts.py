"""The pictures of a dataset: Parquet files of some thousand pictures each.

    DIR/file=pictures/part-00000.parquet

A part knows its pictures, with size, time of change and digest, and how they were analysed: all of
this is in the metadata of its file, so that rows and pictures are replaced in one step and a run
that was killed leaves nothing half done.
"""

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from fer_live.batch.dataset.rows import dataset_columns, dataset_row, meanings
from fer_live.batch.locks import try_lock
from fer_live.batch.predictions import ImageResult
from fer_live.core.errors import RecordingError
from fer_live.core.files import sync, write_error
from fer_live.session_log.files import PARQUET, parquet_library, parquet_schema, parquet_table
from fer_live.session_log.rows import frame_rows
from fer_live.session_log.schema import FrameEntry, Moment, Row

FOLDER = "file=pictures"
"""No video has this partition: the name of a video has a suffix."""

PART_IMAGES = 4096
"""Most pictures of a part: large enough for programs that read it, and small enough to be written
again when some pictures are added."""

FLUSH_IMAGES, FLUSH_S = 512, 30.0
"""Pictures are written when there are this many or this time has passed, seconds: no more is lost
when the run is killed."""

_KEY = b"fer_live_pictures"
"""Key of a part's metadata."""

_ABOUT = ("path", "sha256", "bytes", "modified_ns", "width", "height", "faces")


@dataclass(frozen=True, eq=False)
class AnalysedImage:
    """A picture that has been analysed.

    Args:
        result: Its faces, or why there are none.
        place: Its absolute path.
        size_bytes, modified_ns, sha256: Of the file before it was read; None with an error.
        at: Wall time, with its offset from UTC.
    """

    result: ImageResult
    place: Path
    size_bytes: int | None
    modified_ns: int | None
    sha256: str | None
    at: datetime

    def entry(self) -> dict[str, Any]:
        """What a part knows of it."""
        values = (
            str(self.result.path), self.sha256, self.size_bytes, self.modified_ns,
            self.result.width, self.result.height, len(self.result.faces),
        )  # fmt: skip
        return {**dict(zip(_ABOUT, values, strict=True)), "place": str(self.place)}

    def rows(self) -> list[Row]:
        """Its rows: one for each face, or one without a face."""
        result = self.result
        assert result.width is not None
        assert result.height is not None
        size = (result.width, result.height)
        moment = Moment(0.0, 0.0, 0, str(result.path))
        entry = FrameEntry(moment, size, result.faces, result.labels)
        return [dataset_row(row, size) for row in frame_rows(entry, self.at, result.labels)]


@dataclass(eq=False)
class ImagePart:
    """A file of the dataset.

    Args:
        path: The file.
        made_with: Version, model and settings.
        entries: Its pictures, in the order of their rows.
    """

    path: Path
    made_with: dict[str, Any]
    entries: list[dict[str, Any]] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """As the manifest has it: with its rows, model and settings, and pictures."""
        return {
            "partition": f"{FOLDER}/{self.path.name}",
            "rows": sum(map(_rows_of, self.entries)),
            "made_with": self.made_with,
            "files": [{key: entry[key] for key in _ABOUT} for entry in self.entries],
        }

    def columns(self) -> dict[str, str]:
        """Meaning of each column, by its name. Raises OSError."""
        return meanings(parquet_library().read_schema(self.path))


class ImageParts:
    """The pictures of a dataset. One process at a time uses it; `close` gives it back.

    Args:
        folder: The dataset.
        logs: Its folder of logs, which must exist.

    Attributes:
        parts: What has been written.
        made_with: How the pictures of this run are analysed.

    Raises:
        RecordingError: pyarrow is not installed, another run is adding pictures, or the folder
            cannot be written.
    """

    def __init__(self, folder: Path, logs: Path) -> None:
        self._folder = folder / FOLDER
        self._logs = logs
        self._arrow = parquet_library("pyarrow")
        self._parquet = parquet_library()
        self._new: list[AnalysedImage] = []
        self.made_with: dict[str, Any] = {}
        self._flushed_s = time.monotonic()
        lock = logs / "pictures.lock"
        try:
            self._lock = lock.open("a+b")
        except OSError as error:
            raise write_error(lock, error) from error
        if not try_lock(self._lock):
            self._lock.close()
            raise RecordingError(
                f"Another run is adding pictures to {folder}.",
                "Wait until it ends, or choose another folder.",
            )
        try:
            self.parts = parts_in(folder)
        except RecordingError:
            self._lock.close()
            raise
        self._place = {e["place"]: (part, e) for part in self.parts for e in part.entries}

    def begin(self, made_with: Mapping[str, Any]) -> None:
        """Says how the pictures of this run are analysed: `model` and `settings`, JSON values."""
        self.made_with = json.loads(json.dumps(made_with))

    def finished(self, place: Path) -> dict[str, Any] | None:
        """What is known of a picture that is in the dataset, unchanged, and analysed as now.

        Args:
            place: Its absolute path.

        Raises:
            OSError: The picture is not there.
        """
        found = self._place.get(str(place))
        if found is None:
            return None
        part, entry = found
        about, had, now = place.stat(), part.made_with, self.made_with
        # An earlier run may have written annotated pictures besides.
        same = had["model"] == now["model"] and all(
            had["settings"].get(name) == value for name, value in now["settings"].items()
        )
        unchanged = (entry["bytes"], entry["modified_ns"]) == (about.st_size, about.st_mtime_ns)
        return entry if same and unchanged else None

    def add(self, image: AnalysedImage) -> None:
        """Takes in a picture without an error; replaces what is known of it.

        Raises:
            RecordingError: The dataset cannot be written.
        """
        self._new.append(image)
        waited_s = time.monotonic() - self._flushed_s
        if len(self._new) >= FLUSH_IMAGES or waited_s >= FLUSH_S:
            self.flush()

    def flush(self) -> None:
        """Writes what was added. Raises RecordingError."""
        new, self._new = self._new, []
        self._flushed_s = time.monotonic()
        if not new:
            return
        try:
            self._remove(new)
            self._append(new)
        except OSError as error:
            raise write_error(self._folder, error) from error

    def close(self) -> None:
        """Writes what was added and lets other runs begin. Raises RecordingError."""
        try:
            self.flush()
        finally:
            self._lock.close()

    def _remove(self, images: list[AnalysedImage]) -> None:
        """Takes pictures out of the parts that they are in. Raises OSError."""
        places = {str(image.place) for image in images}
        for part in [p for p in self.parts if any(e["place"] in places for e in p.entries)]:
            keep, kept = [], []
            for entry in part.entries:
                stays = entry["place"] not in places
                keep += [stays] * _rows_of(entry)
                kept += [entry] * stays
            if kept:
                table = self._parquet.read_table(part.path, partitioning=None)
                self._write(part.path, table.filter(self._arrow.array(keep)), part.made_with, kept)
                part.entries = kept
            else:
                part.path.unlink()
                self.parts.remove(part)

    def _append(self, images: list[AnalysedImage]) -> None:
        """Adds pictures to the last part, or to a new one if they do not fit. Raises OSError."""
        schema = parquet_schema(dataset_columns(images[0].result.labels))
        table = parquet_table([row for image in images for row in image.rows()], schema)
        entries = [image.entry() for image in images]
        last = self.parts[-1] if self.parts else None
        if (
            last is not None
            and last.made_with == self.made_with
            and len(last.entries) + len(entries) <= PART_IMAGES
        ):
            before = self._parquet.read_table(last.path, partitioning=None)
            table = self._arrow.concat_tables([before, table])
            part, entries = last, last.entries + entries
        else:
            number = 1 + max((_number(known.path) for known in self.parts), default=-1)
            part = ImagePart(self._folder / f"part-{number:05d}{PARQUET}", self.made_with)
        self._write(part.path, table, part.made_with, entries)
        part.entries = entries
        if part is not last:
            self.parts.append(part)
        for entry in entries:
            self._place[entry["place"]] = (part, entry)

    def _write(
        self, path: Path, table: Any, made_with: Mapping[str, Any], entries: list[dict[str, Any]]
    ) -> None:
        """Replaces a part. Raises OSError."""
        about = json.dumps({"made_with": made_with, "pictures": entries}).encode()
        table = table.replace_schema_metadata({_KEY: about})
        # Beside the logs until it is complete: readers take every file of a partition.
        unfinished = self._logs / f"{path.name}.part"
        self._parquet.write_table(table, unfinished, compression="zstd")
        sync(unfinished)
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.replace(path)


def parts_in(folder: Path) -> "list[ImagePart]":
    """The pictures of a dataset, part by part.

    Raises:
        RecordingError: One of the files cannot be read, or pyarrow is not installed.
    """
    parquet, found = parquet_library(), []
    for path in sorted((folder / FOLDER).glob(f"part-*{PARQUET}")):
        try:
            about = json.loads(parquet.read_schema(path).metadata[_KEY])
            found.append(ImagePart(path, about["made_with"], about["pictures"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RecordingError(
                f"{path} is no part of a dataset, or it is damaged.",
                "Remove it; the pictures in it are then analysed again.",
            ) from error
    return found


def _rows_of(entry: Mapping[str, Any]) -> int:
    return max(1, int(entry["faces"]))


def _number(path: Path) -> int:
    digits = path.stem.removeprefix("part-")
    return int(digits) if digits.isdecimal() else 0


def absolute(path: Path) -> Path:
    """A path that means the same in every process."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - `Path.absolute` keeps `..`
