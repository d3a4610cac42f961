"""Settings: defaults, then the user's file, then the environment, then flags."""

import contextlib
import json
import os
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from fer_live.core.errors import ConfigError
from fer_live.core.files import atomic_write, spare_name
from fer_live.core.paths import config_dir, default_output_dir, user_path

VERSION = 1
"""Version of the settings file's layout."""

ENVIRONMENT_PREFIX = "FER_LIVE_"

MARKER_KEYS = 9
"""Markers have the keys 1 to 9."""
TEXT_SEPARATOR = "|"
"""Stands between several texts where a setting is given as one, as in the environment."""

Pictures = Literal["annotated", "clean", "both", "none"]
"""Recorded with overlay, without, as two files of the same frames, or numbers only."""
Quality = Literal["small", "balanced", "high"]
"""How much of a picture a recording keeps; see `recording.encoder.CRF`."""
EncoderChoice = Literal["auto", "software"]
"""Hardware when a trial shows that it works, else software; or software at once."""
LogLayout = Literal["fer_live", "openface"]
"""Columns of a CSV log; see `session_log.openface`."""
DetectorChoice = Literal["auto", "haar", "yunet"]
"""A network and the Haar cascade together, the cascade alone, or the network alone."""
Precision = Literal["auto", "float32", "int8"]
"""Arithmetic of the model: what is fast and agrees with float32; float32; or eight bits."""
Privacy = Literal["none", "blur", "pixelate"]
"""Faces as they are, as a soft patch, or as large squares."""


@dataclass(frozen=True)
class Settings:
    """Everything a user can choose and the app remembers.

    Args:
        source: Camera index or name, path, address, or ``demo``; empty is the first camera.
        ca_file: PEM file with the certificates that streams over TLS are verified against; empty
            is the public ones.
        device: ``auto``, ``cpu``, ``cuda`` or ``mps``.
        precision: Arithmetic of the model: ``auto``, ``float32`` or ``int8``.
        detector: What finds the faces: ``auto``, ``haar`` or ``yunet``.
        model: Name or path of a model; empty is the default.
        max_megapixels: Most pixels of a picture file, millions; a larger JPEG is read at reduced
            size, another larger picture is refused.
        prior: How often each expression is expected: ``uniform``, ``balanced``, ``ferplus`` or a
            file, see `classification.priors`; empty is the model's default.
        mirror: Show the picture as in a mirror.
        width, height: Resolution asked of a camera, pixels.
        fps: Rate asked of a camera, frames per second.
        pixel_format: Format asked of a camera, such as ``YUYV``; empty is ``MJPG``.
        camera_controls: What was chosen for exposure and the like of each camera, see
            `capture.camera_controls`.
        every_frame: Analyse every frame of a file; it then plays slowly on a slow computer.
        volume: Loudness of a file's sound, 0-1.
        muted: Play files without sound.
        smoothing_s: Time constant of the probabilities' smoothing, seconds.
        unsure_below: Smoothed probability under which no class is named, 0-1.
        show_bars, show_heat, show_fps, show_ids, show_advice: What the overlay draws.
        output_dir: Folder for snapshots and recordings.
        theme: ``system``, ``light`` or ``dark``.
        language: Language of the window: that of the ``system``, ``en`` or ``de``.
        clean_snapshot: Keep a copy without overlay beside every snapshot.
        record_pictures: Recorded with overlay, without, as two files, or numbers only.
        record_quality: ``small``, ``balanced`` or ``high``.
        record_encoder: ``auto`` tries the hardware, ``software`` does not.
        record_name: Pattern of a recording's name, see `naming.FIELDS`; empty is the default.
        split_minutes: A new part after so many recorded minutes; 0 never.
        split_mb: A new part before a file grows beyond so many megabytes (10^6 bytes); 0 never.
        privacy: How faces are hidden in recordings, snapshots and replays.
        privacy_on_screen: Hide them in the window too; see `hiding`.
        replay: Keep the last seconds in memory, so that they can be saved afterwards.
        replay_s: How many, seconds.
        log_format: Kind of file a session log is when no name is given.
        log_layout: Columns of a CSV log: our own, or OpenFace's and then our own.
        derived_figures: Valence and entropy of each face, in logs and live outputs.
        json_output: Write JSON lines into a new file in `output_dir`.
        websocket, websocket_address, websocket_token: Serve a WebSocket, at ``[HOST:]PORT``, to
            clients that know the token; an empty one is not demanded.
        osc, osc_address: Send OSC messages to ``HOST:PORT``.
        lsl, lsl_name: Publish Lab Streaming Layer streams of this name.
        virtual_camera: Send the annotated picture to a virtual camera.
        marker_texts: What the marker keys mean, from key 1 on; empty ones have no meaning.
        recent_sources: Sources chosen in the window, the last one first.
        face_order: Cards by ``identity``, or from ``left`` to right.
        always_on_top: Keep the window above all others.
        first_start_done: The first-start note has been read.
        window_geometry: Where the window was, opaque text of the window system.
    """

    source: str = ""
    ca_file: str = ""
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    precision: Precision = "auto"
    detector: DetectorChoice = "auto"
    model: str = ""
    mirror: bool = True
    width: int = 1280
    height: int = 720
    fps: float = 30.0
    pixel_format: str = ""
    camera_controls: tuple[str, ...] = ()
    every_frame: bool = False
    volume: float = 1.0
    muted: bool = False
    max_megapixels: float = 89.0
    prior: str = ""
    smoothing_s: float = 0.25
    unsure_below: float = 0.35
    show_bars: bool = False
    show_heat: bool = False
    show_fps: bool = True
    show_ids: bool = True
    show_advice: bool = True
    output_dir: Path = field(default_factory=default_output_dir)
    theme: Literal["system", "light", "dark"] = "system"
    language: Literal["system", "en", "de"] = "system"
    clean_snapshot: bool = False
    record_pictures: Pictures = "annotated"
    record_quality: Quality = "balanced"
    record_encoder: EncoderChoice = "auto"
    record_name: str = ""
    split_minutes: float = 0.0
    split_mb: float = 0.0
    privacy: Privacy = "none"
    privacy_on_screen: bool = False
    replay: bool = False
    replay_s: float = 30.0
    log_format: Literal["csv", "jsonl", "parquet"] = "csv"
    log_layout: LogLayout = "fer_live"
    derived_figures: bool = False
    json_output: bool = False
    websocket: bool = False
    websocket_address: str = "127.0.0.1:8765"
    websocket_token: str = ""
    osc: bool = False
    osc_address: str = "127.0.0.1:9000"
    lsl: bool = False
    lsl_name: str = "fer_live"
    virtual_camera: bool = False
    marker_texts: tuple[str, ...] = ()
    recent_sources: tuple[str, ...] = ()
    face_order: Literal["identity", "left"] = "identity"
    always_on_top: bool = False
    first_start_done: bool = False
    window_geometry: str = ""

    @property
    def hiding(self) -> Privacy:
        """How faces are hidden in files: at least blurred where they are hidden on screen."""
        return "blur" if self.privacy == "none" and self.privacy_on_screen else self.privacy

    def changes_since(self, old: "Settings") -> dict[str, Any]:
        """The values that differ from those of other settings, by name."""
        return {name: value for name, value in vars(self).items() if value != getattr(old, name)}

    def with_values(self, values: Mapping[str, Any]) -> "Settings":
        """A copy with some values changed.

        Raises:
            ConfigError: Unknown name, or a value of the wrong kind or out of range.
        """
        return replace(self, **{name: _checked(name, value) for name, value in values.items()})


