"""The files that a video's analysis leaves: their names, whose they are, and if they are complete.

Beside the log stands a summary, ``NAME.fer.json``. It is written last and says which video it
belongs to and how it was made, so a video is finished if its summary is there and fits.
"""

import contextlib
import hashlib
import itertools
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fer_live.batch.locks import is_at, lock
from fer_live.core.errors import RecordingError
from fer_live.core.files import sync, write_error
from fer_live.core.paths import may_exist
from fer_live.session_log.files import remove_log

MARK = ".fer"
"""Every result has this before the end of its name, so that no folder takes it for a video."""
_PART = ".part"
_VIDEO_KEY = "film"
"""Key of the video in a fingerprint, as the summaries on users' disks have it."""


@dataclass(frozen=True)
class OutputPaths:
    """Where one video's results go.

    Args:
        video: The video.
        log, summary: The session log and the summary, in one folder.
        annotated: The annotated video, or None if it is not wanted.
        previous: The summary of an earlier, complete run, or None.
    """

    video: Path
    log: Path
    summary: Path
    annotated: Path | None
    previous: dict[str, Any] | None


def find_results(video: Path, folder: Path, suffix: str, annotate_dir: Path | None) -> OutputPaths:
    """Names that are this video's own, or nobody's: ``NAME.fer.csv``, else ``NAME-2.fer.csv``…

    Args:
        video: The video.
        folder: For log and summary.
        suffix: End of the log's name.
        annotate_dir: For the annotated video; None is none.
    """
    folder = folder.absolute()
    for number in itertools.count(1):
        stem = f"{video.stem}{'' if number == 1 else f'-{number}'}{MARK}"
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


def is_result(path: Path) -> bool:
    """True for the name of something that an analysis has written."""
    return f"{MARK}." in path.name


def part_of(path: Path) -> Path:
    """The name of a result until it is complete."""
    return path.with_name(f"{path.stem}{_PART}{path.suffix}")


def silent_of(annotated: Path) -> Path:
    """The name of an annotated video before its sound is added."""
    return annotated.with_name(f"{annotated.stem}{_PART}-silent{annotated.suffix}")


def digest_of(path: Path) -> str:
    """SHA-256 of a file's content, hexadecimal. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fingerprint(video: Path, model_sha256: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """What a video's results depend on: video, model and the values given. Raises OSError."""
    about = video.stat()
    return {
        _VIDEO_KEY: {"bytes": about.st_size, "modified_ns": about.st_mtime_ns},
        "model": {"sha256": model_sha256},
        "settings": dict(values),
    }


def stale_reason(results: OutputPaths, wanted: Mapping[str, Any]) -> str | None:
    """Why a video that was finished must be done again, or None.

    Args:
        results: Its results; `previous` is not None.
        wanted: `fingerprint` now.
    """
    previous = results.previous or {}
    had = previous.get("made_with", {})
    if had.get(_VIDEO_KEY) != wanted[_VIDEO_KEY]:
        return "the video has changed"
    if had.get("model") != wanted["model"]:
        return "another model was used"
    for name in ("log", "annotated"):
        path = getattr(results, name)
        own = _files(results.summary.parent, previous)
        if path is not None and (path.resolve() not in own or not may_exist(path)):
            return f"{path.name} is not there"
    # Without an annotated video it does not matter how one was drawn before.
    if any(had.get("settings", {}).get(name) != v for name, v in wanted["settings"].items()):
        return "other settings were used"
    return None


def source_of(results: OutputPaths) -> dict[str, str]:
    """How a summary names its video: by name alone if both are moved together."""
    video = results.video.resolve()
    near = video.parent == results.summary.parent.resolve()
    return {"path": video.name if near else str(video)}


