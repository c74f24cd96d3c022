"""Events: what has happened to a case, as facts, and the records they are kept as.

Rule 1: an event says what happened, in words: steps, effects and dues. Reading one needs no definition and no calendar.
Rule 2: hashes of definitions stand in `Opened`, once; an act names a calendar only when it is another than before.
Rule 3: instants are microseconds since 1970-01-01 UTC. What occurred and when it was recorded are two facts.
Rule 4: a record is one table; keys that say nothing are left out; its bytes are canonical (`codec`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeAlias

from attrs import Factory, frozen

from .codec import decode, encode
from .errors import InvalidInput, Reason
from .limits import TimeLimit
from .signatures import Signed
from .swift import swift
from .upcast import EVENTS

__all__ = [
    "Acted",
    "ClockChange",
    "Effects",
    "Event",
    "Imported",
    "Moved",
    "Opened",
    "Recalculated",
    "Restated",
    "Told",
    "When",
    "from_record",
    "read",
    "to_bytes",
    "to_record",
]


@swift
@frozen
class When:
    """The instant something occurred and the one it was recorded at (µs UTC); a late entry says why."""

    occurred: int
    recorded: int
    reason: str | None = None


@swift
@frozen
class ClockChange:
    """What happened to one clock: `effect` at an instant, and the `due` it then states (None: it states none).

    `start` names limit and rule; `extend` the limit that is added; `pause` and `extend` their basis, and their reason where it
    is not the action itself; `extend` the authority where it is not who acted; `pause` its latest end (*until*) where the law
    lets it last no longer. `fire` says that the end of the limit was acted on, `ring` that a time before or after it was.
    Where it states a due it states the *alarms* too: action and instant by turns.
    """

    clock: str
    effect: str
    at: int
    due: int | None = None
    limit: TimeLimit | None = None
    rule: str | None = None
    basis: str | None = None
    reason: str | None = None
    authority: str | None = None
    until: int | None = None
    alarms: tuple[Any, ...] | None = None


@frozen
class Effects:
    """What an act changed beside steps and clocks."""

    outcome: str | None = None
    dates: Mapping[str, int] = Factory(dict)
    axes: Mapping[str, str] = Factory(dict)
    parts: Mapping[str, str] = Factory(dict)
    marks: tuple[str, ...] = ()
    raised: tuple[tuple[str, str], ...] = ()
    """What was opened by rule: the guard that asked for it and the id of the case."""
    counted: bool = False
    resets: tuple[str, ...] = ()
    """Actions whose count begins anew, since the case left the phase they are counted in."""
    reopened: bool = False
    approved: bool = False
    """One of several people has approved the action; it takes more."""
    cleared: tuple[str, ...] = ()
    """Actions whose approvals are void, since they happened or can no longer."""
    joined: tuple[tuple[str, int], ...] = ()
    """Actions fired by children, and how many of these had ended."""
    unit: str | None = None
    """The unit that owes the result from now on, where the act hands the case over."""


NOTHING = Effects()


@frozen
class Opened:
    """A case begins: under which definition, procedure and calendar, by content hash; for which unit."""

    id: str
    by: str
    when: When
    kind: str
    process: str
    calendar: str
    zone: str
    due: str | None = None
    """The clock whose end is the due date of the case."""
    procedure: str | None = None
    definition: str | None = None
    unit: str | None = None
    source: str | None = None
    """The case whose rule opened this one."""
    link: str | None = None
    """By which link that case calls this one and waits for it; None where it does not."""
    axes: Mapping[str, str] = Factory(dict)
    """The start values of what is kept beside the steps."""
    seq: int = 1


@swift
@frozen
class Acted:
    """An action was done: which tokens left and were put, what the form said, what became of clocks and the rest."""

    seq: int
    action: str
    by: str
    when: When
    left: tuple[str, ...]
    put: tuple[str, ...]
    closed: bool
    form: Mapping[str, Any] | None = None
    clocks: tuple[ClockChange, ...] = ()
    effects: Effects = NOTHING
    calendar: str | None = None
    """The content hash of the calendar that states the dues, when it is another than the one last named."""
    deviation: tuple[Reason, ...] = ()
    """Why the definition would not have allowed it: only in a history that was imported."""
    capacity: str | None = None
    """How it was signed, where not in one's own right."""
    on_behalf: str | None = None
    """For whom, where somebody stood in."""
    evidence: Signed | None = None
    """How it was signed, where the definition asks for evidence of that."""


@frozen
class Imported:
    """A fact taken from another system's record, not decided here: the start or end of a clock, a promise, a date."""

    seq: int
    by: str
    when: When
    clocks: tuple[ClockChange, ...] = ()
    effects: Effects = NOTHING
    facts: Mapping[str, Any] = Factory(dict)


@frozen
class Moved:
    """A due date that a new calendar moved: of which *clock*, from where to where (µs UTC), by which *entries* (ids).

    A day that no entry decides, such as one whose hours the week gives, is named ``week``.
    """

    clock: str
    was: int
    due: int
    entries: tuple[str, ...] = ()
    alarms: tuple[Any, ...] | None = None
    """The times before and after the due that go with it, as `ClockChange` states them."""


