"""Results of many images, for programs: as objects, as JSON values, as a table."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fer_live.core.errors import ConfigError
from fer_live.core.records import face_record
from fer_live.core.types import Face

if TYPE_CHECKING:
    import pandas as pd

_FIRST_COLUMNS = (
    "path", "width", "height", "face", "left", "top", "box_width", "box_height", "label",
    "confidence",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class ImageResult:
    """The faces of one image file.

    Args:
        path: The file.
        width: Of the image as it was read, pixels, which the boxes refer to; None if it cannot be
            read. A very large JPEG is read at reduced size.
        height: As `width`.
        faces: From left to right, numbered from 1.
        labels: Class names, in the order of every face's probabilities.
        error: What went wrong, one sentence, or None.
    """

    path: Path
    width: int | None
    height: int | None
    faces: tuple[Face, ...]
    labels: tuple[str, ...]
    error: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values: the same as a line of ``fer-live predict``."""
        return {
            "path": str(self.path),
            "width": self.width,
            "height": self.height,
            "faces": [face_record(face, self.labels, tracked=False) for face in self.faces],
            "error": self.error,
        }


class Predictions(Iterator[ImageResult]):
    """The results of `Analyzer.predict_many`, each computed when it is asked for.

    `to_dicts` and `to_pandas` take all that have not been taken yet.
    """

    def __init__(self, results: Iterator[ImageResult]) -> None:
        self._results = results

    def __next__(self) -> ImageResult:
        return next(self._results)

    def to_dicts(self) -> list[dict[str, Any]]:
        """One dictionary of JSON values for each image, see `ImageResult.to_dict`."""
        return [result.to_dict() for result in self]

    def to_pandas(self) -> "pd.DataFrame":
        """A table with one row per face, and one for an image without a face or with an error.

        Columns: ``path``, ``width``, ``height``; ``face``: its number in the image; ``left``,
        ``top``, ``box_width``, ``box_height``: pixels; ``label``, ``confidence``; one column per
        class with its probability; ``error``.

        Raises:
            ConfigError: pandas is not installed.
        """
        try:
            import pandas as pd
        except ModuleNotFoundError as error:
            raise ConfigError("A table needs pandas.", "Run: pip install pandas") from error
        labels: dict[str, None] = {}
        rows = []
        for result in self:
            labels |= dict.fromkeys(result.labels)
            rows += _rows(result)
        columns = [*_FIRST_COLUMNS, *labels, "error"]
        return pd.DataFrame(rows, columns=columns)


def _rows(result: ImageResult) -> list[dict[str, Any]]:
    image = {
        "path": str(result.path),
        "width": result.width,
        "height": result.height,
        "error": result.error,
    }
    sides = ("left", "top", "box_width", "box_height")
    return [
        {
            **image,
            "face": face.track_id,
            **dict(zip(sides, face.box_xywh, strict=True)),
            "label": face.label,
            "confidence": face.confidence,
            **face.probability_by_label,
        }
        for face in result.faces
    ] or [image]
