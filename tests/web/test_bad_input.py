"""Whatever is sent gets the right answer or a clear sentence, never a 500."""

import io
import re
from dataclasses import dataclass

import cv2
import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from fer_live.core.labels import FERPLUS

from .support import crowd, encoded, form, portrait

FORM = "multipart/form-data; boundary=x"

SIDE = 300
"""Of `portrait`, pixels."""


def turned():
    """A phone's picture: stored lying on its side, upright by its EXIF."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(np.rot90(portrait()[:, :250]), "JPEG", quality=95, exif=exif)


def sixteen_bit():
    return cv2.imencode(".png", portrait()[..., ::-1].astype(np.uint16) * 257)[1].tobytes()


def transparent():
    """The face is opaque; noise is hidden under the transparent rest."""
    rgb = portrait()
    alpha = np.zeros((SIDE, SIDE), np.uint8)
    cv2.circle(alpha, (148, 118), 105, 255, -1)
    noise = np.random.default_rng(0).integers(0, 255, rgb.shape, np.uint8)
    rgb[alpha == 0] = noise[alpha == 0]
    return encoded(np.dstack([rgb, alpha]), "PNG")


def sixteen_bit_transparent():
    """Grey in 16 bits, with a level that is transparent: Pillow and OpenCV read it unlike."""
    grey = cv2.cvtColor(portrait(), cv2.COLOR_RGB2GRAY).astype(np.uint16) * 257
    return encoded(Image.fromarray(grey), "PNG", transparency=65535)


def lying():
    """A PNG of 300 bytes that says its pixels take 4 GB."""
    picture = bytearray(encoded(np.zeros((64, 64, 3), np.uint8), "PNG")[:-20])
    picture[picture.index(b"IDAT") - 4] = 0xFF
    return bytes(picture)


def bomb():
    """50 kB that are 400 million pixels."""
    return encoded(Image.new("1", (20_000, 20_000)), "PNG")


def text_bomb():
    """A small picture with a comment that is a hundred megabytes long when unpacked."""
    comment = PngInfo()
    comment.add_text("Comment", "x" * 100_000_000, zip=True)
    return encoded(portrait(), "PNG", pnginfo=comment)


def animated():
    black = Image.new("RGB", (SIDE, SIDE))
    return encoded(portrait(), "GIF", save_all=True, append_images=[black, black])


@dataclass(frozen=True)
class Answered:
    """A picture that is answered; faces stand where the astronaut's does, or anywhere if many."""

    size: tuple[int, int] = (SIDE, SIDE)
    animated: bool = False
    faces: int = 1
    code: int = 200

    def check(self, answer):
        (picture,) = answer["pictures"]
        assert (picture["width"], picture["height"]) == self.size
        assert picture["animated"] is self.animated
        assert picture["error"] is None
        assert len(picture["faces"]) == self.faces
        for face in picture["faces"]:
            assert set(face["probabilities"]) == set(FERPLUS.labels)
            assert sum(face["probabilities"].values()) == pytest.approx(1, abs=0.01)
        if self.faces == 1:
            left, top, width, height = picture["faces"][0]["box_xywh"]
            # The middle of the astronaut's face, wherever it is found in the other forms.
            assert abs(left + width / 2 - 148) < 25
            assert abs(top + height / 2 - 118) < 25


@dataclass(frozen=True)
class Refused:
    """A request that is refused in a sentence."""

    code: int
    sentence: str

    def check(self, answer):
        assert self.sentence in answer["error"]
        # What is wrong, and what to do.
        assert re.search(r"\. \w.*\.$", answer["error"])
        assert not any(picture["faces"] for picture in answer.get("pictures", ()))


def as_mode(mode, kind):
    return lambda: encoded(Image.fromarray(portrait()).convert(mode), kind)