@frozen
class Recalculated:
    """Another calendar was put in force, and moved dues of the case. Dates that follow a due move with it; promises stay."""

    seq: int
    by: str
    when: When
    calendar: str
    """The content hash of the calendar that states the dues now."""
    before: str
    """The content hash of the calendar that stated the first of them."""
    moved: tuple[Moved, ...]
    effects: Effects = NOTHING

    @property
    def clocks(self) -> tuple[ClockChange, ...]:
        """The dues as stated anew."""
        return tuple(
            ClockChange(moved.clock, "state", self.when.occurred, moved.due, alarms=moved.alarms) for moved in self.moved
        )


@frozen
class Told:
    """What has become of a child: it was opened, its due moved, it ended. Instants in µs UTC."""

    seq: int
    by: str
    when: When
    child: str
    link: str
    kind: str
    open: bool
    outcome: str | None = None
    due: int | None = None
    ended: int | None = None
    late: bool = False
    at: int = 0
    """How many events the child had; what is told of an earlier state is no news."""
    elsewhere: str | None = None
    """The organization that runs the child, where another one does."""
    asked: Mapping[str, Any] | None = None
    """What that organization was asked to open: process or procedure, action, form. It stands in the trail: no personal data."""
    marks: tuple[str, ...] = ()
    """What was allowed in the child but noted, such as a late reply."""
    clocks: tuple[ClockChange, ...] = ()
    effects: Effects = NOTHING


@frozen
class Restated:
    """The state of the case stated anew, whole: the last act was undone, or the case went over to another definition.

    What happened before stays in the history; `details` say what was undone, or from what to what it went and by which map.
    """

    seq: int
    by: str
    when: When
    cause: str
    """``undone`` or ``migrated``."""
    state: Mapping[str, Any]
    details: Mapping[str, Any] = Factory(dict)
    clocks: tuple[ClockChange, ...] = ()
    effects: Effects = NOTHING


Event: TypeAlias = Opened | Acted | Imported | Recalculated | Restated | Told


