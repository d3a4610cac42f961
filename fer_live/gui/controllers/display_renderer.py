"""Draws results for the screen: hides faces if the settings say so, then draws the overlay."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from fer_live.core.settings import Settings
from fer_live.gui.controllers.services import overlay_options
from fer_live.gui.language import percent, word
from fer_live.gui.widgets.video_view import VideoView

if TYPE_CHECKING:
    from fer_live.core.types import Box, FrameResult, ImageBgr
    from fer_live.overlay.draw import OverlayOptions
    from fer_live.overlay.privacy import FaceHider


class DisplayRenderer:
    """Draws results for a view, on the GUI thread. Imports OpenCV when it first draws.

    A recording draws with `recording.frame_renderer.FrameRenderer`, which delays frames to hide
    faces that are found late; the screen shows each frame at once.

    Args:
        view: Shows the drawn images.
        settings: Gives the current settings.
        rates: Gives the frame rates to draw, of the source and of the analysis, frames per second.
    """

    def __init__(
        self,
        view: VideoView,
        settings: Callable[[], Settings],
        rates: Callable[[], tuple[float | None, float | None]],
    ) -> None:
        self._view = view
        self._settings = settings
        self._rates = rates
        self._options: OverlayOptions | None = None
        self._hider: FaceHider | None = None
        view.resized.connect(self.redraw)

    def show(self, result: "FrameResult") -> None:
        """Draws a result and shows it."""
        from fer_live.overlay.draw import draw_overlay

        if self._options is None:
            options = overlay_options(self._settings())
            self._options = replace(options, word=word, percent=percent)
        image = self._hide_faces(result)
        fps, analysed_fps = self._rates()
        drawn = draw_overlay(
            image,
            result.faces,
            result.labels,
            self._options,
            fps,
            analysed_fps,
            self._view.place_of(image),
        )
        self._view.show_result(result, drawn)

    def redraw(self) -> None:
        """Draws the shown result again, after the settings or the size have changed."""
        self._options = None
        if self._view.result is not None:
            self.show(self._view.result)

    def clear(self) -> None:
        """Forgets where faces were; call it when the source changes."""
        if self._hider is not None:
            self._hider.reset()

    def hidden_boxes(self) -> "list[Box]":
        """Boxes to hide in the shown frame, pixels: the faces, and where one was lost just now."""
        result = self._view.result
        if self._hider is None or result is None:
            return []
        # Again, because `clear` may have been called for the next source.
        self._hider.see(result.frame.time_s, result.faces, result.found)
        return self._hider.boxes(result.frame.time_s)

    def _hide_faces(self, result: "FrameResult") -> "ImageBgr":
        settings = self._settings()
        if self._hider is None:
            from fer_live.overlay.privacy import FaceHider

            self._hider = FaceHider("none")
        # Also while nothing is hidden, because hiding may be switched on at any frame.
        self._hider.see(result.frame.time_s, result.faces, result.found)
        self._hider.mode = settings.hiding if settings.privacy_on_screen else "none"
        return self._hider.hide(result.frame.image_bgr, result.frame.time_s)
