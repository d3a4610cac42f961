"""The heat map switch: disabled while the engine's model supports no live heat maps."""

from collections.abc import Callable

from PySide6.QtGui import QShortcut

from fer_live.core.settings import Settings
from fer_live.gui.language import tr, tr_later, translated
from fer_live.gui.protocols import EngineLike
from fer_live.gui.window.layout import WindowLayout

NOT_SUPPORTED = tr_later("This model has no heat map fast enough to be shown live")
FROM_NEXT_IMAGE = tr_later("The heat map appears with the next image")


class HeatMapSwitch:
    """Keeps the heat map action and the engine in step.

    The action is off and disabled while the model supports no heat maps. The user's choice is
    kept and applied as soon as another model supports them.

    Args:
        window: Has the action, the view and the toast.
        engine: Gives the running engine, or None while it is being built.
    """

    def __init__(self, window: WindowLayout, engine: Callable[[], EngineLike | None]) -> None:
        self._window = window
        self._engine = engine
        self._action = window.commands["heat"]
        self._texts = self._action.text(), self._action.toolTip()
        self._wanted = self._engine_state = False
        self._supported = True
        self._model = ("", "", "")
        self._previous_engine: EngineLike | None = None
        # A disabled action does not react to its key; this shortcut says why.
        self._key = QShortcut(self._action.shortcut(), window)
        self._key.setAutoRepeat(False)
        self._key.setEnabled(False)
        self._key.activated.connect(lambda: window.toast.show_text(translated(NOT_SUPPORTED)))

    def show_settings(self, settings: Settings) -> None:
        """Takes the user's choice; enables the action for another model until it is loaded."""
        model = settings.model, settings.device, settings.precision
        if model != self._model:
            self._model, self._previous_engine, self._supported = model, self._engine(), True
        self._wanted = settings.show_heat
        self.sync()
        self._show()

    def begin(self) -> None:
        """Notes that a new engine is being built with the present settings."""
        self._engine_state = self._wanted

    def sync(self) -> None:
        """Gives the engine the choice that changed since its building started."""
        engine = self._engine()
        if engine is not None and self._wanted != self._engine_state:
            engine.set_maps(self._wanted)
            self._engine_state = self._wanted

    def update_support(self) -> None:
        """Asks the engine whether its model supports heat maps; call it regularly."""
        engine = self._engine()
        if engine is None or engine is self._previous_engine:
            return
        self._previous_engine = None
        if engine.supports_heat_maps not in (None, self._supported):
            self._supported = bool(engine.supports_heat_maps)
            self._show()
            if self._wanted and not self._supported:
                self._window.toast.show_text(translated(NOT_SUPPORTED))

    def explain(self) -> None:
        """Says why no heat map is visible yet, after it was switched on."""
        engine, shown = self._engine(), self._window.view.result
        ended = engine is None or engine.state.final
        if ended and shown is not None and any(face.heat is None for face in shown.faces):
            self._window.toast.show_text(translated(FROM_NEXT_IMAGE))

    def _show(self) -> None:
        text, tip = self._texts
        self._action.setEnabled(self._supported)
        self._action.setChecked(self._supported and self._wanted)
        without = tr("{action} (not with this model)").format(action=text)
        self._action.setText(text if self._supported else without)
        self._action.setToolTip(tip if self._supported else translated(NOT_SUPPORTED))
        self._key.setEnabled(not self._supported)
