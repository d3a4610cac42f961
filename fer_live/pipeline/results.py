"""The files that a film's analysis leaves: their names, whose they are, and if they are complete.

Beside the log stands a summary, ``NAME.fer.json``. It is written last and says which film it
belongs to and how it was made, so a film is finished if its summary is there and fits.
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
from typing import Any, BinaryIO

from fer_live.paths import may_exist
from fer_live.recording.log_files import remove_log
from fer_live.recording.naming import write_error

MARK = ".fer"
"""Every result has this before the end of its name, so that no folder takes it for a film."""
_PART = ".part"
_LOCK_AT = 1 << 30
"""Windows locks bytes: one that lies far behind the summary, which others may then read."""


@dataclass(frozen=True)
class Results:
    """Where one film's results go.

    Args:
        film: The film.
        log, summary: The session log and the summary, in one folder.
        annotated: The annotated film, or None if it is not wanted.
        previous: The summary of an earlier, complete run, or None.
    """

    film: Path
    log: Path
    summary: Path
    annotated: Path | None
    previous: dict[str, Any] | None


def find_results(film: Path, folder: Path, suffix: str, annotate_dir: Path | None) -> Results:
    """Names that are this film's own, or nobody's: ``NAME.fer.csv``, else ``NAME-2.fer.csv``…

    Args:
        film: The film.
        folder: For log and summary.
        suffix: End of the log's name.
        annotate_dir: For the annotated film; None is none.
    """
    folder = folder.absolute()
    for number in itertools.count(1):
        stem = f"{film.stem}{'' if number == 1 else f'-{number}'}{MARK}"
        log, summary = folder / f"{stem}{suffix}", folder / f"{stem}.json"
        previous, begun = _read(summary), _read(part_of(summary))
        known = previous or begun
        if known is not None and (folder / known["source"]["path"]).resolve() != film.resolve():
            continue
        own = _files(folder, previous) | _files(folder, begun)
        if may_exist(log) and log.resolve() not in own:
            continue
        if previous is None and may_exist(summary):
            continue
        annotated = None if annotate_dir is None else _annotated(film, annotate_dir.absolute(), own)
        return Results(film, log, summary, annotated, previous)
    raise AssertionError("numbers do not end")


def is_result(path: Path) -> bool:
    """True for the name of something that an analysis has written."""
    return f"{MARK}." in path.name


def part_of(path: Path) -> Path:
    """The name of a result until it is complete."""
    return path.with_name(f"{path.stem}{_PART}{path.suffix}")


def silent_of(annotated: Path) -> Path:
    """The name of an annotated film before its sound is added."""
    return annotated.with_name(f"{annotated.stem}{_PART}-silent{annotated.suffix}")


def digest_of(path: Path) -> str:
    """SHA-256 of a file's content, hexadecimal. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def made_with(film: Path, model_sha256: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """What a film's results depend on: film, model and the values given. Raises OSError."""
    about = film.stat()
    return {
        "film": {"bytes": about.st_size, "modified_ns": about.st_mtime_ns},
        "model": {"sha256": model_sha256},
        "settings": dict(values),
    }


def why_again(results: Results, wanted: Mapping[str, Any]) -> str | None:
    """Why a film that was finished must be done again, or None.

    Args:
        results: Its results; `previous` is not None.
        wanted: `made_with` now.
    """
    previous = results.previous or {}
    had = previous.get("made_with", {})
    if had.get("film") != wanted["film"]:
        return "the video has changed"
    if had.get("model") != wanted["model"]:
        return "another model was used"
    for name in ("log", "annotated"):
        path = getattr(results, name)
        own = _files(results.summary.parent, previous)
        if path is not None and (path.resolve() not in own or not may_exist(path)):
            return f"{path.name} is not there"
    # Without an annotated film it does not matter how one was drawn before.
    if any(had.get("settings", {}).get(name) != v for name, v in wanted["settings"].items()):
        return "other settings were used"
    return None


def source_of(results: Results) -> dict[str, str]:
    """How a summary names its film: by name alone if both are moved together."""
    film = results.film.resolve()
    near = film.parent == results.summary.parent.resolve()
    return {"path": film.name if near else str(film)}


class Claim:
    """The right to make one film's results, held by one process, lost when it ends or dies.

    It is the part file of the summary, locked by the operating system.

    Args:
        results: What is claimed.

    Raises:
        RecordingError: The folder cannot be written.
    """

    def __init__(self, results: Results) -> None:
        self._results = results
        self._complete = False
        self._path = part_of(results.summary)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("a+b")
        except OSError as error:
            raise write_error(self._path.parent, error) from error
        self.held = _lock(self._file) and _same(self._file, self._path)
        if not self.held:
            self._file.close()
            return
        for named in _files(self._path.parent, _read(self._path)):
            _discard(named)
        self._discard_parts()
        annotated = None if results.annotated is None else str(results.annotated)
        named = {"log": str(results.log), "annotated": annotated}
        self._write({"source": source_of(results), **named})

    def complete(self, summary: Mapping[str, Any]) -> None:
        """Gives all part files their names; the summary, which says that all is there, last.

        Raises:
            RecordingError: The disk is full, or a name cannot be given.
        """
        results = self._results
        pairs = [(part_of(results.log), results.log)]
        if results.annotated is not None:
            pairs.append((part_of(results.annotated), results.annotated))
        before = results.previous or {}
        try:
            for part, _ in pairs:
                _sync(part)
            self._write(summary)
            for part, target in pairs:
                part.replace(target)
            self._file.close()
            self._path.replace(results.summary)
            # The summary no longer names a log in another format: nobody would know whose it is.
            if (name := Path(before.get("log", results.log)).name) != results.log.name:
                remove_log(results.log.with_name(name))
            self._complete = True
        except OSError as error:
            raise write_error(results.summary.parent, error) from error

    def give_up(self) -> None:
        """Removes every part file; harmless after `complete`."""
        if self.held and not self._complete:
            self._discard_parts()
            # Windows does not remove an open file; elsewhere nobody can claim it in between.
            if sys.platform == "win32":
                self._file.close()
            with contextlib.suppress(OSError):
                self._path.unlink(missing_ok=True)
        self._file.close()

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


def _annotated(film: Path, folder: Path, own: set[Path]) -> Path:
    for number in itertools.count(1):
        path = folder / f"{film.stem}{'' if number == 1 else f'-{number}'}{MARK}.mp4"
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


def _sync(path: Path) -> None:
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def _lock(file: BinaryIO) -> bool:
    """Locks without waiting; False if another process holds it. True where locks are unknown."""
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(_LOCK_AT)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return True
    return True


def _same(file: BinaryIO, path: Path) -> bool:
    """False if the name was given away while we waited: another process has just finished."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except OSError:
        return False
