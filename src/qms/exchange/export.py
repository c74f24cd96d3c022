"""The trail of a store as an event log for others, XES or CSV, such that reading it gives the same events.

Rule 1: a case is a trace and an act is an event, named as people say it; openings and imported facts are told of the case.
Rule 2: nobody is named who was not: an act of a history without an actor has none here.
Rule 3: what the trail keeps sealed stays so: a personal value is left out, and so is its commitment.
Rule 4: names of ours begin with ``qms:``. `EXPORTED` is the map that reads a CSV (and an XES) of ours back.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from attrs import frozen

from ..authority import SYSTEM
from ..errors import InvalidInput
from ..event import Acted, read
from ..ports import Query, Store
from ..publication import Definitions
from ..state import Case, evolve
from .mapping import LogMap
from .replay import REGISTER, UNNAMED
from .targets import written
from .xes import Value, XesEvent, XesTrace
from .xeswrite import write_xes

__all__ = ["EXPORTED", "Exported", "export", "format_of", "traces"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

EXPORTED = LogMap(
    case="case:concept:name",
    activity="concept:name",
    time="time:timestamp",
    order="qms:seq",
    resource="org:resource",
    recorded="qms:recorded",
)
"""How an exported log is read."""
_CASE_COLUMNS = ("qms:process", "qms:procedure", "qms:unit", "qms:open", "qms:due", "qms:outcome")
_EVENT_COLUMNS = (
    "concept:name",
    "time:timestamp",
    "org:resource",
    "qms:action",
    "qms:seq",
    "qms:recorded",
    "qms:reason",
    "qms:outcome",
    "qms:deviation",
)


def traces(store: Store, progress: Callable[[int], None] | None = None) -> Iterator[XesTrace]:
    """Each case of *store* as a trace, by id; *progress* is called with the number of cases so far."""
    definitions = Definitions(store)
    for number, (stream, row) in enumerate(store.select(Query()), 1):
        case: Case | None = None
        events: list[XesEvent] = []
        for entry in store.read(stream):
            event = read(entry.data)
            case = evolve(case, event)
            if isinstance(event, Acted):
                actions = definitions.bound(case.process, case.origin.definition).definition.actions
                action = actions.get(event.action)
                events.append(XesEvent(_of_act(event, (action.name if action else None) or event.action), 0))
        if case is not None:
            yield XesTrace(_of_case(case, open_=row.open), events, 0, number)
        if progress is not None:
            progress(number)


@frozen
class Exported:
    """What was written: the format, how many cases, and how many characters XML cannot hold and were replaced."""

    format: str
    cases: int
    replaced: int


def format_of(path: str | Path) -> str:
    """``xes`` or ``csv``, as the name of *path* ends, before ``.gz``.

    Raises:
        InvalidInput: another ending.
    """
    kind = Path(path).name.removesuffix(".gz").rpartition(".")[2]
    if kind not in ("xes", "csv"):
        raise InvalidInput(f"{str(path)!r} says no format; end it in .xes, .csv, .xes.gz or .csv.gz", "--out")
    return kind


def export(store: Store, path: str | Path, progress: Callable[[int], None] | None = None) -> Exported:
    """Write the trail of *store* to *path*, in the format and packed as its name ends; *progress* hears the cases so far.

    Raises:
        InvalidInput: the name ends in no format.
    """
    kind = format_of(path)
    counted = _Counted(traces(store, progress))
    replaced = write_xes(counted, path) if kind == "xes" else _write_csv(counted, Path(path))
    return Exported(kind, counted.n, replaced)


class _Counted:
    """Traces that are counted as they go by."""

    def __init__(self, source: Iterable[XesTrace]) -> None:
        self.n = 0
        self._source = source

    def __iter__(self) -> Iterator[XesTrace]:
        for trace in self._source:
            self.n += 1
            yield trace


def _write_csv(found: Iterable[XesTrace], path: Path) -> int:
    """A row an act; no character need be replaced."""
    with written(path, newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("case:concept:name", *_EVENT_COLUMNS, *(f"case:{name}" for name in _CASE_COLUMNS)))
        for trace in found:
            told = [_cell(trace.attributes.get(name)) for name in _CASE_COLUMNS]
            for event in trace.events:
                cells = (_cell(event.attributes.get(name)) for name in _EVENT_COLUMNS)
                writer.writerow((trace.attributes["concept:name"], *cells, *told))
    return 0


def _cell(value: Value | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _moment(at: int) -> datetime:
    return _EPOCH + timedelta(microseconds=at)


def _of_case(case: Case, *, open_: bool) -> dict[str, Value]:
    told: dict[str, Value | None] = {
        "concept:name": case.id,
        "qms:process": case.kind,
        "qms:definition": case.process,
        "qms:procedure": case.procedure,
        "qms:unit": case.unit,
        "qms:source": case.source,
        "qms:open": open_,
        "qms:opened": _moment(case.origin.opened),
        "qms:due": case.due.astimezone(UTC) if case.due is not None else None,
        "qms:outcome": case.outcome,
    }
    told |= {f"qms:date.{name}": _moment(at) for name, at in case.dates.items()}
    for name, clock in case.clocks.items():
        told[f"qms:clock.{name}.started"] = _moment(clock.started)
        told[f"qms:clock.{name}.limit"] = str(clock.limit)
        told[f"qms:clock.{name}.due"] = _moment(clock.due) if clock.due is not None else None
        told[f"qms:clock.{name}.stopped"] = _moment(clock.stopped) if clock.stopped is not None else None
    return {name: value for name, value in told.items() if value is not None}


def _of_act(event: Acted, name: str) -> dict[str, Value]:
    told: dict[str, Value | None] = {
        "concept:name": name,
        "org:resource": None if event.by == UNNAMED else _AS_LOGGED.get(event.by, event.by),
        "time:timestamp": _moment(event.when.occurred),
        "lifecycle:transition": "complete",
        "qms:action": event.action,
        "qms:seq": event.seq,
        "qms:recorded": _moment(event.when.recorded),
        "qms:reason": event.when.reason,
        "qms:outcome": event.effects.outcome,
        "qms:left": " ".join(event.left) or None,
        "qms:put": " ".join(event.put) or None,
        "qms:deviation": " ".join(dict.fromkeys(reason.code for reason in event.deviation)) or None,
    }
    told |= {f"qms:form.{key}": _plain(value) for key, value in (event.form or {}).items() if not _is_sealed(value)}
    return {name: value for name, value in told.items() if value is not None}


_AS_LOGGED = {f"log:{name}": name for name in (SYSTEM, REGISTER, UNNAMED)}


def _is_sealed(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) == {"sealed"}


def _plain(value: Any) -> Value | None:
    if value is None or isinstance(value, (str, bool, int)):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
