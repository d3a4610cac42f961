"""Faces at any angle and in poor light, by YuNet: a small network run by ONNX Runtime."""

import logging
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_live.core.errors import DetectorError
from fer_live.core.paths import find_yunet
from fer_live.core.process import without_telemetry
from fer_live.core.types import Boxes, Detections, ImageBgr
from fer_live.detection.boxes import Rect, in_frame, pixels_of, suppress
from fer_live.detection.crop import square_around, square_of
from fer_live.detection.gray_pyramid import GrayPyramid, Image

if TYPE_CHECKING:
    import onnxruntime

_log = logging.getLogger(__name__)

_STRIDES = (8, 16, 32)
"""Pixels between the places of the network's output maps."""

_MULTIPLE_PX = 32
"""The sides of the network's input are multiples of its largest stride."""

_KINDS = ("cls", "obj", "bbox")
"""The output maps that boxes are read from. Landmarks lean upright on tilted faces, so no box
depends on them."""

_LANDMARKS = "kps"
"""The output maps of both eyes, nose, and both corners of the mouth, x and y each."""

_CENTRE_SHARE = 0.35
"""A face counts as the one in the middle of a crop if its centre is within this distance of the
crop's, sides of the crop."""

BOX_SCALE = 1.10
"""Side of a face's square box, in geometric means of the width and height that the network gives:
the framing of the Haar cascade's boxes, which the models are trained with."""

MIN_SCORE = 0.35
"""Score from which a box counts: crops of photographs keep every true face at this score, and 94 of
100 boxes around something else are refused."""

_GREY = 128
"""Fills the network's input up to a multiple of its largest stride."""

_DARK_MEAN = 50
"""A picture of a smaller mean, grey levels, may be a dark one."""

_DARK_PEAK = 100
"""A picture is dark if its `_PEAK_SHARE` quantile is smaller as well, grey levels: a lit face
before a black wall is none."""

_PEAK_SHARE = 0.99

_BRIGHT_PEAK = 230
"""Grey level that the quantile of a dark picture is raised to."""

_MOST_GAIN = 8.0
"""A dark picture is not raised by more: what is left of it is noise."""

_DARK_BLUR_PX = 1.0
"""Spread of the smoothing of a dark picture, pixels: without it the raised noise costs more faces
than the light gains. With both, 96 of 100 pasted faces at 0.12 of the light score 0.3 in a search,
against 86."""

_MOST_BOXES = 500
"""Boxes that take part in suppression, best first: a bound on its cost."""

_TURNED_REACH = 1.4
"""Side of the square that is turned, sides of the crop: over the sum of sine and cosine of 30°."""

_INPUT = "input"

Maps = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]
"""Class and objectness (h, w), and boxes (4, h, w), of one stride."""


