"""A look into a data set as a page that needs no other file."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from fer_live.core.labels import colour_rgb
from fer_live.evaluation.duplicates import Copy
from fer_live.evaluation.html import (
    figure_picture,
    heading,
    page,
    paragraph,
    pixel_picture,
    table,
)
from fer_live.evaluation.plots import new_figure
from fer_live.training.data.dataset import SPLITS, FaceData

Report = Mapping[str, Any]

SAMPLES = 12
"""Faces shown of each class."""

SAMPLE_SEED = 1
"""Seed of their choice."""

SHOWN_COPIES = 60
"""Pairs of copies shown, those across splits first; all are in the JSON file."""

PAIRS_A_ROW = 12

GAP_PX = 2
"""Between the pictures of a sheet."""

_SHEET_SCALE, _MEAN_SCALE = 1, 2

NONE = "\u2013"


def render(report: Report, faces: FaceData, copies: Sequence[Copy]) -> str:
    """The page.

    Args:
        report: All figures, as `explore.describe` gives them.
        faces: The faces, for pictures.
        copies: Their copies, in the order of the report's list.
    """
    classes = faces.classes(label_head(faces))
    parts = [
        paragraph(
            f"{report['faces']:,} pictures of {report['pixels_per_side']} pixels a side, "
            f"{len(report['labels'])} classes. Written by fer-live {report['fer_live']}."
        ),
        *(paragraph(f"Note: {note}.") for note in report["notes"]),
        *_counts(report),
        *_pixels(report),
        heading("Mean face of each class"),
        *_sheet(report, [mean_face(faces.images[classes == k]) for k in _present(report)]),
        heading("Samples"),
        *_samples(report, faces, classes),
        *_copies(report, faces, classes, copies),
        *_votes(report),
    ]
    return page(f"What is in {Path(report['data']).name}", parts)


def label_head(faces: FaceData) -> str:
    """The head with the data's own labels: FER2013's, else the only one."""
    return "fer2013" if "fer2013" in faces.targets else next(iter(faces.targets))


def mean_face(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The mean of faces, with its contrast stretched to all 256 levels."""
    mean = images.mean(0, dtype=np.float64)
    low, high = mean.min(), mean.max()
    return np.asarray((mean - low) * 255 / max(high - low, 1e-9), np.uint8)


def montage(rows: Sequence[Sequence[NDArray[np.uint8]]]) -> NDArray[np.uint8]:
    """Pictures of one size in rows, on grey; a row may be short."""
    side = rows[0][0].shape
    columns = max(len(row) for row in rows)
    step_y, step_x = side[0] + GAP_PX, side[1] + GAP_PX
    sheet = np.full((len(rows) * step_y, columns * step_x, *side[2:]), 128, np.uint8)
    for y, row in enumerate(rows):
        for x, picture in enumerate(row):
            sheet[y * step_y :, x * step_x :][: side[0], : side[1]] = picture
    return sheet


def _present(report: Report) -> list[int]:
    """Classes that have a face, in order."""
    return [k for k, label in enumerate(report["labels"]) if label in report["pixels"]["by_class"]]


def _counts(report: Report) -> list[str]:
    counts, weights = report["counts"], report["class_weights"]
    rows = []
    for label in report["labels"]:
        own = [counts[split][label] for split in SPLITS]
        weight = weights["weights"][label]
        share = sum(own) / max(report["faces"], 1)
        cells = (f"{sum(own):,}", f"{share:.1%}", NONE if weight is None else f"{weight:.3f}")
        rows.append((label, *(f"{n:,}" for n in own), *cells))
    totals = [sum(counts[split].values()) for split in SPLITS]
    rows.append(("all", *(f"{n:,}" for n in totals), f"{sum(totals):,}", "", ""))
    figure = new_figure(9, 4)
    axes = figure.subplots()
    bottom = np.zeros(len(report["labels"]))
    for split, shade in zip(SPLITS, ("0.7", "#56B4E9", "#0072B2"), strict=True):
        heights = np.array([counts[split][label] for label in report["labels"]])
        axes.bar(report["labels"], heights, bottom=bottom, color=shade, label=split)
        bottom = bottom + heights
    axes.set_ylabel("Pictures")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)
    return [
        heading("Classes and splits"),
        table(("class", *SPLITS, "all", "share", "suggested weight"), rows),
        paragraph(
            "Suggested weights of a loss are inverse frequencies in the "
            f"{weights['split']} pictures, 1 on average over pictures; the largest class is "
            f"{weights['largest_to_smallest']:g} times the smallest."
        ),
        figure_picture(figure, "Pictures by class and split"),
    ]


def _pixels(report: Report) -> list[str]:
    pixels = report["pixels"]
    groups = {"all": pixels["overall"], **pixels["by_split"], **pixels["by_class"]}
    keys = ("mean", "std", "p1", "p50", "p99", "std_of_face_means", "mean_of_face_stds")
    rows = [
        (name, f"{of['faces']:,}", *(f"{of[key]:g}" for key in keys)) for name, of in groups.items()
    ]
    header = (
        *("of", "pictures", "mean", "deviation", "1 %", "median", "99 %"),
        *("deviation of the pictures' means", "mean of the pictures' deviations"),
    )
    return [
        heading("Pixels"),
        paragraph(
            f"Brightness on the 0-255 scale. {pixels['overall']['black_share']:.2%} of all pixels "
            f"are black and {pixels['overall']['white_share']:.2%} white; "
            f"{report['flat_pictures']:,} pictures are flat: they show nothing."
        ),
        table(header, rows),
        figure_picture(_histograms(pixels), "Histograms of brightness, overall and by class"),
    ]


