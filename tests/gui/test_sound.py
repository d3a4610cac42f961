"""The sound of a file in the player: in step with the picture, and off when it must be."""

import time
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QObject

from fer_live.capture.container.audio import CHANNELS, RATE
from fer_live.gui.player.sound import NO_DEVICE, NO_SOUND, Sound
from tests.capture.conftest import write_video
from tests.capture.sounds import sample_times_s, write_sound
from tests.gui.waiting import wait_for

TICK_S = 0.02
LIMIT_S = 0.08
"""Sound and picture may be so far apart: people notice more (ITU-R BT.1359)."""


class Device:
    """A sound device on the test's clock, which may run slower than the computer's."""

    def __init__(self, clock, speed=1.0):
        self._clock, self._speed = clock, speed
        self.waiting = np.zeros((0, CHANNELS), np.int16)
        self._played_s = clock()
        self.heard_s = None
        self.volume, self.closed, self.drops = None, False, 0

    @property
    def buffered(self):
        self.play()
        return len(self.waiting)

    def play(self):
        """Plays what the time that has passed allows; `heard_s` is what is heard now."""
        count = int((self._clock() - self._played_s) * RATE * self._speed)
        self._played_s = self._clock()
        played, self.waiting = self.waiting[:count], self.waiting[count:]
        # Silence is put in where the sound would run ahead.
        sounds = len(self.waiting) and self.waiting[0, 0]
        self.heard_s = sample_times_s(self.waiting)[0] if sounds else None
        return played

    def write(self, samples):
        self.play()
        more = np.frombuffer(samples, np.int16).reshape(-1, CHANNELS)
        more = more[: RATE // 2 - len(self.waiting)]
        self.waiting = np.concatenate([self.waiting, more])
        return len(more)

    def set_volume(self, volume):
        self.volume = volume

    def drop(self):
        self.drops += 1
        self.waiting = self.waiting[:0]

    def close(self):
        self.closed = True


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return write_sound(tmp_path_factory.mktemp("sound") / "clip.mov", 6.0)


class Stage:
    """A sound, its device and a clock that the test moves."""

    def __init__(self, clip, speed=1.0):
        self.now_s = 100.0
        self.device = Device(lambda: self.now_s, speed)
        self._owner = QObject()
        self.sound = Sound(self._owner, lambda: self.device, lambda: self.now_s)
        self.sound.begin(clip)
        self.sound._timer.stop()  # the test hands over by its own clock
        wait_for(lambda: self.hand_over() or self.sound.problem is None, "the file")
        self.sound.set_playing(True)

    def hand_over(self):
        self.sound.hand_over()

    def fill(self):
        """Hands over until the device has enough: the decoder runs in real time."""
        until = time.monotonic() + 20
        while self.device.buffered < 0.15 * RATE and time.monotonic() < until:
            self.hand_over()
            time.sleep(0.001)

    def run(self, from_s, length_s, late_s=lambda n: 0.0):
        """Plays pictures, each shown `late_s` late; returns the distances of sound and picture."""
        began_s, apart = self.now_s - from_s, []
        for n in range(round(length_s / TICK_S)):
            if n % 2 == 0:  # 25 pictures a second
                true_s = self.now_s
                self.now_s += late_s(n)
                self.sound.show(true_s - began_s)
            self.fill()
            self.device.play()
            if self.device.heard_s is not None:
                apart.append(self.device.heard_s - (self.now_s - began_s))
            self.now_s = began_s + from_s + (n + 1) * TICK_S
        return np.array(apart)


@pytest.mark.parametrize("speed", [1.0, 0.98, 1.02])
def test_the_sound_is_in_step_with_the_picture_whatever_the_devices_clock(app, clip, speed):
    stage = Stage(clip, speed)
    uneven = np.random.default_rng(3).uniform(0, 0.015, 1000)
    apart = stage.run(0.0, 4.0, lambda n: uneven[n])
    assert len(apart) > 190
    assert np.abs(apart).max() <= LIMIT_S
    stage.sound.close()
    assert stage.device.closed


def test_the_sound_follows_a_jump_at_once(app, clip):
    stage = Stage(clip)
    stage.run(0.5, 1.0)
    for to_s in (4.0, 0.2):
        apart = stage.run(to_s, 0.6)
        assert len(apart) >= 28
        assert np.abs(apart).max() <= LIMIT_S
    stage.sound.close()


def test_a_window_that_was_busy_comes_back_into_step(app, clip):
    stage = Stage(clip)
    stage.run(0.0, 1.0)
    stage.now_s += 0.6  # neither picture nor sound for so long
    apart = stage.run(1.6, 1.0)
    assert np.abs(apart).max() <= LIMIT_S
    stage.sound.close()


def test_it_is_silent_at_once_when_held_or_muted_and_goes_on_in_step(app, clip):
    stage = Stage(clip)
    stage.run(0.0, 0.5)
    for off, on in (
        (lambda: stage.sound.set_playing(False), lambda: stage.sound.set_playing(True)),
        (
            lambda: stage.sound.set_volume(0.5, muted=True),
            lambda: stage.sound.set_volume(0.5, muted=False),
        ),
    ):
        assert stage.device.buffered > 0
        off()
        assert stage.device.buffered == 0
        stage.sound.show(0.5)
        stage.hand_over()
        assert stage.device.buffered == 0
        on()
        assert np.abs(stage.run(0.5, 0.5)).max() <= LIMIT_S
    assert stage.device.volume == 0.5
    stage.sound.close()


def test_no_device_and_no_sound_are_said(app, clip, tmp_path):
    owner = QObject()
    sound = Sound(owner, lambda: None)
    sound.begin(clip)
    wait_for(lambda: sound.problem == NO_DEVICE, "the reason")
    sound.begin(write_video(tmp_path / "silent.mp4", [0, 1, 2]))
    wait_for(lambda: sound.problem == NO_SOUND, "the other reason")
    sound.close()


@pytest.fixture
def device():
    return Device(time.perf_counter)


@pytest.fixture
def real(real, device):
    return replace(real, open_sound=lambda: device)


def test_the_window_plays_sound_at_its_own_speed_and_keeps_the_volume(window, device, clip):
    bar = window.player_bar
    assert not bar.volume.isEnabled()
    assert bar.volume.toolTip() == NO_SOUND
    window.commands["loop"].trigger()
    window.choose_source(str(clip))
    wait_for(lambda: device.buffered > 0, "sound")
    assert bar.volume.isEnabled()
    assert window.commands["mute"].isEnabled()
    window.commands["hold"].trigger()
    assert device.buffered == 0
    window.commands["hold"].trigger()
    wait_for(lambda: device.buffered > 0, "sound again")
    window.commands["faster"].trigger()
    assert device.buffered == 0
    window.commands["slower"].trigger()
    wait_for(lambda: device.buffered > 0, "sound at its own speed")
    bar.volume.setValue(40)
    assert device.volume == pytest.approx(0.4)
    assert window.settings.volume == pytest.approx(0.4)
    window.commands["mute"].trigger()
    assert device.buffered == 0
    assert window.settings.muted
    window.choose_source("demo?width=320&height=180")
    assert not bar.volume.isEnabled()
