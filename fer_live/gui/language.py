"""The window's language. The code has the English texts; the others come from Qt Linguist files.

`tr` marks and translates a text. `tr_later` only marks a text that is made before the language is
known, such as one in a table; `translated` translates it where it is shown. What is filled in
stands in braces and is filled in afterwards: ``tr("Part {part} starts").format(part=part)``. A
number that decides between singular and plural is ``%n`` or, with the separators of the language,
``%Ln``: ``tr("%Ln row(s)", "", rows)``.

The files are in `translations`; ``python packaging/translations.py`` brings them up to date with
the code. The sentences of errors from the parts below the window are in `error_texts`. The command
line, logs, reports and other files stay English.
"""

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

FOLDER = Path(__file__).resolve().parent / "translations"
SOURCE_LANGUAGE = "en"
SYSTEM = "system"
LANGUAGES = {"en": "English", "de": "Deutsch"}
"""Names of the languages, each in its own, by the name of its file."""


def tr(text: str, comment: str | None = None, n: int = -1) -> str:
    """A text in the language of the window.

    Args:
        text: English, written out where this is called, so that ``lupdate`` finds it.
        comment: Tells two meanings of the same text apart.
        n: The number for ``%n``, which decides between singular and plural.
    """
    return QCoreApplication.translate("", text, comment, n)


def tr_later(text: str) -> str:
    """Marks a text for translation and returns it as it is, in English."""
    return text


def translated(text: str) -> str:
    """The translation of a text that was marked with `tr_later`."""
    return QCoreApplication.translate("", text)


WORDS = frozenset(
    (
        *(tr_later("neutral"), tr_later("happy"), tr_later("surprise"), tr_later("sad")),
        *(tr_later("angry"), tr_later("disgust"), tr_later("fear"), tr_later("contempt")),
        *(tr_later("pain"), tr_later("unsure"), tr_later("analysed")),
        *(tr_later("cut off"), tr_later("too small"), tr_later("light behind")),
        *(tr_later("too dark"), tr_later("too bright"), tr_later("turned away")),
        *(tr_later("not sharp"), tr_later("not yet classified")),
        *(tr_later("session"), tr_later("recording"), tr_later("snapshot")),
        *(tr_later("the corrected log"), tr_later("the report")),
        *(tr_later("subtitles (WebVTT)"), tr_later("annotations for ELAN")),
        tr_later("year, month and day, as in 20260131"),
        tr_later("hour, minute and second in local time, as in 235959"),
        tr_later("the milliseconds, as in 042"),
    )
)
"""Words that other parts give in English: expressions, advice about a face, kinds of files."""


def word(text: str) -> str:
    """One of `WORDS` as the window shows it; any other, such as a model's own class, as it is."""
    return translated(text) if text in WORDS else text


def number(value: float, decimals: int = 0) -> str:
    """A number with the decimal and thousands separators of the language."""
    return QLocale().toString(float(value), "f", decimals)


def face_name(track_id: int, name: str) -> str:
    """A face in words: its name, or ``Face 3``."""
    return name or tr("Face {number}").format(number=track_id)


def percent(share: float) -> str:
    """A share in 0-1 as a whole percentage."""
    return tr("{number}%").format(number=f"{share * 100:.0f}")


def system_languages() -> tuple[str, ...]:
    """The languages that the user prefers, the first one most, such as ``de-AT``."""
    return tuple(QLocale.system().uiLanguages())


def chosen_language(setting: str) -> str:
    """The language for a setting: itself, or the first of the system's languages that is here."""
    wanted = system_languages() if setting == SYSTEM else (setting,)
    known = (tag.replace("_", "-").partition("-")[0].lower() for tag in wanted)
    return next((language for language in known if language in LANGUAGES), SOURCE_LANGUAGE)


def install_language(app: QCoreApplication, setting: str) -> None:
    """Sets the language of all texts made from now on, those of Qt's own dialogs too.

    Args:
        app: The application.
        setting: `Settings.language`.
    """
    for previous in app.findChildren(QTranslator):
        app.removeTranslator(previous)
        previous.deleteLater()
    language = chosen_language(setting)
    system, own = QLocale.system(), QLocale(language)
    # The system knows the country, for instance the Swiss thousands separator.
    QLocale.setDefault(system if system.language() == own.language() else own)
    qt_folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    for name, folder in (("qtbase", qt_folder), ("fer_live", str(FOLDER))):
        translator = QTranslator(app)
        # Qt has no file for English.
        if translator.load(f"{name}_{language}", folder):
            app.installTranslator(translator)
        else:
            translator.deleteLater()
