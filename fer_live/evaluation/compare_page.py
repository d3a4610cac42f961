"""A comparison as files: JSON, Markdown, plots, and an HTML page that refers to no other file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fer_live.core.files import results_folder
from fer_live.core.html import heading, page, paragraph, png_image, table
from fer_live.core.records import report_json
from fer_live.evaluation.compare_plots import draw_accuracy, draw_cost, draw_per_class
from fer_live.training.data.dataset import SPLITS

NAME = "compare"
"""Start of the written files' names."""

NO_VALUE = "-"
"""Text of a cell without a value; Markdown files stay in ASCII."""

Report = Mapping[str, Any]

_PLOTS: tuple[tuple[str, str, Callable[[Report, Path], None]], ...] = (
    ("accuracy", "Accuracy by split", draw_accuracy),
    ("per-class", "F1 by class", draw_per_class),
    ("cost", "Accuracy and latency", draw_cost),
)


@dataclass(frozen=True)
class Table:
    """A titled table of text."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


def write_comparison(out: Path, report: Report) -> None:
    """Writes ``compare.json``, ``.md``, ``.html`` and the plots.

    Raises:
        DataError: The folder cannot be written.
    """
    with results_folder(out, "The comparison"):
        (out / f"{NAME}.json").write_text(report_json(report), "utf-8")
        for name, _, draw in _PLOTS:
            draw(report, _plot_path(out, name))
        (out / f"{NAME}.md").write_text(to_markdown(report), "utf-8")
        (out / f"{NAME}.html").write_text(_to_html(report, out), "utf-8")


def to_markdown(report: Report) -> str:
    """The comparison as Markdown that refers to the plots beside it."""
    parts = [f"# {_title(report)}", *_sentences(report)]
    for each in tables(report):
        cells = [each.header, ["---"] + ["---:"] * (len(each.header) - 1), *each.rows]
        lines = ["| " + " | ".join(c.replace("|", "\\|") for c in row) + " |" for row in cells]
        parts += [f"## {each.title}", "\n".join(lines)]
    parts += [f"![{title}]({_plot_path(Path(), name)})" for name, title, _ in _PLOTS]
    return "\n\n".join(parts) + "\n"


def tables(report: Report) -> list[Table]:
    """Every table of the comparison."""
    models = report["models"]
    metrics = Table(
        f"Metrics ({report['split']} split, {report['n']:,} faces; 95 % bootstrap intervals)",
        ("model", "accuracy", "macro F1", "balanced accuracy", "ECE", "NLL"),
        [
            (
                m["name"],
                *(_interval(m[key]) for key in ("accuracy", "macro_f1", "balanced_accuracy")),
                _share(m["ece"]),
                f"{m['nll']:.3f}",
            )
            for m in models
        ],
    )
    by_split = Table(
        "Accuracy by split, and the gap between training and test",
        ("model", "train", "val", "test", "gap, points"),
        [
            (
                m["name"],
                *(_of(m["accuracy_by_split"][s], m["faces_by_split"][s]) for s in SPLITS),
                NO_VALUE if m["gap_train_test"] is None else f"{100 * m['gap_train_test']:.1f}",
            )
            for m in models
        ],
    )
    per_class = Table(
        "F1 by class",
        ("class", "faces", *(m["name"] for m in models)),
        [
            (
                label,
                f"{models[0]['per_class'][label]['support']:,}",
                *(f"{m['per_class'][label]['f1']:.3f}" for m in models),
            )
            for label in report["compared_on"]
        ],
    )
    return [metrics, by_split, per_class, _costs(models), _tests(report)]


def _costs(models: Sequence[Report]) -> Table:
    batches = list(models[0]["latency"])
    return Table(
        "Cost (median latency, with the 95th percentile)",
        (
            *("model", "input", "weights", "multiply-adds", "file"),
            *(f"batch {b}" for b in batches),
            "engine",
        ),
        [
            (
                m["name"],
                ", ".join(m["input"]),
                f"{m['parameters'] / 1e6:.2f} M",
                f"{m['multiply_adds'] / 1e6:,.0f} M",
                f"{m['file_bytes'] / 1e6:.1f} MB",
                *(
                    f"{m['latency'][b]['median_ms']:.2f} ms ({m['latency'][b]['p95_ms']:.2f})"
                    for b in batches
                ),
                f"{m['engine']} on {m['device']}",
            )
            for m in models
        ],
    )


def _tests(report: Report) -> Table:
    return Table(
        "Are the differences real? McNemar's exact test, p adjusted by Holm",
        ("pair", "only the first right", "only the second right", "p", "p adjusted"),
        [
            (
                f"{pair['a']} vs {pair['b']}",
                f"{pair['only_a_right']:,}",
                f"{pair['only_b_right']:,}",
                f"{pair['p']:.2g}",
                f"{pair['p_holm']:.2g}",
            )
            for pair in report["pairs"]
        ],
    )


def _title(report: Report) -> str:
    return f"Comparison on {Path(report['data']).name}"


def _sentences(report: Report) -> list[str]:
    machine = report["machine"]
    load = machine["load_average"]
    left = ", ".join(f"{n:,} {reason}" for reason, n in report["left_out"].items() if n)
    sentences = [
        f"Truth: {report['truth']}. Classes: {', '.join(report['compared_on'])}."
        + (f" Left out: {left}." if left else ""),
        f"Time measured on {machine['processor']}, {machine['cores']} cores, "
        f"load average {NO_VALUE if load is None else load}; PyTorch with "
        f"{machine['torch_threads']} threads.",
    ]
    return [*sentences, *(f"Note: {note}." for note in report["notes"])]


def _to_html(report: Report, out: Path) -> str:
    body = [heading(_title(report), 1), *map(paragraph, _sentences(report))]
    for each in tables(report):
        numbers = range(1, len(each.header))
        body += [heading(each.title), table(each.header, each.rows, numbers=numbers)]
    for name, title, _ in _PLOTS:
        body += [heading(title), png_image(_plot_path(out, name).read_bytes(), title)]
    return page(_title(report), body)


def _plot_path(out: Path, name: str) -> Path:
    return out / f"{NAME}-{name}.png"


def _interval(metric: Report) -> str:
    if metric["ci95"] is None:
        return _share(metric["value"])
    low, high = metric["ci95"]
    return f"{_share(metric['value'])} [{100 * low:.1f}, {100 * high:.1f}]"


def _of(share: float | None, faces: int) -> str:
    return NO_VALUE if share is None else f"{_share(share)} of {faces:,}"


def _share(value: float) -> str:
    return f"{100 * value:.1f} %"
