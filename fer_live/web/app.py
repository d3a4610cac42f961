"""The web service: a page, `POST /predict` and `GET /healthz`. Pictures stay in memory."""

import io
import logging
from collections.abc import Collection
from pathlib import Path
from typing import IO, Any

from flask import Flask, Request, Response, abort, jsonify, request
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import HTTPException

from fer_live.capture.decode import (
    DamagedImageError,
    MissingReaderError,
    NotAnImageError,
    TooManyPixelsError,
)
from fer_live.core.errors import FerLiveError
from fer_live.core.labels import colour_hex
from fer_live.web.guard import protect
from fer_live.web.limits import MAX_MB, MAX_PICTURES
from fer_live.web.prediction_service import BusyError, PredictionService

_log = logging.getLogger(__name__)

RETRY_AFTER_S = 1
"""Seconds after which a client may retry when the service is busy; one image takes less."""

_PAGE = Path(__file__).resolve().parent / "page"

_PAGE_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
"""Media types; a wrong entry for .js in the table of Windows would break the page."""

_FIELD_HINT = "Send one or several pictures as multipart/form-data in the field 'file'."

_STATUS: dict[type[FerLiveError], int] = {
    NotAnImageError: 415,
    MissingReaderError: 415,
    TooManyPixelsError: 413,
    DamagedImageError: 422,
}
"""Status code for an image that cannot be read; other errors are the service's own, 500."""


class _InMemoryRequest(Request):
    """Keeps uploads in memory; Flask writes large ones to temporary files."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return io.BytesIO()


def create_app(
    service: PredictionService, *, max_mb: float = MAX_MB, allowed_hosts: Collection[str] = ()
) -> Flask:
    """Creates the application.

    Args:
        service: The model and its limits.
        max_mb: Most megabytes (10^6 bytes) of one request.
        allowed_hosts: Allowed host names, besides localhost and any IP address.
    """
    app = Flask(__name__, static_folder=None)
    app.request_class = _InMemoryRequest
    app.config["MAX_CONTENT_LENGTH"] = round(max_mb * 1e6)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    protect(app, allowed_hosts)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(BusyError, _busy)
    app.register_error_handler(Exception, _unexpected)
    app.before_request(_check_head)

    @app.get("/")
    @app.get("/page/<name>")
    def page(name: str = "index.html") -> Response:
        path, kind = _PAGE / name, _PAGE_TYPES.get(Path(name).suffix)
        if kind is None or path not in _PAGE.iterdir():
            abort(404)
        return Response(path.read_bytes(), mimetype=kind)

    @app.get("/healthz")
    def healthz() -> dict[str, Any]:
        return _health(service, app.config["MAX_CONTENT_LENGTH"])

    @app.post("/predict")
    def predict() -> tuple[dict[str, Any], int]:
        with service.place():
            uploads = _uploads()
            pictures, codes = zip(*(_answer(service, upload) for upload in uploads), strict=True)
        answer: dict[str, Any] = {**service.about(), "pictures": pictures}
        if 200 in codes:
            return answer, 200
        return {"error": pictures[0]["error"], **answer}, codes[0]

    return app


def refusal(app: Flask, environ: dict[str, Any], *, busy: bool = False) -> Response | None:
    """The answer to a request that its head alone refuses; None if its body is needed.

    Args:
        app: From `create_app`.
        environ: The request in WSGI's form; its body is not read.
        busy: Refuse it because the service is busy.
    """
    with app.request_context(environ):
        try:
            app.preprocess_request()
            if request.routing_exception is not None:
                raise request.routing_exception
            if busy:
                raise BusyError
        except (HTTPException, BusyError) as error:
            answer = app.make_response(app.handle_user_exception(error))
            return app.process_response(answer)
    return None


def _check_head() -> None:
    """Refuses what the head alone shows to be wrong; the address and method come before."""
    if request.routing_exception is not None:
        return
    if request.headers.get("Transfer-Encoding", "chunked").lower() != "chunked":
        abort(501, "The request's transfer encoding is not supported. Send it without one.")
    if (request.content_length or 0) > (request.max_content_length or 0):
        abort(413)
    if request.endpoint == "predict" and request.mimetype != "multipart/form-data":
        abort(415, f"The content type must be multipart/form-data. {_FIELD_HINT}")


def _health(service: PredictionService, max_bytes: int) -> dict[str, Any]:
    return {
        "ready": service.ready,
        **service.about(),
        "labels": {label: colour_hex(label) for label in service.labels.labels},
        "limits": {
            "max_bytes": max_bytes,
            "max_pixels": service.max_pixels,
            "max_pictures": MAX_PICTURES,
            "max_requests": service.max_requests,
        },
    }


def _uploads() -> list[FileStorage]:
    uploads = request.files.getlist("file")
    if not uploads or not any(upload.filename for upload in uploads):
        abort(400, f"There is no picture in the request. {_FIELD_HINT}")
    if len(uploads) > MAX_PICTURES:
        abort(
            413,
            f"There are {len(uploads)} pictures in the request, and {MAX_PICTURES} are allowed. "
            "Send them in several requests.",
        )
    return uploads


def _answer(service: PredictionService, upload: FileStorage) -> tuple[dict[str, Any], int]:
    """The result for one image, which includes an error, and its status code."""
    answer: dict[str, Any] = {"name": upload.filename, "width": None, "height": None}
    answer.update({"animated": None, "faces": []})
    data = upload.stream.read()
    if not data:
        return {**answer, "error": "The file is empty. Choose another one."}, 400
    try:
        return {**answer, **service.analyse(data), "error": None}, 200
    except FerLiveError as error:
        code = _STATUS.get(type(error), 500)
        if code == 500:
            _log.error("a picture could not be analysed: %s", error)
        return {**answer, "error": str(error)}, code


def _http_error(error: HTTPException) -> Response:
    response = Response()
    response.headers.extend((name, value) for name, value in error.get_headers() if name == "Allow")
    return _json_response(_sentence(error), error.code or 500, response)


def _sentence(error: HTTPException) -> str:
    if error.code == 404:
        return "There is nothing here. The page is at /; send pictures to POST /predict."
    if error.code == 405:
        methods = ", ".join(error.valid_methods or ()) if hasattr(error, "valid_methods") else ""
        return f"This address does not take {request.method}. Use {methods}."
    if error.code == 413 and error.description == type(error).description:
        most = (request.max_content_length or 0) / 1e6
        return (
            f"The request is too large: {most:g} MB are allowed. "
            "Send fewer or smaller pictures at once."
        )
    return error.description or error.name


def _busy(error: BusyError) -> Response:
    response = Response(headers={"Retry-After": str(RETRY_AFTER_S)})
    return _json_response(
        "The service is busy with other pictures. Try again in a moment.", 503, response
    )


def _unexpected(error: Exception) -> Response:
    _log.error("a request failed", exc_info=error)
    what = "Unexpected error; the service's terminal shows the details. Please report it."
    return _json_response(what, 500, Response())


def _json_response(sentence: str, code: int, response: Response) -> Response:
    response.status_code = code
    response.data = jsonify(error=sentence).data
    response.content_type = "application/json"
    return response
