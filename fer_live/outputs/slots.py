"""Numbered places for faces, for programs that expect the same face under the same number."""

from collections.abc import Sequence

from fer_live.core.types import Face


class FaceSlots:
    """Gives each face a slot from 1 on and keeps it there while it is shown.

    A new face takes the lowest free slot: a face alone before the camera is always in slot 1.
    A face that comes back with its old identity gets its old slot, if that is still free.

    Args:
        count: How many slots there are; faces beyond them get none. None has no limit.
    """

    def __init__(self, count: int | None = None) -> None:
        self._count = count
        self._slots: dict[int, int] = {}
        self._last: dict[int, int] = {}

    def place(self, faces: Sequence[Face]) -> dict[int, Face]:
        """The faces of the next frame by slot.

        Args:
            faces: In the order of their identities.
        """
        shown = {face.track_id for face in faces}
        self._slots = {number: slot for number, slot in self._slots.items() if number in shown}
        new = [face.track_id for face in faces if face.track_id not in self._slots]
        # Those that come back choose first: a slot of theirs must not go to a stranger.
        for number in sorted(new, key=lambda number: number not in self._last):
            slot = self._free_slot(self._last.get(number))
            if slot is not None:
                self._slots[number] = slot
        # One identity is remembered for each slot, so this does not grow.
        by_slot = {slot: number for number, slot in self._last.items()}
        by_slot.update({slot: number for number, slot in self._slots.items()})
        self._last = {number: slot for slot, number in by_slot.items()}
        return {self._slots[face.track_id]: face for face in faces if face.track_id in self._slots}

    def _free_slot(self, wanted: int | None) -> int | None:
        taken = set(self._slots.values())
        if wanted is not None and wanted not in taken:
            return wanted
        slot = next(n for n in range(1, len(taken) + 2) if n not in taken)
        return slot if self._count is None or slot <= self._count else None
