"""Places labels and bars so that they cover no face and no other label, where there is room."""

from collections.abc import Iterable, Sequence

Rect = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""


class Placement:
    """Keeps account of what is taken in one picture.

    Args:
        size: Width and height of the picture, pixels.
        faces: Boxes of the faces, which nothing may cover.
    """

    def __init__(self, size: tuple[int, int], faces: Iterable[Rect]) -> None:
        self._size = size
        self._taken = list(faces)

    def take(self, rect: Rect) -> None:
        """Notes a rectangle that is drawn wherever it is."""
        self._taken.append(rect)

    def place(
        self,
        candidates: Sequence[Rect],
        *,
        must: bool,
        kept_free: Iterable[Rect] = (),
        over: Rect | None = None,
    ) -> Rect | None:
        """The first candidate that covers nothing.

        Args:
            candidates: Places, the best first; moved into the picture where they reach out.
            must: If none is free, take the one that covers least instead of None.
            kept_free: Places that are to stay free for something else.
            over: A face that may be covered.
        """
        inside = [self._inside(rect) for rect in candidates]
        taken = (rect for rect in self._taken if rect != over)
        others = (*taken, *map(self._inside, kept_free))
        free = (rect for rect in inside if not any(_overlap(rect, other) for other in others))
        place = next(free, None)
        if place is None and must:
            # The first of those that cover least.
            place = min(inside, key=lambda rect: sum(_common(rect, other) for other in others))
        if place is not None:
            self._taken.append(place)
        return place

    def _inside(self, rect: Rect) -> Rect:
        left, top, right, bottom = rect
        width, height = self._size
        across = max(min(0, width - right), -left)
        down = max(min(0, height - bottom), -top)
        return left + across, top + down, right + across, bottom + down


def around(box: Rect, width: int, height: int, gap: int) -> list[Rect]:
    """Places for a rectangle beside a box: right, left, below, above, then lower at the sides."""
    left, top, right, bottom = box
    corners = (
        (right + gap, top),
        (left - gap - width, top),
        (left, bottom + gap),
        (left, top - gap - height),
        (right + gap, bottom - height),
        (left - gap - width, bottom - height),
    )
    return [(x, y, x + width, y + height) for x, y in corners]


def _overlap(one: Rect, other: Rect) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _common(one: Rect, other: Rect) -> int:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return width * height if width > 0 and height > 0 else 0
