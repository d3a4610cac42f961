"""Augmentation of whole batches, with parameters drawn for each face.

torchvision's v2 transforms draw one set of parameters per call, the same for a whole batch. The
steps here are its flip, affine, jitter and erasing with one draw per face and one resampling, and
mixup and cutmix on vote shares. Random numbers come from torch's global generator, which the
trainer seeds by step, so that a resumed run draws the same numbers as an uninterrupted one.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

_YIQ = ((0.299, 0.587, 0.114), (0.5959, -0.2746, -0.3213), (0.2115, -0.5227, 0.3112))
"""Red, green, blue to luma and two chroma axes; the first row is ITU-R BT.601's luma."""


@dataclass(frozen=True)
class Augmentation:
    """How training faces are varied; the defaults leave out every step but the flip.

    Args:
        flip: Probability of a mirror image.
        rotation_deg: Largest rotation to either side, degrees.
        shift: Largest shift, as a share of the side.
        zoom: Largest change of scale, as a share.
        zoom_extent: Largest change of the visible part's side, as a share: the factor of Keras's
            RandomZoom. With 0.2, 80-120 % of the side is visible, which scales the image by
            1/1.2 to 1/0.8; ``zoom`` 0.2 scales it by 0.8 to 1.2.
        crop: Smallest side of a square cut out at a random place, as a share of the image's
            side; 1 keeps the whole image. 224 of 256 pixels are 0.875.
        shear_deg: Largest horizontal shear to either side, degrees.
        brightness: Largest relative change of brightness.
        contrast: Largest relative change of contrast about the face's mean.
        saturation: Largest relative change of saturation; colour images only.
        hue_deg: Largest rotation of the hue to either side, degrees; colour images only.
        erase: Probability of an erased square.
        erase_share: Smallest and largest area of the square, as shares of the image.
        mixup: Beta parameter of mixup (Zhang et al., 2018).
        cutmix: Beta parameter of cutmix (Yun et al., 2019); with both, each batch draws one.
    """

    flip: float = 0.5
    rotation_deg: float = 0.0
    shift: float = 0.0
    zoom: float = 0.0
    shear_deg: float = 0.0
    brightness: float = 0.0
    contrast: float = 0.0
    erase: float = 0.0
    erase_share: tuple[float, float] = (0.02, 0.2)
    mixup: float = 0.0
    cutmix: float = 0.0
    zoom_extent: float = 0.0
    crop: float = 1.0
    saturation: float = 0.0
    hue_deg: float = 0.0

    @property
    def is_geometric(self) -> bool:
        """True if faces are flipped, rotated, shifted, scaled, cropped or sheared."""
        steps = (self.flip, self.rotation_deg, self.shift, self.zoom, self.shear_deg)
        return any((*steps, self.zoom_extent, self.crop < 1))


def augment(images: Tensor, how: Augmentation, size: int) -> Tensor:
    """Varies a batch and resizes it to the network's input in one sampling step.

    Mixed precision is off here: bfloat16 coordinates would move pixels by up to 1/256 of a side.

    Args:
        images: (N, C, S, S) float32 in 0-1; three channels are red, green, blue.
        how: What to vary and how far.
        size: Side of the result, pixels.

    Returns:
        (N, C, size, size) float32 in 0-1.
    """
    if not len(images):
        return images.new_zeros((0, images.shape[1], size, size))
    with torch.autocast(images.device.type, enabled=False):
        return _varied(images, how, size)


def _varied(images: Tensor, how: Augmentation, size: int) -> Tensor:
    n = len(images)
    if how.is_geometric:
        theta = _affine(n, how, images.device)
        grid = F.affine_grid(theta, [n, images.shape[1], size, size], align_corners=False)
        images = F.grid_sample(images, grid, padding_mode="reflection", align_corners=False)
    else:
        images = resize(images, size)
    if how.brightness or how.contrast:
        gain = (1 + _uniform(n, how.contrast, images.device))[:, None, None, None]
        light = (1 + _uniform(n, how.brightness, images.device))[:, None, None, None]
        mean = images.mean(dim=(1, 2, 3), keepdim=True)
        images = ((images - mean) * gain + mean * light).clamp_(0, 1)
    if (how.saturation or how.hue_deg) and images.shape[1] == 3:
        images = _tint(images, how)
    if how.erase:
        images = _erase(images, how)
    return images


