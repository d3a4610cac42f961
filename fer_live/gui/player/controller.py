"""Plays files in the window: what the player's bar, menu and keys do, and what the bar shows."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from fer_live.gui.controllers.engine_bridge import EngineBridge
from fer_live.gui.language import tr
from fer_live.gui.player.seek_pictures import SeekPictures
from fer_live.gui.player.sound import Sound
from fer_live.gui.protocols import SoundOutput
from fer_live.gui.window.layout import WindowLayout
from fer_live.gui.window.player_bar import SPEEDS, speed_text
from fer_live.live.states import State

if TYPE_CHECKING:
    from fer_live.core.types import Frame, FrameResult
    from fer_live.live.playback import Playback

FALLBACK_FPS = 30.0
"""Assumed for a file that does not say its rate, frames per second."""

SKIP_S = 5.0
"""The arrow keys skip so far, seconds."""

ACTIONS = (
    *("hold", "step_back", "step_forward", "skip_back", "skip_forward", "to_start"),
    *("slower", "faster", "loop"),
)
"""Actions that need a file."""


class Player(QObject):
    """Carries out the viewer's wishes, also where the engine is only being started.

    Speed and repetition stay for the next file; a position and a pause belong to one file.

    Args:
        window: Has bar and actions.
        bridge: Has the engine.
        open_sound: Opens the sound device; None if there is none.
    """

    restart_wanted = Signal()
    """The file has ended and is wanted again."""

    def __init__(
        self,
        window: WindowLayout,
        bridge: EngineBridge,
        open_sound: Callable[[], SoundOutput | None],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._bridge = bridge
        self.speed = 1.0
        self.loop = self.paused = False
        self._wanted_s: float | None = None
        self._shown: Frame | None = None
        self._length_s: float | None = None
        self._fps = 0.0
        self._pictures = False
        bar = window.player_bar
        bar.position_wanted.connect(self.seek)
        bar.speed_chosen.connect(self.set_speed)
        self.sound = Sound(self, open_sound)
        self.sound.changed.connect(self._show_sound)
        self._show_sound()
        self.pictures = SeekPictures(self)
        bar.picture_wanted.connect(self.pictures.want)
        self.pictures.found.connect(
            lambda found: bar.show_picture(None if found is None else found.image_bgr)
        )

    def begin(self) -> None:
        """A source is being started: it is not paused, and begins where it begins."""
        self.paused = False
        self.pictures.close()
        self.sound.end()
        self._window.player_bar.show_picture(None)
        self._wanted_s = self._shown = self._length_s = None
        self._window.player_bar.show_file("")
        self._window.player_bar.show_position(None, None)

    def close(self) -> None:
        """Lets go of the file: the window closes."""
        self.pictures.close()
        self.sound.close()

    def set_volume(self, volume: float, *, muted: bool) -> None:
        """Sets and shows the volume, 0 to 1."""
        self.sound.set_volume(volume, muted=muted)
        self._window.player_bar.show_volume(volume, muted=muted)

    def sync(self) -> None:
        """Gives a new engine what was wanted before it was there."""
        playback = self._playback
        if playback is None:
            return
        playback.set_speed(self.speed)
        playback.set_loop(self.loop)
        if self.paused:
            playback.set_paused(True)
        if self._wanted_s is not None:
            playback.seek(self._wanted_s)
            self._wanted_s = None

    def show(self, state: State, *, is_file: bool) -> None:
        """Shows the bar for a file, and enables what can be done now."""
        window, engine = self._window, self._bridge.engine
        info = engine.source_info if engine else None
        playing = info is not None and not info.live and state is State.STREAMING
        over = is_file and state is State.ENDED and self._shown is not None
        if info is not None and not info.live:
            self._length_s, self._fps = info.length_s, info.fps
            self._pictures = info.kind == "images"
        useful = (playing or over) and not (self._pictures and self._count == 1)
        window.player_bar.setVisible(useful)
        if not useful:
            self.pictures.close()
            self.sound.end()
        elif info is not None:
            path = None if self._pictures else info.path
            self.pictures.begin(path)
            self.sound.begin(path)
        self.sound.set_playing(playing and self._own_speed)
        for name in ACTIONS:
            window.commands[name].setEnabled(useful and (playing or name != "hold"))
        window.player_bar.show_paused(paused=self.paused)
        self._show_place()

    def take(self, result: "FrameResult") -> None:
        """A result is shown."""
        self._shown = result.frame if result.frame.position_s is not None else None
        if result.frame.position_s is not None:
            self.sound.show(result.frame.position_s)
        self._show_place()

    def hold(self, on: bool) -> None:
        """Pauses at the frame that is shown, or plays on."""
        self.paused = on
        playback = self._playback
        if playback is not None:
            playback.set_paused(on)
        self._window.player_bar.show_paused(paused=on)
        self._follow()

    def seek(self, position_s: float) -> None:
        """Goes to a position; a file that has ended is started again there."""
        if self._length_s is not None:
            position_s = min(position_s, self._length_s)
        position_s = max(position_s, 0.0)
        playback = self._playback
        if playback is not None:
            playback.seek(position_s)
            return
        self._again(position_s)

    def step(self, frames: int) -> None:
        """Pauses and goes some frames on or back."""
        playback = self._playback
        if playback is not None:
            playback.step(frames)
            self.paused = True
            self._window.player_bar.show_paused(paused=True)
            self._follow()
        elif frames < 0 and self._shown is not None:
            self._again(
                max((self._shown.position_s or 0.0) - 1 / (self._fps or 30.0), 0.0), paused=True
            )

    def skip(self, seconds: float) -> None:
        """Goes some seconds on or back."""
        if self._shown is not None and self._shown.position_s is not None:
            self.seek(self._shown.position_s + seconds)

    def set_speed(self, speed: float) -> None:
        """Plays at one of `SPEEDS`."""
        self.speed = speed
        playback = self._playback
        if playback is not None:
            playback.set_speed(speed)
        self._window.player_bar.show_speed(speed)
        self._follow()

    def change_speed(self, places: int) -> None:
        """Takes the next slower or faster speed, and says it."""
        place = min(max(SPEEDS.index(self.speed) + places, 0), len(SPEEDS) - 1)
        self.set_speed(SPEEDS[place])
        self._window.toast.show_text(tr("Speed {speed}").format(speed=speed_text(self.speed)))

    @property
    def _own_speed(self) -> bool:
        playback = self._playback
        return playback is not None and playback.paced and self.speed == 1 and not self.paused

    def _follow(self) -> None:
        """Ends the sound at once where the file no longer runs at its own speed."""
        if not self._own_speed:
            self.sound.set_playing(False)

    def _show_sound(self) -> None:
        self._window.commands["mute"].setEnabled(self.sound.problem is None)
        self._window.player_bar.show_sound(self.sound.problem)

    @property
    def _playback(self) -> "Playback | None":
        engine = self._bridge.engine
        return None if engine is None or engine.state.final else engine.playback

    @property
    def _count(self) -> int:
        """Frames in the file; 0 if unknown."""
        return round((self._length_s or 0.0) * self._fps)

    def _again(self, position_s: float, *, paused: bool = False) -> None:
        if self._shown is None:
            return
        self.restart_wanted.emit()
        self._wanted_s, self.paused = position_s, paused
        self.sync()

    def _show_place(self) -> None:
        bar, shown = self._window.player_bar, self._shown
        position_s = None if shown is None else shown.position_s
        bar.show_position(position_s, self._length_s)
        text = ""
        if shown is not None and shown.file:
            number = round((shown.position_s or 0.0) * self._fps) + 1
            place = tr("{number} of {count}").format(number=number, count=self._count)
            text = f"{shown.file} · {place}"
        bar.show_file(text)

    def set_loop(self, on: bool) -> None:
        """Starts the file again after its end, or not."""
        self.loop = on
        playback = self._playback
        if playback is not None:
            playback.set_loop(on)
        self._window.commands["loop"].setChecked(on)
