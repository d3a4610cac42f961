"""The exploration of a data set as an HTML page that refers to no other file."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from fer_live.core.html import NO_VALUE, Html, heading, page, paragraph, png_image
from fer_live.core.html import table as html_table
from fer_live.evaluation.duplicates import DuplicatePair
from fer_live.evaluation.plots import line_colour, new_figure, png_bytes
from fer_live.training.data.dataset import SPLITS, FaceData

Report = Mapping[str, Any]

SAMPLES = 12
"""Faces shown of each class."""

SAMPLE_SEED = 1
"""Seed of the random choice of samples."""

SHOWN_PAIRS = 60
"""Pairs of duplicates shown, those across splits first; the JSON file has all."""

PAIRS_PER_ROW = 12
"""Pairs side by side in a sheet."""

GAP_PX = 2
"""Pixels between the images of a sheet."""

_SHEET_SCALE, _MEAN_SCALE = 1, 2


def render(report: Report, faces: FaceData, pairs: Sequence[DuplicatePair]) -> str:
    """Renders the page.

    Args:
        report: The report of `explore.describe`.
        faces: The faces, for the images.
        pairs: Their duplicates, in the order of the report's list.
    """
    classes = faces.classes(label_head(faces))
    parts = [
        paragraph(
            f"{report['faces']:,} images of {report['pixels_per_side']} pixels a side, "
            f"{len(report['labels'])} classes. Written by fer-live {report['fer_live']}."
        ),
        *(paragraph(f"Note: {note}.") for note in report["notes"]),
        *_counts(report),
        *_pixels(report),
        heading("Mean face of each class"),
        *_sheet(report, [mean_face(faces.images[classes == k]) for k in _present(report)]),
        heading("Samples"),
        *_samples(report, faces, classes),
        *_duplicates(report, faces, classes, pairs),
        *_votes(report),
    ]
    title = f"Contents of {Path(report['data']).name}"
    return page(title, [heading(title, 1), *parts])


def label_head(faces: FaceData) -> str:
    """The head with the data's own labels: FER2013's, else the only one."""
    return "fer2013" if "fer2013" in faces.targets else next(iter(faces.targets))


def mean_face(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Mean of the faces, contrast stretched to 0-255.

    Args:
        images: (N, S, S) or (N, S, S, 3) uint8.

    Returns:
        (S, S) or (S, S, 3) uint8.
    """
    mean = images.mean(0, dtype=np.float64)
    low, high = mean.min(), mean.max()
    return np.asarray((mean - low) * 255 / max(high - low, 1e-9), np.uint8)


def montage(rows: Sequence[Sequence[NDArray[np.uint8]]]) -> NDArray[np.uint8]:
    """Images of one size and colour mode in rows on a grey ground; rows may differ in length."""
    side = rows[0][0].shape
    columns = max(len(row) for row in rows)
    step_y, step_x = side[0] + GAP_PX, side[1] + GAP_PX
    sheet = np.full((len(rows) * step_y, columns * step_x, *side[2:]), 128, np.uint8)
    for y, row in enumerate(rows):
        for x, image in enumerate(row):
            sheet[y * step_y :, x * step_x :][: side[0], : side[1]] = image
    return sheet


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Html:
    """A table of numbers with a text in the first column."""
    return html_table(header, rows, numbers=range(1, len(header)))


def _pixel_image(image: NDArray[np.uint8], alt: str, scale: int) -> Html:
    """(H, W) grey or (H, W, 3) RGB pixels, enlarged `scale` times with sharp edges."""
    if image.ndim == 3:
        image = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2BGR), np.uint8)
    png = cv2.imencode(".png", image)[1].tobytes()
    return png_image(png, alt, width=image.shape[1] * scale)


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
        cells = (f"{sum(own):,}", f"{share:.1%}", NO_VALUE if weight is None else f"{weight:.3f}")
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
    axes.set_ylabel("Images")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)
    return [
        heading("Classes and splits"),
        _table(("class", *SPLITS, "all", "share", "suggested weight"), rows),
        paragraph(
            "The suggested weights of a loss are inverse frequencies in the "
            f"{weights['split']} images, 1 on average over the images; the largest class is "
            f"{weights['largest_to_smallest']:g} times the smallest."
        ),
        png_image(png_bytes(figure), "Images by class and split"),
    ]


def _pixels(report: Report) -> list[str]:
    pixels = report["pixels"]
    groups = {"all": pixels["overall"], **pixels["by_split"], **pixels["by_class"]}
    keys = ("mean", "std", "p1", "p50", "p99", "std_of_face_means", "mean_of_face_stds")
    rows = [
        (name, f"{of['faces']:,}", *(f"{of[key]:g}" for key in keys)) for name, of in groups.items()
    ]
    header = (
        *("of", "images", "mean", "deviation", "1 %", "median", "99 %"),
        *("deviation of the images' means", "mean of the images' deviations"),
    )
    return [
        heading("Pixels"),
        paragraph(
            f"Brightness on the 0-255 scale. {pixels['overall']['black_share']:.2%} of all pixels "
            f"are black and {pixels['overall']['white_share']:.2%} white; "
            f"{report['flat_pictures']:,} images are flat: they show nothing."
        ),
        _table(header, rows),
        png_image(png_bytes(_histograms(pixels)), "Histograms of brightness, overall and by class"),
    ]


