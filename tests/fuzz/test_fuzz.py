"""Whatever a user or a stranger gives is taken, or refused by a FerLiveError.

The examples are the same in every run. More of them: `FER_LIVE_FUZZ=20 pytest tests/fuzz` makes
twenty times as many, new ones each time.
"""

import contextlib
import io
import json
import os

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fer_live.capture.factory import make_source
from fer_live.capture.http.address import parse_stream_address
from fer_live.capture.http.jpegs import JpegSplitter, TooLongError
from fer_live.classification.description import Architecture, CheckpointMeta, HeadSpec, InputSpec
from fer_live.core.errors import FerLiveError
from fer_live.core.formats import is_url, parse_source, public_address
from fer_live.core.labels import FER2013
from fer_live.core.settings import Settings, load_settings, save_settings
from fer_live.session_log.reader import read_log
from fer_live.training.recipe import Recipe
from fer_live.training.recipe_files import load_recipe, parse_overrides, recipe_names
from fer_live.web.app import create_app
from fer_live.web.prediction_service import PredictionService
from tests.live.fakes import FakeClassifier, FakeDetector, boxes
from tests.session_log.logs import face, result, write_log

MORE = int(os.environ.get("FER_LIVE_FUZZ", "0"))

fuzz = settings(
    max_examples=60 * max(1, MORE),
    derandomize=not MORE,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

PIECES = "0 -1 demo demo? http:// RTSP:// file:// a:b@ / \\ .. ~ % # @ : [ ] .mp4 .jpg ? = & é"
NAMES = st.sampled_from([*PIECES.split(), "/dev/video0", "\0", "\n", "\ud800"])
SOURCES = st.one_of(st.text(max_size=40), st.lists(NAMES | st.text(max_size=5)).map("".join))

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from([2**63, -(10**400), "nan", "1e999", "../../x", "<b>", "=1+1", "\0"]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


def mutated(draw, data):
    """Bytes with some places changed, cut out or doubled."""
    data = bytearray(data)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        end = at + draw(st.integers(0, 30))
        data[at:end] = draw(st.binary(max_size=6) | st.just(bytes(data[at:end] * 2)))
    return bytes(data)


def replaced(draw, value):
    """JSON data with one value, somewhere, replaced, dropped or added."""
    if isinstance(value, dict) and value and draw(st.integers(0, 3)):
        key = draw(st.sampled_from(sorted(value)))
        changed = dict(value)
        if not draw(st.integers(0, 5)):
            del changed[key]
        else:
            changed[key] = replaced(draw, value[key])
        return changed
    return draw(JSON)


@fuzz
@given(SOURCES)
@example("~\0")
def test_source_strings(text):
    spec = parse_source(text, lambda: ["Webcam"], may_wait=False)
    assert spec.kind
    with contextlib.suppress(FerLiveError):
        make_source(text)


@fuzz
@given(SOURCES.map(lambda text: f"http://{text}"))
def test_stream_addresses(text):
    public_address(text)
    if is_url(text):
        with contextlib.suppress(FerLiveError):
            address = parse_stream_address(text)
            again = parse_stream_address(address.with_credentials)
            assert (again.user, again.url) == (address.user, address.url)


@fuzz
@given(st.data())
def test_a_password_is_shown_nowhere(data):
    password = data.draw(st.text("abc/?#@:%[] é", min_size=2, max_size=12))
    marked = f"s3{password}cr3t"
    shown = public_address(f"rtsp://ann:{marked}@camera.example:554/live")
    assert "s3" not in shown
    assert "cr3t" not in shown


@fuzz
@given(st.data())
def test_settings_files(tmp_path, data):
    path = tmp_path / "settings.json"
    if data.draw(st.booleans()):
        save_settings(Settings(), path)
        stored = json.loads(path.read_text("utf-8"))
        path.write_text(json.dumps(replaced(data.draw, stored)), "utf-8")
    else:
        path.write_bytes(data.draw(st.binary(max_size=200)))
    loaded, problems = load_settings(path, {})
    assert isinstance(loaded, Settings)
    # What was loaded can be saved and loaded again.
    save_settings(loaded, path)
    again, problems = load_settings(path, {})
    assert (again, problems) == (loaded, ())


@fuzz
@given(st.dictionaries(st.sampled_from(sorted(Settings.__dataclass_fields__)), JSON, max_size=3))
def test_settings_values(values):
    with contextlib.suppress(FerLiveError):
        Settings().with_values(values)


@pytest.fixture(scope="module", params=[".csv", ".jsonl"])
def log_bytes(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("logs") / f"a{request.param}"
    write_log(path, [result(n, n / 10, [face(), face(2, "sad")]) for n in range(4)])
    return request.param, path.read_bytes()


@fuzz
@given(st.data())
def test_logs(tmp_path, log_bytes, data):
    suffix, content = log_bytes
    path = tmp_path / f"log{suffix}"
    path.write_bytes(mutated(data.draw, content))
    with contextlib.suppress(FerLiveError):
        assert len(read_log(path)) >= 0


RECIPES = [Recipe(name).to_dict() for name in ("a",)]


def toml(value):
    """TOML of JSON data, as far as it can be written."""
    if isinstance(value, dict):
        inner = ", ".join(f"{json.dumps(k)} = {toml(v)}" for k, v in value.items() if v is not None)
        return f"{{{inner}}}"
    if isinstance(value, list):
        return f"[{', '.join(toml(one) for one in value if one is not None)}]"
    return json.dumps(value).replace("NaN", "nan").replace("Infinity", "inf")


@fuzz
@given(st.data())
def test_recipes(tmp_path, data):
    whole = replaced(data.draw, json.loads(json.dumps(data.draw(st.sampled_from(RECIPES)))))
    text = (
        "\n".join(f"{json.dumps(k)} = {toml(v)}" for k, v in whole.items() if v is not None)
        if (isinstance(whole, dict))
        else data.draw(st.text(max_size=50))
    )
    path = tmp_path / "recipe.toml"
    path.write_text(text, "utf-8", errors="surrogatepass")
    with contextlib.suppress(FerLiveError):
        assert load_recipe(str(path)).name


@fuzz
@given(
    st.lists(st.text(max_size=12) | st.sampled_from(["schedule.epochs=", "run.seed=1", "a.b.c=2"]))
)
def test_overrides(pairs):
    with contextlib.suppress(FerLiveError):
        load_recipe(recipe_names()[0], parse_overrides(pairs))


DESCRIPTION = CheckpointMeta(
    "tiny",
    Architecture(heads={"seven": 7}, widths=(8, 8, 8, 8)),
    {"seven": HeadSpec(FER2013)},
    "seven",
    InputSpec(48, "gray", (0.5,), (0.25,), 1.0),
).to_json()


@fuzz
@given(st.data())
def test_checkpoint_descriptions(data):
    if data.draw(st.integers(0, 3)):
        text = json.dumps(replaced(data.draw, json.loads(DESCRIPTION)))
    else:
        text = mutated(data.draw, DESCRIPTION.encode()).decode("utf-8", "replace")
    with contextlib.suppress(FerLiveError):
        meta = CheckpointMeta.from_json(text)
        assert CheckpointMeta.from_json(meta.to_json()) == meta


@pytest.fixture(scope="module")
def app():
    with PredictionService(FakeClassifier(), FakeDetector(boxes()), max_megapixels=1) as service:
        yield create_app(service, max_mb=0.2)


METHODS = st.sampled_from(["GET", "POST", "PUT", "HEAD", "OPTIONS", "DELETE", "PATCH", "TRACE"])
PATHS = st.sampled_from(["/", "/predict", "/healthz", "/page/main.js", "/page/../x", "//", "/%00"])
HEADERS = st.dictionaries(
    st.sampled_from(["Host", "Origin", "Content-Type", "Content-Length", "Expect", "X-Other"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=40)
    | st.sampled_from(
        ["localhost", "multipart/form-data; boundary=x", "[::1", "99999999999", "-1"]
    ),
    max_size=4,
)
FORM = (
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n\x89PNG\r\n\x1a\n'
    b"\r\n--x--\r\n"
)


@fuzz
@given(st.data())
def test_requests(app, data):
    body = (
        mutated(data.draw, FORM) if data.draw(st.booleans()) else data.draw(st.binary(max_size=90))
    )
    path = data.draw(
        PATHS | st.text(st.characters(max_codepoint=255), max_size=20).map("/{}".format)
    )
    response = app.test_client().open(
        path,
        method=data.draw(METHODS),
        headers=data.draw(HEADERS),
        input_stream=io.BytesIO(body),
        content_length=len(body),
    )
    assert response.status_code < 500 or response.status_code == 501
    if response.status_code >= 400 and response.data:
        assert response.json["error"]


@fuzz
@given(st.data(), st.sampled_from([b"", b"frame"]))
def test_streams_of_pictures(data, boundary):
    good = b"\xff\xd8\xff\xdb\x00\x04ab\xff\xda\x00\x04cd" + bytes(range(250)) + b"\xff\xd9"
    stream = mutated(data.draw, (b"--frame\r\n\r\n" + good + b"\r\n") * 3) + good
    size = data.draw(st.integers(1, len(stream)))
    pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
    splitter = JpegSplitter(boundary, 4000)
    with contextlib.suppress(TooLongError):
        found = [picture for piece in pieces for picture in splitter.feed(piece)]
        # How the stream was cut into pieces changes nothing.
        assert found == JpegSplitter(boundary, 4000).feed(stream)
