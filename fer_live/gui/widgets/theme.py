"""Light and dark themes: colours, palette and style sheet."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

ThemeName = Literal["system", "light", "dark"]
Rgb = tuple[int, int, int]

GRAPHIC_CONTRAST = 3.0
"""Least contrast of a bar or curve against its background (WCAG 2.2, 1.4.11)."""
DARKEN = 0.94
"""Factor by which each step darkens a colour until its contrast suffices."""


@dataclass(frozen=True)
class Theme:
    """Colours of a theme, as ``#rrggbb``.

    Args:
        name: ``light`` or ``dark``.
        window: Background of the window.
        surface: Background of cards, menus and fields.
        raised: Background of buttons and of a bar's empty part.
        stage: Background around the video.
        border: Lines and frames.
        text: Body text; contrast at least 7:1 on every background.
        muted: Secondary text; contrast at least 4.5:1 on every background.
        accent, on_accent: Focus, selection and primary buttons, and the text on them.
        danger, on_danger: Errors and the record button, and the text on it.
        warning: Warnings.
        good: Success.
    """

    name: Literal["light", "dark"]
    window: str
    surface: str
    raised: str
    stage: str
    border: str
    text: str
    muted: str
    accent: str
    on_accent: str
    danger: str
    on_danger: str
    warning: str
    good: str


DARK = Theme(
    name="dark",
    window="#15181d",
    surface="#1d2128",
    raised="#2a303a",
    stage="#0d0f13",
    border="#363d49",
    text="#eceef2",
    muted="#a9b1be",
    accent="#6cb4ff",
    on_accent="#0b1220",
    danger="#ff8478",
    on_danger="#2a0603",
    warning="#f0b849",
    good="#55c99b",
)

LIGHT = Theme(
    name="light",
    window="#f2f4f7",
    surface="#ffffff",
    raised="#e6e9ee",
    stage="#dfe3e9",
    border="#c5ccd6",
    text="#171b22",
    muted="#505a68",
    accent="#0b5cad",
    on_accent="#ffffff",
    danger="#b3261e",
    on_danger="#ffffff",
    warning="#8a5300",
    good="#0b6e4a",
)


def resolve_theme(name: ThemeName) -> Theme:
    """The theme for a setting; ``system`` follows the desktop, and is dark if that is unknown."""
    if name == "system":
        scheme = QGuiApplication.styleHints().colorScheme()
        return LIGHT if scheme == Qt.ColorScheme.Light else DARK
    return LIGHT if name == "light" else DARK


def apply_theme(app: QApplication, theme: Theme) -> None:
    """Applies a theme to the whole application."""
    app.setPalette(palette(theme))
    app.setStyleSheet(style_sheet(theme))


def palette(theme: Theme) -> QPalette:
    """A complete palette, so that widgets that paint themselves follow the theme too."""
    role = QPalette.ColorRole
    colours = {
        role.Window: theme.window,
        role.WindowText: theme.text,
        role.Base: theme.surface,
        role.AlternateBase: theme.raised,
        role.Text: theme.text,
        role.PlaceholderText: theme.muted,
        role.Button: theme.raised,
        role.ButtonText: theme.text,
        role.BrightText: theme.danger,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.Link: theme.accent,
        role.LinkVisited: theme.accent,
        role.ToolTipBase: theme.surface,
        role.ToolTipText: theme.text,
        role.Mid: theme.border,
        role.Midlight: theme.raised,
        role.Dark: theme.stage,
        role.Shadow: theme.stage,
        role.Light: theme.surface,
    }
    complete = QPalette()
    for where, colour in colours.items():
        complete.setColor(where, QColor(colour))
    for where in (role.WindowText, role.Text, role.ButtonText):
        faded = QColor(theme.muted)
        faded.setAlphaF(0.6)
        complete.setColor(QPalette.ColorGroup.Disabled, where, faded)
    return complete


def contrast(first: Rgb, second: Rgb) -> float:
    """Contrast ratio of two colours, 1-21 (WCAG 2.2, relative luminance)."""
    high, low = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def readable(rgb: Rgb, background: Rgb, at_least: float = GRAPHIC_CONTRAST) -> Rgb:
    """The colour, darkened (on a light background) or lightened until the contrast suffices."""
    on_light = _luminance(background) > 0.18
    for _ in range(60):
        if contrast(rgb, background) >= at_least:
            break
        if on_light:
            rgb = (int(rgb[0] * DARKEN), int(rgb[1] * DARKEN), int(rgb[2] * DARKEN))
        else:
            red, green, blue = (255 - int((255 - c) * DARKEN) for c in rgb)
            rgb = (red, green, blue)
    return rgb


def rgb_of(colour: QColor) -> Rgb:
    """Red, green, blue of a Qt colour."""
    return colour.red(), colour.green(), colour.blue()


def _luminance(rgb: Rgb) -> float:
    def linear(channel: int) -> float:
        value = channel / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(rgb[0]) + 0.7152 * linear(rgb[1]) + 0.0722 * linear(rgb[2])


def style_sheet(theme: Theme) -> str:
    """The style sheet; widgets with a style of their own are selected by object name."""
    sheet = _SHEET
    for name, colour in vars(theme).items():
        sheet = sheet.replace(f"@{name}@", colour)
    for name in ("check", "down", "up"):
        picture = Path(__file__).with_name(f"{name}-{theme.name}.svg")
        sheet = sheet.replace(f"@{name}@", picture.as_posix())
    return sheet


_SHEET = """
* { dialogbuttonbox-buttons-have-icons: 0; }
QMainWindow, QDialog { background: @window@; }
QToolTip { background: @surface@; color: @text@; border: 1px solid @border@; padding: 4px; }
QMenuBar { background: @window@; color: @text@; padding: 2px 6px; }
QMenuBar::item { padding: 4px 10px; border-radius: 4px; background: transparent; }
QMenuBar::item:selected { background: @raised@; }
QMenu { background: @surface@; color: @text@; border: 1px solid @border@; padding: 4px; }
QMenu::item { padding: 5px 28px 5px 12px; border: 1px solid transparent; border-radius: 4px; }
QMenu::icon { padding-left: 8px; }
QMenu::item:selected { background: @raised@; color: @text@; border-color: @accent@; }
QMenu::item:disabled { color: @muted@; background: transparent; }
QMenu::separator { height: 1px; background: @border@; margin: 4px 8px; }
QMenu::indicator { width: 14px; height: 14px; margin-left: 6px; }

