"""A log replayed through an organization: what it shows, where it parts from the process, and how timely its cases were.

    rows --> cases in time order --> Organization.record, at most 1,000 events a transaction --> trail
                                 \\-> figures, deviations, dates compared, what is doubtful about the data

Rule 1: nothing is dropped. An event that the process would not have allowed is kept with every reason; a row that is no
        event, a value that cannot be read and a date that cannot be true are findings with their lines and cases.
Rule 2: the whole log is read before anything is written, so a log that cannot be read leaves no trace.
Rule 3: events run in time order; equal times in the order the map names, else that of the file. The start of the clock
        and what was promised come from the register beside the log, as facts of their own; so does the end, which closes the
        case after its last event, under its own date.
Rule 4: without a table of roles everyone is a participant, also who is not named, and what their groups in the log are called.
Rule 5: late is later than the promise, by instant or by local date; early is an earlier local date. Both are told, and the zone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from attrs import field, frozen

from ..authority import SYSTEM, Grant, Roster
from ..calendar import WorkCalendar, to_us
from ..deadline import timeliness
from ..errors import InvalidInput, Problem
from ..event import Acted
from ..history import Past, PastFact
from ..inforce import InForce
from ..measure.indicators import Timeliness
from ..measure.logstats import LogStats, log_stats
from ..organization import Organization, can_be_an_id
from ..ports import Store
from ..process import Process
from ..records import FORMS, GUARDS
from ..state import Case
from .discover import role_key
from .eventlog import EventLog, Fault, LogEvent
from .logs import History, histories, iso
from .mapping import LogMap
from .steps import Dwelling, StepTime, slowest

__all__ = ["Agreement", "Deviation", "Finding", "Groups", "OnTime", "ReplayReport", "plain_calendar", "replay"]

BATCH = 1_000
"""The most records that share a transaction."""
KEPT_CELL, KEPT_CELLS = 500, 100
"""How much of a row that cannot be read is kept in the trail: characters of a cell, and cells."""
SHOWN = 10
PARTICIPANT = "participant"
UNNAMED = "unnamed"
REGISTER = "register"
"""Who states the imported facts: the system whose columns they are."""

_COMPARISONS = ("instant", "date")
_SECOND = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@frozen
class Deviation:
    """How often *action* happened although *reason* spoke against it; several reasons of one slip are told together."""

    action: str
    reason: str
    n: int


@frozen
class Slips:
    """How many of the acts of *resource* deviate."""

    resource: str
    n: int
    acts: int


@frozen
class OnTime:
    """The cases that have the promise *against*, by when they ended: *compare* is ``instant`` or ``date`` (of *zone*)."""

    against: str
    compare: str
    zone: str
    open: int
    ended: Timeliness

    def to_tree(self) -> dict[str, Any]:
        """The figures by name."""
        told = {"against": self.against, "compare": self.compare, "zone": self.zone, "finished": self.ended.done}
        return told | {"open": self.open, "early": self.ended.early, "on_time": self.ended.on_time, "late": self.ended.late}


@frozen
class Agreement:
    """In how many of *n* cases the promise *against* is the due that *clock* reckons: on the same local date, at the same second."""

    against: str
    clock: str
    n: int
    same_date: int
    same_second: int

    def to_tree(self) -> dict[str, Any]:
        """The figures by name."""
        told: dict[str, Any] = {"against": self.against, "clock": self.clock, "n": self.n}
        return told | {"same_date": self.same_date, "same_second": self.same_second}


@frozen
class Finding:
    """Something doubtful about the data: how many cases or rows, and the first of them. Every one is kept in the trail or here."""

    code: str
    message: str
    n: int
    where: tuple[str, ...]

    def to_tree(self) -> dict[str, Any]:
        """The finding by name."""
        return {"code": self.code, "message": self.message, "n": self.n, "where": list(self.where)}


@frozen
class ReplayReport:
    """What a replay found."""

    process: str
    stats: LogStats = field(repr=False)
    conforming_cases: int
    deviations: tuple[Deviation, ...]
    by_resource: tuple[Slips, ...]
    steps: tuple[StepTime, ...] = field(repr=False)
    on_time: tuple[OnTime, ...]
    agreements: tuple[Agreement, ...]
    findings: tuple[Finding, ...]
    faults: tuple[str, ...] = field(repr=False)
    warnings: tuple[str, ...] = field(repr=False)
    """Where the file is not as its format has it, though all was read: no finding about the work."""
    warned: int
    trail_size: int
    trail_root: bytes

    @property
    def good(self) -> bool:
        """Whether every case conforms and nothing is doubtful."""
        return not self.deviations and not self.findings

    def to_tree(self) -> dict[str, Any]:
        """The report as JSON values."""
        stats = self.stats
        return {
            "process": self.process,
            "cases": stats.cases,
            "events": stats.events,
            "variants": len(stats.variants),
            "directly_follows": [list(pair) for pair in stats.directly_follows],
            "first": iso(stats.first),
            "last": iso(stats.last),
            "conforming_cases": self.conforming_cases,
            "deviations": [{"action": d.action, "reason": d.reason, "n": d.n} for d in self.deviations],
            "deviations_by_resource": [{"resource": s.resource, "n": s.n, "acts": s.acts} for s in self.by_resource],
            "rework": {"cases": stats.rework_cases, "activities": dict(stats.rework)},
            "steps": [step.to_tree() for step in self.steps],
            "slowest_steps": [step.step for step in slowest(self.steps)],
            "on_time": [line.to_tree() for line in self.on_time],
            "agreements": [line.to_tree() for line in self.agreements],
            "findings": [finding.to_tree() for finding in self.findings],
            "faults": list(self.faults),
            "warnings": list(self.warnings),
            "warned": self.warned,
            "trail": {"size": self.trail_size, "root": self.trail_root.hex()},
        }


def replay(
    log: EventLog,
    process: Process,
    *,
    store: Callable[[], Store],
    now: Callable[[], datetime],
    calendar: WorkCalendar | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ReplayReport:
    """Replay *log* by *process* into what *store* opens, and report. The store is opened once the log has been read.

    *calendar* counts the limits; without one, a plain calendar of the map's zone on which every hour counts. *progress* is
    called with the events replayed so far, of all.

    Raises:
        UnsoundProcess: cases of the process could get stuck.
        InvalidInput: the log cannot be read, the map does not fit the process, or the store holds one of the cases; nothing
            was written.
    """
    mapping = log.mapping
    clock = _check_fit(mapping, process)
    cases = histories(_named(log))
    calendar = calendar or plain_calendar(mapping.zone or "UTC", _instants(cases))
    InForce.of([process], [], [calendar], FORMS, GUARDS).judge()
    target = store()
    if held := [history.case for history in cases if target.length(history.case)]:
        raise InvalidInput(
            f"the store holds {len(held)} of these cases, the first {held[0]!r}; replay into a new store", "store"
        )
    people = Groups(process, cases) if mapping.roles is None else Roster(mapping.roles)
    organization = Organization(store=target, processes=[process], procedures=[], calendars=[calendar], people=people, now=now)
    recorder = _Recorder(organization, process, mapping, clock, log.faults, to_us(now()), calendar)
    recorder.run(cases, progress)
    compared = _Cases(cases, mapping, calendar, clock, recorder.dues)
    return ReplayReport(
        process=process.name,
        stats=log_stats([(event.activity, event.at) for event in history.events] for history in cases),
        conforming_cases=recorder.conforming,
        deviations=recorder.deviations(),
        by_resource=recorder.by_resource(),
        steps=recorder.dwelling.times(process),
        on_time=tuple(_on_time(compared)),
        agreements=tuple(_agreements(compared)),
        findings=(*_findings_of_cases(cases, mapping), *_findings_of_rows(log.faults)),
        faults=tuple(str(fault.problem) for fault in log.faults),
        warnings=tuple(map(str, log.warnings)),
        warned=log.warned,
        trail_size=organization.trail.size,
        trail_root=organization.trail.root,
    )


def _named(log: EventLog) -> Iterator[LogEvent]:
    """The events of *log* whose case can be one; the others are faults."""
    for event in log:
        if can_be_an_id(event.case):
            yield event
        else:
            why = f"{event.case!r} cannot be the id of a case"
            log.faults.append(Fault(event.line, log.mapping.case, why, False, None, ()))


def _check_fit(mapping: LogMap, process: Process) -> str | None:
    """The clock that the map moves, after what map and process must agree on.

    Raises:
        InvalidInput: the map names a clock or an action that the process has not, with those it has; the process is unsound.
    """
    definition, columns = process.definition, mapping.clock
    clock = columns.name or definition.due
    moved = columns.start or columns.end
    problems = []
    if moved and clock is None:
        problems.append(
            Problem("clock.name", f"missing; {process.name} names no due, so say which of its limits the columns move")
        )
    if clock is not None and columns.name is not None and clock not in definition.limits:
        known = ", ".join(definition.limits) or "none"
        problems.append(Problem("clock.name", f"{process.name} has no limit {clock!r}; it has: {known}"))
    if columns.action is not None and columns.action not in {key for k, a in definition.actions.items() for key in (k, a.name)}:
        problems.append(
            Problem(
                "clock.action", f"{process.name} has no action {columns.action!r}; its actions: {', '.join(definition.actions)}"
            )
        )
    if clock in mapping.promises:
        problems.append(
            Problem(f"promises.{clock}", f"is the name of the clock that {process.name} reckons; name the promise otherwise")
        )
    if problems:
        raise InvalidInput(problems)
    return clock


@frozen
class _Cases:
    """What dates are compared of: the cases, what was promised to them, and what the clock reckons."""

    histories: tuple[History, ...]
    mapping: LogMap
    calendar: WorkCalendar
    clock: str | None
    dues: Mapping[str, int]

    def promised(self) -> Iterator[tuple[str, Mapping[str, int]]]:
        """Each promise and what it promises to each case; at last the clock's own due."""
        for name in self.mapping.promises:
            key = f"promises.{name}"
            yield name, {history.case: history.facts[key] for history in self.histories if key in history.facts}
        if self.clock is not None and self.dues:
            yield self.clock, self.dues


