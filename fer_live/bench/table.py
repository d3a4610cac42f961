"""The measurements as tables for a terminal."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table


def show(report: Mapping[str, Any], console: Console) -> None:
    """Prints a report of `run.measure` with its advice."""
    machine, source = report["machine"], report["source"]
    rate = f"{source['fps']:g} fps" if source["fps"] else "rate unknown"
    console.print(
        f"{machine['processor']}, {machine['cores']} cores, {machine['system']}\n"
        f"model {report['model']} on {report['device']}, by {report['engine']} "
        f"(loaded in {report['model_load_s']:.1f} s); {report['detector']}\n"
        f"{source['name']}: {source['width']}x{source['height']}, {rate}",
        highlight=False,
    )
    console.print(_stages(report))
    console.print(_whole(report))
    for sentence in report["advice"]:
        console.print(sentence, highlight=False)


def _stages(report: Mapping[str, Any]) -> Table:
    table = Table("stage", title="One stage at a time, ms per call")
    for heading in ("wall p50", "wall p95", "CPU mean", "CPU p95"):
        table.add_column(heading, justify="right")
    rows = {**report["stages"], "picture to label, per frame": report["end_to_end"]}
    for name, times in rows.items():
        wall, cpu = times["wall_ms"], times["cpu_ms"]
        values = (wall["p50"], wall["p95"], cpu["mean"], cpu["p95"])
        table.add_row(name, *(f"{value:.2f}" for value in values))
    return table


def _whole(report: Mapping[str, Any]) -> Table:
    whole, live = report["end_to_end"], report["live"]
    table = Table("live, with its threads", title="At the clip's own rate")
    table.add_column("value", justify="right")
    latency, peak = live["latency_ms"], live["rss_mb"]["peak"]
    stages = {
        f"  of it {name} p50, p95": f"{times['p50']:.1f}, {times['p95']:.1f} ms"
        for name, times in live["stage_ms"].items()
    }
    rows = {
        "results per second": f"{live['fps_analysed']:.1f}",
        "frames dropped": f"{live['frames_dropped']} of {live['frames_captured']}",
        "latency p50, p95": f"{latency['p50']:.1f}, {latency['p95']:.1f} ms",
        **stages,
        "CPU per frame, decoding included": f"{live['cpu_ms_per_frame']:.2f} ms",
        "cores used": f"{live['cores_used']:.2f}",
        "faces per frame": f"{whole['faces_per_frame']:.2f}",
        "memory, peak": "unknown" if peak is None else f"{peak:.0f} MB",
    }
    for name, value in rows.items():
        table.add_row(name, value)
    return table
