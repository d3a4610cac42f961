import contextlib
import io
import struct
import subprocess
import sys
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps
from skimage import data

from fer_live.capture.decode import (
    FORMATS,
    DamagedImageError,
    NotAnImageError,
    TooManyPixelsError,
    decode_image,
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
    picture = decode_image(encoded(Image.fromarray(PORTRAIT), kind))
    assert not picture.animated
    difference = np.abs(picture.image_bgr[..., ::-1].astype(int) - PORTRAIT)
    assert difference.mean() <= tolerance


def test_sixteen_bits_become_eight_in_grey_and_colour():
    for image in (PORTRAIT[..., 0], PORTRAIT[..., ::-1]):
        coded = cv2.imencode(".png", image.astype(np.uint16) * 257)[1].tobytes()
        decoded = decode_image(coded).image_bgr
        expected = image if image.ndim == 3 else np.repeat(image[..., None], 3, 2)
        assert np.abs(decoded.astype(int) - expected).max() <= 1


def test_grey_and_cmyk_become_colour():
    for mode in ("L", "CMYK"):
        decoded = decode_image(encoded(Image.fromarray(PORTRAIT).convert(mode), "JPEG"))
        assert decoded.image_bgr.shape == PORTRAIT.shape
        assert abs(decoded.image_bgr.mean() - PORTRAIT.mean()) < 6


def test_deep_grey_keeps_its_levels_and_what_is_transparent():
    levels = np.array([[0, 128, 255], [64, 200, 7]], np.uint8)
    deep = levels.astype(np.uint16) * 257
    clear = encoded(Image.fromarray(deep), "PNG", transparency=128 * 257)
    for coded in (
        clear,
        encoded(Image.fromarray(deep), "TIFF"),
        encoded(Image.fromarray((levels / 255).astype(np.float32)), "TIFF"),
        encoded(Image.fromarray(levels.astype(np.float32)), "TIFF"),
    ):
        expected = levels.astype(int)
        if coded is clear:
            expected[0, 1] = 255
        decoded = decode_image(coded).image_bgr
        assert np.abs(decoded - expected[..., None]).max() <= 1


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_what_is_transparent_becomes_white_whatever_is_hidden_there(mode):
    alpha = np.zeros(PORTRAIT.shape[:2], np.uint8)
    alpha[:100] = 255
    image = Image.fromarray(np.dstack([PORTRAIT, alpha])).convert(mode)
    decoded = decode_image(encoded(image, "PNG")).image_bgr
    assert (decoded[100:] == 255).all()
    expected = np.asarray(Image.fromarray(PORTRAIT).convert(mode[:-1]).convert("RGB"))[:100]
    assert np.array_equal(decoded[:100, :, ::-1], expected)


def test_a_transparent_palette_colour_becomes_white():
    image = Image.new("P", (8, 8), 1)
    image.putpalette([0, 0, 0, 10, 200, 10])
    image.paste(0, (0, 0, 4, 8))
    decoded = decode_image(encoded(image, "PNG", transparency=0)).image_bgr
    assert (decoded[:, :4] == 255).all()
    assert (decoded[:, 4:] == (10, 200, 10)).all()


@pytest.mark.parametrize(("kind", "mode"), [("JPEG", "RGB"), ("PNG", "RGB"), ("PNG", "RGBA")])
def test_a_turned_camera_gives_an_upright_picture(kind, mode):
    exif = Image.Exif()
    exif[0x0112] = 6
    decoded = decode_image(encoded(Image.fromarray(PORTRAIT).convert(mode), kind, exif=exif))
    upright = np.rot90(PORTRAIT, -1)
    assert decoded.image_bgr.shape == upright.shape
    assert np.abs(decoded.image_bgr[..., ::-1].astype(int) - upright).mean() < 4


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_picture_is_taken(kind):
    first, second = Image.new("RGB", (32, 24), "red"), Image.new("RGB", (32, 24), "blue")
    picture = decode_image(encoded(first, kind, save_all=True, append_images=[second]))
    assert picture.animated
    assert np.abs(picture.image_bgr[12, 16].astype(int) - (0, 0, 255)).max() < 8


def test_a_phones_second_exposure_is_no_animation():
    image = Image.fromarray(PORTRAIT)
    coded = encoded(image, "MPO", save_all=True, append_images=[image])
    assert not decode_image(coded).animated


@pytest.mark.parametrize("content", [b"", b"words", b"\xff\xd8\xff", b"<svg></svg>", b"%PDF-1.7"])
def test_what_is_no_picture_is_refused(content):
    with pytest.raises(NotAnImageError, match="not a picture"):
        decode_image(content)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_picture_that_is_cut_off_is_refused(kind, mode):
    image = Image.fromarray(PORTRAIT).convert("RGB" if kind in ("JPEG", "BMP") else mode)
    whole = encoded(image, kind)
    with pytest.raises((DamagedImageError, NotAnImageError)):
        decode_image(whole[: len(whole) * 2 // 3])


@pytest.mark.parametrize("kind", [*FORMATS, "animated GIF"])
def test_bytes_changed_at_random_never_cost_more_than_the_picture(kind):
    image, options = Image.fromarray(PORTRAIT[:64, 50:114]), {}
    if kind == "animated GIF":
        kind, options = "GIF", {"save_all": True, "append_images": [image.rotate(20)]}
    whole, rng = encoded(image, kind, **options), np.random.default_rng(5)
    read = 0
    for _ in range(150):
        changed = np.frombuffer(whole, np.uint8).copy()
        end = len(changed) if rng.random() < 0.4 else min(len(changed), 400)
        places = rng.integers(0, end, rng.integers(1, 20))
        changed[places] = rng.choice([0, 127, 255, *rng.integers(0, 256, 3)], len(places))
        with contextlib.suppress(DamagedImageError, NotAnImageError, TooManyPixelsError):
            read += decode_image(changed.tobytes(), 10_000).image_bgr.size > 0
    assert read < 150


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_damaged_exif_is_no_damage_to_the_picture():
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "maker"
    coded = bytearray(encoded(Image.fromarray(PORTRAIT), "JPEG", exif=exif))
    begin = coded.index(b"Exif") + 6
    rng = np.random.default_rng(0)
    for _ in range(500):
        changed = bytearray(coded)
        for place in rng.integers(8, 40, 3):
            changed[begin + place] = int(rng.integers(0, 256))
        assert decode_image(bytes(changed)).image_bgr.size == PORTRAIT.size


@pytest.mark.skipif(sys.platform == "win32", reason="Windows counts memory in another way")
def test_a_png_that_lies_about_its_length_takes_no_memory():
    import resource

    coded = bytearray(encoded(Image.new("L", (64, 64)), "PNG"))
    coded[coded.index(b"IDAT") - 4] = 0xFF
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with contextlib.suppress(DamagedImageError):
        decode_image(bytes(coded))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown * (1 if sys.platform == "darwin" else 1024) < 500e6


def test_a_large_picture_is_refused_before_it_is_decoded():
    # Fifty kilobytes that would be 1.2 gigabytes: a decompression bomb.
    bomb = encoded(Image.new("1", (20_000, 20_000)), "PNG")
    assert len(bomb) < 60_000
    with pytest.raises(TooManyPixelsError, match="20000 x 20000"):
        decode_image(bomb, max_pixels=64_000_000)
    small = encoded(Image.new("L", (11, 10)), "PNG")
    assert decode_image(small, max_pixels=110).image_bgr.shape == (10, 11, 3)
    with pytest.raises(TooManyPixelsError):
        decode_image(small, max_pixels=109)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "AVIF", "PPM"])
def test_the_limit_of_other_users_of_pillow_does_not_count_and_stays(monkeypatch, kind):
    coded = encoded(Image.new("RGB", (40, 30), "red"), kind)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    assert decode_image(coded).image_bgr.shape == (30, 40, 3)
    assert Image.MAX_IMAGE_PIXELS == 10


@pytest.mark.parametrize("kind", ["WEBP", "TIFF"])
def test_what_pillow_itself_finds_too_large_is_not_called_damaged(monkeypatch, kind):
    coded = encoded(Image.new("RGB", (40, 30), "red"), kind)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    with pytest.raises(TooManyPixelsError, match="Pillow"):
        decode_image(coded)


MEASURE = """
import re, sys
from pathlib import Path
from fer_live.capture.image_folder import load_image
def peak():
    return 1024 * int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
before = peak()
image = load_image(Path(sys.argv[1]))
print(*image.shape, peak() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
@pytest.mark.parametrize("mode", ["RGBA", "P", "I;16", "WebP"])
def test_the_largest_picture_that_is_read_takes_less_than_a_gigabyte(tmp_path, mode):
    path = tmp_path / "large.png"
    if mode == "WebP":
        # Written in a process of its own: writing takes more memory than reading.
        path = path.with_suffix(".webp")
        write = "import sys; from PIL import Image; "
        write += "Image.new('RGB', (9000, 9000)).save(sys.argv[1], method=0)"
        subprocess.run([sys.executable, "-c", write, str(path)], check=True)
    elif mode == "I;16":
        Image.fromarray(np.zeros((9000, 9000), np.uint16)).save(path, compress_level=1)
    else:
        Image.new(mode, (9000, 9000)).save(path, compress_level=1)
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, check=True
    )
    height, width, channels, grown = map(int, done.stdout.split())
    side = 4500 if mode == "WebP" else 9000
    assert (height, width, channels) == (side, side, 3)
    assert grown < 1e9


@pytest.mark.parametrize(
    ("mode", "width", "height"),
    [("P", 16384, 16384), ("1", 1, 1 << 28), ("I;16", 9500, 9500)],
    ids=["palette", "thin", "16 bits"],
)
def test_small_files_of_huge_pictures_are_refused_by_default_and_the_limit_is_named(
    mode, width, height
):
    image = (
        Image.fromarray(np.zeros((4, 4), np.uint16)) if mode == "I;16" else Image.new(mode, (4, 4))
    )
    coded = bytearray(encoded(image, "PNG"))
    # Only the header claims the size, which costs the test no memory: eight bytes of signature,
    # length and name of the chunk IHDR, its 13 bytes, their checksum.
    coded[16:24] = struct.pack(">II", width, height)
    coded[29:33] = struct.pack(">I", zlib.crc32(coded[12:29]))
    with pytest.raises(TooManyPixelsError, match=r"89 million allowed.*--max-megapixels"):
        decode_image(bytes(coded))


def test_a_format_that_takes_more_memory_has_a_lower_limit():
    coded = encoded(Image.new("RGB", (100, 100)), "WEBP")
    with pytest.raises(TooManyPixelsError, match="allowed for WEBP"):
        decode_image(coded, max_pixels=12_000, reduce=False)
    assert decode_image(coded, max_pixels=15_000).image_bgr.shape == (100, 100, 3)


@pytest.mark.parametrize(("most", "reduced"), [(90_000, 1), (50_000, 2)])
@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize("how", ["lossy", "lossless", "transparent"])
def test_a_webp_over_the_limit_is_read_at_reduced_size(how, orientation, most, reduced):
    image, exif = Image.fromarray(PORTRAIT), Image.Exif()
    exif[0x0112] = orientation
    if how == "transparent":
        image.putalpha(Image.linear_gradient("L").resize(image.size))
    coded = encoded(image, "WEBP", quality=95, lossless=how == "lossless", exif=exif)
    whole = decode_image(coded).image_bgr
    decoded = decode_image(coded, most)
    assert decoded.reduced == reduced
    height, width = (-(-side // reduced) for side in whole.shape[:2])
    assert decoded.image_bgr.shape == (height, width, 3)
    expected = cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA)
    assert np.abs(decoded.image_bgr.astype(int) - expected).mean() < 4


def test_a_webp_that_cannot_be_read_at_reduced_size_is_refused():
    coded = encoded(Image.fromarray(PORTRAIT), "WEBP")
    with pytest.raises(TooManyPixelsError, match="allowed for WEBP"):
        decode_image(coded, 35_000)
    moving = encoded(
        Image.fromarray(PORTRAIT), "WEBP", save_all=True,
        append_images=[Image.fromarray(PORTRAIT[::-1].copy())],
    )  # fmt: skip
    with pytest.raises(TooManyPixelsError, match="allowed for WEBP"):
        decode_image(moving, 50_000)
    with pytest.raises(NotAnImageError):
        decode_image(coded[: len(coded) // 3], 50_000)


@pytest.mark.parametrize(
    ("mode", "most", "reduced"), [("RGB", 60_000, 1), ("RGB", 20_000, 2), ("L", 14_000, 4)]
)
def test_a_jpeg_over_the_limit_is_read_at_reduced_size(mode, most, reduced):
    coded = encoded(Image.fromarray(PORTRAIT).convert(mode), "JPEG", quality=95)
    whole = decode_image(coded).image_bgr
    decoded = decode_image(coded, most)
    assert decoded.reduced == reduced
    height, width = (-(-side // reduced) for side in PORTRAIT.shape[:2])
    assert decoded.image_bgr.shape == (height, width, 3)
    expected = cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA)
    assert np.abs(decoded.image_bgr.astype(int) - expected).mean() < 3


def test_a_jpeg_of_which_even_a_part_takes_too_much_memory_is_refused():
    coded = encoded(Image.fromarray(PORTRAIT), "JPEG", progressive=True, subsampling=0)
    with pytest.raises(TooManyPixelsError):  # libjpeg holds three samples of each pixel
        decode_image(coded, 20_000)


def test_a_jpeg_over_the_limit_is_refused_where_its_size_counts():
    coded = encoded(Image.fromarray(PORTRAIT), "JPEG")
    with pytest.raises(TooManyPixelsError, match="300 x 200"):
        decode_image(coded, 20_000, reduce=False)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_turned_as_pillow_turns_it(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    coded = encoded(Image.fromarray(PORTRAIT), "PNG", exif=exif)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(coded))))
    assert np.array_equal(decode_image(coded).image_bgr[..., ::-1], expected)


def test_an_image_of_many_blocks_keeps_every_pixel():
    rng = np.random.default_rng(3)
    for shape in ((1, 1_500_000, 3), (1_500_000, 1, 3), (1100, 1300, 3)):
        image = rng.integers(0, 256, shape, np.uint8)
        coded = encoded(Image.fromarray(image), "PPM")
        assert np.array_equal(decode_image(coded).image_bgr[..., ::-1], image)


def test_a_heic_picture_is_read_upright_and_changes_nothing_in_pillow():
    heif = pytest.importorskip("pillow_heif")
    exif = Image.Exif()
    exif[0x0112] = 6
    stream = io.BytesIO()
    heif.from_pillow(Image.fromarray(PORTRAIT)).save(stream, quality=95, exif=exif.tobytes())
    Image.init()
    known = dict(Image.OPEN)
    decoded = decode_image(stream.getvalue())
    assert known == Image.OPEN
    upright = np.rot90(PORTRAIT, -1)
    assert not decoded.animated
    assert decoded.image_bgr.shape == upright.shape
    assert np.abs(decoded.image_bgr[..., ::-1].astype(int) - upright).mean() < 5
    with pytest.raises(DamagedImageError):
        decode_image(stream.getvalue()[:400])


def test_a_heic_picture_without_its_library_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(NotAnImageError, match=r"HEIC.*pillow-heif.*fer-live\[heif\]"):
        decode_image(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