class YuNetDetector:
    """Faces by YuNet (Wu, Peng and Yu, 2023), on one thread.

    A box is a square of the same centre as the network's own, in the framing of the cascade's; the
    score is the network's, 0-1. One instance is used by one thread at a time.

    Args:
        model: The ONNX file; None takes the one that comes with the program.
        long_side: Longer side of the picture given to the network, pixels. Smaller pictures are
            not enlarged.
        min_score: Least score of a box, between 0 and 1.

    Raises:
        DetectorError: The model is missing or damaged, or an option is out of range.
    """

    def __init__(
        self, model: Path | None = None, *, long_side: int = 640, min_score: float = MIN_SCORE
    ) -> None:
        if long_side < _MULTIPLE_PX or not 0 < min_score < 1:
            raise DetectorError(
                "The face detector's options are out of range.",
                f"The longer side is {_MULTIPLE_PX} pixels or more, the score between 0 and 1.",
            )
        self._session = _load(model if model is not None else find_yunet())
        self._long_side = long_side
        self._min_score = min_score

    @property
    def name(self) -> str:
        return "YuNet"

    def detect(self, image: Image) -> Detections:
        """All faces in a (H, W, 3) uint8 picture, best score first.

        Raises:
            DetectorError: ONNX Runtime failed on this picture.
        """
        picture = GrayPyramid.of(image)
        height, width = picture.shape
        scale = min(1.0, self._long_side / max(height, width))
        return self.detect_part(picture, (0, 0, width, height), scale)

    def detect_part(
        self, picture: GrayPyramid, rect: Rect, scale: float, turn_deg: float = 0.0
    ) -> Detections:
        """Faces in a part of a frame.

        Args:
            picture: The frame.
            rect: The part, pixels of the frame.
            scale: Of the network's input to the frame.
            turn_deg: The part is turned by this for the network, anticlockwise as it is seen.

        Returns:
            In pixels of the frame, best score first.

        Raises:
            DetectorError: ONNX Runtime failed on this picture.
        """
        left, top, right, bottom = rect
        size = max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale))
        level, have = picture.colour(scale)
        part = level[pixels_of(rect, have)]
        small = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_LINEAR), np.uint8)
        if turn_deg:
            turn = math.radians(abs(turn_deg))
            spans = np.array([[math.cos(turn), math.sin(turn)], [math.sin(turn), math.cos(turn)]])
            whole = spans @ np.array(size)
            small, back = _turned(small, turn_deg, (math.ceil(whole[0]), math.ceil(whole[1])))
            ((boxes, scores),) = self._run(small[None])
            boxes = _moved(boxes, back)
        else:
            ((boxes, scores),) = self._run(small[None])
        return without_doubles(in_frame(boxes, rect, size), scores)

    def look_at(
        self,
        image: Image,
        boxes_xyxy: Boxes,
        side_px: int,
        face_px: int,
        turns_deg: Sequence[float] | None = None,
    ) -> list[Detections]:
        """Faces close to known or supposed ones, in one batch.

        Args:
            image: (H, W, 3) uint8.
            boxes_xyxy: (N, 4) where they are supposed to be.
            side_px: Side of each crop that the network sees, pixels, a multiple of 32.
            face_px: Side of a face there that is as large as its box, pixels.
            turns_deg: Each crop is turned by this, anticlockwise as it is seen; None is not at all.

        Returns:
            For each box the faces in its crop, best score first.

        Raises:
            DetectorError: ONNX Runtime failed on this picture.
        """
        if not len(boxes_xyxy):
            return []
        picture, margin = GrayPyramid.of(image), side_px / face_px
        crops, places = [], []
        for box, turn_deg in zip(boxes_xyxy, turns_deg or [0.0] * len(boxes_xyxy), strict=True):
            level, have = picture.colour(face_px / max(float((box[2:] - box[:2]).mean()), 1.0))
            on_level = (box * np.float32(have)).tolist()
            # What a turned crop shows in its corners lies outside the upright one.
            wider = _TURNED_REACH if turn_deg else 1.0
            taken_px = round(side_px * wider)
            crop, back = face_crop(level, on_level, margin * wider, taken_px), None
            if turn_deg:
                crop, back = _turned(crop, turn_deg, (side_px, side_px))
            crops.append(crop)
            places.append((*square_of(on_level, margin * wider), have, taken_px, back))
        looks = []
        found = self._run(np.stack(crops))
        for (left, top, side, have, taken_px, back), (boxes, scores) in zip(
            places, found, strict=True
        ):
            if back is not None:
                boxes = _moved(boxes, back)
            corner = np.array([left, top, left, top], np.float32)
            boxes = (boxes * np.float32(side / taken_px) + corner) / np.float32(have)
            looks.append(without_doubles(boxes, scores))
        return looks

    def landmarks(self, crops_bgr: NDArray[np.uint8], min_score: float) -> NDArray[np.float32]:
        """Landmarks of the face in the middle of each crop.

        Args:
            crops_bgr: (N, S, S, 3) uint8, see `face_crop`.
            min_score: Least score of the face.

        Returns:
            (N, 5, 2) x and y in pixels of the crop: the eye at the left of a frontal face's
            picture, the other eye, the nose, the corners of the mouth in the same order. NaN where
            no face scores enough.

        Raises:
            DetectorError: ONNX Runtime failed on this picture.
        """
        found = np.full((len(crops_bgr), 5, 2), np.nan, np.float32)
        if not len(crops_bgr):
            return found
        side = crops_bgr.shape[1]
        best = np.full(len(crops_bgr), min_score)
        outputs = self._outputs(crops_bgr, ("cls", "obj", _LANDMARKS))
        for number, stride in enumerate(_STRIDES):
            cls, obj, points = outputs[3 * number : 3 * number + 3]
            scores = np.sqrt(cls * obj)[:, 0]
            places = (np.arange(scores.shape[1]) + 0.5) * stride / side - 0.5
            central = np.abs(places) <= _CENTRE_SHARE
            scores = scores * (central[:, None] & central[None, :])
            for crop, score in enumerate(scores):
                row, column = np.unravel_index(int(score.argmax()), score.shape)
                if score[row, column] >= best[crop]:
                    best[crop] = score[row, column]
                    offsets = points[crop, :, row, column].reshape(5, 2)
                    found[crop] = (offsets + np.array([column, row])) * stride
        return found

    def _run(self, images_bgr: NDArray[np.uint8]) -> list[tuple[Boxes, NDArray[np.float32]]]:
        """Boxes (M, 4) and scores (M,) in each of (N, H, W, 3), the same face many times."""
        outputs = self._outputs(images_bgr, _KINDS)
        scales = [outputs[at : at + 3] for at in range(0, len(outputs), 3)]
        return [
            decode([(cls[n, 0], obj[n, 0], box[n]) for cls, obj, box in scales], self._min_score)
            for n in range(len(images_bgr))
        ]

    def _outputs(
        self, images_bgr: NDArray[np.uint8], kinds: Sequence[str]
    ) -> list[NDArray[np.float32]]:
        """For each stride the maps (N, C, h, w) of these kinds, of (N, H, W, 3)."""
        count, height, width = images_bgr.shape[:3]
        padded = [math.ceil(side / _MULTIPLE_PX) * _MULTIPLE_PX for side in (height, width)]
        batch = np.full((count, 3, *padded), _GREY, np.float32)
        for place, image in zip(batch, images_bgr, strict=True):
            place[:, :height, :width] = raised(image).transpose(2, 0, 1)
        names = [f"{kind}_{stride}" for stride in _STRIDES for kind in kinds]
        try:
            return list(self._session.run(names, {_INPUT: batch}))
        except Exception as error:  # ONNX Runtime's errors have no class in common
            raise DetectorError(
                f"The face detector failed on this picture ({error}).",
                "Try another source or resolution.",
            ) from error


