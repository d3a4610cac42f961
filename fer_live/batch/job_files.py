"""The output files of a video's analysis: their names, their owner, and whether they are complete.

A summary, ``NAME.fer.json``, stands beside the log. It is written last and names its video and how
it was made, so a video is finished when its summary exists and matches.
"""

import contextlib
import hashlib
import itertools
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fer_live.batch.locks import is_still_at, try_lock
from fer_live.core.errors import ModelError, RecordingError
from fer_live.core.files import shortened, sync, write_error
from fer_live.core.paths import may_exist
from fer_live.session_log.files import remove_log

MARK = ".fer"
"""Every output has this before its suffix, so that it is never taken for an input."""
_PART = ".part"
_ENDINGS_BYTES = 48
"""Room in a name for number, mark, suffixes, and the endings of files that are not complete."""
_VIDEO_KEY = "film"
"""Key of the video in a fingerprint; the summaries on users' disks have it."""


@dataclass(frozen=True)
class OutputPaths:
    """The output files of one video.

    Args:
        video: The video.
        log, summary: The session log and the summary, in one folder.
        annotated: The annotated video, or None if none is made.
        previous: The summary of an earlier, complete run, or None.
    """

    video: Path
    log: Path
    summary: Path
    annotated: Path | None
    previous: dict[str, Any] | None


def find_outputs(video: Path, folder: Path, suffix: str, annotate_dir: Path | None) -> OutputPaths:
    """Names that belong to this video or to no file: ``NAME.fer.csv``, else ``NAME-2.fer.csv``…

    Args:
        video: The video.
        folder: Folder of log and summary.
        suffix: Suffix of the log.
        annotate_dir: Folder of the annotated video; None makes none.
    """
    folder = folder.absolute()
    for number in itertools.count(1):
        stem = f"{_stem(video)}{'' if number == 1 else f'-{number}'}{MARK}"
        log, summary = folder / f"{stem}{suffix}", folder / f"{stem}.json"
        previous, begun = _read(summary), _read(part_of(summary))
        known = previous or begun
        if known is not None and (folder / known["source"]["path"]).resolve() != video.resolve():
            continue
        own = _files(folder, previous) | _files(folder, begun)
        if may_exist(log) and log.resolve() not in own:
            continue
        if previous is None and may_exist(summary):
            continue
        annotated = None
        if annotate_dir is not None:
            annotated = _annotated(video, annotate_dir.absolute(), own)
        return OutputPaths(video, log, summary, annotated, previous)
    raise AssertionError("numbers do not end")


def is_output(path: Path) -> bool:
    """True if the name is that of an output file."""
    return f"{MARK}." in path.name


def part_of(path: Path) -> Path:
    """The name of an output file until it is complete."""
    return path.with_name(f"{path.stem}{_PART}{path.suffix}")


def silent_of(annotated: Path) -> Path:
    """The name of an annotated video before its sound is added."""
    return annotated.with_name(f"{annotated.stem}{_PART}-silent{annotated.suffix}")


