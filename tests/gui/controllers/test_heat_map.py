"""The heat map switch, and models without heat maps."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from skimage.data import astronaut

from fer_live.core.settings import Settings
from fer_live.core.types import HeatMap
from fer_live.gui.controllers.heat_map import FROM_NEXT_IMAGE, NOT_SUPPORTED
from fer_live.gui.controllers.services import overlay_options, real_services
from fer_live.live.states import State
from tests.gui.driver import drawn, engine_of, press, streaming
from tests.gui.fakes import face, result
from tests.gui.waiting import wait_for

HOT = HeatMap(np.ones((3, 3), np.float32), "happy", 1.2)


FACE_PLACE = slice(15, 55), slice(35, 75)
"""Rows and columns of the first stand-in face, with its surroundings."""


def face_on_screen(window):
    return drawn(window)[FACE_PLACE]


def switch(window):
    action = window.commands["heat"]
    return action.isEnabled(), action.isChecked()


def test_one_key_switches_engine_picture_and_settings(open_window, services):
    window = open_window()
    warm = replace(face(1), heat=HOT)
    engine = streaming(window, services, result(faces=[warm]))
    cold = face_on_screen(window)
    assert switch(window) == (True, False)
    press(window)
    assert switch(window) == (True, True)
    assert engine.maps == [True]
    assert window.settings.show_heat
    assert (face_on_screen(window) != cold).mean() > 0.3
    press(window)
    assert switch(window) == (True, False)
    assert engine.maps == [True, False]
    assert not window.settings.show_heat
    assert np.array_equal(face_on_screen(window), cold), "it goes at once, also from a still"


def test_files_show_it_as_the_screen_does():
    assert overlay_options(Settings(show_heat=True)).show_heat
    assert not overlay_options(Settings()).show_heat


def test_it_is_remembered_and_given_to_the_next_engine(open_window, services):
    window = open_window()
    streaming(window, services)
    window.commands["heat"].trigger()
    window.choose_source("another.mp4")
    assert engine_of(services, 2).settings.show_heat
    window.close()
    wait_for(lambda: window.ended, "the end")
    assert services.saved[-1].show_heat
    again = open_window(settings=services.saved[-1])
    assert switch(again) == (True, True)


def test_switched_while_the_engine_is_built_it_still_reaches_it(open_window, services):
    services.engines.gate.clear()
    window = open_window()
    engine_of(services)
    window.choose_source("another.mp4")
    window.commands["heat"].trigger()
    services.engines.release()
    wait_for(lambda: engine_of(services, 2).maps == [True], "the switch")
    assert not engine_of(services, 2).settings.show_heat


def test_a_model_without_maps_disables_it_and_the_key_says_why(open_window, services):
    services.engines.supports_heat_maps = False
    window = open_window()
    assert switch(window) == (True, False), "nothing is known before the model is loaded"
    streaming(window, services)
    wait_for(lambda: switch(window) == (False, False), "the switch")
    action = window.commands["heat"]
    assert action.toolTip() == NOT_SUPPORTED
    assert action.text().endswith("(not with this model)")
    press(window)
    assert window.toast.text() == NOT_SUPPORTED
    assert window.toast.isVisible()
    assert not window.settings.show_heat


def test_the_choice_is_kept_while_a_model_supports_no_heat_maps(open_window, services):
    services.engines.supports_heat_maps = False
    settings = Settings(source="demo", first_start_done=True, show_heat=True)
    window = open_window(settings=settings)
    streaming(window, services)
    wait_for(lambda: switch(window) == (False, False), "the switch")
    assert window.toast.text() == NOT_SUPPORTED
    # The same model on another source gives none either, and needs no new answer for that.
    window.choose_source("another.mp4")
    engine_of(services, 2)
    assert switch(window) == (False, False)
    services.engines.supports_heat_maps = True
    window.change(model="another")
    assert switch(window) == (True, True)
    streaming(window, services, count=3)
    assert engine_of(services, 3).settings.show_heat
    press(window)
    assert switch(window) == (True, False)


def test_another_model_chosen_after_the_end_is_not_judged_by_the_old_one(open_window, services):
    services.engines.supports_heat_maps = False
    window = open_window()
    engine = streaming(window, services)
    wait_for(lambda: switch(window) == (False, False), "the switch")
    engine.say(State.ENDED)
    wait_for(lambda: window.commands["start"].text() == "Start", "the end")
    window.change(model="another")
    window._show_status()
    assert switch(window) == (True, False)


@pytest.mark.parametrize("over", [False, True])
def test_after_the_end_it_says_when_the_heat_map_appears(open_window, services, over):
    window = open_window()
    engine = streaming(window, services)
    if over:
        engine.say(State.ENDED)
        wait_for(lambda: window.commands["start"].text() == "Start", "the end")
    window.commands["heat"].trigger()
    assert (window.toast.text() == FROM_NEXT_IMAGE) is over


def test_the_released_model_gives_one_to_the_demo(open_window, services):
    services.engines.build = real_services().build_engine
    window = open_window()
    wait_for(lambda: window.view.result and window.view.result.faces, "a face", 60.0)
    assert all(face.heat is None for face in window.view.result.faces)
    press(window)
    wait_for(lambda: window.view.result.faces and window.view.result.faces[0].heat, "its map", 60.0)
    assert switch(window) == (True, True)
    window.choose_source("demo?faces=1")
    wait_for(lambda: window.view.result and window.view.result.faces, "a face", 60.0)
    wait_for(lambda: window.view.result.faces and window.view.result.faces[0].heat, "its map", 60.0)


def test_a_single_picture_has_it_ready(open_window, services, tmp_path):
    services.engines.build = real_services().build_engine
    path = tmp_path / "face.png"
    cv2.imwrite(str(path), np.ascontiguousarray(astronaut()[..., ::-1]))
    window = open_window(source_override=str(path))
    wait_for(lambda: window._state is State.ENDED, "the picture", 60.0)
    cold = window.view._drawn_bgr.copy()
    window.commands["heat"].trigger()
    assert (window.view._drawn_bgr != cold).any()
    assert not window.toast.isVisible()