class OutputLock:
    """The right to make one video's results, held by one process, lost when it ends or dies.

    It is the part file of the summary, locked by the operating system.

    Args:
        results: What is claimed.
        wanted: `fingerprint` now. Part files that an earlier run completed with it, but could not
            give their names, are kept; None discards them.

    Raises:
        RecordingError: The folder cannot be written.
    """

    def __init__(self, results: OutputPaths, wanted: Mapping[str, Any] | None = None) -> None:
        self._results = results
        self._over = False
        self.ready: dict[str, Any] | None = None
        self._path = part_of(results.summary)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("a+b")
        except OSError as error:
            raise write_error(self._path.parent, error) from error
        self.held = lock(self._file) and is_at(self._file, self._path)
        if not self.held:
            self._file.close()
            return
        begun = _read(self._path)
        if begun is not None and wanted is not None and self._is_ready(begun, wanted):
            self.ready, self._over = begun, True
            return
        for left in _files(self._path.parent, begun):
            _discard(left)
        self._discard_parts()
        annotated = None if results.annotated is None else str(results.annotated)
        named = {"log": str(results.log), "annotated": annotated}
        self._write({"source": source_of(results), **named})

    def complete(self, summary: Mapping[str, Any]) -> None:
        """Gives all part files their names; the summary, which says that all is there, last.

        `ready` is the summary of an earlier run that could not do so.

        Raises:
            RecordingError: The disk is full, or a name cannot be given; then the part files stay
                for another try.
        """
        results, pairs = self._results, self._pairs()
        if self.ready is not None:  # what is not there has got its name in the earlier try
            pairs = [pair for pair in pairs if may_exist(pair[0])]
        before = results.previous or {}
        try:
            for part, _ in pairs:
                sync(part)
            self._write(summary)
        except OSError as error:
            raise write_error(results.summary.parent, error) from error
        self._over = True
        for _, target in pairs:
            # Windows moves no file that another program holds: then none is exchanged.
            if may_exist(target):
                _rename(target, target)
        for part, target in pairs:
            _rename(part, target)
        self._file.close()
        _rename(self._path, results.summary)
        # The summary no longer names a log in another format: nobody would know whose it is.
        if (name := Path(before.get("log", results.log)).name) != results.log.name:
            with contextlib.suppress(OSError):
                remove_log(results.log.with_name(name))

    def give_up(self) -> None:
        """Removes every part file; harmless after `complete`, also if that could give no name."""
        if self.held and not self._over:
            self._discard_parts()
            # Windows does not remove an open file; elsewhere nobody can claim it in between.
            if sys.platform == "win32":
                self._file.close()
            with contextlib.suppress(OSError):
                self._path.unlink(missing_ok=True)
        self._file.close()

    def _pairs(self) -> list[tuple[Path, Path]]:
        """Part files and their names: the video, then the log that tells of it."""
        targets = filter(None, (self._results.annotated, self._results.log))
        return [(part_of(target), target) for target in targets]

    def _is_ready(self, begun: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
        """Whether an earlier run has completed all that is wanted now, under these names."""
        annotated = self._results.annotated
        named = (str(self._results.log), None if annotated is None else str(annotated))
        return (
            begun.get("made_with") == wanted
            and (begun.get("log"), begun.get("annotated")) == named
            and all(may_exist(part) or may_exist(target) for part, target in self._pairs())
        )

    def _discard_parts(self) -> None:
        _discard(self._results.log)
        if self._results.annotated is not None:
            _discard(self._results.annotated)

    def _write(self, content: Mapping[str, Any]) -> None:
        text = json.dumps(content, indent=2) + "\n"
        try:
            self._file.truncate(0)
            self._file.write(text.encode())
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise write_error(self._path, error) from error


def _annotated(video: Path, folder: Path, own: set[Path]) -> Path:
    for number in itertools.count(1):
        path = folder / f"{video.stem}{'' if number == 1 else f'-{number}'}{MARK}.mp4"
        taken = any(may_exist(p) for p in (path, part_of(path), silent_of(path)))
        if not taken or path.resolve() in own:
            return path
    raise AssertionError("numbers do not end")


def _discard(result: Path) -> None:
    """Removes the part files of one result; one that cannot be removed is told of later."""
    with contextlib.suppress(OSError):
        remove_log(part_of(result))
    with contextlib.suppress(OSError):
        # More than one, if it had outgrown the file system.
        for path in result.parent.iterdir():
            if path.name.startswith(silent_of(result).stem):
                path.unlink(missing_ok=True)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    source = content.get("source") if isinstance(content, dict) else None
    known = isinstance(source, dict) and isinstance(source.get("path"), str)
    return content if known else None


def _files(folder: Path, summary: Mapping[str, Any] | None) -> set[Path]:
    """The results that a summary in this folder names; its log is always beside it."""
    log, annotated = (str((summary or {}).get(key) or "") for key in ("log", "annotated"))
    beside = {(folder / Path(log).name).resolve()} if log else set()
    return beside | ({Path(annotated).resolve()} if annotated else set())


def _rename(path: Path, target: Path) -> None:
    try:
        path.replace(target)
    except OSError as error:
        raise RecordingError(
            f"{target} cannot be replaced: {error.strerror or error}.",
            "If another program has it open, close it there and run again: what was analysed is "
            f"kept beside it as {part_of(target).name} and only needs its name.",
        ) from error