def to_record(stream: str, event: Event, form: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The table that *event* is kept as in *stream*; *form* stands in for the event's own when personal fields are sealed."""
    when = event.when
    record: dict[str, Any] = {"stream": stream, "seq": event.seq, "at": when.recorded, "by": event.by}
    if when.occurred != when.recorded:
        record["occurred"] = when.occurred
    if when.reason:
        record["reason"] = when.reason
    if isinstance(event, Opened):
        record |= {
            "type": "opened",
            "kind": event.kind,
            "process": event.process,
            "calendar": event.calendar,
            "zone": event.zone,
        }
        record |= {key: value for key in _OPTIONAL if (value := getattr(event, key))}
        return record
    if isinstance(event, Recalculated):
        moved = [[m.clock, m.was, m.due, list(m.entries), *([list(m.alarms)] if m.alarms else [])] for m in event.moved]
        record |= {"type": "recalculated", "calendar": event.calendar, "before": event.before, "moved": moved}
        return record | (_effects_to_table(event.effects) if event.effects is not NOTHING else {})
    if isinstance(event, Told):
        told = {key: value for key in _TOLD if (value := getattr(event, key)) not in (None, "", ())}
        return record | {"type": "told", **told, "of": event.at}
    if isinstance(event, Restated):
        return record | {"type": event.cause, "state": dict(event.state), "details": dict(event.details)}
    if event.clocks:
        record["clocks"] = [_change_to_list(change) for change in event.clocks]
    if event.effects is not NOTHING:
        record |= _effects_to_table(event.effects)
    if isinstance(event, Imported):
        record["type"] = "imported"
        if event.facts:
            record["facts"] = dict(event.facts)
        return record
    record |= {"type": "acted", "action": event.action}
    if event.left:
        record["left"] = event.left
    if event.put:
        record["put"] = event.put
    if event.closed:
        record["closed"] = True
    form = event.form if form is None else form
    if form:
        record["form"] = form
    if event.calendar is not None:
        record["calendar"] = event.calendar
    if event.deviation:
        record["deviation"] = [_reason_to_table(reason) for reason in event.deviation]
    if event.capacity is not None:
        record["capacity"] = event.capacity
    if event.on_behalf is not None:
        record["on_behalf"] = event.on_behalf
    if event.evidence is not None:
        record["evidence"] = event.evidence.to_tree()
    return record


_CAUSES = ("undone", "migrated")
_OPTIONAL = ("due", "procedure", "definition", "unit", "source", "link", "axes")
_TOLD = ("child", "link", "kind", "open", "outcome", "due", "ended", "late", "elsewhere", "asked", "marks")


def _change_to_list(change: ClockChange) -> list[Any]:
    limit = str(change.limit) if change.limit is not None else None
    row = [change.clock, change.effect, change.at, change.due, limit, change.rule, change.basis]
    row += [change.reason, change.authority, change.until, list(change.alarms) if change.alarms else None]
    while row[-1] is None:
        row.pop()
    return row


def _effects_to_table(effects: Effects) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for key in ("outcome", "dates", "axes", "parts", "marks", "resets", "counted", "reopened", "approved", "cleared", "unit"):
        value = getattr(effects, key)
        if value:
            table[key] = value
    if effects.joined:
        table["joined"] = [list(pair) for pair in effects.joined]
    if effects.raised:
        table["raised"] = [list(pair) for pair in effects.raised]
    return table


def _reason_to_table(reason: Reason) -> dict[str, Any]:
    params = {
        key: [str(v) for v in value] if isinstance(value, (tuple, list, frozenset, set)) else str(value)
        for key, value in reason.params.items()
    }
    return {"code": reason.code, "params": params} | ({"clause": reason.clause} if reason.clause else {})


def read(data: bytes) -> Event:
    """The event of a stored record.

    Raises:
        InvalidInput: the bytes are no record of an event.
    """
    return from_record(decode(data))


def from_record(record: Mapping[str, Any]) -> Event:
    """The event that a record's table describes, lifted from its version first; unknown types and missing keys are faults."""
    try:
        record = EVENTS(record)
        kind = record["type"]
        when = When(record.get("occurred", record["at"]), record["at"], record.get("reason"))
        seq, by = record["seq"], record["by"]
        if kind == "opened":
            extra = {key: record[key] for key in _OPTIONAL if key in record}
            return Opened(
                record["stream"],
                by,
                when,
                record["kind"],
                record["process"],
                record["calendar"],
                record["zone"],
                seq=seq,
                **extra,
            )
        if kind == "told":
            told = {key: record[key] for key in _TOLD if key in record}
            return Told(seq, by, when, at=record["of"], **told | {"marks": tuple(record.get("marks", ()))})
        if kind in _CAUSES:
            return Restated(seq, by, when, kind, record["state"], record["details"])
        clocks = tuple(_change_from_list(row) for row in record.get("clocks", ()))
        effects = _effects_from_table(record)
        if kind == "recalculated":
            moved = tuple(_moved_from_list(row) for row in record["moved"])
            return Recalculated(seq, by, when, record["calendar"], record["before"], moved, effects)
        if kind == "imported":
            return Imported(seq, by, when, clocks, effects, record.get("facts", {}))
        if kind == "acted":
            return Acted(
                seq,
                record["action"],
                by,
                when,
                tuple(record.get("left", ())),
                tuple(record.get("put", ())),
                record.get("closed", False),
                record.get("form"),
                clocks,
                effects,
                record.get("calendar"),
                tuple(_reason_from_table(table) for table in record.get("deviation", ())),
                record.get("capacity"),
                record.get("on_behalf"),
                Signed(**record["evidence"]) if "evidence" in record else None,
            )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidInput(f"the record is no event: {type(error).__name__} {error}") from error
    raise InvalidInput(f"the record is no event: unknown type {kind!r}")


def _moved_from_list(row: list[Any]) -> Moved:
    if not isinstance(row, list):
        raise TypeError(f"{row!r} is no list")
    clock, was, due, entries, *alarms = row
    return Moved(clock, was, due, tuple(entries), tuple(alarms[0]) if alarms else None)


def _change_from_list(row: list[Any]) -> ClockChange:
    clock, effect, at, *rest = row
    due, limit, rule, basis, reason, authority, until, alarms = rest + [None] * (8 - len(rest))
    period = _limit(limit) if limit is not None else None
    rings = None if alarms is None else tuple(alarms)
    return ClockChange(clock, effect, at, due, period, rule, basis, reason, authority, until, rings)


_limit = lru_cache(maxsize=1024)(TimeLimit.parse)
_EFFECT_KEYS = frozenset(
    (
        "outcome",
        "dates",
        "axes",
        "parts",
        "marks",
        "resets",
        "counted",
        "reopened",
        "raised",
        "approved",
        "cleared",
        "joined",
        "unit",
    )
)


def _effects_from_table(record: Mapping[str, Any]) -> Effects:
    if _EFFECT_KEYS.isdisjoint(record):
        return NOTHING
    return Effects(
        outcome=record.get("outcome"),
        dates=record.get("dates", {}),
        axes=record.get("axes", {}),
        parts=record.get("parts", {}),
        marks=tuple(record.get("marks", ())),
        raised=tuple((code, case) for code, case in record.get("raised", ())),
        counted=record.get("counted", False),
        resets=tuple(record.get("resets", ())),
        reopened=record.get("reopened", False),
        approved=record.get("approved", False),
        cleared=tuple(record.get("cleared", ())),
        joined=tuple((action, n) for action, n in record.get("joined", ())),
        unit=record.get("unit"),
    )


def _reason_from_table(table: Mapping[str, Any]) -> Reason:
    params = {key: tuple(value) if isinstance(value, list) else value for key, value in table["params"].items()}
    return Reason(table["code"], clause=table.get("clause"), **params)


def to_bytes(stream: str, event: Event, form: Mapping[str, Any] | None = None) -> bytes:
    """The canonical bytes *event* is kept as."""
    return encode(to_record(stream, event, form))