QToolBar { background: @window@; border: none; border-bottom: 1px solid @border@;
           padding: 6px 8px; spacing: 4px; }
QToolBar::separator { width: 1px; background: @border@; margin: 4px 6px; }
QToolButton { color: @text@; background: transparent; border: 1px solid transparent;
              border-radius: 6px; padding: 6px 10px; }
QToolButton:hover { background: @raised@; }
QToolButton:pressed { background: @border@; }
QToolButton:checked { background: @raised@; border-color: @border@; }
QToolButton:focus { border-color: @accent@; }
QToolButton:disabled { color: @muted@; }
QToolButton::menu-indicator { image: none; }
QToolButton#qt_toolbar_ext_button { padding: 0; border: none; }
QToolButton#sourceButton { background: @surface@; border: 1px solid @border@; }
QToolButton#sourceButton:hover, QToolButton#sourceButton:focus { border-color: @accent@; }
QToolButton#recordButton[recording="true"] { background: @danger@; color: @on_danger@;
                                             border-color: @danger@; font-weight: 600; }
QToolButton#startButton { background: @accent@; color: @on_accent@; font-weight: 600; }
QToolButton#startButton:hover { border-color: @text@; }
QToolButton#startButton:focus { border: 3px double @on_accent@; padding: 4px 8px; }
QToolButton#recordButton[recording="true"]:focus { border: 3px double @on_danger@;
                                                   padding: 4px 8px; }
