"""A run's training curves: a table and plots from its CSV logs."""

from pathlib import Path

import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

LOG_FOLDER = "csv"
"""Folder of the current log; a resumed run renames the log before it to csv-1, csv-2 …"""

HISTORY_FILE = "history.csv"

_PLOTS = {
    "loss": (("train_loss", "val_loss"), "Loss"),
    "accuracy": (("val_acc_",), "Validation accuracy"),
    "macro_f1": (("val_macro_f1_",), "Validation macro F1"),
}
"""By file name: prefixes of the columns drawn in it, and the label of the axis."""


def set_aside_log(out: Path) -> None:
    """Renames an earlier run's log, so that a resumed run does not overwrite it."""
    current = out / LOG_FOLDER
    if current.is_dir() and any(current.iterdir()):
        current.rename(out / f"{LOG_FOLDER}-{len(_old_logs(out)) + 1}")


def read_history(out: Path) -> pd.DataFrame:
    """One row per epoch, from all logs of a run; of an epoch trained twice, the later row.

    Args:
        out: Folder of the run.

    Returns:
        Columns epoch, train_loss, val_loss, val_acc_HEAD, val_macro_f1_HEAD, lr, as far as they
        were logged; empty without logs.
    """
    files = [p / "metrics.csv" for p in (*_old_logs(out), out / LOG_FOLDER)]
    tables = []
    for path in files:
        if path.is_file() and path.stat().st_size:
            table = pd.read_csv(path)
            rates = [c for c in table.columns if c.startswith("lr-")]
            if rates:
                table = table.rename(columns={rates[0]: "lr"}).drop(columns=rates[1:])
                table["lr"] = table["lr"].ffill()
            tables.append(table)
    if not tables:
        return pd.DataFrame({"epoch": pd.Series(dtype="int64")})
    table = pd.concat(tables, ignore_index=True).dropna(subset="epoch")
    table = table.drop(columns=[c for c in ("step",) if c in table.columns])
    history = table.groupby("epoch", as_index=False).last()
    return history.astype({"epoch": "int64"})


def draw_curves(out: Path) -> list[Path]:
    """Writes ``history.csv`` and the curves of a run as PNG into its folder.

    Args:
        out: Folder of the run, with its logs.

    Returns:
        Paths of the plots: loss.png, accuracy.png, macro_f1.png, as far as they were logged.
    """
    history = read_history(out)
    history.to_csv(out / HISTORY_FILE, index=False)
    written = []
    for name, (starts, what) in _PLOTS.items():
        columns = [c for c in history.columns if c.startswith(starts)]
        if not columns or not len(history):
            continue
        figure = Figure(figsize=(7, 4.5), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots()
        for column in columns:
            values = history[["epoch", column]].dropna()
            marker = "o" if len(values) < 3 else None
            axes.plot(values["epoch"] + 1, values[column], label=column, marker=marker)
        axes.set_xlabel("Epoch")
        axes.set_ylabel(what)
        axes.grid(alpha=0.3)
        axes.legend()
        path = out / f"{name}.png"
        figure.savefig(path, dpi=120)
        written.append(path)
    return written


def _old_logs(out: Path) -> list[Path]:
    numbered = [p for p in out.glob(f"{LOG_FOLDER}-*") if p.name.rsplit("-", 1)[1].isdigit()]
    return sorted(numbered, key=lambda p: int(p.name.rsplit("-", 1)[1]))
