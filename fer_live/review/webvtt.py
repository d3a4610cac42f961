"""Labels as subtitles: WebVTT (W3C, "WebVTT: The Web Video Text Tracks Format")."""

from html import escape

from fer_live.review.media import Medium

HEADER = "WEBVTT"


def webvtt(medium: Medium) -> str:
    """The labels as subtitles: a cue for each label of each face, spoken by the face's name."""
    name_of = medium.session.name_of
    cues = [
        f"{_stamp(one.span.start_s)} --> {_stamp(one.span.end_s)}\n"
        f"<v {escape(name_of(one.face), quote=False)}>{escape(one.label, quote=False)}\n"
        for one in medium.labels()
    ]
    # A comment must not contain an arrow.
    source = medium.session.log.name.replace("-->", "->")
    return "\n".join([f"{HEADER}\n", f"NOTE Made from the session log {source}\n", *cues])


def _stamp(seconds: float) -> str:
    """A time as ``00:01:02.345``."""
    whole, milli = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}.{milli:03d}"