QToolButton#startButton:disabled { background: @raised@; color: @muted@; }

QPushButton { background: @raised@; color: @text@; border: 1px solid @border@;
              border-radius: 6px; padding: 6px 14px; min-height: 18px; }
QPushButton:hover, QPushButton:focus { border-color: @accent@; }
QPushButton:pressed { background: @border@; }
QPushButton:disabled { color: @muted@; border-color: @raised@; }
QPushButton[primary="true"], QPushButton:default { background: @accent@; color: @on_accent@;
                           border-color: @accent@; }
QPushButton[primary="true"] { font-weight: 600; }
QPushButton[primary="true"]:hover, QPushButton:default:hover { border-color: @text@; }
QPushButton[primary="true"]:focus, QPushButton:default:focus {
    border: 3px double @on_accent@; padding: 4px 12px; }
QPushButton[quiet="true"] { background: transparent; border-color: transparent;
                            padding: 6px 10px; }
QPushButton[quiet="true"]:hover, QPushButton[quiet="true"]:focus { border-color: @border@; }

QCheckBox { spacing: 8px; }
QCheckBox::indicator { width: 15px; height: 15px; border: 1px solid @muted@; border-radius: 4px;
                       background: @surface@; }
QCheckBox::indicator:checked { background: @accent@; border-color: @accent@;
                               image: url("@check@"); }
QCheckBox::indicator:disabled { border-color: @border@; }
QCheckBox::indicator:checked:disabled { background: @border@; }
QCheckBox:focus { color: @accent@; }
QCheckBox::indicator:focus { border: 2px solid @accent@; }
QLineEdit, QPlainTextEdit {
    background: @surface@; color: @text@; border: 1px solid @muted@; border-radius: 6px;
    padding: 5px 8px; selection-background-color: @accent@; selection-color: @on_accent@; }
QLineEdit:focus, QPlainTextEdit:focus {
    border-color: @accent@; }
QComboBox, QAbstractSpinBox {
    background: @surface@; color: @text@; border: 1px solid @muted@; border-radius: 6px;
    padding: 3px 4px 3px 8px; selection-background-color: @accent@;
    selection-color: @on_accent@; }
QComboBox:hover, QAbstractSpinBox:hover { border-color: @text@; }
QComboBox:focus, QComboBox:on, QAbstractSpinBox:focus { border: 2px solid @accent@;
    padding: 2px 3px 2px 7px; }
