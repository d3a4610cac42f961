"""Labels and markers as annotations for ELAN: EAF 3.0.

Elements and their order follow the schema EAFv3.0.xsd (The Language Archive, "EAF Annotation
Format for ELAN"): header, time order, tiers, linguistic types, languages, controlled vocabularies.
"""

import xml.etree.ElementTree as ET
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime
from mimetypes import guess_type
from os.path import relpath
from pathlib import Path

from fer_live.core.labels import UNSURE
from fer_live.review.media import Medium
from fer_live.review.spans import Span

SCHEMA = "http://www.mpi.nl/tools/elan/EAFv3.0.xsd"
VERSION = "3.0"
LABEL_TYPE, MARKER_TYPE = "expression", "marker"
"""Linguistic types: labels are of the vocabulary of the classes, markers are free text."""
VOCABULARY = "expressions"
LANGUAGE = "eng"
MARKERS_TIER = "Markers"
MARKER_MS = 500
"""An annotation needs a length, which a marker has not: so long, or until the next one."""
UNKNOWN_TYPE = "unknown"
"""ELAN's MIME type of a video of any other kind."""

Interval = tuple[int, int, str]
"""Start and end in milliseconds, and the annotation's value."""


def elan_document(medium: Medium, folder: Path, moment: datetime) -> bytes:
    """An annotation file with a tier for each face and one for the markers.

    Args:
        medium: What to annotate.
        folder: Where the file will stand; the video is also named relative to it.
        moment: When it is made, with time zone.

    Returns:
        XML in UTF-8.
    """
    session = medium.session
    tiers: dict[str, tuple[str, list[Interval]]] = {}
    for face, intervals in _label_intervals(medium).items():
        tiers[_unique(session.name_of(face), tiers)] = (LABEL_TYPE, intervals)
    if marked := _marker_intervals(medium):
        tiers[_unique(MARKERS_TIER, tiers)] = (MARKER_TYPE, marked)
    root = ET.Element(
        "ANNOTATION_DOCUMENT",
        {
            "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
            "xsi:noNamespaceSchemaLocation": SCHEMA,
            "AUTHOR": "fer_live",
            "DATE": moment.isoformat(timespec="seconds"),
            "FORMAT": VERSION,
            "VERSION": VERSION,
        },
    )
    _add_header(root, medium, folder, sum(len(spans) for _, spans in tiers.values()))
    slots = ET.SubElement(root, "TIME_ORDER")
    _add_tiers(root, slots, tiers)
    ET.SubElement(
        root,
        "LINGUISTIC_TYPE",
        CONTROLLED_VOCABULARY_REF=VOCABULARY,
        GRAPHIC_REFERENCES="false",
        LINGUISTIC_TYPE_ID=LABEL_TYPE,
        TIME_ALIGNABLE="true",
    )
    ET.SubElement(
        root,
        "LINGUISTIC_TYPE",
        GRAPHIC_REFERENCES="false",
        LINGUISTIC_TYPE_ID=MARKER_TYPE,
        TIME_ALIGNABLE="true",
    )
    ET.SubElement(root, "LANGUAGE", LANG_ID=LANGUAGE, LANG_LABEL="English (eng)")
    _add_vocabulary(root, dict.fromkeys((*session.table.labels, *session.table.names, UNSURE)))
    ET.indent(root)
    text: bytes = ET.tostring(root, "utf-8", xml_declaration=True)
    return text


def _add_header(root: ET.Element, medium: Medium, folder: Path, annotations: int) -> None:
    header = ET.SubElement(root, "HEADER", MEDIA_FILE="", TIME_UNITS="milliseconds")
    if medium.video is not None:
        video = medium.video.absolute()
        try:
            relative = f"./{Path(relpath(video, folder.absolute())).as_posix()}"
        except ValueError:  # on another drive
            relative = video.as_uri()
        ET.SubElement(
            header,
            "MEDIA_DESCRIPTOR",
            MEDIA_URL=video.as_uri(),
            MIME_TYPE=guess_type(video.name)[0] or UNKNOWN_TYPE,
            RELATIVE_MEDIA_URL=relative,
        )
    last = ET.SubElement(header, "PROPERTY", NAME="lastUsedAnnotationId")
    last.text = str(annotations)


def _add_tiers(
    root: ET.Element, slots: ET.Element, tiers: Mapping[str, tuple[str, Sequence[Interval]]]
) -> None:
    slot = number = 0
    for name, (kind, intervals) in tiers.items():
        tier = ET.SubElement(root, "TIER", LINGUISTIC_TYPE_REF=kind, TIER_ID=name)
        for start_ms, end_ms, value in intervals:
            ids = []
            for time_ms in (start_ms, end_ms):
                slot += 1
                ids.append(f"ts{slot}")
                ET.SubElement(slots, "TIME_SLOT", TIME_SLOT_ID=ids[-1], TIME_VALUE=str(time_ms))
            number += 1
            aligned = ET.SubElement(
                ET.SubElement(tier, "ANNOTATION"),
                "ALIGNABLE_ANNOTATION",
                ANNOTATION_ID=f"a{number}",
                TIME_SLOT_REF1=ids[0],
                TIME_SLOT_REF2=ids[1],
            )
            ET.SubElement(aligned, "ANNOTATION_VALUE").text = value


def _add_vocabulary(root: ET.Element, values: Iterable[str]) -> None:
    vocabulary = ET.SubElement(root, "CONTROLLED_VOCABULARY", CV_ID=VOCABULARY)
    ET.SubElement(vocabulary, "DESCRIPTION", LANG_REF=LANGUAGE).text = "Expressions"
    for number, value in enumerate(values):
        entry = ET.SubElement(vocabulary, "CV_ENTRY_ML", CVE_ID=f"cve{number}")
        ET.SubElement(entry, "CVE_VALUE", DESCRIPTION="", LANG_REF=LANGUAGE).text = value


def _label_intervals(medium: Medium) -> dict[int, list[Interval]]:
    found: dict[int, list[Interval]] = {face: [] for face in medium.session.identities}
    for one in medium.labels():
        start_ms, end_ms = _milliseconds(one.span)
        found[one.face].append((start_ms, end_ms, one.label))
    return {face: without_overlap(intervals) for face, intervals in found.items() if intervals}


def _marker_intervals(medium: Medium) -> list[Interval]:
    found = [
        (round(at_s * 1000), round(at_s * 1000) + MARKER_MS, f"{note.key} {note.text}".strip())
        for at_s, note in medium.markers()
    ]
    return without_overlap(found)


def without_overlap(intervals: Iterable[Interval]) -> list[Interval]:
    """Intervals of one tier, which must not overlap: each ends where the next one begins.

    Those that begin at the same millisecond follow each other, a millisecond each.
    """
    ordered = sorted(intervals, key=lambda interval: interval[:2])
    found: list[Interval] = []
    for start_ms, end_ms, value in ordered:
        if found and found[-1][1] > start_ms:
            first_ms, _, before = found[-1]
            start_ms = max(start_ms, first_ms + 1)
            found[-1] = (first_ms, start_ms, before)
        found.append((start_ms, max(end_ms, start_ms + 1), value))
    return found


def _milliseconds(span: Span) -> tuple[int, int]:
    return round(span.start_s * 1000), round(span.end_s * 1000)


def _unique(name: str, taken: Container[str]) -> str:
    """A name that no tier has: with a number if need be."""
    found, number = name, 1
    while found in taken:
        number += 1
        found = f"{name} ({number})"
    return found
