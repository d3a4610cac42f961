"""Finds models, assets and the user's folders, and looks at paths that a user typed."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from fer_live.core.errors import DetectorError, ModelError

DEFAULT_MODEL = "default"
"""Name of the model used when none is named."""

MODEL_SEPARATOR = " + "
"""Stands between the names of models whose answers are averaged."""

_TORCH = (
    "A PyTorch file does not say which network its weights belong to, and opening it may run code. "
    "Train a recipe on your data: fer-live train. A run keeps its model beside its .ckpt files."
)
_KERAS = "Keras networks cannot be loaded. Train a recipe on your data: fer-live train."
_ONNX = "ONNX files are for other programs. Name the .safetensors file it was exported from."
_FOREIGN_MODELS = {
    **dict.fromkeys((".pth", ".pt", ".ckpt", ".bin", ".t7"), _TORCH),
    **dict.fromkeys((".h5", ".hdf5", ".keras", ".pb", ".tflite"), _KERAS),
    ".onnx": _ONNX,
}
"""What to do with model files of other programs, by suffix."""

_PACKAGE = Path(__file__).resolve().parents[1]


def _roots() -> tuple[Path, ...]:
    # A checkout keeps models/ and assets/ beside the package, a wheel inside it.
    return _PACKAGE.parent, _PACKAGE / "_data"


def model_names() -> tuple[str, ...]:
    """Names of the released models that are present."""
    found = {p.stem for root in _roots() for p in (root / "models").glob("*.safetensors")}
    return tuple(sorted(found))


def find_model(name_or_path: str | os.PathLike[str] | None = None) -> Path:
    """Path of a released model by name, or of a checkpoint file.

    Args:
        name_or_path: A name from `model_names()`, a path, or None for the default.

    Raises:
        ModelError: If there is no such model; says what there is.
    """
    wanted = os.fspath(name_or_path) if name_or_path else DEFAULT_MODEL
    path = user_path(wanted)
    if (advice := _FOREIGN_MODELS.get(path.suffix.lower())) is not None:
        raise ModelError(f"{path.name} is no .safetensors file, which models are kept in.", advice)
    if may_exist(path) and not is_folder(path):
        return path
    if path.suffix != ".safetensors" and len(path.parts) == 1:
        for root in _roots():
            candidate = root / "models" / f"{wanted}.safetensors"
            if may_exist(candidate):
                return candidate
    have = ", ".join(model_names()) or "none: the models folder is missing or empty"
    raise ModelError(
        f"There is no model {wanted!r}.",
        f"Name a .safetensors file or one of the released models ({have}).",
    )


def join_models(models: Sequence[str] | None) -> str | None:
    """One text for several models whose answers are averaged, as settings keep it."""
    return MODEL_SEPARATOR.join(models) if models else None


def find_models(
    models: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | None = None,
) -> tuple[Path, ...]:
    """Paths of the models that a text, or several, name.

    Args:
        models: As for `find_model`, several joined by `MODEL_SEPARATOR`, or a sequence of these.

    Raises:
        ModelError: One of them is not there.
    """
    if models is None or isinstance(models, str | os.PathLike):
        models = [models or DEFAULT_MODEL]
    return tuple(find_model(part) for text in models for part in _parts(os.fspath(text)))


def model_title(models: str) -> str:
    """The names of the files that a text names, without their folders."""
    return MODEL_SEPARATOR.join(Path(part).name for part in _parts(models))


def _parts(models: str) -> list[str]:
    # A path that has the separator in it is still one path.
    whole = may_exist(user_path(models))
    return [models] if whole else models.split(MODEL_SEPARATOR)


def find_cascade(name: str = "haarcascade_frontalface_default.xml") -> Path:
    """Path of a Haar cascade in ``assets/haarcascades``.

    Raises:
        DetectorError: If the file is missing.
    """
    if (found := _find_asset("haarcascades", name)) is not None:
        return found
    raise DetectorError(
        f"The face cascade {name} is missing from assets/haarcascades.",
        "The installation is incomplete: install fer-live again.",
    )


def find_yunet(name: str = "yunet-s.onnx") -> Path:
    """Path of a YuNet face detector in ``assets/yunet``.

    Raises:
        DetectorError: If the file is missing.
    """
    if (found := _find_asset("yunet", name)) is not None:
        return found
    raise DetectorError(
        f"The face detector {name} is missing from assets/yunet.",
        "The installation is incomplete: install fer-live again, or choose the detector haar.",
    )


def _find_asset(folder: str, name: str) -> Path | None:
    candidates = (root / "assets" / folder / name for root in _roots())
    return next(filter(Path.is_file, candidates), None)


def user_path(path: str | os.PathLike[str]) -> Path:
    """The path, with ``~`` for the home folder; a name that merely begins with ``~`` stays."""
    try:
        return Path(path).expanduser()
    except (RuntimeError, ValueError):  # no such user, or a name with a NUL
        return Path(path)


def may_exist(path: Path) -> bool:
    """False if there is surely nothing; True also where only permission to look is missing."""
    try:
        path.stat()
    except PermissionError:
        return True
    except (OSError, ValueError):  # none, a name too long, or with a NUL
        return False
    return True


def is_folder(path: Path) -> bool:
    """True for a folder that can be seen."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def home_dir() -> Path:
    """The user's home folder; the working folder for a user who has none, as in a container."""
    try:
        return Path.home()
    except RuntimeError:
        return Path.cwd()


def config_dir() -> Path:
    """Folder for the user's settings; not created here."""
    if override := os.environ.get("FER_LIVE_CONFIG_DIR"):
        return user_path(override)
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or home_dir()) / "fer_live"
    if sys.platform == "darwin":
        return home_dir() / "Library" / "Application Support" / "fer_live"
    return Path(os.environ.get("XDG_CONFIG_HOME") or home_dir() / ".config") / "fer_live"


def default_output_dir() -> Path:
    """Folder for snapshots and recordings until the user chooses another; not created here."""
    home = home_dir()
    pictures = home / "Pictures"
    return (pictures if is_folder(pictures) else home) / "fer_live"