def _instants(histories: Iterable[History]) -> Iterator[int]:
    for history in histories:
        yield history.events[0].at
        yield history.events[-1].at
        yield from history.facts.values()


def plain_calendar(zone: str, instants: Iterable[int]) -> WorkCalendar:
    """A calendar of *zone* on which every hour of every day counts, from a year before *instants* (µs UTC) to ten after."""
    years = [(_EPOCH + timedelta(microseconds=at)).year for at in instants] or [1970]
    first, last = max(min(years) - 1, 1), min(max(years) + 10, 9999)
    name = f"plain {zone} {first}-{last}"  # of calendars of one name only one is in force
    return WorkCalendar.from_dates(
        name=name, zone=zone, week={"mon-sun": "00:00-24:00"}, first=date(first, 1, 1), last=date(last, 12, 31)
    )


# Recording


class Groups:
    """The `People` of a log without a table of roles: everyone is a participant, and what their groups in the log are called.

    A group is the role of *process* that has its name as a title, or as a key; a group that is no role says nothing.
    """

    def __init__(self, process: Process, cases: Iterable[History]) -> None:
        roles = process.definition.roles
        keys: dict[str, str | None] = {}
        self._others = (Grant(PARTICIPANT),)
        found: dict[str, dict[str, Grant]] = {}
        for history in cases:
            for event in history.events:
                if event.group is None:
                    continue
                if event.group not in keys:
                    keys[event.group] = role_key(event.group, roles)
                if (key := keys[event.group]) is not None:
                    found.setdefault(_actor(event.resource), {PARTICIPANT: self._others[0]}).setdefault(key, Grant(key))
        self._grants = {actor: tuple(grants.values()) for actor, grants in found.items()}

    def grants(self, actor: str, at: int) -> Sequence[Grant]:
        """What the log shows *actor* to be, at any time."""
        return self._grants.get(actor, self._others)

    def holders(self, role: str, unit: str | None, at: int) -> Sequence[str]:
        """Those whom the log shows in the group; for the participant nobody by name, since everyone cannot be listed."""
        if role == PARTICIPANT:
            return ()
        return tuple(actor for actor, grants in self._grants.items() if any(grant.role == role for grant in grants))

    def conflicts(self, actor: str, at: int) -> Collection[str]:
        """Nobody: a log declares no interests."""
        return ()