QComboBox:disabled, QAbstractSpinBox:disabled { color: @muted@; border-color: @border@; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { image: url("@down@"); width: 14px; height: 14px; }
QAbstractSpinBox::up-button { subcontrol-position: top right; border: none; width: 24px; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right; border: none; width: 24px; }
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover { background: @raised@; }
QAbstractSpinBox::up-arrow { image: url("@up@"); width: 12px; height: 12px; }
QAbstractSpinBox::down-arrow { image: url("@down@"); width: 12px; height: 12px; }
QComboBox QAbstractItemView { background: @surface@; color: @text@; border: 1px solid @border@;
    selection-background-color: @accent@; selection-color: @on_accent@; }
QGroupBox { border: 1px solid @border@; border-radius: 8px; margin-top: 22px; padding: 10px;
            background: @surface@; font-weight: 600; }
QGroupBox::title { subcontrol-origin: margin; left: 2px; top: 2px; color: @text@; }
QGroupBox > QWidget { font-weight: normal; }

QSplitter::handle { background: @border@; }
QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar::handle:vertical { background: @muted@; border-radius: 4px; min-height: 30px;
                              margin: 1px; }
QScrollBar::handle:vertical:hover { background: @text@; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle:horizontal { background: @muted@; border-radius: 4px; min-width: 30px;
                                margin: 1px; }
QScrollBar::add-line, QScrollBar::sub-line { height: 0; width: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QWidget#sidePanel { background: @window@; }
#faceCard { background: @surface@; border: 1px solid @border@; border-radius: 8px; }
#faceCard[selected="true"] { border-left: 5px solid @accent@; }
#faceCard:focus { border: 2px solid @text@; }
#faceCard[selected="true"]:focus { border: 2px solid @text@; border-left: 5px solid @accent@; }
QFrame#chartCard { background: @surface@; border: 1px solid @border@; border-radius: 10px; }
QLabel#sectionTitle { color: @muted@; font-weight: 600; }
QLabel#faceLabel { font-weight: 700; }
QLabel#muted, QLabel[muted="true"] { color: @muted@; }
QLabel#problem { color: @danger@; }
QLabel#paneTitle { font-weight: 700; color: @text@; }
QFrame#messagePane { background: @surface@; border: 1px solid @border@; border-radius: 12px; }

QFrame#notice { background: @surface@; border: none; border-left: 4px solid @accent@;
                border-radius: 0; }
QFrame#notice[kind="error"] { border-left-color: @danger@; }
QFrame#notice[kind="warning"] { border-left-color: @warning@; }
QFrame#notice[kind="done"] { border-left-color: @good@; }
QLabel#noticeMessage { font-weight: 600; }
QFrame#notice QPlainTextEdit { background: @raised@; border: none; border-radius: 0; }
QFrame#firstStart { background: @surface@; border: none; border-bottom: 1px solid @border@;
                    border-radius: 0; }

QFrame#sessionBar { background: @surface@; border: 1px solid @border@; border-radius: 8px; }
QFrame#sessionBar QToolButton { padding: 3px 8px; }
QFrame#sessionBar QLineEdit { padding: 2px 8px; }
QFrame#seekPreview { background: @surface@; border: 1px solid @border@; border-radius: 6px; }
QFrame#playerBar { background: @surface@; border: 1px solid @border@; border-radius: 8px; }
QFrame#playerBar QToolButton { padding: 4px; }
QSlider::groove:horizontal { background: @border@; height: 6px; border-radius: 3px; }
QSlider::sub-page:horizontal { background: @accent@; height: 6px; border-radius: 3px; }
QSlider::handle:horizontal { background: @text@; width: 14px; margin: -4px 0;
                             border-radius: 7px; }
QSlider::handle:horizontal:focus { background: @window@; border: 3px solid @text@; width: 8px; }
QSlider::sub-page:horizontal:disabled, QSlider::handle:horizontal:disabled {
    background: @border@; }
QLabel#toast { background: @surface@; color: @text@; border: 1px solid @border@;
               border-radius: 8px; padding: 7px 12px; font-weight: 600; }
QTabWidget::pane { border: none; }
QTabBar::tab { background: transparent; color: @muted@; padding: 7px 16px; font-weight: 600;
               border: none; border-bottom: 2px solid @border@; }
QTabBar::tab:selected { color: @text@; border-bottom-color: @accent@; }
QTabBar::tab:focus, QTabBar::tab:hover { color: @text@; }
QTabBar::tab:selected:focus { border: 1px solid @accent@; border-bottom-width: 2px;
                              padding: 6px 15px 7px 15px; }

QTreeWidget { background: @surface@; color: @text@; border: 1px solid @border@;
              border-radius: 6px; }
QTreeWidget::item { padding: 2px 6px; }
QTreeWidget::item:selected { background: @accent@; color: @on_accent@; }
QTreeWidget:focus { border-color: @accent@; }
QHeaderView::section { background: @window@; color: @muted@; border: none;
                       border-bottom: 1px solid @border@; padding: 5px 8px; font-weight: 600; }

QStatusBar { background: @window@; border-top: 1px solid @border@; color: @muted@; }
QStatusBar::item { border: none; }
QStatusBar QLabel { color: @muted@; padding: 2px 6px; }
QStatusBar QLabel#stateText { color: @text@; }
QStatusBar QLabel#chip { background: @raised@; color: @text@; border: 1px solid @border@;
                         border-radius: 6px; }
"""
