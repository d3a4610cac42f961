"""Interlaced frames made progressive by FFmpeg's filter."""

import logging
from fractions import Fraction
from typing import Any

import av
from av.filter import Graph
from av.video.frame import VideoFrame

_log = logging.getLogger(__name__)

DEINTERLACER = "bwdif"
"""FFmpeg's filter for interlaced frames: Bob Weaver, with the motion-adaptive part of yadif."""


class Deinterlacer:
    """Makes interlaced frames progressive, one frame for each; passes others through.

    The filter starts at the first interlaced frame. From then on frames come one later, because
    it looks at the next frame, too.

    Args:
        threads: Threads of the filter; 0 for one per core.
    """

    def __init__(self, threads: int = 0) -> None:
        self._threads = threads
        self._graph: Graph | None = None
        self._kind: tuple[Any, ...] | None = None
        self.active = False
        """True once there was an interlaced frame, until `reset`."""

    def reset(self) -> None:
        """Forgets the frames that it holds."""
        self._graph = None
        self.active = False

    def push(self, frame: VideoFrame) -> list[VideoFrame]:
        """Takes a decoded frame; returns those that are ready."""
        kind = (frame.width, frame.height, frame.format.name, frame.time_base)
        ready = self.flush() if self._graph is not None and kind != self._kind else []
        if self._graph is None:
            if not frame.interlaced_frame:
                return [*ready, frame]
            self._kind, self.active = kind, True
            try:
                self._graph = _deinterlacing_graph(frame, self._threads)
            except (av.FFmpegError, ValueError) as error:
                # FFmpeg's filter refuses fewer than 3 columns or 4 rows.
                _log.debug("not deinterlaced: %s", error)
                return [*ready, frame]
        self._graph.vpush(frame)
        return ready + self._pull()

    def flush(self) -> list[VideoFrame]:
        """The frames that the filter still holds; afterwards it starts again."""
        if self._graph is None:
            return []
        self._graph.vpush(None)
        ready = self._pull()
        self._graph = None
        return ready

    def _pull(self) -> list[VideoFrame]:
        ready: list[VideoFrame] = []
        graph = self._graph
        while graph is not None:
            try:
                ready.append(graph.vpull())
            except (av.BlockingIOError, av.EOFError):
                break
        return ready


def _deinterlacing_graph(frame: VideoFrame, threads: int) -> Graph:
    graph = Graph()
    graph.threads = threads
    source = graph.add(
        "buffer",
        video_size=f"{frame.width}x{frame.height}",
        pix_fmt=frame.format.name,
        time_base=str(frame.time_base or Fraction(1, av.time_base)),
        colorspace=str(int(frame.colorspace)),
        range=str(int(frame.color_range)),
    )
    # One frame for each, of the fields' order that the frame says, and only if it says so.
    deinterlace = graph.add(DEINTERLACER, "mode=send_frame:parity=auto:deint=interlaced")
    graph.link_nodes(source, deinterlace, graph.add("buffersink"))
    graph.configure()
    return graph