def _histograms(pixels: Report) -> Figure:
    figure = new_figure(9, 4.5)
    axes = figure.subplots()
    overall = np.array(pixels["overall"]["histogram"])
    centres = (np.arange(len(overall)) + 0.5) * 256 / len(overall)
    axes.bar(centres, overall, 256 / len(overall) * 0.95, color="0.85", label="all")
    for label, of in pixels["by_class"].items():
        colour = [c / 255 * 0.9 for c in colour_rgb(label)]
        axes.plot(centres, of["histogram"], color=colour, label=label)
    axes.set_xlabel("Brightness")
    axes.set_ylabel("Share of the pixels")
    axes.legend(ncols=2)
    return figure


def _sheet(report: Report, pictures: Sequence[NDArray[np.uint8]]) -> list[str]:
    names = ", ".join(report["labels"][k] for k in _present(report))
    return [
        paragraph(f"From left to right: {names}. Contrast is stretched."),
        pixel_picture(montage([pictures]), f"Mean faces: {names}", _MEAN_SCALE),
    ]


def _samples(report: Report, faces: FaceData, classes: NDArray[np.int64]) -> list[str]:
    rng = np.random.default_rng(SAMPLE_SEED)
    rows = []
    for k in _present(report):
        own = np.flatnonzero(classes == k)
        rows.append(list(faces.images[rng.permutation(own)[:SAMPLES]]))
    names = ", ".join(report["labels"][k] for k in _present(report))
    return [
        paragraph(f"Drawn at random; from top to bottom: {names}."),
        pixel_picture(montage(rows), f"Samples of {names}", _SHEET_SCALE),
    ]


def _copies(
    report: Report, faces: FaceData, classes: NDArray[np.int64], copies: Sequence[Copy]
) -> list[str]:
    found = report["copies"]
    parts = [
        heading("Copies"),
        paragraph(
            "Exact: the same pixels, each paired with the first of its kind. Near: perceptual "
            "hashes alike and pixels that correlate by 0.92 or more. Mirrored: near after a flip."
        ),
        table(
            ("kind", "pairs", "with different labels"),
            [
                (kind, f"{n:,}", f"{found['pairs_with_different_labels'][kind]:,}")
                for kind, n in found["pairs"].items()
            ],
        ),
        paragraph(
            f"{found['faces_in_groups']:,} pictures are in {found['groups']:,} groups of copies, "
            f"the largest of {found['largest_group']}; {found['superfluous_faces']:,} of them add "
            "nothing new."
        ),
        table(
            ("leak", "exact", "all kinds", "share of the split"),
            [
                (
                    name.replace("_", " "),
                    f"{leak['exact']:,}",
                    f"{leak['all']:,}",
                    f"{leak['all'] / leak['of']:.1%}" if leak["of"] else NONE,
                )
                for name, leak in found["leaks"].items()
            ],
        ),
    ]
    return [*parts, *_shown_copies(report, faces, classes, copies)]


def _shown_copies(
    report: Report, faces: FaceData, classes: NDArray[np.int64], copies: Sequence[Copy]
) -> list[str]:
    """Pictures and a table of some pairs: across splits first, near ones before exact ones."""

    def order(copy: Copy) -> tuple[bool, bool]:
        return bool(faces.split[copy.first] == faces.split[copy.second]), copy.kind == "exact"

    chosen = sorted(range(len(copies)), key=lambda i: order(copies[i]))[:SHOWN_COPIES]
    if not chosen:
        return []
    pairs = [_stacked(faces.images, copies[i]) for i in chosen]
    rows = [pairs[i : i + PAIRS_A_ROW] for i in range(0, len(pairs), PAIRS_A_ROW)]
    lines = []
    for number, place in enumerate(chosen, start=1):
        entry, copy = report["copies"]["list"][place], copies[place]
        ends = zip(entry["names"], entry["splits"], (copy.first, copy.second), strict=True)
        told = [f"{n} ({s or NONE}, {_label(report, classes[row])})" for n, s, row in ends]
        lines.append((str(number), entry["kind"], f"{entry['correlation']:.3f}", *told))
    return [
        paragraph(
            f"{len(chosen)} of {len(copies):,} pairs, those across splits first; one above the "
            "other, in the order of the table. The JSON file lists all."
        ),
        pixel_picture(montage(rows), "Pairs of copies", _SHEET_SCALE),
        table(("number", "kind", "correlation", "first", "second"), lines),
    ]


def _stacked(images: NDArray[np.uint8], copy: Copy) -> NDArray[np.uint8]:
    return np.concatenate((images[copy.first], images[copy.second]))


def _label(report: Report, k: np.int64) -> str:
    return str(report["labels"][k]) if k >= 0 else NONE


def _votes(report: Report) -> list[str]:
    votes = report["votes"]
    if votes is None:
        return []
    rows = []
    for label, counts in zip(report["labels"], votes["counts"], strict=True):
        agreed = votes["agreement_by_class"][label]
        rows.append(
            (label, *(f"{n:,}" for n in counts), NONE if agreed is None else f"{agreed:.1%}")
        )
    return [
        heading("Labels against the FER+ votes"),
        paragraph(
            f"{votes['agreement']:.1%} of the {votes['faces_with_majority']:,} labels with a "
            "majority of the votes agree with it; "
            f"{votes['faces_without_majority']:,} pictures have no majority for an emotion. "
            "Rows are labels, columns majorities."
        ),
        table(("label", *votes["labels"], "agree"), rows),
    ]
