"""The settings page about live outputs to other programs."""

from typing import Any

from PySide6.QtWidgets import QCheckBox, QLineEdit, QVBoxLayout, QWidget

from fer_live.core.errors import ConfigError
from fer_live.core.network import LOOPBACK, parse_address
from fer_live.core.settings import Settings
from fer_live.gui.error_texts import error_text
from fer_live.gui.language import tr, tr_later
from fer_live.gui.settings.form import Columns, choice, group, remark, select

LAYOUTS = (("fer_live", "fer_live"), ("openface", tr_later("OpenFace, then fer_live")))


class OutputsPage(QWidget):
    """Fields for live outputs, and for figures that logs and outputs share."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.websocket = QCheckBox(tr("Serve results and the overlay page"))
        self.websocket_address = QLineEdit()
        self.token = QLineEdit(
            placeholderText=tr("None"), echoMode=QLineEdit.EchoMode.PasswordEchoOnEdit
        )
        self.osc = QCheckBox(tr("Send OSC messages"))
        self.osc_address = QLineEdit()
        self.lsl = QCheckBox(tr("Publish streams"))
        self.lsl_name = QLineEdit()
        self.virtual_camera = QCheckBox(tr("Send the video to a virtual camera"))
        self.json = QCheckBox(tr("Write JSON lines to a new file in the folder for recordings"))
        self.derived = QCheckBox(tr("Valence and entropy of each face"))
        self.layout_box = choice(LAYOUTS)
        self.problem_field: QWidget = self.websocket_address
        """The field that `problem` complains about."""
        for switch in (self.websocket, self.osc, self.lsl):
            switch.toggled.connect(self._fit)
        self._build()

    def values(self) -> dict[str, Any]:
        """The edited settings, by name."""
        return {
            "websocket": self.websocket.isChecked(),
            "websocket_address": self.websocket_address.text().strip(),
            "websocket_token": self.token.text(),
            "osc": self.osc.isChecked(),
            "osc_address": self.osc_address.text().strip(),
            "lsl": self.lsl.isChecked(),
            "lsl_name": self.lsl_name.text().strip(),
            "virtual_camera": self.virtual_camera.isChecked(),
            "json_output": self.json.isChecked(),
            "derived_figures": self.derived.isChecked(),
            "log_layout": self.layout_box.currentData(),
        }

    def show_settings(self, settings: Settings) -> None:
        """Fills the fields."""
        self.websocket.setChecked(settings.websocket)
        self.websocket_address.setText(settings.websocket_address)
        self.token.setText(settings.websocket_token)
        self.osc.setChecked(settings.osc)
        self.osc_address.setText(settings.osc_address)
        self.lsl.setChecked(settings.lsl)
        self.lsl_name.setText(settings.lsl_name)
        self.virtual_camera.setChecked(settings.virtual_camera)
        self.json.setChecked(settings.json_output)
        self.derived.setChecked(settings.derived_figures)
        select(self.layout_box, settings.log_layout)
        self._fit()

    def problem(self) -> str:
        """What keeps the settings from being used; empty if nothing does."""
        for switch, field, default_host in (
            (self.websocket, self.websocket_address, LOOPBACK),
            (self.osc, self.osc_address, None),
        ):
            if not switch.isChecked():
                continue
            try:
                parse_address(field.text(), default_host)
            except ConfigError as error:
                self.problem_field = field
                return error_text(error)
        if self.lsl.isChecked() and not self.lsl_name.text().strip():
            self.problem_field = self.lsl_name
            return tr("The LSL streams need a name.")
        return ""

    def _build(self) -> None:
        websocket = group(
            tr("WebSocket, overlay for OBS"),
            ("", self.websocket),
            (tr("Address"), self.websocket_address),
            (tr("Token"), self.token),
            ("", remark(tr("The overlay page is at http://ADDRESS/overlay."))),
        )
        osc = group(tr("OSC"), ("", self.osc), (tr("Address"), self.osc_address))
        lsl = group(
            tr("Lab Streaming Layer"),
            ("", self.lsl),
            (tr("Name"), self.lsl_name),
            ("", remark(tr("Every computer on the local network can read the streams."))),
        )
        more = group(tr("Video and files"), ("", self.virtual_camera), ("", self.json))
        figures = group(
            tr("Logs and outputs"),
            ("", self.derived),
            (tr("Columns of a CSV log"), self.layout_box),
        )
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(Columns((websocket, osc), (lsl, more, figures)))

    def _fit(self) -> None:
        for switch, fields in (
            (self.websocket, (self.websocket_address, self.token)),
            (self.osc, (self.osc_address,)),
            (self.lsl, (self.lsl_name,)),
        ):
            for field in fields:
                field.setEnabled(switch.isChecked())