class _Recorder:
    """Takes histories into an organization, a transaction for at most `BATCH` records, and counts what it learns."""

    def __init__(
        self,
        organization: Organization,
        process: Process,
        mapping: LogMap,
        clock: str | None,
        faults: Iterable[Fault],
        recorded: int,
        calendar: WorkCalendar,
    ) -> None:
        self.dwelling = Dwelling(calendar)
        self.dues: dict[str, int] = {}
        self.conforming = 0
        self._organization = organization
        self._process = process
        self._mapping = mapping
        self._clock = clock
        self._unreadable: dict[str | None, list[Fault]] = {}
        for fault in faults:
            if not fault.kept:
                self._unreadable.setdefault(fault.case, []).append(fault)
        self._recorded = recorded
        self._slips: Counter[tuple[str, str]] = Counter()
        self._slips_of: Counter[str] = Counter()
        self._acts_of: Counter[str] = Counter()
        self._names = {key: action.name or key for key, action in process.definition.actions.items()}

    def run(self, histories: Collection[History], progress: Callable[[int, int], None] | None) -> None:
        """Record all of *histories*."""
        parts = [(history.case, part) for history in histories for part in _parts(self._past(history), BATCH - 1)]
        total, done = sum(len(part) for _, part in parts), 0
        deviating: set[str] = set()
        for batch in _batches(parts):
            with self._organization.transaction():
                for case, part in batch:
                    state, acts = self._organization.record(case, part, process=self._process.name)
                    self._learn(state, acts, deviating)
                    done += len(part)
            if progress is not None:
                progress(done, total)
        self.conforming = len(histories) - len(deviating)

    def deviations(self) -> tuple[Deviation, ...]:
        """What was done against the process, the most frequent first."""
        ordered = sorted(self._slips.items(), key=lambda item: (-item[1], item[0]))
        return tuple(Deviation(action, reason, n) for (action, reason), n in ordered)

    def by_resource(self) -> tuple[Slips, ...]:
        """Who did what deviates, the most often first."""
        ordered = sorted(self._slips_of.items(), key=lambda item: (-item[1], item[0]))
        return tuple(Slips(who, n, self._acts_of[who]) for who, n in ordered)

    def _learn(self, case: Case, acts: Iterable[Acted], deviating: set[str]) -> None:
        self.dwelling.learn(case.id, acts)
        for act in acts:
            self._acts_of[act.by] += 1
            if act.deviation:
                self._slips_of[act.by] += 1
                deviating.add(case.id)
                reason = ", ".join(dict.fromkeys(reason.code for reason in act.deviation))
                self._slips[self._names.get(act.action, act.action), reason] += 1
        clock = case.clocks.get(self._clock) if self._clock is not None else None
        if clock is not None and clock.due is not None:
            self.dues[case.id] = clock.due

    def _past(self, history: History) -> list[Past | PastFact]:
        """What is recorded of *history*: start and promises, the events, what could not be read, and the end at last."""
        columns, facts = self._mapping.clock, history.facts
        promised = {name: facts[key] for name in self._mapping.promises if (key := f"promises.{name}") in facts}
        past: list[Past | PastFact] = [
            Past(event.activity, _actor(event.resource), event.at, self._recorded if event.recorded is None else event.recorded)
            for event in history.events
        ]
        start = facts.get("start")
        if start is not None or promised:
            at = history.events[0].at if start is None else start
            place = sum(event.at < at for event in history.events)
            past.insert(place, PastFact(REGISTER, at, start=self._clock if start is not None else None, dates=promised))
        past += [PastFact(REGISTER, self._recorded, facts=_unread(fault)) for fault in self._unreadable.get(history.case, ())]
        if history.end is not None:
            past.append(PastFact(REGISTER, history.end, stop=self._clock, facts={"end": history.end}))
            if columns.action is not None:
                past.append(Past(self._names.get(columns.action, columns.action), REGISTER, history.end, self._recorded))
        return past