_PRIVATE = ("privacy", "privacy_on_screen", "record_pictures")
"""Settings that keep faces out of what is shown or saved: unreadable, they hide; see `_hide`."""

_RANGES = {
    "width": (64, 8192),
    "height": (64, 8192),
    "fps": (1.0, 240.0),
    "max_megapixels": (0.1, 1000.0),
    "volume": (0.0, 1.0),
    "smoothing_s": (0.0, 5.0),
    "unsure_below": (0.0, 1.0),
    "split_minutes": (0, 1440),
    "split_mb": (0, 1_000_000),
    "replay_s": (5.0, 300.0),
}


def settings_path() -> Path:
    """The user's settings file."""
    return config_dir() / "settings.json"


def load_settings(
    path: Path | None = None, environment: Mapping[str, str] | None = None
) -> tuple[Settings, tuple[str, ...]]:
    """Settings from file and environment; never fails.

    Args:
        path: The user's file; None is `settings_path`.
        environment: None is the process's; an empty one gives what the user has stored.

    Returns:
        The settings, and one sentence for each thing that could not be used. A file of which
        anything cannot be used is left as it is until settings are saved, then kept beside them.
        Faces are hidden where it cannot be read whether they are to be hidden.
    """
    path = path or settings_path()
    environment = os.environ if environment is None else environment
    settings, problems = Settings(), []
    stored: dict[str, Any] = {}
    unread: set[str] = set()
    try:
        stored = _read(path)
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as error:
        problems.append(f"The settings file {path} cannot be read ({error}). Defaults are used.")
        unread.update(_PRIVATE)
    chosen = {
        f.name: environment[ENVIRONMENT_PREFIX + f.name.upper()]
        for f in fields(Settings)
        if ENVIRONMENT_PREFIX + f.name.upper() in environment
    }
    for origin, values in ((str(path), stored), ("the environment", chosen)):
        for name, value in values.items():
            try:
                settings = settings.with_values({name: value})
                unread.discard(name)
            except ConfigError as error:
                problems.append(f"In {origin}: {error}")
                unread.update([name, *get_close_matches(name, _PRIVATE, 1)])
    if _broken(path):
        problems.append(
            f"Before settings are saved, {path.name} is kept as {spare_name(path).name}."
        )
    hidden = _hide(settings, unread)
    if hidden != settings:
        problems.append(
            "It cannot be read whether faces are to be hidden, so they are hidden. Choose it again "
            f"in the settings, or set {ENVIRONMENT_PREFIX}PRIVACY to {_choices(Privacy)}."
        )
    return hidden, tuple(problems)


