"""The mirror switch: whether the engine flips its frames."""

from collections.abc import Callable

from PySide6.QtGui import QAction

from fer_live.gui.protocols import EngineLike


class MirrorSwitch:
    """Keeps the mirror action and the engine in step.

    Args:
        action: Shows the state.
        engine: Gives the running engine, or None while it is being built.
    """

    def __init__(self, action: QAction, engine: Callable[[], EngineLike | None]) -> None:
        self._action = action
        self._engine = engine
        self._engine_state = False

    def begin(self, on: bool) -> None:
        """Takes the state with which a new engine is being built."""
        self._engine_state = on
        self._action.setChecked(on)

    def set(self, on: bool) -> None:
        """Switches flipping on or off; an engine that is being built gets it when it is ready."""
        self._action.setChecked(on)
        self.sync()

    def sync(self) -> None:
        """Gives the engine the state that changed since its building started."""
        engine, on = self._engine(), self._action.isChecked()
        if engine is not None and on != self._engine_state:
            engine.set_mirror(on)
            self._engine_state = on
