import io

import cv2
import numpy as np
import pytest
from PIL import Image
from skimage import data

from fer_live.capture.decode import (
    DamagedPictureError,
    NotAPictureError,
    TooManyPixelsError,
    decode_picture,
)

PORTRAIT = data.astronaut()[:200, 100:400]


def encoded(image, kind, **options):
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("kind", "tolerance"),
    [("JPEG", 3), ("PNG", 0), ("WEBP", 4), ("BMP", 0), ("TIFF", 0), ("AVIF", 4), ("PPM", 0),
     ("JPEG2000", 0), ("GIF", 25)],
)  # fmt: skip
def test_every_kind_gives_its_colours(kind, tolerance):
    picture = decode_picture(encoded(Image.fromarray(PORTRAIT), kind))
    assert not picture.animated
    difference = np.abs(picture.image_bgr[..., ::-1].astype(int) - PORTRAIT)
    assert difference.mean() <= tolerance


def test_sixteen_bits_become_eight_in_grey_and_colour():
    for image in (PORTRAIT[..., 0], PORTRAIT[..., ::-1]):
        coded = cv2.imencode(".png", image.astype(np.uint16) * 257)[1].tobytes()
        decoded = decode_picture(coded).image_bgr
        expected = image if image.ndim == 3 else np.repeat(image[..., None], 3, 2)
        assert np.abs(decoded.astype(int) - expected).max() <= 1


def test_grey_and_cmyk_become_colour():
    for mode in ("L", "CMYK"):
        decoded = decode_picture(encoded(Image.fromarray(PORTRAIT).convert(mode), "JPEG"))
        assert decoded.image_bgr.shape == PORTRAIT.shape
        assert abs(decoded.image_bgr.mean() - PORTRAIT.mean()) < 6


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_what_is_transparent_becomes_white_whatever_is_hidden_there(mode):
    alpha = np.zeros(PORTRAIT.shape[:2], np.uint8)
    alpha[:100] = 255
    image = Image.fromarray(np.dstack([PORTRAIT, alpha])).convert(mode)
    decoded = decode_picture(encoded(image, "PNG")).image_bgr
    assert (decoded[100:] == 255).all()
    expected = np.asarray(Image.fromarray(PORTRAIT).convert(mode[:-1]).convert("RGB"))[:100]
    assert np.array_equal(decoded[:100, :, ::-1], expected)


def test_a_transparent_palette_colour_becomes_white():
    image = Image.new("P", (8, 8), 1)
    image.putpalette([0, 0, 0, 10, 200, 10])
    image.paste(0, (0, 0, 4, 8))
    decoded = decode_picture(encoded(image, "PNG", transparency=0)).image_bgr
    assert (decoded[:, :4] == 255).all()
    assert (decoded[:, 4:] == (10, 200, 10)).all()


@pytest.mark.parametrize(("kind", "mode"), [("JPEG", "RGB"), ("PNG", "RGB"), ("PNG", "RGBA")])
def test_a_turned_camera_gives_an_upright_picture(kind, mode):
    exif = Image.Exif()
    exif[0x0112] = 6
    decoded = decode_picture(encoded(Image.fromarray(PORTRAIT).convert(mode), kind, exif=exif))
    upright = np.rot90(PORTRAIT, -1)
    assert decoded.image_bgr.shape == upright.shape
    assert np.abs(decoded.image_bgr[..., ::-1].astype(int) - upright).mean() < 4


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_picture_is_taken(kind):
    first, second = Image.new("RGB", (32, 24), "red"), Image.new("RGB", (32, 24), "blue")
    picture = decode_picture(encoded(first, kind, save_all=True, append_images=[second]))
    assert picture.animated
    assert np.abs(picture.image_bgr[12, 16].astype(int) - (0, 0, 255)).max() < 8


def test_a_phones_second_exposure_is_no_animation():
    image = Image.fromarray(PORTRAIT)
    coded = encoded(image, "MPO", save_all=True, append_images=[image])
    assert not decode_picture(coded).animated


@pytest.mark.parametrize("content", [b"", b"words", b"\xff\xd8\xff", b"<svg></svg>", b"%PDF-1.7"])
def test_what_is_no_picture_is_refused(content):
    with pytest.raises(NotAPictureError, match="not a picture"):
        decode_picture(content)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_picture_that_is_cut_off_is_refused(kind, mode):
    image = Image.fromarray(PORTRAIT).convert("RGB" if kind in ("JPEG", "BMP") else mode)
    whole = encoded(image, kind)
    with pytest.raises((DamagedPictureError, NotAPictureError)):
        decode_picture(whole[: len(whole) * 2 // 3])


def test_a_large_picture_is_refused_before_it_is_decoded():
    # Fifty kilobytes that would be 1.2 gigabytes: a decompression bomb.
    bomb = encoded(Image.new("1", (20_000, 20_000)), "PNG")
    assert len(bomb) < 60_000
    with pytest.raises(TooManyPixelsError, match="20000 x 20000"):
        decode_picture(bomb, max_pixels=64_000_000)
    small = encoded(Image.new("L", (11, 10)), "PNG")
    assert decode_picture(small, max_pixels=110).image_bgr.shape == (10, 11, 3)
    with pytest.raises(TooManyPixelsError):
        decode_picture(small, max_pixels=109)
