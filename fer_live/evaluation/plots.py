"""Plots of an evaluation, written as PNG."""

import io
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray
from sklearn.metrics import roc_curve

from fer_live.core.labels import colour_rgb
from fer_live.evaluation.metrics import ECE_BINS, Metrics, confidence_bins

SHEET_SIDE = 6
"""Faces along each side of the square sheet of mistakes."""

DPI = 120
"""Resolution of a written plot, dots per inch."""

_DARKENED = 0.9  # factor on the classes' colours: the yellow of "happy" is pale on white


def draw_confusion(metrics: Metrics, path: Path) -> None:
    """Confusion matrix: coloured by the share of the true class, with counts."""
    counts = metrics.confusion
    share = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    figure = new_figure(6.5, 6)
    axes = figure.subplots()
    image = axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    ticks = range(len(metrics.labels))
    axes.set_xticks(ticks, metrics.labels, rotation=45, ha="right")
    axes.set_yticks(ticks, metrics.labels)
    axes.set_xlabel("Predicted")
    axes.set_ylabel("True")
    for row in ticks:
        for column in ticks:
            axes.text(
                column,
                row,
                f"{share[row, column]:.0%}\n{counts[row, column]}",
                ha="center",
                va="center",
                fontsize=7,
                color="white" if share[row, column] > 0.5 else "black",
            )
    figure.colorbar(image, ax=axes, shrink=0.8, label="Share of the true class")
    figure.savefig(path, dpi=DPI)


def draw_roc(
    truth: NDArray[np.int64], probabilities: NDArray[np.float32], metrics: Metrics, path: Path
) -> None:
    """One one-versus-rest ROC curve per class; classes without a curve are left out."""
    figure = new_figure(6, 6)
    axes = figure.subplots()
    for k, label in enumerate(metrics.labels):
        area = metrics.per_class[label]["roc_auc"]
        if area is None:
            continue
        false_rate, true_rate, _ = roc_curve(truth == k, probabilities[:, k])
        text = f"{label} ({area:.3f})"
        axes.plot(false_rate, true_rate, color=line_colour(label), label=text)
    axes.plot([0, 1], [0, 1], color="0.6", linestyle=":")
    axes.set_xlabel("False positive rate")
    axes.set_ylabel("True positive rate")
    axes.legend(title="Area under the curve", loc="lower right")
    figure.savefig(path, dpi=DPI)


def draw_reliability(
    truth: NDArray[np.int64], probabilities: NDArray[np.float32], metrics: Metrics, path: Path
) -> None:
    """Accuracy against confidence in 15 bins, and the number of faces in each bin."""
    count = np.bincount(confidence_bins(probabilities.max(1)), minlength=ECE_BINS)
    filled = np.flatnonzero(count)
    mean_confidence, accuracy = np.array(reliability_curve(truth, probabilities)).T
    figure = new_figure(6, 7)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    width = 1 / ECE_BINS
    upper.bar((filled + 0.5) * width, accuracy, width * 0.95, color="#0072B2", label="accuracy")
    upper.plot(mean_confidence, accuracy, "o", color="#D55E00", label="at mean confidence")
    upper.plot([0, 1], [0, 1], color="0.4", linestyle="--", label="perfect")
    upper.set_ylabel("Accuracy")
    upper.set_ylim(0, 1)
    upper.set_title(f"Expected calibration error {metrics.values['ece']:.1%}, n = {metrics.n}")
    upper.legend(loc="upper left")
    lower.bar((np.arange(ECE_BINS) + 0.5) * width, count, width * 0.95, color="0.6")
    lower.set_xlim(0, 1)
    lower.set_xlabel("Confidence of the top class")
    lower.set_ylabel("Faces")
    figure.savefig(path, dpi=DPI)


def reliability_curve(
    truth: NDArray[np.int64], probabilities: NDArray[np.float32]
) -> list[list[float]]:
    """Mean confidence and accuracy of each bin of confidence that holds a face."""
    confidence = probabilities.max(1)
    correct = probabilities.argmax(1) == truth
    bins = confidence_bins(confidence)
    count = np.bincount(bins, minlength=ECE_BINS)
    filled = np.flatnonzero(count)
    points = [np.bincount(bins, v, ECE_BINS)[filled] / count[filled] for v in (confidence, correct)]
    return np.stack(points, 1).tolist()  # type: ignore[no-any-return]


def most_confident_mistakes(
    truth: NDArray[np.int64], probabilities: NDArray[np.float32]
) -> NDArray[np.int64]:
    """Indices of the mistakes that `draw_mistakes` shows, the most confident first.

    Args:
        truth: (N,) classes.
        probabilities: (N, K).
    """
    wrong = np.flatnonzero(probabilities.argmax(1) != truth)
    order = np.argsort(-probabilities.max(1)[wrong], kind="stable")
    return wrong[order][: SHEET_SIDE**2]


def draw_mistakes(
    images: NDArray[np.uint8],
    truth: NDArray[np.int64],
    probabilities: NDArray[np.float32],
    labels: tuple[str, ...],
    path: Path,
    maps: NDArray[np.float32] | None = None,
) -> int:
    """The most confident mistakes, each with truth, prediction and confidence.

    Args:
        images: (N, S, S) or (N, S, S, 3) uint8; colour is red, green, blue.
        truth: (N,) classes.
        probabilities: (N, K).
        labels: The K classes.
        path: Where to write.
        maps: (M, h, w) float32 in 0-1, a heat map for each of `most_confident_mistakes`,
            shown beside the face; None shows the faces only.

    Returns:
        Number of mistakes shown; without any, the plot says so.
    """
    predicted, confidence = probabilities.argmax(1), probabilities.max(1)
    shown = most_confident_mistakes(truth, probabilities)
    figure = new_figure(9, 10) if maps is None else new_figure(15, 10)
    figure.suptitle("Most confident mistakes: true → predicted" if len(shown) else "No mistakes")
    grid = figure.subplots(SHEET_SIDE, SHEET_SIDE, squeeze=False)
    for axes in grid.ravel():
        axes.axis("off")
    for index, (axes, row) in enumerate(zip(grid.ravel(), shown, strict=False)):
        axes.imshow(images[row], cmap="gray", vmin=0, vmax=255, extent=(0, 1, 0, 1))
        if maps is not None:
            # The face, then the same face under its heat map.
            beside = (1, 2, 0, 1)
            axes.imshow(images[row], cmap="gray", vmin=0, vmax=255, extent=beside)
            heat = {"cmap": "inferno", "vmin": 0, "vmax": 1, "interpolation": "bilinear"}
            axes.imshow(maps[index], extent=beside, alpha=0.6 * maps[index], **heat)
            axes.set_xlim(0, 2)
        names = f"{labels[truth[row]]} → {labels[predicted[row]]}"
        axes.set_title(f"{names}\n{confidence[row]:.0%}", fontsize=7)
    figure.savefig(path, dpi=DPI)
    return len(shown)


def line_colour(label: str) -> tuple[float, float, float]:
    """Colour of a class for lines and bars on white: its own, darkened; red, green, blue in 0-1."""
    red, green, blue = (value / 255 * _DARKENED for value in colour_rgb(label))
    return red, green, blue


def new_figure(width_in: float, height_in: float) -> Figure:
    """An empty figure of this size, inches, without a window."""
    # No pyplot: it keeps metrics alive and picks a screen back end where there is one.
    figure = Figure(figsize=(width_in, height_in), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def png_bytes(figure: Figure) -> bytes:
    """A figure as the content of a PNG file."""
    file = io.BytesIO()
    figure.savefig(file, dpi=DPI, format="png")
    return file.getvalue()