def _hide(settings: Settings, unread: set[str]) -> Settings:
    """The settings with faces hidden wherever a setting in `unread` may have hidden them."""
    if unread.isdisjoint(_PRIVATE):
        return settings
    # The user may have wanted numbers only: a video without faces is closest and loses nothing.
    return replace(
        settings,
        privacy=settings.hiding if settings.hiding != "none" else "blur",
        privacy_on_screen=settings.privacy_on_screen or "privacy_on_screen" in unread,
    )


def save_settings(
    settings: Settings, path: Path | None = None, changed: Collection[str] | None = None
) -> None:
    """Writes the settings; the file is replaced whole or not at all.

    A file of which anything could not be used is kept as ``settings.json.bad``, or with a number
    if there is one already.

    Args:
        settings: The settings.
        path: The user's file; None is `settings_path`.
        changed: Names of the values to write; the others stay as another window may have written
            them meanwhile. None writes all, as does a file that is missing or cannot be used.

    Raises:
        ConfigError: The file cannot be written.
    """
    path = path or settings_path()
    if changed is not None:
        with contextlib.suppress(OSError, ValueError, ConfigError):
            kept = Settings().with_values(_read(path))
            settings = replace(kept, **{name: getattr(settings, name) for name in changed})
    values = {**asdict(settings), "output_dir": str(settings.output_dir)}
    try:
        if _broken(path):
            path.replace(spare_name(path))
        # The address of a source may hold a password.
        with atomic_write(path, private=True) as part:
            part.write_text(json.dumps({"version": VERSION, **values}, indent=2) + "\n", "utf-8")
    except OSError as error:
        raise ConfigError(
            f"The settings could not be saved to {path}: {error.strerror or error}.",
            "Make the folder writable, or set FER_LIVE_CONFIG_DIR to another one.",
        ) from error


def _broken(path: Path) -> bool:
    """Whether the file holds something that cannot be used, and that saving would lose."""
    try:
        Settings().with_values(_read(path))
    except OSError:
        return False
    except (ValueError, ConfigError):
        return True
    return False


def _read(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text("utf-8"))
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if not isinstance(data, dict):
        raise ValueError("it is not a JSON object")
    if data.pop("version", VERSION) != VERSION:
        raise ValueError("it was written by another version")
    return data


@cache
def _hints() -> dict[str, Any]:
    """The settings' types by name. Resolving them takes as long as reading a file of settings."""
    return get_type_hints(Settings)


def _checked(name: str, value: Any) -> Any:
    hints = _hints()
    if name not in hints:
        near = get_close_matches(name, hints, 1)
        hint = f"Do you mean {near[0]!r}?" if near else "It is misspelt, or of another version."
        raise ConfigError(f"There is no setting {name!r}.", hint)
    hint = hints[name]
    wrong = ConfigError(f"The setting {name} cannot be {value!r}.", _allowed(name, hint))
    if get_origin(hint) is tuple:
        given = value.split(TEXT_SEPARATOR) if isinstance(value, str) else value
        if not isinstance(given, list | tuple):
            raise wrong
        texts = tuple(given)
        if len(texts) > MARKER_KEYS or not all(isinstance(text, str) for text in texts):
            raise wrong
        return texts
    if choices := get_args(hint):
        if value not in choices:
            raise wrong
        return value
    if hint is bool and isinstance(value, str):
        value = {"1": True, "true": True, "0": False, "false": False}.get(value.lower(), value)
    elif hint is Path and isinstance(value, str):
        value = user_path(value)
    elif hint in (int, float) and not isinstance(value, bool):
        try:
            value = hint(value)
        except (TypeError, ValueError, OverflowError):
            raise wrong from None
    if not isinstance(value, hint):
        raise wrong
    if name in _RANGES and not _RANGES[name][0] <= value <= _RANGES[name][1]:
        raise wrong
    return value


def _allowed(name: str, hint: Any) -> str:
    if get_origin(hint) is tuple:
        return f"Give at most {MARKER_KEYS} texts."
    if get_args(hint):
        return f"Choose one of: {_choices(hint)}."
    if name in _RANGES:
        low, high = _RANGES[name]
        return f"Choose a number from {low:g} to {high:g}."
    return {bool: "Choose true or false.", Path: "Name a folder."}.get(hint, "Give a text.")


def _choices(hint: Any) -> str:
    return ", ".join(get_args(hint))
