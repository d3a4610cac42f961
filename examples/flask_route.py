"""A Flask route that answers with the faces of an uploaded image.

    flask --app flask_route run
    curl -F file=@photo.jpg http://127.0.0.1:5000/faces

`fer-live serve` is a complete service; this shows how to put the analysis into your own.
"""

from flask import Flask, request

import fer_live

JsonValue = dict[str, object] | list[dict[str, object]]


def create_app() -> Flask:
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 20_000_000
    analyzer = fer_live.Analyzer()  # once: requests take turns in it

    @app.post("/faces")
    def faces() -> tuple[JsonValue, int]:
        upload = request.files.get("file")
        if upload is None:
            return {"error": "Send an image in the field 'file'."}, 400
        try:
            found = analyzer.predict(upload.read())
        except fer_live.SourceError as error:
            return {"error": str(error)}, 415
        return [
            {
                "label": face.label,
                "confidence": face.confidence,
                "box_xyxy": face.box_xyxy,
                "probabilities": face.probability_by_label,
            }
            for face in found
        ], 200

    return app