def _actor(resource: str | None) -> str:
    """Who acted. Nobody in a log acts as the system of ours, whatever they are called there."""
    if resource is None:
        return UNNAMED
    return f"log:{resource}" if resource in (SYSTEM, REGISTER, UNNAMED) else resource


def _unread(fault: Fault) -> dict[str, Any]:
    cells = [cell.encode("utf-8", "backslashreplace").decode()[:KEPT_CELL] for cell in fault.row[:KEPT_CELLS]]
    return {"line": fault.line, "unreadable": str(fault.problem), "row": cells}


def _parts(past: list[Past | PastFact], size: int) -> Iterator[list[Past | PastFact]]:
    for begin in range(0, len(past), size):
        yield past[begin : begin + size]


_Part = tuple[str, list[Past | PastFact]]


def _batches(parts: Iterable[_Part]) -> Iterator[list[_Part]]:
    """*parts* together as far as their records, with one for each opening, are at most `BATCH`."""
    batch: list[_Part] = []
    size = 0
    for part in parts:
        records = len(part[1]) + 1
        if size + records > BATCH:
            yield batch
            batch, size = [], 0
        batch.append(part)
        size += records
    if batch:
        yield batch


# Comparing dates


def _on_time(cases: _Cases) -> Iterator[OnTime]:
    """How timely the cases were, against each promise and against the due that the clock reckons, by instant and by date."""
    for against, promised in cases.promised():
        pairs = [(history.end, promised[history.case]) for history in cases.histories if history.case in promised]
        ended = [(end, due) for end, due in pairs if end is not None]
        for compare in _COMPARISONS:
            words = Timeliness.of(timeliness(end, due, cases.calendar, compare) for end, due in ended)
            yield OnTime(against, compare, cases.calendar.zone, len(pairs) - len(ended), words)


