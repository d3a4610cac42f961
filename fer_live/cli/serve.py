"""The web service's command. It needs the ``web`` extra."""

from typing import Annotated

import typer

from fer_live.cli.options import (
    DetectorOption,
    DeviceOption,
    ModelOption,
    PriorOption,
    extra,
    read_settings,
)
from fer_live.web import limits


def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = limits.HOST,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port; 0 chooses a free one.")
    ] = limits.PORT,
    model: ModelOption = None,
    device: DeviceOption = None,
    detector: DetectorOption = None,
    prior: PriorOption = None,
    max_mb: Annotated[
        float, typer.Option("--max-mb", min=0.1, max=1000, help="Most megabytes of a request.")
    ] = limits.MAX_MB,
    max_megapixels: Annotated[
        float,
        typer.Option("--max-megapixels", min=0.1, max=250, help="Most pixels of one picture."),
    ] = limits.MAX_MEGAPIXELS,
    max_requests: Annotated[
        int,
        typer.Option("--max-requests", min=1, max=64, help="Most requests in progress or waiting."),
    ] = limits.MAX_REQUESTS,
    allow_host: Annotated[
        list[str] | None,
        typer.Option("--allow-host", help="Another host name allowed in requests."),
    ] = None,
) -> None:
    """Serves a web page and POST /predict on this computer; no picture is stored."""
    with extra("web"):
        from fer_live.web.server import serve as run_server
    from fer_live.web.prediction_service import PredictionService

    settings = read_settings({"detector": detector.value if detector else None})
    run_server(
        host,
        port,
        lambda: PredictionService.load(
            model,
            device.value if device else "auto",
            settings.detector,
            prior or "",
            max_requests=max_requests,
            max_megapixels=max_megapixels,
        ),
        max_mb=max_mb,
        allowed_hosts=allow_host or (),
        say=lambda sentence: typer.echo(sentence, err=True),
    )


def register(app: typer.Typer) -> None:
    """Adds the command to the command line."""
    app.command()(serve)
