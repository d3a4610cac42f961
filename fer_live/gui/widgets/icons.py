"""The icons: line drawings in a theme's colours, drawn from SVG at every scale."""

from collections.abc import Mapping

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

SIZE_PX = 20
"""Side of an icon, logical pixels."""
SCALES = (1.0, 2.0, 3.0)
"""Device pixel ratios that an icon holds; Qt chooses the next larger one."""
DISABLED_OPACITY = 0.4

# SVG shapes in a square of 24 by 24 units; stroked unless they name a fill.
_SHAPES: Mapping[str, str] = {
    "camera": '<rect x="2.5" y="6" width="13" height="12" rx="2.5"/>'
    '<path d="M15.5 11 21.5 7v10l-6-4"/>',
    "start": '<path d="M7 4.5v15l12-7.5z" fill="COLOUR"/>',
    "stop": '<rect x="6" y="6" width="12" height="12" rx="1.5" fill="COLOUR"/>',
    "mirror": '<path d="M12 3v18" stroke-dasharray="2.5 2.5"/>'
    '<path d="M9 7v10H2.5z"/><path d="M15 7v10h6.5z" fill="COLOUR"/>',
    "snapshot": '<path d="M3 8.5a2 2 0 0 1 2-2h2.5L9 4h6l1.5 2.5H19a2 2 0 0 1 2 2V17a2 2 0 0 1-2 '
    '2H5a2 2 0 0 1-2-2z"/><circle cx="12" cy="12.5" r="3.6"/>',
    "record": '<circle cx="12" cy="12" r="8.5"/><circle cx="12" cy="12" r="4.5" fill="COLOUR"/>',
    "recording": '<rect x="6.5" y="6.5" width="11" height="11" rx="2" fill="COLOUR"/>',
    "pause": '<rect x="6.5" y="5" width="4" height="14" rx="1" fill="COLOUR"/>'
    '<rect x="13.5" y="5" width="4" height="14" rx="1" fill="COLOUR"/>',
    "step_back": '<path d="M7 5v14"/><path d="M18.5 5v14L9.5 12z" fill="COLOUR"/>',
    "step_forward": '<path d="M17 5v14"/><path d="M5.5 5v14l9-7z" fill="COLOUR"/>',
    "loop": '<path d="M4 12V9.5A3.5 3.5 0 0 1 7.5 6H19M16 3l3 3-3 3"/>'
    '<path d="M20 12v2.5a3.5 3.5 0 0 1-3.5 3.5H5M8 21l-3-3 3-3"/>',
    "sound": '<path d="M4 9.5v5h3.5L12 19V5L7.5 9.5z" fill="COLOUR"/>'
    '<path d="M15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.8 7.8 0 0 1 0 11"/>',
    "muted": '<path d="M4 9.5v5h3.5L12 19V5L7.5 9.5z" fill="COLOUR"/>'
    '<path d="m15.5 9.5 5 5M20.5 9.5l-5 5"/>',
    "dot": '<circle cx="12" cy="12" r="6" fill="COLOUR"/>',
    "log": '<rect x="4" y="3.5" width="16" height="17" rx="2"/>'
    '<path d="M8 8.5h8M8 12h8M8 15.5h5"/>',
    "replay": '<path d="M4.5 12a7.5 7.5 0 1 0 2.2-5.3L4 9.2"/><path d="M4 4.5v4.8h4.8"/>'
    '<path d="M12 8.5V12l2.8 1.8"/>',
    "marker": '<path d="M6 21V4h11.5l-2.5 4 2.5 4H6" fill="none"/>',
    "report": '<rect x="4" y="3.5" width="16" height="17" rx="2"/>'
    '<path d="M8 16.5v-4M12 16.5v-9M16 16.5v-6"/>',
    "privacy": '<path d="M3 12s3.3-6 9-6 9 6 9 6-3.3 6-9 6-9-6-9-6z"/><path d="M4.5 19.5l15-15"/>',
    "folder": '<path d="M3 6.5a1.5 1.5 0 0 1 1.5-1.5H9l2 2.5h8.5A1.5 1.5 0 0 1 21 9v8.5a1.5 1.5 0 '
    '0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 17.5z"/>',
    "fullscreen": '<path d="M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5"/>',
    "settings": '<path d="M4 7h9M17.5 7H20M4 17h2.5M11 17h9"/><circle cx="15" cy="7" r="2.4"/>'
    '<circle cx="8.5" cy="17" r="2.4"/>',
    "theme": '<circle cx="12" cy="12" r="8.5"/><path d="M12 3.5a8.5 8.5 0 0 1 0 17z" '
    'fill="COLOUR"/>',
    "refresh": '<path d="M19.5 12a7.5 7.5 0 1 1-2.2-5.3L20 9.2"/><path d="M20 4.5v4.8h-4.8"/>',
    "video": '<rect x="3" y="5" width="18" height="14" rx="2"/><path d="M8 5v14M16 5v14M3 9.7h5M3 '
    '14.3h5M16 9.7h5M16 14.3h5"/>',
    "images": '<rect x="3" y="4" width="18" height="16" rx="2"/><circle cx="8.5" cy="9.5" r="2"/>'
    '<path d="m3.5 17.5 5-4.5 3.5 3 4-4.5 4.5 5"/>',
    "link": '<path d="M10 14a4 4 0 0 0 5.7 0l3.2-3.2a4 4 0 0 0-5.7-5.7l-1 1"/><path d="M14 10a4 4 '
    '0 0 0-5.7 0l-3.2 3.2a4 4 0 0 0 5.7 5.7l1-1"/>',
    "demo": '<circle cx="12" cy="12" r="9"/><path d="M8 14.2a4.6 4.6 0 0 0 8 0"/>'
    '<circle cx="9" cy="9.7" r=".9" fill="COLOUR"/><circle cx="15" cy="9.7" r=".9" fill="COLOUR"/>',
    "keyboard": '<rect x="2.5" y="6" width="19" height="12" rx="2"/><path d="M6.5 10h.01M10 10h.01'
    'M14 10h.01M17.5 10h.01M8 14h8"/>',
    "panel": '<rect x="3" y="5" width="18" height="14" rx="2"/><path d="M15 5v14"/>',
    "bars": '<path d="M4 6h14M4 12h9M4 18h5"/>',
    "info": '<circle cx="12" cy="12" r="9"/><path d="M12 11v6M12 7.5v.01"/>',
    "more": '<path d="m6 6 6 6-6 6M13 6l6 6-6 6"/>',
    "close": '<path d="m6 6 12 12M18 6 6 18"/>',
    "home": '<rect x="4" y="10.5" width="16" height="10" rx="2"/><path d="M8 10.5V8a4 4 0 0 1 8 0'
    'v2.5"/>',
    "law": '<path d="M12 3.5v17M7 20.5h10M5 6.5h14M5 6.5 2.5 13h5zM19 6.5 16.5 13h5z"/>',
}

