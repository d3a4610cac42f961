from fer_live.outputs.slots import FaceSlots

from .support import face


def placed(slots, *numbers):
    return {slot: f.track_id for slot, f in slots.place([face(n) for n in numbers]).items()}


def test_faces_keep_their_slots_while_they_are_shown():
    slots = FaceSlots()
    assert placed(slots, 3) == {1: 3}
    assert placed(slots, 3, 7) == {1: 3, 2: 7}
    assert placed(slots, 7) == {2: 7}
    assert placed(slots, 7, 9) == {1: 9, 2: 7}


def test_who_is_alone_comes_into_the_first_slot_under_any_identity():
    slots = FaceSlots()
    for number in (1, 5, 12):
        assert placed(slots, number) == {1: number}
        assert placed(slots) == {}


def test_who_comes_back_gets_the_old_slot_before_strangers():
    slots = FaceSlots()
    placed(slots, 1, 2)
    assert placed(slots) == {}
    assert placed(slots, 2) == {2: 2}
    assert placed(slots) == {}
    assert placed(slots, 2, 8) == {1: 8, 2: 2}


def test_a_slot_that_was_taken_meanwhile_is_not_given_back():
    slots = FaceSlots()
    placed(slots, 1)
    placed(slots)
    assert placed(slots, 5) == {1: 5}
    assert placed(slots, 1, 5) == {1: 5, 2: 1}


def test_faces_beyond_the_last_slot_get_none():
    slots = FaceSlots(2)
    assert placed(slots, 1, 2, 3) == {1: 1, 2: 2}
    assert placed(slots, 2, 3) == {1: 3, 2: 2}
