"""What cameras and rooms do to a face: light, cover, blur, few pixels, noise, compression.

Works on faces as they are in the data (FER2013: 48 pixels), before they are enlarged for the
network, because noise, blur and JPEG blocks have sizes in camera pixels. OpenCV does each step on
one face; a face costs about 0.1 ms.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Face = NDArray[np.uint8]
"""(S, S) grey or (S, S, 3) colour."""

EYES_SHARE = 0.4
"""How many of the bars cover the eyes; the others cover the lower face."""

FULL_FACE = 48
"""Side of the faces that blur radii and small sides below are given for, pixels."""


@dataclass(frozen=True)
class Degradation:
    """How training faces are degraded; ``share`` 0 switches it off.

    Each step below is drawn on its own for a chosen face, with its probability; the pairs are the
    smallest and largest strength.

    Args:
        share: Probability that a face is degraded at all.
        light, gamma, gain, contrast: A gamma curve or a factor on the brightness, and a factor on
            the contrast about the face's mean.
        shade, shade_depth: Side light, or the shadow of an edge: a ramp that darkens part of the
            face to 1 minus this share.
        cover: An opaque bar over the lower face (a mask, a hand) or the eyes (sunglasses).
        blur, blur_sigma: Defocus, Gaussian, pixels of a 48-pixel face; or as often a motion blur
            of about the same width.
        shrink, shrink_side: Fewer pixels: scaled down to a side of so many, and back.
        noise, noise_sigma: Gaussian noise of the sensor, levels of 255.
        shot, shot_sigma: Poisson noise: its deviation at full white, levels of 255.
        jpeg, jpeg_quality: Compression.
    """

    share: float = 0.0
    light: float = 0.4
    gamma: tuple[float, float] = (0.6, 1.7)
    gain: tuple[float, float] = (0.4, 1.8)
    contrast: tuple[float, float] = (0.5, 1.5)
    shade: float = 0.25
    shade_depth: tuple[float, float] = (0.2, 0.8)
    cover: float = 0.15
    blur: float = 0.25
    blur_sigma: tuple[float, float] = (0.4, 2.4)
    shrink: float = 0.25
    shrink_side: tuple[float, float] = (14, 40)
    noise: float = 0.3
    noise_sigma: tuple[float, float] = (2, 35)
    shot: float = 0.15
    shot_sigma: tuple[float, float] = (3, 30)
    jpeg: float = 0.3
    jpeg_quality: tuple[float, float] = (5, 60)


def degrade(faces: Face, how: Degradation, rng: np.random.Generator) -> Face:
    """Degrades some of a batch of faces.

    Args:
        faces: (N, S, S) or (N, S, S, 3) uint8.
        how: Which steps, how often and how strong.
        rng: Source of randomness.

    Returns:
        A copy of the same shape.
    """
    result = faces.copy()
    for row in np.flatnonzero(rng.random(len(faces)) < how.share):
        result[row] = _degraded(result[row], how, rng)
    return result


def _degraded(face: Face, how: Degradation, rng: np.random.Generator) -> Face:
    light, shade, cover, blur, shrink, noise, shot, jpeg = rng.random(8) < (
        how.light,
        how.shade,
        how.cover,
        how.blur,
        how.shrink,
        how.noise,
        how.shot,
        how.jpeg,
    )
    if light:
        # Gamma or gain, not both: two dark draws on top of each other leave a black face.
        curved = rng.random() < 0.5
        gamma = _factor(rng, how.gamma) if curved else 1.0
        gain = 1.0 if curved else _factor(rng, how.gain)
        face = relight(face, gamma, gain, _factor(rng, how.contrast))
    if shade:
        face = shaded(
            face,
            angle_deg=rng.uniform(0, 360),
            depth=rng.uniform(*how.shade_depth),
            edge=rng.uniform(-0.5, 0.7),
            softness=rng.uniform(0.05, 1.0),
        )
    if cover:
        top, bottom = rng.uniform(0.52, 0.72), 1.0
        if rng.random() < EYES_SHARE:
            top = rng.uniform(0.18, 0.32)
            bottom = top + rng.uniform(0.12, 0.25)
        sides = (rng.uniform(0, 0.2), rng.uniform(0.8, 1))
        face = covered(face, (top, bottom), sides, int(rng.integers(256)))
    if blur:
        sigma = rng.uniform(*how.blur_sigma)
        moving = rng.random() < 0.5
        face = (
            motion_blurred(face, 3 * sigma, rng.uniform(0, 180)) if moving else blurred(face, sigma)
        )
    if shrink:
        face = few_pixels(face, round(rng.uniform(*how.shrink_side)), cubic=rng.random() < 0.5)
    if noise or shot:
        sigma = rng.uniform(*how.noise_sigma) if noise else 0.0
        face = noisy(face, sigma, rng.uniform(*how.shot_sigma) if shot else 0.0, rng)
    if jpeg:
        face = compressed(face, round(rng.uniform(*how.jpeg_quality)))
    return face


def relight(face: Face, gamma: float, gain: float, contrast: float) -> Face:
    """Changes gamma, then brightness by a factor, then contrast about the mean."""
    curve = (np.arange(256) / 255) ** gamma * gain
    mean = curve[face].mean()
    curve = (curve - mean) * contrast + mean
    table = np.clip(curve * 255 + 0.5, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(face, table), np.uint8)


def shaded(face: Face, angle_deg: float, depth: float, edge: float, softness: float) -> Face:
    """Darkens one side of the face.

    Args:
        face: The face.
        angle_deg: Direction of the dark side.
        depth: Share of the light taken away in the dark.
        edge: Where the shadow begins, from -1 to 1 across the face.
        softness: Width of the edge, in the same unit.
    """
    places = np.linspace(-1, 1, len(face))
    angle = np.radians(angle_deg)
    across = places[None] * np.cos(angle) + places[:, None] * np.sin(angle)
    light = 1 - depth * np.clip((across - edge) / softness + 0.5, 0, 1)
    return np.asarray(face * (light if face.ndim == 2 else light[..., None]), np.uint8)


def covered(
    face: Face, rows: tuple[float, float], columns: tuple[float, float], level: int
) -> Face:
    """Covers the face with an opaque bar.

    Args:
        face: The face.
        rows, columns: First and last of the bar, as shares of the side.
        level: Its grey level, 0-255.
    """
    (top, bottom), (left, right) = (np.array([rows, columns]) * len(face)).round().astype(int)
    result = face.copy()
    result[top:bottom, left:right] = level
    return result


def blurred(face: Face, sigma: float) -> Face:
    """Defocus: a Gaussian blur of this deviation, pixels of a 48-pixel face."""
    return np.asarray(cv2.GaussianBlur(face, (0, 0), sigma * len(face) / FULL_FACE), np.uint8)


def motion_blurred(face: Face, length: float, angle_deg: float) -> Face:
    """Smears the face along a straight line.

    Args:
        face: The face.
        length: Length of the line, pixels of a 48-pixel face.
        angle_deg: Its direction.
    """
    length *= len(face) / FULL_FACE
    side = int(np.ceil(length)) | 1
    along = np.abs(np.arange(side) - side // 2)
    kernel = np.zeros((side, side), np.float32)
    kernel[side // 2] = np.clip((length + 1) / 2 - along, 0, 1)
    turn = cv2.getRotationMatrix2D((side // 2, side // 2), angle_deg, 1)
    kernel = np.asarray(cv2.warpAffine(kernel, turn, (side, side)), np.float32)
    kernel /= max(float(kernel.sum()), 1e-6)
    return np.asarray(cv2.filter2D(face, -1, kernel, borderType=cv2.BORDER_REPLICATE), np.uint8)


def few_pixels(face: Face, side: int, *, cubic: bool = False) -> Face:
    """Scales the face down to a side of so many pixels and back, if it has more."""
    full = len(face)
    if side >= full:
        return face
    small = cv2.resize(face, (side, side), interpolation=cv2.INTER_AREA)
    how = cv2.INTER_CUBIC if cubic else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(small, (full, full), interpolation=how), np.uint8)


def noisy(face: Face, sigma: float, shot_sigma: float, rng: np.random.Generator) -> Face:
    """Adds a sensor's noise.

    Args:
        face: The face.
        sigma: Deviation of the Gaussian part, levels of 255.
        shot_sigma: Deviation of the Poisson part at full white; it falls as the root of the light.
        rng: Draws the noise.
    """
    light = face.astype(np.float32)
    deviation = np.sqrt(sigma**2 + shot_sigma**2 * light / 255)
    light += rng.standard_normal(face.shape, np.float32) * deviation
    return np.asarray(np.clip(light + 0.5, 0, 255), np.uint8)


def compressed(face: Face, quality: int) -> Face:
    """Encodes and decodes the face as JPEG."""
    done, code = cv2.imencode(".jpg", face, [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done
    how = cv2.IMREAD_GRAYSCALE if face.ndim == 2 else cv2.IMREAD_COLOR
    return np.asarray(cv2.imdecode(code, how), np.uint8)


def moved(face: Face, *, angle_deg: float = 0.0, shift: float = 0.0, scale: float = 1.0) -> Face:
    """Turns, shifts and scales the face, as a crop that is cut askew; edges are repeated.

    Args:
        face: The face.
        angle_deg: Counter-clockwise.
        shift: To the right and down, as a share of the side.
        scale: Above 1 the face is larger in the crop.
    """
    side = len(face)
    matrix = cv2.getRotationMatrix2D(((side - 1) / 2, (side - 1) / 2), angle_deg, scale)
    matrix = matrix + np.array([[0, 0, shift * side]] * 2)
    turned = cv2.warpAffine(face, matrix, (side, side), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(turned, np.uint8)


def _factor(rng: np.random.Generator, limits: tuple[float, float]) -> float:
    """A draw between two factors, as often below as above their geometric mean."""
    return float(np.exp(rng.uniform(*np.log(limits))))
