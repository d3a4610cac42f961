"""The switch of the heat map: what it shows follows what the engine's model can give."""

from collections.abc import Callable

from PySide6.QtGui import QShortcut

from fer_live.core.settings import Settings
from fer_live.gui.protocols import EngineLike
from fer_live.gui.window.layout import WindowLayout

NO_MAP = "This model has no heat map that is quick enough to be shown live"
LATER = "The heat map comes with the next picture"


class Heat:
    """Switches heat maps; the switch is off and disabled where the model gives none.

    The user's wish is kept meanwhile: it is fulfilled as soon as another model gives them.

    Args:
        window: Has the switch, the picture and the words over it.
        engine: The engine that runs, or None while it is being built.
    """

    def __init__(self, window: WindowLayout, engine: Callable[[], EngineLike | None]) -> None:
        self._window = window
        self._engine = engine
        self._action = window.commands["heat"]
        self._words = self._action.text(), self._action.toolTip()
        self._wanted = self._asked = False
        self._possible = True
        self._model = ("", "")
        self._former: EngineLike | None = None
        # Answers the key while the switch is disabled.
        self._key = QShortcut(self._action.shortcut(), window)
        self._key.setAutoRepeat(False)
        self._key.setEnabled(False)
        self._key.activated.connect(lambda: window.toast.say(NO_MAP))

    def show_settings(self, settings: Settings) -> None:
        """Takes what is wanted; what another model gives is known once it is loaded."""
        model = settings.model, settings.device
        if model != self._model:
            self._model, self._former, self._possible = model, self._engine(), True
        self._wanted = settings.show_heat
        self.settle()
        self._show()

    def begin(self) -> None:
        """An engine is being built by the settings."""
        self._asked = self._wanted

    def settle(self) -> None:
        """Tells the engine what has changed since its building began."""
        engine = self._engine()
        if engine is not None and self._wanted != self._asked:
            engine.set_maps(self._wanted)
            self._asked = self._wanted

    def follow(self) -> None:
        """Looks at what the engine's model gives; to be called now and then."""
        engine = self._engine()
        if engine is None or engine is self._former:
            return
        self._former = None
        if engine.supports_heat_maps not in (None, self._possible):
            self._possible = bool(engine.supports_heat_maps)
            self._show()
            if self._wanted and not self._possible:
                self._window.toast.say(NO_MAP)

    def explain(self) -> None:
        """Says why nothing is to be seen yet, after it was switched on."""
        engine, shown = self._engine(), self._window.view.result
        resting = engine is None or engine.state.final
        if resting and shown is not None and any(face.heat is None for face in shown.faces):
            self._window.toast.say(LATER)

    def _show(self) -> None:
        text, tip = self._words
        self._action.setEnabled(self._possible)
        self._action.setChecked(self._possible and self._wanted)
        self._action.setText(text if self._possible else f"{text} (not with this model)")
        self._action.setToolTip(tip if self._possible else NO_MAP)
        self._key.setEnabled(not self._possible)