def _histograms(pixels: Report) -> Figure:
    figure = new_figure(9, 4.5)
    axes = figure.subplots()
    overall = np.array(pixels["overall"]["histogram"])
    centres = (np.arange(len(overall)) + 0.5) * 256 / len(overall)
    axes.bar(centres, overall, 256 / len(overall) * 0.95, color="0.85", label="all")
    for label, of in pixels["by_class"].items():
        axes.plot(centres, of["histogram"], color=line_colour(label), label=label)
    axes.set_xlabel("Brightness")
    axes.set_ylabel("Share of the pixels")
    axes.legend(ncols=2)
    return figure


def _sheet(report: Report, images: Sequence[NDArray[np.uint8]]) -> list[str]:
    names = ", ".join(report["labels"][k] for k in _present(report))
    return [
        paragraph(f"From left to right: {names}. Contrast is stretched."),
        _pixel_image(montage([images]), f"Mean faces: {names}", _MEAN_SCALE),
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
        _pixel_image(montage(rows), f"Samples of {names}", _SHEET_SCALE),
    ]


def _duplicates(
    report: Report, faces: FaceData, classes: NDArray[np.int64], pairs: Sequence[DuplicatePair]
) -> list[str]:
    found = report["copies"]
    parts = [
        heading("Duplicates"),
        paragraph(
            "Exact: the same pixels; each image is paired with the first equal one. Near: similar "
            "perceptual hashes, and pixels with a correlation of 0.92 or more. Mirrored: near "
            "after a flip."
        ),
        _table(
            ("kind", "pairs", "with different labels"),
            [
                (kind, f"{n:,}", f"{found['pairs_with_different_labels'][kind]:,}")
                for kind, n in found["pairs"].items()
            ],
        ),
        paragraph(
            f"{found['faces_in_groups']:,} images are in {found['groups']:,} groups of duplicates, "
            f"the largest of {found['largest_group']}; {found['superfluous_faces']:,} of them "
            "repeat another one."
        ),
        _table(
            ("leak", "exact", "all kinds", "share of the split"),
            [
                (
                    name.replace("_", " "),
                    f"{leak['exact']:,}",
                    f"{leak['all']:,}",
                    f"{leak['all'] / leak['of']:.1%}" if leak["of"] else NO_VALUE,
                )
                for name, leak in found["leaks"].items()
            ],
        ),
    ]
    return [*parts, *_shown_pairs(report, faces, classes, pairs)]


def _shown_pairs(
    report: Report, faces: FaceData, classes: NDArray[np.int64], pairs: Sequence[DuplicatePair]
) -> list[str]:
    """Images and a table of some pairs: across splits first, near before exact."""

    def order(pair: DuplicatePair) -> tuple[bool, bool]:
        return bool(faces.split[pair.first] == faces.split[pair.second]), pair.kind == "exact"

    chosen = sorted(range(len(pairs)), key=lambda i: order(pairs[i]))[:SHOWN_PAIRS]
    if not chosen:
        return []
    stacks = [_stacked(faces.images, pairs[i]) for i in chosen]
    rows = [stacks[i : i + PAIRS_PER_ROW] for i in range(0, len(stacks), PAIRS_PER_ROW)]
    lines = []
    for number, index in enumerate(chosen, start=1):
        entry, pair = report["copies"]["list"][index], pairs[index]
        ends = zip(entry["names"], entry["splits"], (pair.first, pair.second), strict=True)
        cells = [f"{n} ({s or NO_VALUE}, {_label(report, classes[row])})" for n, s, row in ends]
        lines.append((str(number), entry["kind"], f"{entry['correlation']:.3f}", *cells))
    return [
        paragraph(
            f"{len(chosen)} of {len(pairs):,} pairs, those across splits first; the images of a "
            "pair are one above the other, in the order of the table. The JSON file lists all."
        ),
        _pixel_image(montage(rows), "Pairs of duplicates", _SHEET_SCALE),
        _table(("number", "kind", "correlation", "first", "second"), lines),
    ]


def _stacked(images: NDArray[np.uint8], pair: DuplicatePair) -> NDArray[np.uint8]:
    return np.concatenate((images[pair.first], images[pair.second]))


def _label(report: Report, k: np.int64) -> str:
    return str(report["labels"][k]) if k >= 0 else NO_VALUE


def _votes(report: Report) -> list[str]:
    votes = report["votes"]
    if votes is None:
        return []
    rows = []
    for label, counts in zip(report["labels"], votes["counts"], strict=True):
        agreed = votes["agreement_by_class"][label]
        rows.append(
            (label, *(f"{n:,}" for n in counts), NO_VALUE if agreed is None else f"{agreed:.1%}")
        )
    return [
        heading("Labels against the FER+ votes"),
        paragraph(
            f"{votes['agreement']:.1%} of the {votes['faces_with_majority']:,} labels agree with "
            "the majority of the votes, where there is one; "
            f"{votes['faces_without_majority']:,} images have no majority for an emotion. "
            "Rows are labels, columns majorities."
        ),
        _table(("label", *votes["labels"], "agree"), rows),
    ]
