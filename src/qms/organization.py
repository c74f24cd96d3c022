"""The organization: the only place where rules, people, calendars, a store and a clock meet.

An embedding system holds one `Organization` and calls it; below it everything is pure.

    key known? --> load --> expire --> decide --> append (one batch, whole or not at all) --> answer

Rule 1: nothing is written beside a decision. A case, the cases its rules raise and its row land in one batch.
Rule 2: the last folded cases are kept, and checked when appending: on `Conflict` it reads and decides again. What is not
committed is kept apart, for the thread whose transaction it is; what a caller may take back is not kept at all.
Rule 3: authority comes from `people`, the instant from `now`, dates from the calendar; none of them is guessed.
Rule 4: a denied attempt changes no case; it is remembered in a stream of its own.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from threading import get_ident
from typing import Any

from attrs import evolve as changed
from attrs import frozen

from .authority import SYSTEM
from .calendar import WorkCalendar, to_us
from .case import Allowed, Context, Denial, Raising, available, decide, expire, may, renamed, row
from .codec import decode, digest, encode
from .deadline import Clock, Ledger, clock_ledger, is_over
from .errors import Conflict, Denied, InvalidInput, NotFound, Problem, Reason
from .event import Acted, Event, Opened, When, read, to_bytes
from .form import keep, personal_fields, read_form
from .history import Past, PastFact, import_fact, replay
from .inforce import InForce
from .limits import CountingRule
from .net import way_to
from .ports import Checkpoint, Entry, Found, Key, Log, People, Private, Progress, Query, Row, Store, Verification, Write
from .process import Bound, Procedure, Process
from .publication import STREAM, Definitions
from .records import FORMS, GUARDS
from .state import Case, evolve, fold
from .trail import commitment

__all__ = ["Organization", "Past", "PastFact", "Trail"]

TRIES = 8
"""How often an act is decided anew when other writers were first."""
KEPT_CASES = 50_000
DENIALS = "denials/"


class Organization:
    """Who runs the QMS: the object an embedding system holds.

    Raises (when made):
        UnsoundProcess: a process whose cases could get stuck, for itself or for one of its procedures; with witnesses.
        InvalidInput: names that lead nowhere, no calendar or an unclear one, no counting rule, two things of one name.
    """

    def __init__(
        self,
        *,
        store: Store,
        processes: Sequence[Process],
        calendars: Sequence[WorkCalendar],
        people: People,
        now: Callable[[], datetime],
        procedures: Sequence[Procedure] | None = None,
        forms: Mapping[str, type] | None = None,
        guards: Mapping[str, Any] | None = None,
        name: str = "office",
        identify: Callable[[], str] | None = None,
        undecided: bool = False,
    ) -> None:
        self.name = name
        self.store = store
        self._people = people
        self._now = now
        self._identify = identify or (lambda: uuid.uuid4().hex)
        self._force = InForce.of(processes, procedures, calendars, {**FORMS, **(forms or {})}, {**GUARDS, **(guards or {})})
        self._force.judge(undecided=undecided)
        self._cases: dict[str, Case] = {}
        self._spans: dict[int, list[dict[str, Case]]] = {}
        self.definitions = Definitions(store)
        self.definitions.publish(self._force.definitions(), self._recorded())
        self.trail = Trail(self)

    # Acting

    def open(
        self,
        process: str | None = None,
        procedure: str | None = None,
        *,
        by: str,
        action: str | None = None,
        form: Any = None,
        id: str | None = None,  # noqa: A002 - the word of the domain
        unit: str | None = None,
        key: str | None = None,
        occurred_at: datetime | None = None,
        reason: str | None = None,
    ) -> Case:
        """Open a case of *process*, or of the process of *procedure*, by its opening *action*.

        Raises:
            NotFound: no such process or procedure.
            Denied: with every reason.
            Conflict: a case with that *id* exists.
            InvalidInput: an instant without a zone, or a *key* that was used for another request.
        """
        _by_hand(by)
        _texts(process=process, procedure=procedure, action=action, id=id, unit=unit, key=key, reason=reason)
        when = self._when(occurred_at, reason)
        body = ["open", process, procedure, by, action, id, unit, *_said(occurred_at, reason)]
        request = _Request.of(key, body, form)
        if (answer := self._answered(request)) is not None:
            return answer
        opened, bound = self._opening(process, procedure, id or self._identify(), by, when, unit)
        first = action or bound.definition.opens or next(k for k, plan in bound.plans.items() if plan.opens)
        case = evolve(None, opened)
        decision = decide(case, first, by, form, when, self._context(bound, by, when.occurred))
        if isinstance(decision, Denial):
            self._remember_denial(case.id, first, by, when, decision)
            raise Denied(self._naming_who(decision.reasons, case, when.occurred))
        return self._append(case, bound, (opened, *decision.events), decision.raises, request, length=0)

    def act(
        self,
        id: str,  # noqa: A002
        action: str,
        *,
        by: str,
        form: Any = None,
        key: str | None = None,
        occurred_at: datetime | None = None,
        reason: str | None = None,
        expected: int | None = None,
    ) -> Case:
        """Do *action* on the case *id*. What has expired by now is taken to have happened first.

        *key* makes a retry safe: the same request is answered as the first time. *expected* is the `seq` the caller saw.

        Raises:
            NotFound: no such case.
            Denied: with every reason; the case is unchanged.
            Conflict: the case is not at *expected*, or other writers were first again and again.
            InvalidInput: an instant without a zone, or a *key* that was used for another request.
        """
        _by_hand(by)
        _texts(id=id, action=action, key=key, reason=reason)
        when = self._when(occurred_at, reason)
        request = _Request.of(key, ["act", id, action, by, expected, *_said(occurred_at, reason)], form)
        if (answer := self._answered(request)) is not None:
            return answer
        for attempt in range(TRIES):
            case = self._current(id, fresh=attempt > 0 or expected is not None)
            bound = self._bound(case)
            context = self._context(bound, by, when.occurred)
            lapsed = expire(case, when.recorded, context)
            now = _after(case, lapsed.events)
            if expected is not None and now.seq != expected:
                if (answer := self._answered(request)) is not None:
                    return answer
                raise Conflict(f"{id} is at {now.seq}, not at {expected}; read it again and decide again")
            decision = decide(now, action, by, form, when, context)
            if isinstance(decision, Denial):
                if attempt == 0 and self.store.length(id) != case.seq:
                    continue
                if (answer := self._answered(request)) is not None:
                    return answer  # what denies it may be the same request, come twice at once
                self._remember_denial(id, action, by, when, decision)
                raise Denied(self._naming_who(decision.reasons, now, when.occurred))
            try:
                events, raises = (*lapsed.events, *decision.events), (*lapsed.raises, *decision.raises)
                return self._append(case, bound, events, raises, request, length=case.seq)
            except Conflict:
                if (answer := self._answered(request)) is not None:
                    return answer
        raise Conflict(f"{id}: other writers were first {TRIES} times; try again")

    def sweep(self, at: datetime | None = None) -> int:
        """Record what has expired by *at* (default now) in idle cases; how many events that were.

        No outcome depends on it: an act expires first, and views show what has expired.

        Raises:
            InvalidInput: *at* lies in the future.
        """
        recorded = self._recorded()
        until = recorded if at is None else to_us(at)
        if until > recorded:
            raise InvalidInput(f"{at} has not come; nothing has expired by then", "at")
        count = 0
        due = [stream for stream, _ in self.store.select(Query(wake_before=until + 1))]
        for stream in due:
            for _ in range(TRIES):
                case = self._current(stream, fresh=True)
                bound = self._bound(case)
                lapsed = expire(case, until, self._context(bound, SYSTEM, recorded), recorded)
                if not lapsed.events:
                    break
                try:
                    self._append(case, bound, lapsed.events, lapsed.raises, None, length=case.seq)
                except Conflict:
                    continue
                count += len(lapsed.events)
                break
        return count

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A span whose acts share one commit: all of them land, or, on an exception, none."""
        spans = self._spans.setdefault(get_ident(), [])
        begun: dict[str, Case] = {}
        spans.append(begun)
        try:
            with self.store.transaction():
                yield
        except BaseException:
            begun.clear()
            raise
        finally:
            spans.pop()
            if not spans:
                del self._spans[get_ident()]
            for case in begun.values():
                self._keep(case)

    # Looking

    def case(self, id: str) -> Case:  # noqa: A002
        """The case as it stands now: what has expired by now has happened.

        Raises:
            NotFound: no such case.
        """
        case = self._current(id, fresh=True)
        recorded = self._recorded()
        return _after(case, expire(case, recorded, self._context(self._bound(case), SYSTEM, recorded)).events)

    def cases(self, query: Query | None = None) -> Iterator[Case]:
        """The cases that *query* selects (default: all), by id, as they stand now."""
        query = query or Query()
        lapsing = {stream for stream, _ in self.store.select(Query(wake_before=self._recorded() + 1))}
        if not lapsing:
            yield from (self.case(stream) for stream, _ in self.store.select(query))
            return
        streams = lapsing.union(stream for stream, _ in self.store.select(changed(query, limit=None)))
        cases = (self.case(stream) for stream in sorted(streams))  # what has lapsed stands elsewhere than its row says
        yield from islice((case for case in cases if query.matches(case.id, row(case, self._bound(case)))), query.limit)

    def history(self, id: str) -> list[Event]:  # noqa: A002
        """What has happened to the case, in order, as recorded."""
        return [read(entry.data) for entry in self._entries(id)]

    def explain(self, id: str, action: str, by: str) -> tuple[Reason, ...]:  # noqa: A002
        """Every reason against *by* doing *action* now, as far as can be known without its form; none: they may."""
        case, context, when = self._view(id, _by_hand(by))
        return self._naming_who(may(case, action, by, when, context), case, when.occurred)

    def available(self, id: str, by: str) -> tuple[str, ...]:  # noqa: A002
        """What *by* may do now."""
        case, context, when = self._view(id, _by_hand(by))
        return available(case, by, when, context)

    def who_can(self, id: str, action: str) -> tuple[str, ...]:  # noqa: A002
        """Who may do *action* now: holders of its roles and parts against whom nothing speaks."""
        case, context, when = self._view(id, SYSTEM)
        plan = context.process.plans.get(action)
        if plan is None:
            raise NotFound(f"there is no action {action!r}; the process has: {', '.join(context.process.plans)}")
        people = {actor for role in plan.roles for actor in self._people.holders(role, case.unit, when.occurred)}
        people |= {case.parts[part] for part in plan.parts if part in case.parts}
        able = (p for p in people if not may(case, action, p, when, self._context(context.process, p, when.occurred)))
        return tuple(sorted(able))

    def overdue(self, at: datetime | None = None) -> list[Case]:
        """The cases whose main limit runs and has ended by *at* (default now), the longest overdue first."""
        instant = self._recorded() if at is None else to_us(at)
        candidates = (Query(due_before=instant + 1), Query(wake_before=instant + 1))
        late = []
        for stream in {stream for query in candidates for stream, _ in self.store.select(query)}:
            case = self.case(stream)
            if (due := _overrun(case, instant)) is not None:
                late.append((due, stream, case))
        return [case for _, _, case in sorted(late, key=lambda one: one[:2])]

    def ledger(self, id: str, clock: str | None = None) -> Ledger:  # noqa: A002
        """Day by day, why the limit *clock* (default: the one whose end is the due date) ends when it does.

        Raises:
            NotFound: no such case, or a clock that was never started.
        """
        case = self.case(id)
        name = clock or case.origin.due or next(iter(case.clocks), "")
        found = case.clocks.get(name)
        if found is None:
            raise NotFound(f"no clock {name!r} was started; there are: {', '.join(case.clocks) or 'none'}")
        changes = (change for event in self.history(id) if not isinstance(event, Opened) for change in event.clocks)
        bases = {change.at: change.basis for change in changes if change.clock == name and change.basis}
        return clock_ledger(found, self._calendar_of(found, case), CountingRule.named(found.rule), bases=bases)

    def _calendar_of(self, clock: Clock, case: Case) -> WorkCalendar:
        found: WorkCalendar = self.definitions.load(clock.calendar or case.calendar)
        return found

    # Histories from elsewhere

    def record(
        self,
        id: str,  # noqa: A002
        past: Iterable[Past | PastFact],
        *,
        process: str,
        procedure: str | None = None,
        unit: str | None = None,
    ) -> tuple[Case, tuple[Acted, ...]]:
        """Take the *past* of a case of another system, in order; the case, and its acts with their deviations.

        Nothing is dropped and nothing is denied: what the definition would not have allowed is kept with every reason.
        The case is opened by the first of *past*, or continued where it is known.
        """
        items = list(past)
        if not items:
            raise InvalidInput("a history has at least one event", id)
        instant = items[0].occurred if isinstance(items[0], Past) else items[0].at
        recorded = items[0].recorded if isinstance(items[0], Past) else items[0].at
        events: list[Event] = []
        if self.store.length(id) == 0:
            opened, bound = self._opening(process, procedure, id, items[0].by, When(instant, recorded), unit)
            case, length = evolve(None, opened), 0
            events.append(opened)
        else:
            case = self._current(id, fresh=True)
            if case.kind != process:
                raise InvalidInput(f"{id} is a case of {case.kind}, not of {process}", "process")
            bound, length = self._bound(case), case.seq
        for item in items:
            event = self._past_event(case, bound, item)
            events.append(event)
            case = evolve(case, event)
        self._land(case, bound, tuple(events), (), None, length=length)
        return case, tuple(event for event in events if isinstance(event, Acted))

    def _past_event(self, case: Case, bound: Bound, item: Past | PastFact) -> Event:
        if isinstance(item, Past):
            context = self._context(bound, item.by, item.occurred)
            reason = "imported" if item.recorded != item.occurred else None
            event = replay(case, item.action, item.by, None, When(item.occurred, item.recorded, reason), context)
            return changed(event, form=dict(item.facts)) if item.facts else event
        context = self._context(bound, item.by, item.at)
        return import_fact(
            case, item.by, item.at, context, start=item.start, stop=item.stop, dates=item.dates or {}, facts=item.facts or {}
        )

    # Inside

    def _naming_who(self, reasons: Iterable[Reason], case: Case, at: int) -> tuple[Reason, ...]:
        """*reasons*; one that speaks of missing authority says who holds it, one of another step the way there."""
        return tuple(self._made_possible(reason, case, at) for reason in reasons)

    def _made_possible(self, reason: Reason, case: Case, at: int) -> Reason:
        if reason.code == "no-authority":
            return self._with_holders(reason, case, at)
        if reason.code == "not-in-step" and case.steps:
            net = self._bound(case).net
            way = way_to(net, net.mask(case.steps), str(reason.params["action"]))
            if way:
                return Reason(reason.code, clause=reason.clause, **reason.params, way=way)
        return reason

    def _with_holders(self, reason: Reason, case: Case, at: int) -> Reason:
        params = dict(reason.params)
        holders = {case.parts[role] for role in params["roles"] if role in case.parts}
        holders |= {actor for role in params["roles"] for actor in self._people.holders(role, case.unit, at)}
        return Reason("no-authority", clause=reason.clause, **params, holders=tuple(sorted(holders)) or ("nobody",))

    def _recorded(self) -> int:
        return to_us(self._now())

    def _when(self, occurred_at: datetime | None, reason: str | None) -> When:
        recorded = self._recorded()
        return When(recorded if occurred_at is None else to_us(occurred_at), recorded, reason)

    def _answered(self, request: _Request | None) -> Case | None:
        """The case as the first request with the key left it; None where the key is new."""
        found = None if request is None else self.store.find(request.key.name)
        if found is None or request is None:
            return None
        if found.request != request.key.request or not self._is_form(found, request.form):
            raise InvalidInput(f"the key {found.name!r} was used for another request; use a new key for a new request", "key")
        return self._folded(found.stream, found.seq)

    def _is_form(self, found: Found, form: Any) -> bool:
        """Whether *form* says what the act under the key was told, as far as that is still kept."""
        case = self._folded(found.stream, found.seq)
        event = read(self._entries(found.stream)[found.seq - 1].data)
        assert isinstance(event, Acted)  # noqa: S101 - an act has the key, and ends its batch
        plan = self._bound(case).plans[event.action]
        cls = self._force.forms.get(plan.action.form) if plan.action.form else None
        if cls is None:
            return not form
        try:
            given = keep(read_form(cls, form))
        except InvalidInput:
            return False
        private = self.store.private(found.stream, found.seq)
        kept = {**(event.form or {}), **{path.removeprefix("form."): decode(p.value) for path, p in private.items()}}
        erased = {name for name in personal_fields(cls).intersection(kept) if f"form.{name}" not in private}
        return {k: v for k, v in given.items() if k not in erased} == {k: v for k, v in kept.items() if k not in erased}

    def _opening(
        self,
        process: str | None,
        procedure: str | None,
        id: str,  # noqa: A002
        by: str,
        when: When,
        unit: str | None,
        source: str | None = None,
    ) -> tuple[Opened, Bound]:
        if not names_a_case(id):
            raise InvalidInput(f"{id!r} cannot be the id of a case", "id")
        if unit is not None and not unit.strip():
            raise InvalidInput(f"{unit!r} names no unit; name it, or leave it out", "unit")
        filled = None
        if procedure is not None:
            filled = self._force.procedures.get(procedure)
            if filled is None:
                raise NotFound(
                    f"no procedure {procedure!r} here; there are: {', '.join(sorted(self._force.procedures)) or 'none'}"
                )
            process = process or filled.process
        if process is None:
            raise InvalidInput("say which process or which procedure the case is of", "process")
        found = self._force.processes.get(process)
        if found is None:
            raise NotFound(f"no process {process!r} here; there are: {', '.join(sorted(self._force.processes))}")
        bound = self.definitions.bound(found.content_hash, filled.content_hash if filled else None)
        calendar = self._force.calendar(bound)
        opened = Opened(
            id,
            by,
            when,
            kind=found.name,
            process=found.content_hash,
            calendar=calendar.version,
            zone=calendar.zone,
            due=bound.definition.due,
            procedure=procedure,
            definition=filled.content_hash if filled else None,
            unit=unit,
            source=source,
            axes={name: values[0] for name, values in bound.definition.axes.items()},
        )
        return opened, bound

    def _bound(self, case: Case) -> Bound:
        return self.definitions.bound(case.process, case.origin.definition)

    def _context(self, bound: Bound, actor: str, at: int) -> Context:
        grants, conflicts = ((), ()) if actor == SYSTEM else (self._people.grants(actor, at), self._people.conflicts(actor, at))
        force = self._force
        return Context(bound, force.calendar(bound), grants, force.forms, force.guards, conflicts=conflicts)

    def _view(self, id: str, by: str) -> tuple[Case, Context, When]:  # noqa: A002
        case = self.case(id)
        recorded = self._recorded()
        return case, self._context(self._bound(case), by, recorded), When(recorded, recorded)

    def _entries(self, id: str) -> list[Entry]:  # noqa: A002
        entries = list(self.store.read(id))
        if not entries or not names_a_case(id):
            raise NotFound(f"no case {id!r} in this store")
        return entries

    def _folded(self, id: str, upto: int | None = None) -> Case:  # noqa: A002
        case = fold(read(entry.data) for entry in self._entries(id)[:upto])
        assert case is not None  # noqa: S101 - there are entries
        return case

    def _current(self, id: str, *, fresh: bool) -> Case:  # noqa: A002
        """The last folded case; *fresh*: with what other writers have added since."""
        case = self._remembered(id)
        if case is None:
            case = self._folded(id)
        elif fresh:
            for entry in self.store.read(id, case.seq):
                case = evolve(case, read(entry.data))
        self._keep(case)
        return case

    def _remembered(self, id: str) -> Case | None:  # noqa: A002
        """The last folded case: what this thread has not committed yet, else what is committed."""
        for span in reversed(self._spans.get(get_ident(), ())):
            if id in span:
                return span[id]
        return self._cases.get(id)

    def _keep(self, case: Case) -> None:
        spans = self._spans.get(get_ident())
        if spans:
            spans[-1][case.id] = case
        elif not self.store.joined:
            cases = self._cases
            cases.pop(case.id, None)
            cases[case.id] = case
            if len(cases) > KEPT_CASES:
                for oldest in list(islice(cases, len(cases) - KEPT_CASES)):
                    cases.pop(oldest, None)

    def _forget(self, id: str) -> None:  # noqa: A002
        for span in self._spans.get(get_ident(), ()):
            span.pop(id, None)
        self._cases.pop(id, None)

    def _append(
        self,
        case: Case,
        bound: Bound,
        events: tuple[Event, ...],
        raises: tuple[Raising, ...],
        request: _Request | None,
        *,
        length: int,
    ) -> Case:
        """Append *events* to the case, and the cases they raise, in one batch; the case after them."""
        after = case if length else None
        if any(self.store.length(raising.id) for raising in raises):  # a history from elsewhere may have brought that id
            events, raises = renamed(events, raises, self._is_free)
        for event in events:
            after = evolve(after, event)
        assert after is not None  # noqa: S101 - events are never empty
        return self._land(after, bound, events, raises, request, length=length)

    def _is_free(self, id: str) -> bool:  # noqa: A002
        return not self.store.length(id)

    def _land(
        self,
        after: Case,
        bound: Bound,
        events: tuple[Event, ...],
        raises: tuple[Raising, ...],
        request: _Request | None,
        *,
        length: int,
    ) -> Case:
        """Append *events*, which made the case *after*, and the cases they raise, in one batch."""
        writes = [self._write(after, bound, events, length)]
        children = []
        for raising in raises:
            child, child_bound, child_events = self._raised(raising, after)
            children.append(child)
            writes.append(self._write(child, child_bound, child_events, 0))
        if self.store.joined:  # what was published may have been taken back since
            self.definitions.publish(self._force.definitions(), self._recorded())
        try:
            receipt = self.store.append(writes, None if request is None else request.key)
        except Conflict:
            self._forget(after.id)
            raise
        if receipt.repeated and (answer := self._answered(request)) is not None:
            return answer  # the same request came twice at once, and the other was first
        for kept in (after, *children):
            self._keep(kept)
        return after

    def _raised(self, raising: Raising, source: Case) -> tuple[Case, Bound, tuple[Event, ...]]:
        when = raising.when
        opened, bound = self._opening(raising.process, None, raising.id, SYSTEM, when, source.unit, source=source.id)
        case = evolve(None, opened)
        context = self._context(bound, SYSTEM, when.occurred)
        decision = decide(case, raising.action, SYSTEM, raising.form, when, context)
        if not isinstance(decision, Allowed):
            raise InvalidInput(Problem(f"{source.kind} raises {raising.process}", str(reason)) for reason in decision.reasons)
        for event in decision.events:
            case = evolve(case, event)
        return case, bound, (opened, *decision.events)

    def _write(self, after: Case, bound: Bound, events: Sequence[Event], length: int) -> Write:
        entries = []
        private: list[Private] = []
        for event in events:
            form = None
            if isinstance(event, Acted) and event.form:
                form = self._sealed(after.id, event, bound, private)
            entries.append(to_bytes(after.id, event, form))
        return Write(after.id, length, tuple(entries), tuple(private), row(after, bound))

    def _sealed(self, stream: str, event: Acted, bound: Bound, private: list[Private]) -> Mapping[str, Any]:
        """The form with a salted commitment in the place of each personal value."""
        assert event.form is not None  # noqa: S101 - asked by the caller
        plan = bound.plans.get(event.action)
        cls = self._force.forms.get(plan.action.form) if plan is not None and plan.action.form else None
        names = personal_fields(cls) if cls is not None else frozenset()
        if names.isdisjoint(event.form):
            return event.form
        sealed = dict(event.form)
        for name in sorted(names.intersection(sealed)):
            salt, value = os.urandom(16), encode(sealed[name])
            path = f"form.{name}"
            sealed[name] = {"sealed": commitment(salt, path, stream, event.seq, value)}
            private.append(Private(event.seq, path, salt, value))
        return sealed

    def _remember_denial(self, id: str, action: str, by: str, when: When, denial: Denial) -> None:  # noqa: A002
        stream = DENIALS + id
        for _ in range(TRIES):
            length = self.store.length(stream)
            record = {"stream": stream, "seq": length + 1, "type": "denied", "at": when.recorded, "by": by, "action": action}
            record["codes"] = sorted({reason.code for reason in denial.reasons})
            try:
                self.store.append([Write(stream, length, (encode(record),))])
            except Conflict:
                continue
            return

    def _fold_row(self, stream: str, entries: Iterable[Entry]) -> Row | None:
        if not names_a_case(stream):
            return None
        case = fold(read(entry.data) for entry in entries)
        return None if case is None else row(case, self._bound(case))