SENT = {
    # The list that the service was asked to survive.
    "a decompression bomb": (bomb, Refused(413, "20000 x 20000 pixels")),
    "a text named .jpg": (
        lambda: b"Dear sir or madam, this is a letter.",
        Refused(415, "not a picture"),
    ),
    "a truncated JPEG": (
        lambda: encoded(portrait(), "JPEG")[:4000],
        Refused(422, "damaged or cut off"),
    ),
    "an animated GIF": (animated, Answered(animated=True)),
    "a phone's picture, rotated by EXIF": (turned, Answered(size=(250, SIDE))),
    "a 16-bit PNG": (sixteen_bit, Answered()),
    "a transparent PNG": (transparent, Answered()),
    "no file": (lambda: None, Refused(400, "no picture")),
    "a hundred faces": (
        lambda: encoded(crowd(), "JPEG"),
        Answered(size=(1000, 1000), faces=100),
    ),
    # What else there is.
    "a JPEG": (lambda: encoded(portrait(), "JPEG"), Answered()),
    "a WebP": (lambda: encoded(portrait(), "WEBP"), Answered()),
    "a TIFF": (lambda: encoded(portrait(), "TIFF"), Answered()),
    "a grey PNG": (as_mode("L", "PNG"), Answered()),
    "a PNG with a palette": (as_mode("P", "PNG"), Answered()),
    "a JPEG for print": (as_mode("CMYK", "JPEG"), Answered()),
    "a 16-bit transparent PNG": (sixteen_bit_transparent, Answered()),
    "a PNG whose text is a bomb": (text_bomb, Refused(415, "not a picture")),
    "a PNG that lies about its length": (lying, Refused(422, "damaged or cut off")),
    "a truncated AVIF": (
        lambda: encoded(portrait(), "AVIF")[:4000],
        Refused(415, "not a picture"),
    ),
    "a truncated PNG": (
        lambda: encoded(portrait(), "PNG")[:9000],
        Refused(422, "damaged or cut off"),
    ),
    "an empty file": (lambda: b"", Refused(400, "empty")),
    "an SVG": (
        lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        Refused(415, "not a picture"),
    ),
    "zeros": (lambda: bytes(5000), Refused(415, "not a picture")),
}


@pytest.mark.parametrize(("make", "right"), SENT.values(), ids=SENT)
def test_what_is_sent_is_answered_or_refused_in_a_sentence(client, make, right):
    content = make()
    files = form() if content is None else form(("holiday.jpg", content))
    response = client.post("/predict", data=files, content_type="multipart/form-data")
    assert response.status_code == right.code, response.json
    right.check(response.json)


@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (3000, 1), (23, 23), (4_900_000, 1)])
def test_pictures_too_small_for_a_face_have_none(client, shape):
    picture = encoded(np.zeros((*shape, 3), np.uint8), "PNG")
    response = client.post("/predict", data=form(("small.png", picture)))
    assert response.status_code == 200
    assert response.json["pictures"][0]["faces"] == []


@pytest.mark.parametrize(
    ("method", "path", "options", "code", "sentence"),
    [
        ("POST", "/predict", {"content_type": FORM}, 400, "no pic"),
        ("POST", "/predict", {"content_type": "multipart/form-data"}, 400, "no pic"),
        ("POST", "/predict", {"data": {"file": "only a text"}}, 415, "multipart/form-data"),
        (
            "POST",
            "/predict",
            {"data": {"picture": (io.BytesIO(b"x"), "a.jpg")}},
            400,
            "field 'file'",
        ),
        (
            "POST",
            "/predict",
            {"data": {"file": "a text"}, "content_type": "multipart/form-data"},
            400,
            "no pic",
        ),
        (
            "POST",
            "/predict",
            {"data": b"\xff\xd8", "content_type": "image/jpeg"},
            415,
            "multipart/form-data",
        ),
        ("POST", "/predict", {"json": {"file": "x"}}, 415, "multipart/form-data"),
        ("POST", "/predict", {}, 415, "multipart/form-data"),
        (
            "POST",
            "/predict",
            {"data": b"x" * 2_100_000, "content_type": FORM},
            413,
            "2 MB are allowed",
        ),
        (
            "POST",
            "/predict",
            {"data": form(*[("a.jpg", b"x")] * 33)},
            413,
            "several requests",
        ),
        ("GET", "/predict", {}, 405, "Use "),
        ("DELETE", "/predict", {}, 405, "Use "),
        ("POST", "/", {}, 405, "Use "),
        ("GET", "/nothing", {}, 404, "POST /predict"),
        ("GET", "/page/nothing.js", {}, 404, "POST /predict"),
        ("GET", "/page/../app.py", {}, 404, "POST /predict"),
        ("GET", "/page/%2e%2e/app.py", {}, 404, "POST /predict"),
        ("GET", "/page/..%2f..%2flabels.js", {}, 404, "POST /predict"),
    ],
)
def test_wrong_requests_are_told_what_to_do(client, method, path, options, code, sentence):
    response = client.open(path, method=method, **options)
    assert response.status_code == code
    assert response.content_type == "application/json"
    assert sentence in response.json["error"]
    if code == 405:
        assert response.headers["Allow"]


def test_a_form_that_is_cut_off_is_told(client):
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n\xff\xd8'
    response = client.post("/predict", data=body, content_type=FORM)
    assert 400 <= response.status_code < 500
    assert response.json["error"]


def test_a_bad_picture_among_good_ones_costs_only_its_own_answer(client):
    good = ("good.jpg", encoded(portrait(), "JPEG"))
    response = client.post("/predict", data=form(good, ("bad.jpg", b"words"), good))
    assert response.status_code == 200
    first, bad, last = response.json["pictures"]
    assert len(first["faces"]) == len(last["faces"]) == 1
    assert first["error"] is None
    assert bad["name"] == "bad.jpg"
    assert "not a picture" in bad["error"]
