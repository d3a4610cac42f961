"""Pages that need no other file: their style, tables and pictures."""

import base64
import io
from collections.abc import Sequence
from html import escape

import cv2
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from fer_live.evaluation.plots import DPI

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem }
table { border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto }
th, td { border-bottom: 1px solid #8886; padding: .3rem .7rem; text-align: right }
th:first-child, td:first-child { text-align: left }
figure { margin: 1rem 0 }
img { max-width: 100%; background: white }
img.pixels { image-rendering: pixelated }
@media (prefers-color-scheme: dark) { body { background: #181818; color: #ddd } }
"""


def page(title: str, body: Sequence[str]) -> str:
    """A whole page of parts that are HTML."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body><h1>{escape(title)}</h1>{''.join(body)}</body></html>\n"
    )


def paragraph(text: str) -> str:
    """A paragraph of plain text."""
    return f"<p>{escape(text)}</p>"


def heading(text: str) -> str:
    """The heading of a section."""
    return f"<h2>{escape(text)}</h2>"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of plain text."""
    lines = [_row("th", header), *(_row("td", row) for row in rows)]
    return f"<table>{''.join(lines)}</table>"


def figure_picture(figure: Figure, title: str) -> str:
    """A drawing as a picture inside the page."""
    file = io.BytesIO()
    figure.savefig(file, dpi=DPI, format="png")
    return png_picture(file.getvalue(), title)


def pixel_picture(image: NDArray[np.uint8], title: str, scale: int = 1) -> str:
    """(H, W) or (H, W, 3) RGB pixels inside the page, shown enlarged, with sharp edges."""
    if image.ndim == 3:
        image = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2BGR), np.uint8)
    coded = cv2.imencode(".png", image)[1].tobytes()
    return png_picture(coded, title, f' class="pixels" width="{image.shape[1] * scale}"')


def png_picture(png: bytes, title: str, attributes: str = "") -> str:
    """A PNG file's bytes as a picture inside the page; attributes are HTML."""
    data = base64.b64encode(png).decode("ascii")
    return (
        f'<figure><img{attributes} alt="{escape(title)}" src="data:image/png;base64,{data}">'
        "</figure>"
    )


def _row(tag: str, cells: Sequence[str]) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"
