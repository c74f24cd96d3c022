"""The state of a case: what it is, and how events make it.

Rule 1: state is the fold of events. `evolve` needs the state and the event: no definition, no calendar, no clock.
Rule 2: state is immutable and small; unchanged parts are shared with the state before.
Rule 3: it holds no personal values. Instants are microseconds since 1970-01-01 UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import chain
from typing import Any, TypeAlias

import pendulum
from attrs import asdict, field, fields, frozen
from attrs import evolve as changed

from .clock import Clock, flat_pairs
from .errors import InvalidInput
from .event import NOTHING, Acted, ClockChange, Event, Imported, Opened, Recalculated, Restated, Told
from .limits import TimeLimit
from .swift import swift

__all__ = ["Case", "Child", "Flat", "Origin", "Particulars", "evolve", "flat_get", "fold", "state_of", "turned"]

Flat: TypeAlias = tuple[Any, ...]
"""A small table as name, value, name, value...: a third of the memory of a dict, and no slower to read at this size."""


@frozen
class Origin:
    """What a case began as, and remains."""

    id: str
    kind: str
    process: str
    zone: str
    opened: int
    due: str | None
    procedure: str | None
    definition: str | None
    unit: str | None
    source: str | None
    link: str | None = None


@frozen
class Child:
    """What a case knows of one that it opened and waits for; instants in µs UTC.

    It ends when its main limit is stopped, or when it is closed. `at` is how many events it had when this was told.
    """

    id: str
    link: str
    kind: str
    open: bool = True
    outcome: str | None = None
    due: int | None = None
    ended: int | None = None
    late: bool = False
    at: int = 0
    elsewhere: str | None = None
    marks: tuple[str, ...] = ()


@swift
@frozen
class Particulars:
    """What is true of a case beside its steps and clocks; see the properties of `Case`."""

    outcome: str | None = None
    dates: Flat = ()
    axes: Flat = ()
    parts: Flat = ()
    counts: Flat = ()
    marks: tuple[str, ...] = ()
    raised: Flat = ()
    approvals: Flat = ()
    """Who has approved an action that several must approve: action and actors by turns."""
    children: tuple[Child, ...] = ()
    joined: Flat = ()
    """For actions fired by children: how many of these had ended when it last happened."""
    unit: str | None = None
    """The unit that the case was handed over to."""
    approved_for: Flat = ()
    """In whose stead such an approval was given: action and those people by turns."""


@swift
@frozen
class Case:
    """The state of one case after `seq` events."""

    origin: Origin = field(repr=False)
    seq: int
    steps: frozenset[str]
    closed: bool
    calendar: str = field(repr=False)
    flat_entered: Flat = field(repr=False)
    flat_clocks: Flat = field(repr=False)
    flat_doers: Flat = field(repr=False)
    particulars: Particulars = field(repr=False)
    last: int = field(default=0, repr=False)
    """The latest instant (µs UTC) at which anything has happened to it."""

    @property
    def id(self) -> str:
        """Its id, the name of its stream."""
        return self.origin.id

    @property
    def kind(self) -> str:
        """The name of its process."""
        return self.origin.kind

    @property
    def process(self) -> str:
        """The content hash of the definition it runs by."""
        return self.origin.process

    @property
    def procedure(self) -> str | None:
        """The code of its procedure."""
        return self.origin.procedure

    @property
    def unit(self) -> str | None:
        """The unit that owes the result now."""
        return self.particulars.unit or self.origin.unit

    @property
    def source(self) -> str | None:
        """The case whose rule opened this one."""
        return self.origin.source

    @property
    def open(self) -> bool:
        """Whether it has not reached a closing step."""
        return not self.closed

    @property
    def outcome(self) -> str | None:
        """What came of it (granted, refused...), once decided."""
        return self.particulars.outcome

    @property
    def clocks(self) -> dict[str, Clock]:
        """Its clocks by name, as they stand."""
        return _table(self.flat_clocks)

    @property
    def dates(self) -> dict[str, int]:
        """Its dates by name (µs UTC); `date` gives one in the office's zone."""
        return {name: at for name, at in _table(self.particulars.dates).items() if ":" not in name}

    @property
    def axes(self) -> dict[str, str]:
        """What is kept beside the steps: fee, delivery, originals..."""
        return _table(self.particulars.axes)

    @property
    def parts(self) -> dict[str, str]:
        """Who holds which part (applicant, assignee...), by opaque id."""
        return _table(self.particulars.parts)

    @property
    def marks(self) -> tuple[str, ...]:
        """What was allowed but noted, such as ``late-apology``."""
        return self.particulars.marks

    @property
    def raised(self) -> dict[str, str]:
        """The cases opened by rule: guard to id, the last where one asked more than once."""
        return _table(self.particulars.raised)

    @property
    def approvals(self) -> dict[str, tuple[str, ...]]:
        """Who has approved each action that waits for more approvals."""
        return _table(self.particulars.approvals)

    @property
    def children(self) -> dict[str, Child]:
        """The cases that this one opened and waits for, by id."""
        return {child.id: child for child in self.particulars.children}

    def linked(self, link: str | None) -> tuple[Child, ...]:
        """The children under *link*, in the order they were opened."""
        return tuple(child for child in self.particulars.children if child.link == link)

    def at_risk(self, at: int) -> bool:
        """Whether a child is late, or was not done by its due date at *at* (µs UTC): then the whole is at risk."""
        return any(
            child.late or (child.open and child.due is not None and child.due < at) for child in self.particulars.children
        )

    @property
    def doers(self) -> dict[str, tuple[str, ...]]:
        """Who did each action since the case was last opened anew."""
        return {action: tuple(people) for action, people in done_by(self).items()}

    def date(self, name: str) -> pendulum.DateTime | None:
        """The date *name* in the zone of the office; None while it is not known."""
        at = flat_get(self.particulars.dates, name)
        return None if at is None else self.moment(at)

    def entered(self, step: str) -> pendulum.DateTime | None:
        """When the token at *step* arrived; None where there is none."""
        at = flat_get(self.flat_entered, step)
        return None if at is None else self.moment(at)

    @property
    def due(self) -> pendulum.DateTime | None:
        """The end of its main limit as last stated; None where no limit ran."""
        clock = flat_get(self.flat_clocks, self.origin.due) if self.origin.due is not None else None
        return None if clock is None or clock.due is None else self.moment(clock.due)

    def moment(self, at: int) -> pendulum.DateTime:
        """The instant *at* (µs UTC) in the zone of the office."""
        return pendulum.from_timestamp(at // 1_000_000, self.origin.zone).add(microseconds=at % 1_000_000)


def _table(flat: Flat) -> dict[str, Any]:
    return dict(flat_pairs(flat))


def flat_get(flat: Flat, name: str) -> Any:
    """The value of *name* in *flat*, else None."""
    for i in range(0, len(flat), 2):
        if flat[i] == name:
            return flat[i + 1]
    return None


def _with(flat: Flat, more: Mapping[str, Any]) -> Flat:
    """*flat* with *more*, in the order of the names, which is that of a record: the fold of records is the state."""
    return tuple(chain.from_iterable(sorted({**_table(flat), **more}.items()))) if more else flat


def done_by(case: Case) -> dict[str, set[str]]:
    """Who did each action since the case was last opened anew."""
    done: dict[str, set[str]] = {}
    flat = case.flat_doers
    for i in range(0, len(flat), 2):
        done.setdefault(flat[i], set()).add(flat[i + 1])
    return done


def evolve(case: Case | None, event: Event) -> Case:
    """The case after *event*; *case* is None before `Opened`.

    Raises:
        InvalidInput: the event does not follow on the case.
    """
    if case is not None and type(event) is Acted and event.seq == case.seq + 1:
        return _acted(case, event)
    if event.seq != (1 if case is None else case.seq + 1) or (case is None) != isinstance(event, Opened):
        raise InvalidInput(f"event {event.seq} ({type(event).__name__}) does not follow on {case.seq if case else 'nothing'}")
    if isinstance(event, Opened):
        return _born(event)
    assert case is not None  # noqa: S101 - ruled out above
    if isinstance(event, Restated):
        return _restated(case, event)
    if isinstance(event, Told):
        return changed(case, seq=event.seq, particulars=_told(case.particulars, event), last=_later(case, event))
    clocks = _evolve_clocks(case.flat_clocks, event, case.calendar) if event.clocks else case.flat_clocks
    particulars, doers = case.particulars, case.flat_doers
    if event.effects is not NOTHING:
        particulars = _evolve_particulars(particulars, event)
        doers = () if event.effects.reopened else doers
    calendar = event.calendar if isinstance(event, Recalculated) else case.calendar
    entered, last = case.flat_entered, _later(case, event)
    return Case(case.origin, event.seq, case.steps, case.closed, calendar, entered, clocks, doers, particulars, last)


def _later(case: Case, event: Event) -> int:
    return max(case.last, event.when.occurred)


def _acted(case: Case, event: Acted) -> Case:
    clocks, particulars, doers = case.flat_clocks, case.particulars, case.flat_doers
    if event.clocks:
        clocks = _evolve_clocks(clocks, event, case.calendar)
    if event.effects is not NOTHING:
        particulars = _evolve_particulars(particulars, event)
        doers = () if event.effects.reopened else doers
    if event.by not in doers or not _did(doers, event.action, event.by):
        doers += (event.action, event.by)
    if event.on_behalf is not None and not _did(doers, event.action, event.on_behalf):
        doers += (event.action, event.on_behalf)
    steps, entered, left, put = case.steps, case.flat_entered, event.left, event.put
    if left or put:
        entered = _evolve_entered(entered, steps, left, put, event.when.occurred)
        steps = _moved(steps, left, put)
    return Case(
        case.origin,
        event.seq,
        steps,
        event.closed,
        event.calendar or case.calendar,
        entered,
        clocks,
        doers,
        particulars,
        _later(case, event),
    )


def _born(event: Opened) -> Case:
    origin = Origin(
        event.id,
        event.kind,
        event.process,
        event.zone,
        event.when.occurred,
        event.due,
        event.procedure,
        event.definition,
        event.unit,
        event.source,
        event.link,
    )
    axes = _fresh(_with((), event.axes))
    return Case(origin, 1, frozenset(), False, event.calendar, (), (), (), axes, event.when.occurred)


@lru_cache(maxsize=256)
def _fresh(axes: Flat) -> Particulars:
    """What is true of a case that nothing has happened to; cases that begin alike share it."""
    return Particulars(axes=axes)


def state_of(case: Case) -> dict[str, Any]:
    """All that is true of *case* now, as canonical data; what it began as is left out, but for the definition it runs by."""
    particulars = {name: _listed(getattr(case.particulars, name)) for name in _PARTICULARS if name != "children"}
    particulars["children"] = [asdict(child) for child in case.particulars.children]
    return {
        "process": case.origin.process,
        "definition": case.origin.definition,
        "calendar": case.calendar,
        "steps": sorted(case.steps),
        "closed": case.closed,
        "entered": list(case.flat_entered),
        "clocks": {name: clock.to_tree() for name, clock in case.clocks.items()},
        "doers": list(case.flat_doers),
        "particulars": {name: value for name, value in particulars.items() if value},
    }


_PARTICULARS = tuple(attribute.name for attribute in fields(Particulars))


def _restated(case: Case, event: Restated) -> Case:
    state = event.state
    try:
        clocks = {name: Clock.from_tree(tree) for name, tree in state["clocks"].items()}
        return Case(
            changed(case.origin, process=state["process"], definition=state["definition"]),
            event.seq,
            frozenset(state["steps"]),
            state["closed"],
            state["calendar"],
            tuple(state["entered"]),
            tuple(chain.from_iterable(clocks.items())),
            tuple(state["doers"]),
            _particulars(state["particulars"]),
            _later(case, event),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise InvalidInput(f"event {event.seq} restates no case: {type(error).__name__} {error}") from error


def _particulars(tree: Mapping[str, Any]) -> Particulars:
    values = {name: _tupled(value) for name, value in tree.items() if name != "children"}
    return Particulars(
        **values,
        children=tuple(Child(**{**child, "marks": tuple(child.get("marks", ()))}) for child in tree.get("children", ())),
    )


def _listed(value: Any) -> Any:
    return [_listed(item) for item in value] if isinstance(value, tuple) else value


def _tupled(value: Any) -> Any:
    return tuple(_tupled(item) for item in value) if isinstance(value, list) else value


def _did(doers: Flat, action: str, actor: str) -> bool:
    for i in range(0, len(doers), 2):  # noqa: SIM110 - twice as fast as any()
        if doers[i] == action and doers[i + 1] == actor:
            return True
    return False


@lru_cache(maxsize=4096)
def _moved(steps: frozenset[str], left: tuple[str, ...], put: tuple[str, ...]) -> frozenset[str]:
    """Where the tokens stand after a move; cases that stand alike share one set."""
    return _shared(steps.difference(left).union(put))


@lru_cache(maxsize=4096)
def _shared(steps: frozenset[str]) -> frozenset[str]:
    return steps


def _evolve_entered(entered: Flat, steps: frozenset[str], left: tuple[str, ...], put: tuple[str, ...], occurred: int) -> Flat:
    """The instants at which tokens arrived; those that arrived last come first."""
    for step in left:
        if entered and step == entered[0]:  # mostly, what moved last moves next
            entered = entered[2:]
        elif step in steps:
            entered = _without(entered, step)
    arrived: Flat = ()
    for step in put:
        if step in steps:
            entered = _without(entered, step)
        arrived += (step, occurred)
    return arrived + entered


def _without(flat: Flat, name: str) -> Flat:
    try:
        at = flat.index(name)
    except ValueError:
        return flat
    return flat[:at] + flat[at + 2 :]


def _evolve_clocks(flat: Flat, event: Acted | Imported | Recalculated, calendar: str) -> Flat:
    clocks = _table(flat)
    version = (None if isinstance(event, Imported) else event.calendar) or calendar
    for change in event.clocks:
        clocks[change.clock] = _evolve_clock(clocks.get(change.clock), change, version, event)
    return tuple(chain.from_iterable(clocks.items()))


def _evolve_clock(clock: Clock | None, change: ClockChange, calendar: str, event: Acted | Imported | Recalculated) -> Clock:
    if change.effect == "start" and change.limit is not None and change.rule is not None:
        begun = Clock(limit=change.limit, rule=change.rule, started=change.at)
        return begun if change.due is None else begun.with_due(change.due, calendar, change.alarms)
    if clock is None:
        raise InvalidInput(f"the clock {change.clock} was never started")
    if change.effect == "fire":
        return clock.fire()
    if change.effect == "ring" and isinstance(event, Acted):
        return clock.ring(event.action)
    if change.effect != "state":
        clock = turned(
            clock,
            change.effect,
            change.at,
            change.limit,
            reason=change.reason or (event.action if isinstance(event, Acted) else None),
            basis=change.basis,
            authority=change.authority or event.by,
            until=change.until,
        )
    return clock if change.due is None else clock.with_due(change.due, calendar, change.alarms)


def _evolve_particulars(known: Particulars, event: Acted | Imported | Recalculated) -> Particulars:
    effects = event.effects
    stead = event.on_behalf if isinstance(event, Acted) else None
    counts = known.counts
    if effects.counted and isinstance(event, Acted):
        counts = _with(counts, {event.action: (flat_get(counts, event.action) or 0) + 1})
    if effects.resets or effects.reopened:
        counts = _with((), {key: n for key, n in _table(counts).items() if key not in effects.resets and not effects.reopened})
    return Particulars(
        effects.outcome or known.outcome,
        _with(known.dates, effects.dates),
        _with(known.axes, effects.axes),
        _with(known.parts, effects.parts),
        counts,
        (*known.marks, *effects.marks),
        (*known.raised, *chain.from_iterable(effects.raised)),
        _approved(known.approvals, event, event.by) if known.approvals or effects.approved else (),
        known.children,
        _with(known.joined, dict(effects.joined)) if effects.joined else known.joined,
        effects.unit or known.unit,
        _approved(known.approved_for, event, stead) if known.approved_for or effects.approved else (),
    )


def _told(known: Particulars, event: Told) -> Particulars:
    child = Child(
        event.child,
        event.link,
        event.kind,
        event.open,
        event.outcome,
        event.due,
        event.ended,
        event.late,
        event.at,
        event.elsewhere,
        event.marks,
    )
    others = known.children
    place = next((i for i, other in enumerate(others) if other.id == child.id), len(others))
    return changed(known, children=(*others[:place], child, *others[place + 1 :]))


def _approved(known: Flat, event: Acted | Imported | Recalculated, person: str | None) -> Flat:
    """*known*, action and people by turns, with *person* where *event* is an approval, and without what it clears."""
    left = {action: people for action, people in flat_pairs(known) if action not in event.effects.cleared}
    if event.effects.approved and isinstance(event, Acted) and person is not None:
        left[event.action] = (*left.get(event.action, ()), person)
    return tuple(chain.from_iterable(left.items()))


def fold(events: Iterable[Event]) -> Case | None:
    """The case that *events*, in order, make; None where there are none."""
    case = None
    for event in events:
        case = evolve(case, event)
    return case


def turned(
    clock: Clock,
    effect: str,
    at: int,
    period: TimeLimit | None = None,
    *,
    reason: str | None = None,
    basis: str | None = None,
    authority: str | None = None,
    until: int | None = None,
) -> Clock:
    """*clock* after *effect* at *at*; what is then due is not restated. Only pauses and extensions have grounds."""
    if effect == "pause":
        return clock.pause(at, reason=reason, basis=basis, until=until)
    if effect == "resume":
        return clock.resume(at)
    if effect == "restart":
        return clock.restart(at)
    if effect == "stop":
        return clock.stop(at)
    if effect == "extend" and period is not None:
        return clock.extend(period, at, authority=authority, reason=reason, basis=basis)
    raise InvalidInput(f"a clock knows no {effect!r} without more")
