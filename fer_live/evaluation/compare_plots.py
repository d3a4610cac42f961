"""Plots of a comparison, written as PNG."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.ticker import ScalarFormatter

from fer_live.evaluation.plots import DPI, line_colour, new_figure

Report = Mapping[str, Any]

_SPLIT_COLOURS = {"train": "#BBBBBB", "val": "#56B4E9", "test": "#0072B2"}  # Okabe and Ito's

_GROUP = 0.8  # width of a group of bars; the rest separates it from the next


def draw_accuracy(report: Report, path: Path) -> None:
    """Bars of training, validation and test accuracy; the gap is written above."""
    models = report["models"]
    figure = new_figure(max(6.0, 1.7 * len(models) + 2), 5)
    axes = figure.subplots()
    width = _GROUP / len(_SPLIT_COLOURS)
    places = np.arange(len(models))
    for number, (split, colour) in enumerate(_SPLIT_COLOURS.items()):
        values = [m["accuracy_by_split"][split] or 0.0 for m in models]
        bars = axes.bar(places + (number - 1) * width, values, width, color=colour, label=split)
        axes.bar_label(bars, [f"{v:.0%}" if v else "" for v in values], fontsize=8)
    axes.set_xticks(places, [_with_gap(m) for m in models])
    axes.set_ylim(0, 1.05)
    axes.set_ylabel("Accuracy")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)
    figure.savefig(path, dpi=DPI)


def draw_per_class(report: Report, path: Path) -> None:
    """Bars of every class's F1, a group per model, in the classes' own colours."""
    models, labels = report["models"], report["compared_on"]
    figure = new_figure(max(7.0, 0.32 * len(models) * len(labels) + 2), 5)
    axes = figure.subplots()
    width = _GROUP / len(labels)
    places = np.arange(len(models))
    for number, label in enumerate(labels):
        values = [m["per_class"][label]["f1"] for m in models]
        offset = (number - (len(labels) - 1) / 2) * width
        axes.bar(places + offset, values, width, color=line_colour(label), label=label)
    axes.set_xticks(places, [_name(model) for model in models])
    axes.set_ylim(0, 1)
    axes.set_ylabel(f"F1 ({report['split']} split)")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=4)
    figure.savefig(path, dpi=DPI)


def draw_cost(report: Report, path: Path) -> None:
    """Accuracy with its interval against the latency of one face."""
    figure = new_figure(7, 5)
    axes = figure.subplots()
    for model in report["models"]:
        latency_ms = model["latency"]["1"]["median_ms"]
        value, ends = model["accuracy"]["value"], model["accuracy"]["ci95"]
        below, above = (value - ends[0], ends[1] - value) if ends else (0.0, 0.0)
        error = [[max(below, 0)], [max(above, 0)]]
        axes.errorbar(latency_ms, value, error, fmt="o", capsize=4, label=model["name"])
    axes.set_xscale("log")
    for use in (axes.xaxis.set_major_formatter, axes.xaxis.set_minor_formatter):
        use(ScalarFormatter())
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    axes.margins(x=0.3, y=0.2)
    axes.set_xlabel("Milliseconds for one face, this machine")
    axes.set_ylabel(f"Accuracy ({report['split']} split), 95 % interval")
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=DPI)


def _with_gap(model: Report) -> str:
    gap = model["gap_train_test"]
    return _name(model) if gap is None else f"{_name(model)}\ngap {100 * gap:.1f} points"


def _name(model: Report) -> str:
    """Name of a model; those of an ensemble stand below each other."""
    return str(model["name"]).replace(" + ", "\n+ ")
