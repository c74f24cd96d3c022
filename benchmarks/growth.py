"""``python -m benchmarks.growth [FILE]``: how the cost of a question grows, as four plots in one SVG.

With n, with the number of pauses, and with the years that a calendar covers. Rounds are interleaved as in `benchmarks.harness`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pendulum

from qms.calendar import WorkCalendar
from qms.deadline import due
from qms.limits import CountingRule, TimeLimit

from . import peers
from .harness import Row, Work, circumstances, measure

PAGE = Path(__file__).resolve().parents[1] / "docs" / "images" / "growth.svg"
START = date(2012, 1, 3)
MOMENT = pendulum.datetime(2012, 1, 3, 9, tz=peers.ZONE)
Curves = dict[str, list[tuple[float, float]]]


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.growth", description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=PAGE)
    parser.add_argument("--rounds", type=int, default=7)
    asked = parser.parse_args()
    plots = [
        ("add n working days", "n", _days(asked.rounds)),
        ("add n working hours", "n", _hours(asked.rounds)),
        ("due() of 60 working days with pauses", "pauses", _pauses(asked.rounds)),
        ("a calendar of so many years", "years", _years(asked.rounds)),
    ]
    asked.file.parent.mkdir(exist_ok=True)
    draw(plots, asked.file)
    for title, axis, curves in plots:
        for name, points in curves.items():
            told = ", ".join(f"{x:g}: {y * 1e6:.3g} µs" for x, y in points)
            print(f"{title} ({axis}), {name}: {told}")
    return 0


def _curves(works: Iterable[tuple[float, Mapping[str, Work]]], rounds: int) -> Curves:
    curves: Curves = {}
    for x, each in works:
        (first, ours), *others = each.items()
        result = measure(Row(first, ours, dict(others), seconds=0.01), rounds=rounds)
        for name, figure in {first: result.ours, **result.peers}.items():
            curves.setdefault(name, []).append((x, figure.seconds))
    return curves


def _days(rounds: int) -> Curves:
    def works() -> Iterable[tuple[float, Mapping[str, Work]]]:
        for n in (1, 4, 16, 64, 256, 1024, 4096):
            yield (
                n,
                {
                    "qms": partial(peers.ours().add_working_days, START, n),
                    "numpy": partial(peers.numpy_adds, START, n),
                    "bizdays": partial(peers.bizdays().offset, START, n),
                    "python-holidays": partial(peers.known().get_nth_working_day, START, n),
                    "workalendar": partial(peers.workalendar().add_working_days, START, n),
                },
            )

    return _curves(works(), rounds)


def _hours(rounds: int) -> Curves:
    plain = datetime.fromisoformat(str(MOMENT)).astimezone(MOMENT.timezone)
    naive = plain.replace(tzinfo=None)

    def works() -> Iterable[tuple[float, Mapping[str, Work]]]:
        for n in (1, 4, 16, 64, 256, 1024, 4096):
            span, offset = timedelta(hours=n), peers.custom_hour(n)
            yield (
                n,
                {
                    "qms": partial(peers.ours().add_working_time, MOMENT, span),
                    "workclock (Rust)": partial(peers.workclock().add, plain, span),
                    "pandas": lambda offset=offset: naive + offset,
                },
            )

    return _curves(works(), rounds)


def _pauses(rounds: int) -> Curves:
    limit, rule, calendar = TimeLimit.parse("60 working days"), CountingRule.named("vn-civil-2015"), peers.ours()

    def works() -> Iterable[tuple[float, Mapping[str, Work]]]:
        for n in (1, 2, 4, 8, 16, 32, 64):
            pauses = [(MOMENT.add(days=place), MOMENT.add(days=place, hours=5)) for place in range(1, n + 1)]
            yield (
                n,
                {
                    "qms": partial(due, MOMENT, limit, calendar=calendar, rule=rule, pauses=pauses),
                    "one pendulum.datetime(...)": partial(pendulum.datetime, 2024, 1, 23, 9, tz=peers.ZONE),
                },
            )

    return _curves(works(), rounds)


def _years(rounds: int) -> Curves:
    limit, rule = TimeLimit.parse("15 working days"), CountingRule.named("vn-civil-2015")

    def works() -> Iterable[tuple[float, Mapping[str, Work]]]:
        for years in (2, 4, 8, 16, 32, 64):
            make: Any = partial(
                WorkCalendar.from_dates,
                zone=peers.ZONE,
                week={"mon-fri": peers.HOURS},
                first=date(2012, 1, 1),
                last=date(2011 + years, 12, 31),
            )
            calendar = make()
            yield (
                years,
                {
                    "add 15 working days": partial(calendar.add_working_days, START, 15),
                    "add 20 working hours": partial(calendar.add_working_time, MOMENT, timedelta(hours=20)),
                    "due()": partial(due, MOMENT, limit, calendar=calendar, rule=rule),
                    "make the calendar": make,
                },
            )

    return _curves(works(), rounds)


def draw(plots: list[tuple[str, str, Curves]], file: Path) -> None:
    """Four plots of what grows, in the SVG *file*."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    mpl.rcParams.update({"svg.fonttype": "none", "font.size": 9, "svg.hashsalt": "growth"})
    figure = Figure(figsize=(9.2, 7.4), layout="constrained")
    for place, (title, axis, curves) in enumerate(plots, 1):
        panel = figure.add_subplot(2, 2, place)
        for name, points in curves.items():
            x, y = zip(*points, strict=True)
            panel.plot(
                x, [each * 1e6 for each in y], marker="o", markersize=3, linewidth=2.2 if name == "qms" else 1.2, label=name
            )
        panel.set(title=title, xlabel=axis, ylabel="" if "bytes" in title else "µs", xscale="log", yscale="log")
        panel.set_xticks([x for x, _ in points], labels=[f"{x:g}" for x, _ in points])
        panel.minorticks_off()
        panel.grid(visible=True, linewidth=0.3)
        panel.legend(frameon=False, fontsize=8)
    figure.suptitle(circumstances().partition(";")[0], fontsize=8)
    figure.savefig(file, metadata={"Date": None})


if __name__ == "__main__":
    sys.exit(main())
