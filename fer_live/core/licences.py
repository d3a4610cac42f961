"""The licences of what the program contains and of the libraries that are installed with it.

`--version`, the window and the documentation show what stands here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import distributions

from fer_live import __version__

PROGRAM_LICENCE = "MIT"
"""SPDX identifier of the program's own licence."""


@dataclass(frozen=True)
class Component:
    """Something with a licence of its own.

    Args:
        name: Its name; of a library, the name under which it is installed. A name that ends in
            ``*`` stands for all packages that begin so.
        licence: SPDX expression, or words where there is no identifier.
        purpose: What the program uses it for.
        note: What its licence asks of somebody who passes it on; may be empty.
        versions: Installed versions; empty for what is part of the program.
    """

    name: str
    licence: str
    purpose: str
    note: str = ""
    versions: tuple[str, ...] = ()

    def __str__(self) -> str:
        number = len(self.versions)
        version = f" {self.versions[0]}" if number == 1 else f" ({number} packages)" * (number > 1)
        note = f" {self.note}" if self.note else ""
        return f"{self.name}{version}: {self.licence}.{note}"


PARTS = (
    Component("fer_live", PROGRAM_LICENCE, "the program and its models"),
    Component(
        "haarcascade_frontalface_default.xml",
        "Intel License Agreement for OpenCV (3-clause BSD)",
        "finds faces",
        "Its text is in assets/haarcascades/LICENSE.",
    ),
    Component(
        "YuNet", "BSD-3-Clause", "finds faces", "By Shiqi Yu; its text is in assets/yunet/LICENSE."
    ),
    Component(
        "Roboto",
        "Apache-2.0",
        "the typeface of the picture",
        "By Christian Robertson; its text is in fer_live/overlay/typeface/LICENSE.",
    ),
    Component("Portrait of Eileen Collins", "public domain", "the demo", "By NASA."),
    Component(
        "Rendered people",
        "CC0 1.0",
        "the demo",
        "Made with MakeHuman's data; no person like them exists.",
    ),
    Component(
        "FER2013 and FER+",
        "research data with terms of their own",
        "the released models are trained on them; no picture of theirs is included",
        "models/default.md states what follows.",
    ),
)
"""What is part of the program."""

LIBRARIES = (
    Component(
        "PySide6*",
        "LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only",
        "the window",
        "Qt for Python stays a library of its own that can be replaced, as the LGPL asks. Its Qt "
        "Multimedia contains FFmpeg (LGPL-2.1-or-later).",
    ),
    Component("shiboken6", "LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only", "the window"),
    Component(
        "av",
        "BSD-3-Clause; its wheel GPL-2.0-or-later",
        "reads and writes video",
        "PyAV's wheel contains FFmpeg (LGPL) together with x264 and x265 (GPL): anyone who "
        "distributes the wheel must give its recipients the source under the GPL.",
    ),
    Component(
        "opencv-python",
        "Apache-2.0; its wheel contains LGPL parts",
        "reads cameras, finds faces, draws",
        "The wheel contains FFmpeg (LGPL-2.1-or-later) and on Linux Qt 5 (LGPL-3.0-only).",
    ),
    Component(
        "nvidia-*",
        "NVIDIA's own licences, proprietary",
        "PyTorch on graphics cards; only with its CUDA build",
        "They may not be passed on freely; each package contains its terms.",
    ),
    Component(
        "onnxruntime",
        "MIT",
        "runs the networks on the processor",
        "ThirdPartyNotices.txt in its folder lists what it contains.",
    ),
    Component(
        "torch",
        "BSD-3-Clause, and others for parts of it",
        "runs and trains the networks",
        "The folder licenses of its package lists what it contains.",
    ),
    Component("torchvision", "BSD-3-Clause", "network architectures"),
    Component("numpy", "BSD-3-Clause, and others for parts of it", "arrays"),
    Component("pillow", "MIT-CMU", "reads pictures"),
    Component("pyqtgraph", "MIT", "charts in the window"),
    Component("cv2-enumerate-cameras", "MIT", "names of cameras"),
    Component("safetensors", "Apache-2.0", "model files"),
    Component("requests", "Apache-2.0", "streams over HTTP"),
    Component("certifi", "MPL-2.0", "certificates that streams are verified against"),
    Component("onnx", "Apache-2.0", "model files"),
    Component("typer", "MIT", "the command line"),
    Component("rich", "MIT", "progress on the terminal"),
    Component("lightning", "Apache-2.0", "extra train"),
    Component("torchmetrics", "Apache-2.0", "extra train"),
    Component("pandas", "BSD-3-Clause", "extra train"),
    Component("matplotlib", "Matplotlib's own (BSD style)", "extra train"),
    Component("scikit-learn", "BSD-3-Clause", "extra train"),
    Component("tensorboard", "Apache-2.0", "extra train"),
    Component("captum", "BSD-3-Clause", "extra explain"),
    Component(
        "pillow-heif",
        "BSD-3-Clause; its wheel GPL-2.0-or-later",
        "extra heif: reads HEIC",
        "The wheel contains libheif and libde265 (LGPL) together with x265 (GPL).",
    ),
    Component("cryptography", "Apache-2.0 or BSD-3-Clause", "extra hls: decrypts streams"),
    Component("pyarrow", "Apache-2.0", "extra parquet"),
    Component("flask", "BSD-3-Clause", "extra web"),
    Component("tornado", "Apache-2.0", "extra web"),
    Component("websockets", "BSD-3-Clause", "extra stream"),
    Component("python-osc", "Unlicense", "extra stream"),
    Component("pylsl", "MIT", "extra lsl"),
    Component("distributed", "BSD-3-Clause", "extra cluster"),
    Component("dask-jobqueue", "BSD-3-Clause", "extra cluster"),
    Component(
        "pyvirtualcam",
        "GPL-2.0-only",
        "extra virtualcam",
        "Anyone who distributes it must give its recipients the source under the GPL.",
    ),
)
"""The libraries that the program asks for, those first that bind anyone who distributes them."""


def installed_components() -> tuple[Component, ...]:
    """What the program contains, then the libraries of `LIBRARIES` that are installed here."""
    present = {}
    for distribution in distributions():
        name = distribution.metadata["Name"]
        if name:
            present[_normal(name)] = distribution.version
    return (*PARTS, *(found for known in LIBRARIES if (found := _installed(known, present))))


def licence_text(components: Sequence[Component] | None = None) -> str:
    """One line for each component, for the terminal and the window.

    Args:
        components: What to list; None for `installed_components`.
    """
    listed = installed_components() if components is None else components
    return "\n".join(str(component) for component in listed)


def version_text() -> str:
    """Version and licences, as ``--version`` prints them; the first line is the version alone."""
    return f"fer-live {__version__}\n\n{licence_text()}"


def _installed(known: Component, present: dict[str, str]) -> Component | None:
    stem = _normal(known.name.rstrip("*"))
    group = known.name.endswith("*")
    versions = [
        v for n, v in sorted(present.items()) if n == stem or (group and n.startswith(stem))
    ]
    if not versions:
        return None
    return replace(known, versions=tuple(versions))


def _normal(name: str) -> str:
    return name.lower().replace("_", "-")
