"""A log of any kind: how it is opened, its figures in bounded memory, and its cases in time order.

Rule 1: what a file is, its first bytes say, not its name: an XML document is XES, anything else CSV, either in gzip or not.
Rule 2: XES can be read without a map, CSV cannot: nothing says which column is the case.
Rule 3: events of a case stand in time order; equal times in the order the map names, else that of the file. A case in which
        an event has no time keeps the order of the file.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from operator import gt
from pathlib import Path
from typing import Any, TypeAlias

from attrs import field, frozen

from ..errors import InvalidInput, Problem
from ..measure.logstats import LogStats, percentile, stats_of_columns
from .csvlog import CsvLog
from .eventlog import TIMELESS, EventLog, LogEvent, plain_bytes, reading, size_of
from .mapping import LogMap
from .xeslog import XesLog

__all__ = ["History", "LogFigures", "figures", "histories", "open_log"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def open_log(
    path: str | Path,
    mapping: LogMap | None = None,
    progress: Callable[[int], None] | None = None,
    *,
    classifier: str | None = None,
    timeless: bool = False,
) -> EventLog:
    """The log in the file at *path*, CSV or XES.

    Raises:
        InvalidInput: no such file, a CSV without a map, a classifier asked of a CSV.
    """
    size_of(Path(path))
    with reading(Path(path), [0]) as raw:
        head = plain_bytes(raw).read(1024)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"<") or head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return XesLog(path, mapping, progress, classifier=classifier, timeless=timeless)
    if mapping is None:
        raise InvalidInput("a CSV needs a map that says which column is the case, the activity and the time (--map)", str(path))
    if classifier is not None:
        raise InvalidInput("only XES has classifiers; name the column of the activity in the map", str(path))
    return CsvLog(path, mapping, progress)


@frozen
class LogFigures:
    """The figures of a log and of its file: who acted how often, what has no value, what is not in order."""

    stats: LogStats = field(repr=False)
    missing: Mapping[str, int]
    """For each column or attribute, in how many entries it has no value."""
    resources: int
    unnamed: int
    """Events of nobody."""
    groups: Mapping[str, Mapping[str, int]] = field(repr=False)
    """For each activity, how often each group did it; '' where the event names none. Empty where the map names no group."""
    unordered: int
    """Cases whose events do not stand in time order in the file."""
    timeless: int
    """Events without a time."""
    lost: int
    """Entries that are no event."""
    faults: tuple[Problem, ...] = field(repr=False)
    warnings: tuple[Problem, ...] = field(repr=False)
    warned: int

    @property
    def good(self) -> bool:
        """Whether every entry is an event, each value could be read, and the file is in order."""
        return not self.faults and not self.unordered

    def by_group(self) -> dict[str, int]:
        """How many events each group did, by its name."""
        total = Counter[str]()
        for groups in self.groups.values():
            total.update(groups)
        return {name: n for name, n in sorted(total.items()) if name}

    def to_tree(self) -> dict[str, Any]:
        """The figures as JSON values."""
        stats = self.stats
        return {
            "cases": stats.cases,
            "events": stats.events,
            "variants": len(stats.variants),
            "top_variants": [{"variant": list(names), "count": n} for names, n in stats.variants[:10]],
            "activities": dict(stats.activities),
            "directly_follows": [list(pair) for pair in stats.directly_follows],
            "starts": dict(stats.starts),
            "ends": dict(stats.ends),
            "first": iso(stats.first),
            "last": iso(stats.last),
            "case_duration_us": {
                "median": percentile(stats.durations, 50),
                "p90": percentile(stats.durations, 90),
                "max": stats.durations[-1] if stats.durations else None,
            },
            "rework_cases": stats.rework_cases,
            "rework": dict(stats.rework),
            "resources": self.resources,
            "events_without_resource": self.unnamed,
            "groups": self.by_group(),
            "missing": dict(self.missing),
            "ties": stats.ties,
            "cases_not_in_time_order": self.unordered,
            "events_without_time": self.timeless,
            "entries_lost": self.lost,
            "faults": [str(fault) for fault in self.faults],
            "warnings": [str(warning) for warning in self.warnings],
            "warned": self.warned,
        }


def iso(at: int | None) -> str | None:
    """The instant *at* (µs UTC) as ISO text."""
    return None if at is None else (_EPOCH + timedelta(microseconds=at)).isoformat()


_Columns: TypeAlias = "tuple[array[int], array[int], array[int] | None]"
"""The events of one case in three columns, activities, instants and orders: no object an event, so that a long log fits."""


def figures(log: EventLog) -> LogFigures:
    """The figures of *log*. Memory grows by some twenty bytes an event.

    Raises:
        InvalidInput: the log cannot be read.
    """
    cases: dict[str, _Columns] = {}
    numbers: dict[str, int] = {}
    resources: set[str] = set()
    unnamed = timeless = 0
    performed = Counter[tuple[str, str]]()
    ordered, grouped = log.mapping.order is not None, log.mapping.group is not None
    for event in log:
        columns = cases.get(event.case)
        if columns is None:
            columns = cases[event.case] = (array("L"), array("q"), array("q") if ordered else None)
        names, times, orders = columns
        names.append(numbers.setdefault(event.activity, len(numbers)))
        times.append(event.at)
        if orders is not None:
            orders.append(event.order)
        if event.resource is None:
            unnamed += 1
        else:
            resources.add(event.resource)
        timeless += event.at == TIMELESS
        if grouped:
            performed[event.activity, event.group or ""] += 1
    groups: dict[str, dict[str, int]] = {}
    for (activity, group), n in sorted(performed.items()):
        groups.setdefault(activity, {})[group] = n
    unordered = [0]
    stats = stats_of_columns(_in_time_order(cases, list(numbers), unordered))
    return LogFigures(
        stats=stats,
        missing={column: log.entries - n for column, n in sorted(log.present.items()) if n < log.entries},
        resources=len(resources),
        unnamed=unnamed,
        groups=groups if any(group for _, group in performed) else {},
        unordered=unordered[0],
        timeless=timeless,
        lost=sum(not fault.kept for fault in log.faults),
        faults=tuple(fault.problem for fault in log.faults),
        warnings=tuple(log.warnings),
        warned=log.warned,
    )


def _in_time_order(
    cases: Mapping[str, _Columns], activities: list[str], unordered: list[int]
) -> Iterator[tuple[list[str], list[int]]]:
    for numbers, instants, orders in cases.values():
        times = instants.tolist()
        names = [activities[number] for number in numbers]
        if TIMELESS in times:
            yield names, [at for at in times if at != TIMELESS]
            continue
        unordered[0] += any(map(gt, times, times[1:]))
        keys: list[Any] = times if orders is None else list(zip(times, orders, strict=True))
        places = sorted(range(len(times)), key=keys.__getitem__)
        yield [names[place] for place in places], [times[place] for place in places]


@frozen
class History:
    """One case of the log: its events in time order, and the instants that stand beside them."""

    case: str
    events: tuple[LogEvent, ...]
    facts: Mapping[str, int]
    varies: tuple[str, ...]
    shuffled: bool

    @property
    def start(self) -> int | None:
        """The instant at which the log says the case started."""
        return self.facts.get("start")

    @property
    def end(self) -> int | None:
        """The instant at which the log says the case ended."""
        return self.facts.get("end")


def histories(log: Iterable[LogEvent]) -> tuple[History, ...]:
    """The cases of the log, in the order in which the file first names them; all events are held."""
    rows: dict[str, list[LogEvent]] = {}
    for event in log:
        rows.setdefault(event.case, []).append(event)
    return tuple(_history(case, events) for case, events in rows.items())


def _history(case: str, events: list[LogEvent]) -> History:
    timed = all(event.at != TIMELESS for event in events)
    ordered = sorted(events, key=lambda event: (event.at, event.order, event.line)) if timed else events
    facts: dict[str, int] = {}
    varies: dict[str, None] = {}
    told: Mapping[str, int] = {}
    for event in ordered:
        if event.facts is not told:
            told = event.facts
            varies |= {name: None for name, at in told.items() if facts.setdefault(name, at) != at}
    shuffled = timed and any(a.at > b.at for a, b in pairwise(events))
    return History(case, tuple(ordered), facts, tuple(varies), shuffled)