NAMES = tuple(_SHAPES)


def icon(name: str, colour: str) -> QIcon:
    """An icon by name, with a paler variant for disabled actions.

    Args:
        name: One of `NAMES`.
        colour: ``#rrggbb``.
    """
    scaled, drawing = QIcon(), _drawing(name, colour)
    for scale in SCALES:
        normal = _drawn(drawing, SIZE_PX, scale)
        scaled.addPixmap(normal, QIcon.Mode.Normal)
        scaled.addPixmap(_faded(normal), QIcon.Mode.Disabled)
    return scaled


def pixmap(name: str, colour: str, size_px: int = SIZE_PX, scale: float = 1.0) -> QPixmap:
    """An icon drawn `size_px` logical pixels wide at device pixel ratio `scale`."""
    return _drawn(_drawing(name, colour), size_px, scale)


def _drawing(name: str, colour: str) -> QSvgRenderer:
    colour = QColor(colour).name()
    body = _SHAPES[name].replace("COLOUR", colour)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" '
        f'stroke="{colour}" stroke-width="1.8" stroke-linecap="round" '
        f'stroke-linejoin="round">{body}</svg>'
    )
    return QSvgRenderer(QByteArray(svg.encode()))


def _drawn(drawing: QSvgRenderer, size_px: int, scale: float) -> QPixmap:
    side = round(size_px * scale)
    canvas = _canvas(side)
    painter = QPainter(canvas)
    drawing.render(painter, QRectF(0, 0, side, side))
    painter.end()
    canvas.setDevicePixelRatio(scale)
    return canvas


def _faded(normal: QPixmap) -> QPixmap:
    """The paler variant; copied, because drawing all icons again would delay the window."""
    canvas = _canvas(normal.width())
    canvas.setDevicePixelRatio(normal.devicePixelRatio())
    painter = QPainter(canvas)
    painter.setOpacity(DISABLED_OPACITY)
    painter.drawPixmap(0, 0, normal)
    painter.end()
    return canvas


def _canvas(side: int) -> QPixmap:
    canvas = QPixmap(side, side)
    canvas.fill(Qt.GlobalColor.transparent)
    return canvas
