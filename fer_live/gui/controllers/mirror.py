"""Whether the picture is flipped: remembered for cameras, for this time only for the rest."""

from collections.abc import Callable

from PySide6.QtGui import QAction

from fer_live.gui.protocols import EngineLike


class Mirror:
    """The mirror switch; only a camera looks back at whoever sits before the screen.

    Args:
        action: Shows the state.
        engine: The engine that runs, or None while it is being built.
    """

    def __init__(self, action: QAction, engine: Callable[[], EngineLike | None]) -> None:
        self._action = action
        self._engine = engine
        self._asked = False

    def begin(self, on: bool) -> None:
        """An engine is being built that flips its pictures, or not."""
        self._asked = on
        self._action.setChecked(on)

    def set(self, on: bool) -> None:
        """Flips from now on, or not; an engine that is not built yet gets it when it is."""
        self._action.setChecked(on)
        self.settle()

    def settle(self) -> None:
        """Tells the engine what it was not asked for when its building began."""
        engine, on = self._engine(), self._action.isChecked()
        if engine is not None and on != self._asked:
            engine.set_mirror(on)
            self._asked = on