def mix(images: Tensor, targets: dict[str, Tensor], how: Augmentation) -> Tensor:
    """Mixes each face with the one before it in the batch, and its targets in the same proportion.

    Args:
        images: (N, C, H, W) float.
        targets: (N, K) distributions by head name, changed in place.
        how: Its `mixup` and `cutmix`.

    Returns:
        (N, C, H, W): the mixed images, or `images` if both are switched off.
    """
    choices = [(name, a) for name, a in (("mixup", how.mixup), ("cutmix", how.cutmix)) if a > 0]
    if not choices:
        return images
    name, alpha = choices[int(torch.randint(len(choices), ()))]
    share = float(torch._sample_dirichlet(torch.tensor([alpha, alpha]))[0])
    other = images.roll(1, 0)
    if name == "mixup":
        images = images * share + other * (1 - share)
    else:
        h, w = images.shape[-2:]
        cut = math.sqrt(1 - share)
        cy, cx = int(torch.randint(h, ())), int(torch.randint(w, ()))
        y0, y1 = max(cy - int(h * cut / 2), 0), min(cy + int(h * cut / 2), h)
        x0, x1 = max(cx - int(w * cut / 2), 0), min(cx + int(w * cut / 2), w)
        images = images.clone()
        images[:, :, y0:y1, x0:x1] = other[:, :, y0:y1, x0:x1]
        share = 1 - (y1 - y0) * (x1 - x0) / (h * w)
    for target in targets.values():
        target.copy_(target * share + target.roll(1, 0) * (1 - share))
    return images


def resize(images: Tensor, size: int) -> Tensor:
    """Resizes a float batch (N, C, H, W) to (N, C, size, size), antialiased when it shrinks."""
    if images.shape[-1] == size and images.shape[-2] == size:
        return images
    return F.interpolate(images, (size, size), mode="bilinear", antialias=True)


def to_channels(images: Tensor, channels: int) -> Tensor:
    """Converts a batch (N, C, H, W) to 1 or 3 channels.

    Grey is repeated; red, green, blue become luma (ITU-R BT.601), as in OpenCV.
    """
    if images.shape[1] == channels:
        return images
    if channels == 3:
        return images.expand(-1, 3, -1, -1)
    weights = images.new_tensor(_YIQ[0]).view(1, 3, 1, 1)
    return (images * weights).sum(1, keepdim=True)


def _uniform(n: int, limit: float, device: torch.device) -> Tensor:
    return (torch.rand(n, device=device) * 2 - 1) * limit


def _affine(n: int, how: Augmentation, device: torch.device) -> Tensor:
    """(N, 2, 3) maps from output to input coordinates, both -1 to 1 across the image."""
    angle = _uniform(n, math.radians(how.rotation_deg), device)
    shear = _uniform(n, math.tan(math.radians(how.shear_deg)), device)
    scale = 1 / (1 + _uniform(n, how.zoom, device))
    mirror = torch.where(torch.rand(n, device=device) < how.flip, -1.0, 1.0)
    shift = [_uniform(n, 2 * how.shift, device), _uniform(n, 2 * how.shift, device)]
    if how.zoom_extent:
        scale = scale * (1 + _uniform(n, how.zoom_extent, device))
    if how.crop < 1:
        side = how.crop + torch.rand(n, device=device) * (1 - how.crop)
        scale = scale * side
        shift = [s + _uniform(n, 1, device) * (1 - side) for s in shift]
    cos, sin = torch.cos(angle) * scale, torch.sin(angle) * scale
    # Rotate and scale, then shear x by y, then mirror x.
    theta = torch.stack(
        [
            torch.stack([mirror * (cos + shear * sin), mirror * (shear * cos - sin)], 1),
            torch.stack([sin, cos], 1),
        ],
        1,
    )
    return torch.cat([theta, torch.stack(shift, 1)[..., None]], 2)


def _tint(images: Tensor, how: Augmentation) -> Tensor:
    """Changes saturation and hue in the chroma plane of YIQ, the NTSC colour space."""
    n, device = len(images), images.device
    gain = 1 + _uniform(n, how.saturation, device)
    angle = _uniform(n, math.radians(how.hue_deg), device)
    cos, sin = torch.cos(angle) * gain, torch.sin(angle) * gain
    none, one = torch.zeros_like(cos), torch.ones_like(cos)
    turn = torch.stack([one, none, none, none, cos, -sin, none, sin, cos], 1).view(n, 3, 3)
    to_yiq = images.new_tensor(_YIQ)
    matrix = torch.linalg.inv(to_yiq) @ turn.to(images.dtype) @ to_yiq
    return torch.einsum("nij,njhw->nihw", matrix, images).clamp_(0, 1)


def _erase(images: Tensor, how: Augmentation) -> Tensor:
    n, _, h, w = images.shape
    device = images.device
    low, high = how.erase_share
    area = low + torch.rand(n, device=device) * (high - low)
    half = (area.sqrt() / 2)[:, None, None]
    cy, cx = torch.rand(2, n, 1, 1, device=device)
    ys = ((torch.arange(h, device=device) + 0.5) / h)[None, :, None]
    xs = ((torch.arange(w, device=device) + 0.5) / w)[None, None, :]
    chosen = (torch.rand(n, device=device) < how.erase)[:, None, None]
    hole = (((ys - cy).abs() < half) & ((xs - cx).abs() < half) & chosen)[:, None]
    return torch.where(hole, torch.rand_like(images), images)
