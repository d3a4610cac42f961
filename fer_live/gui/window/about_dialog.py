"""About: version, licences, where settings and model are, and the diagnostic report."""

import platform
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from fer_live import __version__
from fer_live.core.errors import FerLiveError
from fer_live.core.licences import PROGRAM_LICENCE, Component, installed_components
from fer_live.core.machine import processor_name, rss_mb, system_name, usable_cores
from fer_live.core.paths import find_models
from fer_live.core.settings import Settings
from fer_live.gui.error_texts import error_text, localised
from fer_live.gui.language import tr, tr_later, translated
from fer_live.gui.widgets.scroll_page import ScrollPage
from fer_live.gui.window.geometry import dialog_size

PRIVATE = (
    "source", "recent_sources", "websocket_address", "websocket_token", "osc_address", "lsl_name",
    "marker_texts", "record_name", "camera_controls", "window_geometry",
)  # fmt: skip
"""Settings that no report holds."""
WIDTH_PX = 640
"""Width at which the licences are easy to read."""
LICENCES = tr_later(
    "fer_live is under the {own} licence. The libraries it uses have licences of their own; for "
    "using it on your own computer none of them asks anything of you. Anyone who distributes a "
    "bundle with these libraries must keep to their licences:"
)


class AboutDialog(QDialog):
    """Version, licences and paths.

    Args:
        places: Paths by what they are, for the user to find them.
        report: The diagnostic report that *Copy diagnostic report* copies.
    """

    def __init__(
        self, places: Mapping[str, str], report: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("About fer_live"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._report = report
        title = QLabel(f"fer_live {__version__}")
        title.setObjectName("sectionTitle")
        font = QFont(title.font())
        font.setPointSizeF(font.pointSizeF() * 1.4)
        title.setFont(font)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(title)
        column.addLayout(_grid(tuple(places.items())))
        column.addWidget(_text(translated(LICENCES).format(own=PROGRAM_LICENCE)))
        components = installed_components()
        for component in (c for c in components if c.note):
            column.addWidget(_text(f"• {_line(component)}"))
        column.addWidget(_text(tr("Also used:")))
        column.addWidget(_text(", ".join(_short(c) for c in components if not c.note)))
        column.addStretch(1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.copy = buttons.addButton(
            tr("Copy diagnostic report"), QDialogButtonBox.ButtonRole.ActionRole
        )
        self.copy.setToolTip(tr("Version, computer, settings and figures, without addresses"))
        self.copy.clicked.connect(self._copy)
        # Enter closes the dialog.
        self.copy.setAutoDefault(False)
        buttons.button(QDialogButtonBox.StandardButton.Close).setDefault(True)
        buttons.rejected.connect(self.reject)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(20, 18, 20, 16)
        outer.setSpacing(16)
        outer.addWidget(ScrollPage(page))
        outer.addWidget(buttons)
        size = dialog_size(self)
        size.setWidth(min(max(size.width(), WIDTH_PX), self.screen().availableGeometry().width()))
        self.resize(size)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._report)
        self.copy.setText(tr("Copied"))


def diagnostic_report(sections: Mapping[str, Mapping[str, object]]) -> str:
    """Plain text about program and computer, then the given sections.

    The home folder is written as ``~``, since its path often holds the user's name.

    Args:
        sections: Values by name, by heading.
    """
    screens = ", ".join(
        f"{s.size().width()}x{s.size().height()} at {s.devicePixelRatio():g}"
        for s in QGuiApplication.screens()
    )
    libraries = [c for c in installed_components() if c.versions]
    known: dict[str, Mapping[str, object]] = {
        "fer_live": {
            "version": __version__,
            "Python": platform.python_version(),
            "Qt": f"{qVersion()} ({QGuiApplication.platformName()})",
        },
        "Computer": {
            "system": f"{system_name()} {platform.release()}",
            "processor": f"{processor_name()}, {usable_cores()} cores",
            "screens": screens,
            "memory of the program, MiB": rss_mb(),
        },
        **sections,
        "Libraries": {c.name: ", ".join(dict.fromkeys(c.versions)) for c in libraries},
    }
    lines = []
    for heading, values in known.items():
        lines += [heading, *(f"  {name}: {value}" for name, value in values.items()), ""]
    return "\n".join(lines).replace(str(Path.home()), "~")


def shared_settings(settings: Settings) -> dict[str, object]:
    """The settings that differ from the defaults, without what is the user's own business.

    Sources may hold names and passwords, and so may addresses and names of outputs and notes.
    """
    plain = Settings()
    return {
        name: value
        for name, value in asdict(settings).items()
        if name not in PRIVATE and value != getattr(plain, name)
    }


def model_path(chosen: str) -> str:
    """Where the chosen model is, or why it is not found; several are one line each."""
    try:
        return "\n".join(map(str, find_models(chosen or None)))
    except FerLiveError as error:
        return error_text(error)


def _named(component: Component) -> str:
    """Name and version; of many packages, their number."""
    versions = component.versions
    if len(versions) > 1:
        count = tr("%n package(s)", "", len(versions))
        return f"{component.name} ({count})"
    return " ".join((component.name, *versions))


def _line(component: Component) -> str:
    return f"{_named(component)}: {localised(component.licence)}. {localised(component.note)}"


def _short(component: Component) -> str:
    return f"{_named(component)} ({localised(component.licence)})"


def _text(words: str) -> QLabel:
    label = QLabel(words)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _grid(rows: tuple[tuple[str, str], ...]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(18)
    grid.setColumnStretch(1, 1)
    for number, (name, value) in enumerate(rows):
        key = QLabel(name)
        key.setObjectName("muted")
        grid.addWidget(key, number, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(_text(value), number, 1)
    return grid