class Trail:
    """The trail of an organization: its size and root, and whether it still is what was written."""

    def __init__(self, organization: Organization) -> None:
        self._organization = organization

    @property
    def _log(self) -> Log:
        log: Any = self._organization.store
        return log  # type: ignore[no-any-return]

    @property
    def size(self) -> int:
        """How many records it holds."""
        return self._log.size

    @property
    def root(self) -> bytes:
        """The RFC 6962 root over all of them."""
        return self._log.root()

    def verify(self, checkpoint: Checkpoint | None = None, progress: Progress | None = None) -> Verification:
        """Whether every byte, the tree, the streams and the rows are as they were written.

        Without a trusted *checkpoint* it can say "consistent", never "complete".
        """
        organization = self._organization
        return organization.store.verify(organization._fold_row, checkpoint, progress)  # noqa: SLF001


def names_a_case(stream: object) -> bool:
    """Whether *stream* can be the id of a case: not blank, and not where definitions or denials are kept."""
    return isinstance(stream, str) and stream != STREAM and not stream.startswith(DENIALS) and bool(stream.strip())


def _after(case: Case, events: Iterable[Event]) -> Case:
    for event in events:
        case = evolve(case, event)
    return case


def _overrun(case: Case, at: int) -> int | None:
    """The end of the main limit where it runs and is over by *at*."""
    clock = case.clocks.get(case.origin.due or "")
    if clock is None or clock.state != "running" or clock.due is None:
        return None
    return clock.due if is_over(clock.due, at, CountingRule.named(clock.rule)) else None


def _said(occurred_at: datetime | None, reason: str | None) -> tuple[int | None, str | None]:
    return None if occurred_at is None else to_us(occurred_at), reason


def _texts(**given: object) -> None:
    """Refuse what is given for a name and is none, before it is looked up or kept."""
    for name, value in given.items():
        if value is not None and not isinstance(value, str):
            raise InvalidInput(f"{value!r} is no text", name)


def _by_hand(by: Any) -> str:
    """Who acts from outside: anybody but the system, which does only what a clock or a rule of a definition lets it."""
    if not isinstance(by, str) or by == SYSTEM or not by.strip():
        raise InvalidInput(f"{by!r} does nothing by hand; say who acts", "by")
    return by


@frozen
class _Request:
    """A request under a key. The digest is of all but the form, whose personal values could be guessed from it."""

    key: Key
    form: Any

    @classmethod
    def of(cls, key: str | None, body: list[Any], form: Any) -> _Request | None:
        return None if key is None else cls(Key(key, digest(body)), form)
