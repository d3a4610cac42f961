import logging
import threading
from contextlib import ExitStack

import numpy as np
import pytest

from fer_live import __version__
from fer_live.batch.images import predict_image
from fer_live.core.errors import DetectorError
from fer_live.core.labels import FERPLUS, SIX_WITH_PAIN, colour_rgb
from fer_live.core.network import host_allowed
from fer_live.detection.still_detector import still_detector
from fer_live.web.app import create_app
from fer_live.web.prediction_service import PredictionService
from tests.live.fakes import WAIT_S, FakeClassifier, FakeDetector, GatedDetector, boxes

from .support import encoded, form, portrait, tiny_model


@pytest.fixture
def client_of():
    """Makes clients of applications; their services end with the test."""
    with ExitStack() as open_services:

        def make(service, **options):
            return create_app(open_services.enter_context(service), **options).test_client()

        yield make


PICTURE = ("a.png", encoded(np.full((48, 64, 3), 90, np.uint8), "PNG"))


def test_the_answer_is_that_of_predict(client, classifier):
    response = client.post("/predict", data=form(("me.png", encoded(portrait(), "PNG"))))
    expected = predict_image(
        np.ascontiguousarray(portrait()[..., ::-1]), still_detector(), classifier
    )
    assert len(expected) == 1
    assert response.json == {
        "model": "tiny",
        "device": "CPU",
        "version": __version__,
        "pictures": [
            {
                "name": "me.png",
                "width": 300,
                "height": 300,
                "animated": False,
                "faces": expected,
                "error": None,
            }
        ],
    }
    assert tuple(response.json["pictures"][0]["faces"][0]["probabilities"]) == FERPLUS.labels


@pytest.mark.parametrize("color", ["gray", "rgb"])
def test_the_models_labels_are_the_answers(tmp_path, color, client_of):
    path = tiny_model(tmp_path / "six.safetensors", SIX_WITH_PAIN, color)
    client = client_of(PredictionService.load(str(path), "cpu"))
    response = client.post("/predict", data=form(("me.png", encoded(portrait(), "PNG"))))
    (face,) = response.json["pictures"][0]["faces"]
    assert tuple(face["probabilities"]) == SIX_WITH_PAIN.labels
    assert face["label"] in SIX_WITH_PAIN.labels
    assert response.json["model"] == "six"
    health = client.get("/healthz").json
    assert health["model"] == "six"
    assert tuple(health["labels"]) == SIX_WITH_PAIN.labels
    assert health["labels"]["pain"] == "#{:02x}{:02x}{:02x}".format(*colour_rgb("pain"))


def test_several_models_answer_together(tmp_path, model, client_of):
    other = tiny_model(tmp_path / "other.safetensors", FERPLUS, "rgb")
    client = client_of(PredictionService.load([str(model), str(other)], "cpu"))
    response = client.post("/predict", data=form(("me.png", encoded(portrait(), "PNG"))))
    (face,) = response.json["pictures"][0]["faces"]
    assert tuple(face["probabilities"]) == FERPLUS.labels
    assert "tiny" in response.json["model"]
    assert "other" in response.json["model"]


def test_health_says_what_runs_and_what_is_allowed(client):
    health = client.get("/healthz").json
    assert (health["ready"], health["model"], health["device"]) == (True, "tiny", "CPU")
    assert health["version"] == __version__
    assert health["limits"] == {
        "max_bytes": 2_000_000,
        "max_pixels": 5_000_000,
        "max_pictures": 32,
        "max_requests": 4,
    }


class FullService:
    """A service whose two places are taken: one request is in the detector, one waits its turn."""

    def __init__(self, client_of):
        self.gate = GatedDetector()
        self.gate.let()  # for the first picture, with which the service warms up
        self.service = PredictionService(FakeClassifier(), self.gate, max_requests=2)
        assert self.gate.busy.acquire(timeout=WAIT_S)
        self.app = client_of(self.service).application
        self.codes = []
        self.threads = [threading.Thread(target=self._send) for _ in range(2)]
        self.threads[0].start()
        assert self.gate.busy.acquire(timeout=WAIT_S)
        self.threads[1].start()
        for _ in range(int(WAIT_S * 100)):
            if self.service._places._value == 0:  # free places cannot be asked for
                return
            self.threads[1].join(0.01)
        raise AssertionError("the second request took no place")

    def _send(self):
        self.codes.append(self.post().status_code)

    def post(self):
        return self.app.test_client().post("/predict", data=form(PICTURE))