def raised(image_bgr: ImageBgr) -> ImageBgr:
    """A dark (H, W, 3) picture smoothed and brightened, any other one as it is."""
    if sum(cv2.mean(image_bgr)[:3]) >= 3 * _DARK_MEAN:
        return image_bgr
    smooth = cv2.GaussianBlur(image_bgr, (0, 0), _DARK_BLUR_PX)
    peak = float(np.quantile(smooth[::4, ::4], _PEAK_SHARE))
    if peak >= _DARK_PEAK:
        return image_bgr
    gain = min(_MOST_GAIN, _BRIGHT_PEAK / max(peak, 1.0))
    return np.asarray(cv2.convertScaleAbs(smooth, alpha=gain), np.uint8)


def _turned(
    image: ImageBgr, turn_deg: float, size: tuple[int, int]
) -> tuple[ImageBgr, NDArray[np.float64]]:
    """A picture turned about its centre, as wide and high as `size`; and the way back, (2, 3)."""
    height, width = image.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), turn_deg, 1.0)
    turn[0, 2] += (size[0] - width) / 2
    turn[1, 2] += (size[1] - height) / 2
    shown = cv2.warpAffine(image, turn, size, borderValue=(_GREY,) * 3)
    return np.asarray(shown, np.uint8), np.asarray(cv2.invertAffineTransform(turn))


