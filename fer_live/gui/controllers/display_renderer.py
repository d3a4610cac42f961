"""Results as the window shows them: overlay, and hidden faces where that is wanted."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from fer_live.core.settings import Settings
from fer_live.core.types import Box, FrameResult, ImageBgr
from fer_live.gui.controllers.services import overlay_options
from fer_live.gui.widgets.video_view import VideoView

if TYPE_CHECKING:
    from fer_live.overlay.draw import OverlayOptions
    from fer_live.overlay.privacy import FaceHider


class DisplayRenderer:
    """Draws results for a view. Imports OpenCV only when it draws.

    Args:
        view: Shows them.
        settings: As they are now.
        fps: The frame rate to draw.
    """

    def __init__(
        self,
        view: VideoView,
        settings: Callable[[], Settings],
        fps: Callable[[], float | None],
    ) -> None:
        self._view = view
        self._settings = settings
        self._fps = fps
        self._options: OverlayOptions | None = None
        self._hider: FaceHider | None = None

    def show(self, result: FrameResult) -> None:
        """Draws a result and shows it."""
        from fer_live.overlay.draw import draw_overlay

        if self._options is None:
            self._options = overlay_options(self._settings())
        image = self._hidden(result)
        picture = draw_overlay(image, result.faces, result.labels, self._options, self._fps())
        self._view.show_result(result, picture)

    def redraw(self) -> None:
        """Draws what is shown anew, after the settings have changed."""
        self._options = None
        if self._view.result is not None:
            self.show(self._view.result)

    def clear(self) -> None:
        """Forgets where faces were: another source."""
        if self._hider is not None:
            self._hider.reset()

    def hidden_places(self) -> list[Box]:
        """What of the picture that is shown has to be hidden, pixels: also where a face was lost
        a moment ago."""
        result = self._view.result
        if self._hider is None or result is None:
            return []
        # Once more: another source may be opening, for which all was forgotten.
        self._hider.see(result.frame.time_s, result.faces, result.found)
        return self._hider.boxes(result.frame.time_s)

    def _hidden(self, result: FrameResult) -> ImageBgr:
        settings = self._settings()
        if self._hider is None:
            from fer_live.overlay.privacy import FaceHider

            self._hider = FaceHider("none")
        # Also while nothing is hidden: it may be from this picture on.
        self._hider.see(result.frame.time_s, result.faces, result.found)
        self._hider.mode = settings.hiding if settings.privacy_on_screen else "none"
        return self._hider.hide(result.frame.image_bgr, result.frame.time_s)
