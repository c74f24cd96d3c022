"""Measuring side by side.

Rule 1: only ratios of one run are told; a figure of another day or machine is no witness.
Rule 2: rounds are interleaved and their order rotates, so that a slow moment of the machine falls on all alike.
Rule 3: the median of the rounds counts; the spread (first to third quartile, as a share of it) stands beside it.
Rule 4: what computes is timed in seconds of the processor, so that what else runs on the machine counts little; what waits
for a disk in seconds of the wall.
Rule 5: before the stop-watch starts, all must give the same answer where the row says so.
"""

from __future__ import annotations

import gc
import os
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from statistics import median, quantiles
from time import perf_counter, process_time

from attrs import field, frozen

PEERS = ("numpy", "pandas", "holidays", "workalendar", "workclock", "businesstimedelta", "bizdays", "better-calendar", "pendulum",
         "transitions", "python-statemachine", "xstate-statemachine", "SpiffWorkflow", "sismic", "eventsourcing")  # fmt: skip
Work = Callable[[], object]
Clock = Callable[[], float]


@frozen
class Row:
    """One operation: *ours*, the *peers* beside it, and the target (``peer -> least ratio peer / ours``)."""

    name: str
    ours: Work
    peers: Mapping[str, Work]
    targets: Mapping[str, float] = field(factory=dict)
    operations: int = 1
    seconds: float = 0.03  # of one round; more where a disk is asked
    note: str = ""
    waits: bool = False


@frozen
class Figure:
    """What was measured of one contestant: seconds an operation, and the spread of its rounds."""

    seconds: float
    spread: float


@frozen
class Result:
    """A row with its figures."""

    row: Row
    ours: Figure
    peers: Mapping[str, Figure]


def measure(row: Row, *, rounds: int = 15) -> Result:
    """Time *row* in interleaved rounds."""
    works = [row.ours, *row.peers.values()]
    clock = perf_counter if row.waits else process_time
    loops = [_loops(work, row.seconds, clock) for work in works]
    times: list[list[float]] = [[] for _ in works]
    gc.collect()
    gc.disable()
    try:
        for turn in range(rounds):
            for place in range(len(works)):
                which = (turn + place) % len(works)
                times[which].append(_time(works[which], loops[which], clock) / row.operations)
    finally:
        gc.enable()
    figures = [_figure(each) for each in times]
    return Result(row, figures[0], dict(zip(row.peers, figures[1:], strict=True)))


def _loops(work: Work, seconds: float, clock: Clock) -> int:
    loops = 1
    while (took := _time(work, loops, clock) * loops) < seconds / 4 and loops < 1_000_000:
        loops = max(loops * 2, int(loops * seconds / max(took, 1e-9) / 2))
    return max(1, int(loops * seconds / max(took, 1e-9)))


def _time(work: Work, loops: int, clock: Clock) -> float:
    start = clock()
    for _ in range(loops):
        work()
    return (clock() - start) / loops


def _figure(times: Sequence[float]) -> Figure:
    middle = median(times)
    first, _, third = quantiles(times, n=4)
    return Figure(middle, (third - first) / middle)


def told(result: Result) -> list[str]:
    """The lines of a Markdown table for *result*: one for each peer."""
    lines = []
    name = f"{result.row.name} ({result.row.note})" if result.row.note else result.row.name
    for peer, figure in result.peers.items():
        ratio = figure.seconds / result.ours.seconds
        target = result.row.targets.get(peer)
        verdict = "" if target is None else f"≥ {target:g}×" if ratio >= target else f"≥ {target:g}× **missed**"
        lines.append(f"| {name} | {_span(result.ours)} | {peer} | {_span(figure)} | {ratio:.2f}× | {verdict} |")
        name = ""
    return lines


HEAD = ["| operation | ours | peer | peer's time | ours is faster by | target |", "|---|--:|---|--:|--:|---|"]


def _span(figure: Figure) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9)):
        if figure.seconds >= size or unit == "ns":
            return f"{figure.seconds / size:.3g} {unit} ±{figure.spread:.0%}"
    raise AssertionError


def circumstances() -> str:
    """When and on what the figures were taken."""
    peers = ", ".join(f"{name} {version(name)}" for name in PEERS)
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, CPython {platform.python_version()} on {sys.platform} {platform.machine()}, "
        f"{os.cpu_count()} cores; {peers}. Medians of interleaved rounds, ± the middle half of the rounds."
    )
