"""The results of many videos and pictures as one Parquet dataset, with a manifest.

    DIR/file=clip.mp4/faces.parquet           the rows of a video: faces, and frames without a face
    DIR/file=pictures/part-00000.parquet      the rows of some thousand pictures, likewise
    DIR/_manifest.json                        model, version, settings, every input with its digest
    DIR/_logs/                                the logs and summaries of the videos

Names that begin with an underscore are no data by the convention of Hive, which pandas follows; so
`pandas.read_parquet("DIR")` reads the dataset, with the partition as the column `file`.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fer_live import __version__
from fer_live.batch.dataset.image_parts import ImageParts, parts_in
from fer_live.batch.dataset.rows import EVENT_COLUMNS, SIZE_COLUMNS, meanings
from fer_live.batch.job_files import MARK, digest_of
from fer_live.core.errors import RecordingError
from fer_live.core.files import atomic_write, sync, write_error
from fer_live.session_log.files import PARQUET, parquet_library, parquet_schema
from fer_live.session_log.schema import FACE, FRAME

LOGS, MANIFEST, ROWS = "_logs", "_manifest.json", "faces.parquet"

_FIGURES = ("frames", "frames_with_face", "identities", "length_s", "problems")
"""What the manifest repeats of a video's summary."""


class Dataset:
    """Collects finished videos and pictures in a folder. Used by one process at a time.

    What earlier runs have collected stays in the manifest as long as its rows are there.

    Args:
        folder: The dataset; created if it is missing.

    Raises:
        RecordingError: pyarrow is not installed, the folder cannot be written, or a part of it
            is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._arrow = parquet_library("pyarrow")
        self._parquet = parquet_library()
        self._failed: list[dict[str, Any]] = []
        self._about: dict[str, Any] = {}
        self._columns: dict[str, str] = {}
        self._images: ImageParts | None = None
        try:
            self.logs.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise write_error(folder, error) from error
        self._files = self._read()
        self._parts = parts_in(folder)

    @property
    def logs(self) -> Path:
        """Folder of the logs and summaries, which `VideoOptions.out_dir` must be."""
        return self._folder / LOGS

    def open_images(self) -> ImageParts:
        """The pictures of the dataset, to be closed before it. Raises RecordingError."""
        images = ImageParts(self._folder, self.logs)
        self._parts, self._images = images.parts, images
        return images

    def add_failed(self, path: str, error: str) -> None:
        """Names an input that could not be analysed in the manifest."""
        self._failed.append({"path": path, "error": error})

    def add(self, record: Mapping[str, Any]) -> None:
        """Takes in the record of a video.

        Args:
            record: As `predict_videos` gives it; its log is a Parquet file in `logs`.

        Raises:
            RecordingError: The video's part of the dataset cannot be written.
        """
        path = str(record["path"])
        if record["error"] is not None or record.get("log") is None:
            reason = record["error"] or "another run is analysing it"
            self.add_failed(path, reason)
            return
        log = Path(record["log"])
        try:
            summary = json.loads(log.with_suffix(".json").read_text("utf-8"))
            entry = self._entry(Path(path), log, summary)
            size = (summary["width"], summary["height"])
            entry["rows"] = self._write_rows(log, size, self._folder / entry["partition"])
        except OSError as error:
            raise write_error(self._folder, error) from error
        except ValueError as error:  # pyarrow's and json's errors are of this class
            raise RecordingError(
                f"{log} cannot be read: {error}.", "Run again with --force for this video."
            ) from error
        self._files[path] = entry
        self._about = {
            "fer_live": __version__,
            "model": {"name": summary["model"], **summary["made_with"]["model"]},
            "settings": summary["made_with"]["settings"],
        }

    def close(self) -> Path:
        """Writes the manifest and returns its path. Raises RecordingError."""
        if self._images is not None and not self._about:
            self._about = {"fer_live": __version__, **self._images.made_with}
        if self._parts and not self._columns:
            self._columns = self._parts[-1].columns()
        manifest = {
            **self._about,
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "columns": self._columns,
            "files": sorted(self._files.values(), key=lambda entry: str(entry["path"])),
            "pictures": [part.to_dict() for part in self._parts],
            "failed": self._failed,
        }
        path = self._folder / MANIFEST
        try:
            with atomic_write(path) as part:
                part.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        except OSError as error:
            raise write_error(path, error) from error
        return path

    def _entry(self, video: Path, log: Path, summary: Mapping[str, Any]) -> dict[str, Any]:
        """What the manifest says of a video. Raises OSError."""
        name = log.name.removesuffix(f"{MARK}{PARQUET}") + video.suffix
        about = video.stat()
        known = self._files.get(str(video), {})
        same = (known.get("bytes"), known.get("modified_ns")) == (about.st_size, about.st_mtime_ns)
        return {
            "path": str(video),
            "sha256": known["sha256"] if same else digest_of(video),
            "bytes": about.st_size,
            "modified_ns": about.st_mtime_ns,
            "partition": f"file={quote(name, safe='')}/{ROWS}",
            **{key: summary.get(key) for key in _FIGURES},
            "made_with": {key: summary["made_with"][key] for key in ("model", "settings")},
        }

    def _write_rows(self, log: Path, size: tuple[int, int], target: Path) -> int:
        """Copies the rows of faces and frames; returns their number. Raises OSError, ValueError."""
        table = self._parquet.read_table(log)
        kinds = self._arrow.array([FACE, FRAME])
        compute = parquet_library("pyarrow.compute")
        table = table.filter(compute.is_in(table["kind"], value_set=kinds))
        table = table.drop_columns(list(EVENT_COLUMNS))
        for field, value in zip(parquet_schema(SIZE_COLUMNS), size, strict=True):
            cells = self._arrow.array([value] * table.num_rows, type=field.type)
            table = table.append_column(field, cells)
        self._columns = meanings(table.schema)
        # Beside the logs until it is complete: readers take every file of a partition.
        part = log.with_name(f"{log.name}.rows.part")
        self._parquet.write_table(table, part, compression="zstd")
        sync(part)
        target.parent.mkdir(parents=True, exist_ok=True)
        part.replace(target)
        return int(table.num_rows)

    def _read(self) -> dict[str, dict[str, Any]]:
        """The entries of the manifest of earlier runs whose rows are still there, by path."""
        try:
            files = json.loads((self._folder / MANIFEST).read_text("utf-8"))["files"]
            return {
                entry["path"]: entry
                for entry in files
                if (self._folder / entry["partition"]).is_file()
            }
        except (OSError, ValueError, KeyError, TypeError):
            return {}