def digest_of(path: Path) -> str:
    """SHA-256 of a file's content, hexadecimal. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def models_digest(models: Sequence[Path]) -> str:
    """The digests of the files of a model, or of several, joined by ``+``. Raises ModelError."""
    try:
        return "+".join(digest_of(path) for path in models)
    except OSError as error:
        raise ModelError(
            f"The model {error.filename} cannot be read: {error.strerror or error}."
        ) from error


def fingerprint(video: Path, model_sha256: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """What a video's outputs depend on: video, model and settings. Raises OSError.

    Args:
        video: Identified by its size and time of change.
        model_sha256: Digest of the model's file.
        values: Settings that change an output.
    """
    about = video.stat()
    return {
        _VIDEO_KEY: {"bytes": about.st_size, "modified_ns": about.st_mtime_ns},
        "model": {"sha256": model_sha256},
        "settings": dict(values),
    }


def stale_reason(outputs: OutputPaths, current: Mapping[str, Any]) -> str | None:
    """Why a finished video must be analysed again, or None.

    Args:
        outputs: Its output files; `previous` is not None.
        current: The present `fingerprint`.
    """
    previous = outputs.previous or {}
    had = previous.get("made_with", {})
    if had.get(_VIDEO_KEY) != current[_VIDEO_KEY]:
        return "the video has changed"
    if had.get("model") != current["model"]:
        return "another model was used"
    for name in ("log", "annotated"):
        path = getattr(outputs, name)
        own = _files(outputs.summary.parent, previous)
        if path is not None and (path.resolve() not in own or not may_exist(path)):
            return f"{path.name} is missing"
    # Drawing settings of an earlier annotated video do not matter if none is made now.
    if any(had.get("settings", {}).get(name) != v for name, v in current["settings"].items()):
        return "other settings were used"
    return None


def source_of(outputs: OutputPaths) -> dict[str, str]:
    """How a summary names its video: by file name if both are in one folder."""
    video = outputs.video.resolve()
    near = video.parent == outputs.summary.parent.resolve()
    return {"path": video.name if near else str(video)}


class OutputLock:
    """The exclusive right of one process to write one video's outputs.

    The part file of the summary is locked by the operating system, which releases the lock when
    the process ends or is killed.

    Args:
        outputs: The files to write.
        current: The present `fingerprint`. Complete part files of an earlier run with the same
            fingerprint, which could not be renamed, are kept; None discards them.

    Attributes:
        held: False if another process holds the lock.
        ready: The summary of an earlier run whose part files only need renaming, or None.

    Raises:
        RecordingError: The folder cannot be written.
    """

    def __init__(self, outputs: OutputPaths, current: Mapping[str, Any] | None = None) -> None:
        self._outputs = outputs
        self._over = False
        self.ready: dict[str, Any] | None = None
        self._path = part_of(outputs.summary)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("a+b")
        except OSError as error:
            raise write_error(self._path.parent, error) from error
        self.held = try_lock(self._file) and is_still_at(self._file, self._path)
        if not self.held:
            self._file.close()
            return
        begun = _read(self._path)
        if begun is not None and current is not None and self._is_ready(begun, current):
            self.ready, self._over = begun, True
            return
        for left in _files(self._path.parent, begun):
            _discard(left)
        self._discard_parts()
        annotated = None if outputs.annotated is None else str(outputs.annotated)
        named = {"log": str(outputs.log), "annotated": annotated}
        self._write({"source": source_of(outputs), **named})

    def complete(self, summary: Mapping[str, Any]) -> None:
        """Renames all part files to their final names, the summary last.

        Raises:
            RecordingError: The disk is full, or a file cannot be renamed. The part files then stay
                for another attempt.
        """
        outputs, pairs = self._outputs, self._pairs()
        if self.ready is not None:  # a missing part file was already renamed by an earlier attempt
            pairs = [pair for pair in pairs if may_exist(pair[0])]
        before = outputs.previous or {}
        try:
            for part, _ in pairs:
                sync(part)
            self._write(summary)
        except OSError as error:
            raise write_error(outputs.summary.parent, error) from error
        self._over = True
        for _, target in pairs:
            # Windows cannot move a file that another program has open: then none is replaced.
            if may_exist(target):
                _rename(target, target)
        for part, target in pairs:
            _rename(part, target)
        self._file.close()
        _rename(self._path, outputs.summary)
        # The new summary does not name an old log in another format, which would have no owner.
        if (name := Path(before.get("log", outputs.log)).name) != outputs.log.name:
            with contextlib.suppress(OSError):
                remove_log(outputs.log.with_name(name))

    def give_up(self) -> None:
        """Removes every part file; does nothing after `complete`, even if that could not rename."""
        if self.held and not self._over:
            self._discard_parts()
            # Windows cannot remove an open file; elsewhere the lock is held until it is removed.
            if sys.platform == "win32":
                self._file.close()
            with contextlib.suppress(OSError):
                self._path.unlink(missing_ok=True)
        self._file.close()

    def _pairs(self) -> list[tuple[Path, Path]]:
        """Part files and final names: of the annotated video, then of the log that refers to it."""
        targets = filter(None, (self._outputs.annotated, self._outputs.log))
        return [(part_of(target), target) for target in targets]

    def _is_ready(self, begun: Mapping[str, Any], current: Mapping[str, Any]) -> bool:
        """Whether an earlier run has completed the same outputs under these names."""
        annotated = self._outputs.annotated
        named = (str(self._outputs.log), None if annotated is None else str(annotated))
        return (
            begun.get("made_with") == current
            and (begun.get("log"), begun.get("annotated")) == named
            and all(may_exist(part) or may_exist(target) for part, target in self._pairs())
        )

    def _discard_parts(self) -> None:
        _discard(self._outputs.log)
        if self._outputs.annotated is not None:
            _discard(self._outputs.annotated)

    def _write(self, content: Mapping[str, Any]) -> None:
        text = json.dumps(content, indent=2) + "\n"
        try:
            self._file.truncate(0)
            self._file.write(text.encode())
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise write_error(self._path, error) from error


def _stem(video: Path) -> str:
    return shortened(video.stem, _ENDINGS_BYTES)


def _annotated(video: Path, folder: Path, own: set[Path]) -> Path:
    for number in itertools.count(1):
        path = folder / f"{_stem(video)}{'' if number == 1 else f'-{number}'}{MARK}.mp4"
        taken = any(may_exist(p) for p in (path, part_of(path), silent_of(path)))
        if not taken or path.resolve() in own:
            return path
    raise AssertionError("numbers do not end")


def _discard(result: Path) -> None:
    """Removes the part files of one output, as far as possible."""
    with contextlib.suppress(OSError):
        remove_log(part_of(result))
    with contextlib.suppress(OSError):
        # More than one, if it was larger than the file system's limit.
        for path in result.parent.iterdir():
            if path.name.startswith(silent_of(result).stem):
                path.unlink(missing_ok=True)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    source = content.get("source") if isinstance(content, dict) else None
    known = isinstance(source, dict) and isinstance(source.get("path"), str)
    return content if known else None


def _files(folder: Path, summary: Mapping[str, Any] | None) -> set[Path]:
    """The outputs that a summary in this folder names; its log is always beside it."""
    log, annotated = (str((summary or {}).get(key) or "") for key in ("log", "annotated"))
    beside = {(folder / Path(log).name).resolve()} if log else set()
    return beside | ({Path(annotated).resolve()} if annotated else set())


def _rename(path: Path, target: Path) -> None:
    try:
        path.replace(target)
    except OSError as error:
        raise RecordingError(
            f"{target} cannot be replaced: {error.strerror or error}.",
            "If another program has it open, close it there and run again: the complete analysis "
            f"is kept beside it as {part_of(target).name} and only needs renaming.",
        ) from error