def _moved(boxes: Boxes, back: NDArray[np.float64]) -> Boxes:
    """Square boxes (N, 4) with their centres moved by (2, 3), their sides as they were."""
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    shift = centres @ back[:, :2].T + back[:, 2] - centres
    return np.asarray(boxes + np.tile(shift, 2), np.float32)


def decode(maps: Sequence[Maps], min_score: float) -> tuple[Boxes, NDArray[np.float32]]:
    """Boxes and scores from the network's maps of strides 8, 16 and 32.

    The score is the geometric mean of class and objectness. A box's centre is its place plus an
    offset, in strides; its width and height are exponentials, in strides.

    Args:
        maps: For each stride, see `Maps`.
        min_score: Boxes below are left out.

    Returns:
        (M, 4) square boxes in the framing of the cascade's, pixels of the input, and (M,) scores.
    """
    boxes, scores = [], []
    for stride, (cls, obj, bbox) in zip(_STRIDES, maps, strict=True):
        score = np.sqrt(cls * obj)
        rows, columns = np.nonzero(score >= min_score)
        dx, dy, log_width, log_height = bbox[:, rows, columns]
        centres = np.stack([columns + dx, rows + dy], axis=1) * stride
        halves = (np.exp((log_width + log_height) / 2) * (stride * BOX_SCALE / 2))[:, None]
        boxes.append(np.concatenate([centres - halves, centres + halves], axis=1))
        scores.append(score[rows, columns])
    return np.concatenate(boxes).astype(np.float32), np.concatenate(scores).astype(np.float32)


def without_doubles(boxes_xyxy: Boxes, scores: NDArray[np.float32]) -> Detections:
    """The best box (M, 4) of each face, best score first."""
    best = np.argsort(-scores, kind="stable")[:_MOST_BOXES]
    boxes_xyxy, scores = np.asarray(boxes_xyxy[best], np.float32), scores[best]
    kept = suppress(boxes_xyxy, scores)
    return Detections(boxes_xyxy[kept], scores[kept])


def face_crop(
    image_bgr: ImageBgr, box: Sequence[float], margin: float, side_px: int
) -> NDArray[np.uint8]:
    """The square around a box as (side_px, side_px, 3); `margin` is its side in box sides."""
    square = square_around(image_bgr, box, margin)
    # Halving averages all pixels at a tenth of the cost of averaging by another factor.
    while square.shape[0] >= 2 * side_px:
        half = square.shape[0] // 2
        square = np.asarray(
            cv2.resize(square, (half, half), interpolation=cv2.INTER_AREA), np.uint8
        )
    size = side_px, side_px
    return np.asarray(cv2.resize(square, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def _load(path: Path) -> "onnxruntime.InferenceSession":
    try:  # Imported here: the detector haar does without it in pictures.
        with without_telemetry():
            import onnxruntime
    except ImportError as error:  # not installed, or a library of the system is missing
        raise DetectorError(
            f"Finding faces needs onnxruntime, which cannot be imported ({error}).",
            "Install it with pip, or search pictures with the detector haar.",
        ) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_mem_pattern = False  # one plan for each shape of input costs memory
    options.log_severity_level = 3
    try:
        # Read here: ONNX Runtime cannot open every path that Python can.
        graph = path.read_bytes()
        session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        wanted = {f"{kind}_{stride}" for kind in (*_KINDS, _LANDMARKS) for stride in _STRIDES}
        fits = wanted <= {output.name for output in session.get_outputs()}
        fits = fits and [given.name for given in session.get_inputs()] == [_INPUT]
    except OSError as error:
        raise DetectorError(f"The face detector {path} cannot be read.", _HINT) from error
    except Exception as error:  # ONNX Runtime's errors have no class in common
        _log.info("no face detector from %s: %s", path, error)
        raise DetectorError(f"{path} is not a face detector, or it is damaged.", _HINT) from error
    if not fits:
        raise DetectorError(f"{path} is not YuNet: it has other inputs or outputs.", _HINT)
    return session


_HINT = "Install fer-live again, or choose the detector haar."
