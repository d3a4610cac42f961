"""Whatever is sent gets the right answer or a clear sentence, never a 500."""

import io
import re

import cv2
import numpy as np
import pytest
from PIL import Image

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


def animated():
    black = Image.new("RGB", (SIDE, SIDE))
    return encoded(portrait(), "GIF", save_all=True, append_images=[black, black])


@pytest.mark.parametrize(
    ("make", "size", "is_animated"),
    [
        (lambda: encoded(portrait(), "JPEG"), (SIDE, SIDE), False),
        (turned, (250, SIDE), False),
        (sixteen_bit, (SIDE, SIDE), False),
        (transparent, (SIDE, SIDE), False),
        (animated, (SIDE, SIDE), True),
        (lambda: encoded(Image.fromarray(portrait()).convert("L"), "PNG"), (SIDE, SIDE), False),
        (lambda: encoded(Image.fromarray(portrait()).convert("CMYK"), "JPEG"), (SIDE, SIDE), False),
        (lambda: encoded(portrait(), "WEBP"), (SIDE, SIDE), False),
        (lambda: encoded(portrait(), "TIFF"), (SIDE, SIDE), False),
    ],
    ids=["jpeg", "turned", "16-bit", "transparent", "animated", "grey", "cmyk", "webp", "tiff"],
)
def test_unusual_pictures_get_the_right_answer(client, make, size, is_animated):
    response = client.post("/predict", data=form(("picture", make())))
    assert response.status_code == 200, response.json
    (answer,) = response.json["pictures"]
    assert (answer["width"], answer["height"]) == size
    assert answer["animated"] is is_animated
    (face,) = answer["faces"]
    left, top, width, height = face["box_xywh"]
    # The middle of the astronaut's face, wherever it is found in the other forms.
    assert abs(left + width / 2 - 148) < 25
    assert abs(top + height / 2 - 118) < 25


@pytest.mark.parametrize(
    ("make", "code", "sentence"),
    [
        (lambda: encoded(Image.new("1", (20_000, 20_000)), "PNG"), 413, "20000 x 20000 pixels"),
        (lambda: b"Dear sir or madam, this is a letter.", 415, "not a picture"),
        (lambda: encoded(portrait(), "JPEG")[:4000], 422, "damaged or cut off"),
        (lambda: encoded(portrait(), "PNG")[:9000], 422, "damaged or cut off"),
        (lambda: b"", 400, "empty"),
        (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "not a picture"),
        (lambda: b"\x00" * 5000, 415, "not a picture"),
    ],
    ids=["bomb", "text", "cut-off-jpeg", "cut-off-png", "empty", "svg", "zeros"],
)
def test_what_is_no_good_picture_is_told(client, make, code, sentence):
    response = client.post("/predict", data=form(("holiday.jpg", make())))
    assert response.status_code == code
    assert sentence in response.json["error"]
    # What is wrong, and what to do.
    assert re.search(r"\. \w.*\.$", response.json["error"])
    assert response.json["pictures"][0]["faces"] == []


def test_a_hundred_faces_are_all_told(client):
    response = client.post("/predict", data=form(("crowd.jpg", encoded(crowd(), "JPEG"))))
    assert response.status_code == 200
    faces = response.json["pictures"][0]["faces"]
    assert len(faces) == 100
    for face in faces:
        assert sum(face["probabilities"].values()) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (3000, 1), (23, 23)])
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