def _agreements(cases: _Cases) -> Iterator[Agreement]:
    """Where what was promised is what our clock reckons."""
    if cases.clock is None or not cases.dues:
        return
    local = cases.calendar.local
    for against, promised in cases.promised():
        if against != cases.clock:
            pairs = [(promised[case], due) for case, due in cases.dues.items() if case in promised]
            same_date = sum(local(a)[0] == local(b)[0] for a, b in pairs)
            same_second = sum(a // _SECOND == b // _SECOND for a, b in pairs)
            yield Agreement(against, cases.clock, len(pairs), same_date, same_second)


# What is doubtful


def _findings_of_cases(histories: Collection[History], mapping: LogMap) -> Iterator[Finding]:
    """What cannot be true of the data of cases, each with how many cases and the first of them."""
    checks: list[tuple[str, str, Callable[[History], bool]]] = [
        ("end-before-start", "the case ends before it starts", lambda h: _before(h.end, h.start)),
        ("event-before-start", "the first event lies before the start", lambda h: _before(h.events[0].at, h.start)),
        ("event-after-end", "the last event lies after the end", lambda h: _before(h.end, h.events[-1].at)),
        ("all-after-end", "every event lies after the end", lambda h: _before(h.end, h.events[0].at)),
        ("not-in-time-order", "the file does not hold the events in time order", lambda h: h.shuffled),
        (
            "varying-fact",
            "rows of the case hold different instants of one column; the first is taken",
            lambda h: bool(h.varies),
        ),
    ]
    named = ["start"] if mapping.clock.start is not None else []
    named += [f"promises.{name}" for name in mapping.promises]
    checks += [(f"no-{name}", f"the column of {name} is empty", _lacks(name)) for name in named]
    for code, message, holds in checks:
        if found := [history.case for history in histories if holds(history)]:
            yield Finding(code, message, len(found), tuple(found[:SHOWN]))


def _lacks(name: str) -> Callable[[History], bool]:
    return lambda history: name not in history.facts


def _before(a: int | None, b: int | None) -> bool:
    return a is not None and b is not None and a < b


def _findings_of_rows(faults: Iterable[Fault]) -> Iterator[Finding]:
    told = (
        ("row-unreadable", "the row is no event", False),
        ("value-doubtful", "a value beside the event is left out or doubtful", True),
    )
    kinds: dict[bool, list[Fault]] = {False: [], True: []}
    for fault in faults:
        kinds[fault.kept].append(fault)
    for code, message, kept in told:
        if found := kinds[kept]:
            yield Finding(code, message, len(found), tuple(str(fault.problem) for fault in found[:SHOWN]))