def test_too_many_at_once_are_asked_to_come_back(client_of):
    full = FullService(client_of)
    refused = full.post()
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) >= 1
    assert "Try again" in refused.json["error"]
    assert full.app.test_client().get("/healthz").json["ready"]
    full.gate.let(3)
    for thread in full.threads:
        thread.join(WAIT_S)
    assert full.codes == [200, 200]
    # The places are free again, also after a request that failed.
    client = full.app.test_client()
    for _ in range(4):
        assert client.post("/predict", data=form(("a.jpg", b"words"))).status_code == 415
    assert client.post("/predict", data=form(PICTURE)).status_code == 200


def test_the_end_waits_for_a_picture_so_long_only_and_sends_the_others_away(client_of):
    full = FullService(client_of)
    assert not full.service.close(0.05)
    full.threads[1].join(WAIT_S)
    assert full.codes == [503]
    assert full.post().status_code == 503
    full.gate.let()
    full.threads[0].join(WAIT_S)
    assert full.codes == [503, 200]
    assert full.service.close(WAIT_S)


def test_a_failing_detector_is_told_and_logged(caplog, client_of):
    detector = FakeDetector(boxes())
    client = client_of(PredictionService(FakeClassifier(), detector))
    detector.error = DetectorError("The detector has failed.", "Try another picture.")
    with caplog.at_level(logging.ERROR):
        response = client.post("/predict", data=form(PICTURE))
    assert response.status_code == 500
    assert response.json["error"] == "The detector has failed. Try another picture."
    assert "detector has failed" in caplog.text


def test_what_nobody_foresaw_is_a_sentence_without_insides(caplog, client_of):
    classifier = FakeClassifier()
    client = client_of(PredictionService(classifier, FakeDetector()))
    classifier.error = RuntimeError("secret insides")
    response = client.post("/predict", data=form(PICTURE))
    assert response.status_code == 500
    assert "secret" not in response.text
    assert "secret insides" in caplog.text


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("localhost", True),
        ("localhost:8000", True),
        ("LOCALHOST:8000", True),
        ("fer.localhost", True),
        ("127.0.0.1:8000", True),
        ("192.168.1.20:8000", True),
        ("[::1]:8000", True),
        ("box.lan:8000", True),
        ("evil.example", False),
        ("evil.example:8000", False),
        ("127.0.0.1.evil.example", False),
        ("localhost.evil.example", False),
        ("notlocalhost", False),
        ("[::1", False),
        ("", False),
    ],
)
def test_only_addresses_and_known_names_are_answered(host, allowed, client_of):
    assert host_allowed(host, {"box.lan"}) is allowed
    service = PredictionService(FakeClassifier(), FakeDetector())
    client = client_of(service, allowed_hosts=["Box.lan"])
    response = client.get("/healthz", headers={"Host": host})
    assert response.status_code == (200 if allowed else 403)
    assert allowed or "--allow-host" in response.json["error"]


@pytest.mark.parametrize(
    ("origin", "code"),
    [
        (None, 200),
        ("http://localhost:8000", 200),
        ("https://localhost:8000", 200),
        ("http://localhost:8001", 403),
        ("http://evil.example", 403),
        ("null", 403),
        ("", 403),
    ],
)
def test_other_pages_may_not_send_pictures(client, origin, code):
    headers = {"Host": "localhost:8000"} | ({} if origin is None else {"Origin": origin})
    response = client.post("/predict", data=form(PICTURE), headers=headers)
    assert response.status_code == code
    assert "Access-Control" not in str(response.headers)


@pytest.mark.parametrize("path", ["/", "/healthz", "/page/main.js", "/nothing"])
def test_every_answer_keeps_the_page_at_home(client, path):
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "connect-src 'self'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "*" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
