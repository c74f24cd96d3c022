"""The organization: the only place where rules, people, calendars, a store and a clock meet.

An embedding system holds one `Organization` and calls it; below it everything is pure.

    key known? --> load --> expire --> decide --> append (one batch, whole or not at all) --> answer

Rule 1: nothing is written beside a decision (`casebook`).
Rule 2: what a decision was made by, the case and what is in force, is checked when appending: on `Conflict` it reads and
decides again.
Rule 3: authority comes from `people`, the instant from `now`, dates from the calendar; none of them is guessed.
Rule 4: a denied attempt changes no case; it is remembered in a stream of its own.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import datetime
from itertools import islice
from typing import Any

from attrs import asdict, frozen
from attrs import evolve as changed

from .authority import SYSTEM
from .backdated import LateEntry, late_entries
from .calendar import WorkCalendar, to_us
from .case import Allowed, Context, Denial, Raising, available, decide, may, on_time, row, undo
from .casebook import DENIALS, TRIES, Casebook, after, can_be_an_id, names_a_case
from .checkpoint import Keys
from .codec import decode, digest, is_text
from .custody import Anchors, Trail
from .deadline import Clock, Ledger, Status, WhatIf, clock_ledger, is_over, reckon_clock, status, what_if
from .errors import Conflict, Denied, InvalidInput, NotFound, OutsideCalendar, Reason, RecalculationPending
from .event import Acted, Event, Restated, When, read
from .form import keep, personal_fields, read_form
from .history import Past, PastFact, import_fact, replay
from .inforce import InForce
from .limits import CountingRule, TimeLimit
from .messages import Message, arrive, outbox
from .ports import Found, Key, People, Query, Store
from .possible import made_possible
from .process import Bound, Procedure, Process
from .reading import Looks, remember
from .recalculation import Lapsed
from .records import FORMS, GUARDS
from .registry import Registry
from .shares import Timetable, beyond, timetable, within_of
from .signatures import Validity
from .state import Case, evolve

__all__ = ["Organization", "Past", "PastFact", "Trail", "can_be_an_id", "names_a_case"]


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
        anchor: Anchors | None = None,
        keys: Keys = (),
        validity: Validity | None = None,
        log_reads: bool = False,
    ) -> None:
        self.name, self.store = name, store
        self._now = now
        self._identify = identify or (lambda: uuid.uuid4().hex)
        given = InForce.of(processes, procedures, calendars, {**FORMS, **(forms or {})}, {**GUARDS, **(guards or {})})
        given.judge(undecided=undecided)
        self.definitions = Registry(store, self._recorded)
        self._book = Casebook(
            store,
            self.definitions,
            given,
            people,
            recorded=self._recorded,
            salt=lambda: os.urandom(16),
            name=name,
            validity=validity,
        )
        self.definitions.book = self._book
        self._book.publish()
        self._looks = Looks(store, self._recorded, on=log_reads)
        self.trail = Trail(
            store,
            self._book.fold_row,
            recorded=self._recorded,
            settled=lambda: self._book.settled,
            anchor=anchor,
            keys=keys,
            book=self._book,
            looks=self._looks,
        )

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
            InvalidInput: an instant without a zone, an *id* that none can have, or a *key* that was used for another request.
        """
        _by_hand(by)
        _texts(process=process, procedure=procedure, action=action, id=id, unit=unit, key=key, reason=reason)
        when = self._when(occurred_at, reason)
        body = ["open", process, procedure, by, action, id, unit, *_said(occurred_at, reason)]
        request = _Request.of(key, body, form)
        if (answer := self._answered(request)) is not None:
            return answer
        name = self._identify() if id is None else id
        for _ in range(TRIES):
            seen = self.definitions.seen
            opened, bound = self._book.opening(process, procedure, name, by, when, unit)
            first = action or bound.definition.opens or next(k for k, plan in bound.plans.items() if plan.opens)
            case = evolve(None, opened)
            decision = decide(case, first, by, form, when, self._context(bound, by, when.occurred))
            if isinstance(decision, Denial):
                self._remember_denial(case.id, first, by, when, decision)
                raise Denied(self._naming_who(decision.reasons, case, when.occurred))
            try:
                return self._append(case, bound, (opened, *decision.events), decision.raises, request, length=0, seen=seen)
            except Conflict:
                if self.definitions.seen == seen:  # it was not a calendar put in force meanwhile
                    raise
        raise Conflict(f"{name}: other writers were first {TRIES} times; try again")

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

        def judge(now: Case, _: Lapsed, when: When, context: Context) -> Allowed | Denial:
            return decide(now, action, by, form, when, context)

        return self._do(id, action, by, when, request, expected, judge)

    def undo(self, id: str, *, by: str, reason: str, key: str | None = None, expected: int | None = None) -> Case:  # noqa: A002
        """Take back the last act on the case *id*, where its definition calls it undoable; the history keeps both.

        Raises:
            NotFound, Conflict, InvalidInput: as `act`.
            Denied: it is not undoable, something came after it, *by* lacks its role, or no *reason* is given.
        """
        _by_hand(by)
        _texts(id=id, key=key, reason=reason)
        when = self._when(None, reason)
        request = _Request.of(key, ["undo", id, by, expected, reason], None)

        def judge(now: Case, lapsed: Lapsed, when: When, context: Context) -> Restated | Denial:
            if lapsed.events:
                before, last = after(self._current(id, fresh=False), lapsed.events[:-1]), lapsed.events[-1]
            else:
                before, last = self._book.folded(id, now.seq - 1), read(self._book.entries(id)[now.seq - 1].data)
            return undo(before, last, now, by, when, context)

        return self._do(id, "undo", by, when, request, expected, judge)

    def _do(
        self,
        id: str,  # noqa: A002
        action: str,
        by: str,
        entered: When,
        request: _Request | None,
        expected: int | None,
        judge: Callable[[Case, Lapsed, When, Context], Allowed | Restated | Denial],
    ) -> Case:
        """Read, expire, judge, append; again while others are first."""
        if (answer := self._answered(request)) is not None:
            return answer
        for attempt in range(TRIES):
            seen = self.definitions.seen
            case = self._current(id, fresh=attempt > 0 or expected is not None)
            if case.particulars.children or case.origin.link is not None:
                self._book.settle(case, entered.recorded, entered.recorded)
                case = self._current(id, fresh=True)
            bound, when = self._bound(case), on_time(case, entered)
            context = self._context(bound, by, when.occurred)
            lapsed = self._book.lapsed(case, when.recorded, context)
            now = after(case, lapsed.events)
            if expected is not None and now.seq != expected:
                if (answer := self._answered(request)) is not None:
                    return answer
                raise Conflict(f"{id} is at {now.seq}, not at {expected}; read it again and decide again")
            decision = judge(now, lapsed, when, context)
            if isinstance(decision, Allowed) and (kept := self.trail.against_destroying(now, decision.events)):
                decision = Denial(kept)
            if isinstance(decision, Denial):
                if attempt == 0 and (self.store.length(id) != case.seq or self._is_overtaken(seen)):
                    continue
                if (answer := self._answered(request)) is not None:
                    return answer  # what denies it may be the same request, come twice at once
                self._remember_denial(id, action, by, when, decision)
                raise Denied(self._naming_who(decision.reasons, now, when.occurred))
            try:
                done, opened = (decision.events, decision.raises) if isinstance(decision, Allowed) else ((decision,), ())
                events, raises = (*lapsed.events, *done), (*lapsed.raises, *opened)
                return self._append(case, bound, events, raises, request, length=case.seq, seen=seen)
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
        self.definitions.current()
        count = 0
        due = [stream for stream, _ in self.store.select(Query(wake_before=until + 1))]
        for stream in due:
            for _ in range(TRIES):
                seen = self.definitions.seen
                case = self._current(stream, fresh=True)
                if case.particulars.children or case.origin.link is not None:
                    count += self._book.settle(case, until, recorded)
                    break
                bound = self._bound(case)
                lapsed = self._book.lapsed(case, until, self._context(bound, SYSTEM, recorded), recorded)
                if not lapsed.events:
                    break
                try:
                    self._append(case, bound, lapsed.events, lapsed.raises, None, length=case.seq, seen=seen)
                except Conflict:
                    continue
                count += len(lapsed.events)
                break
        return count

    def transaction(self) -> AbstractContextManager[None]:
        """A span whose acts share one commit: all of them land, or, on an exception, none."""
        return self._book.transaction()

    # Looking

    def case(self, id: str) -> Case:  # noqa: A002
        """The case as it stands now: what has expired by now has happened.

        Raises:
            NotFound: no such case.
        """
        self._looks.note("case", id)
        self.definitions.current()
        return self._as_of_now(id)

    def reading(self, *, by: str, purpose: str) -> AbstractContextManager[None]:
        """A span in which *by* looks, for a *purpose*: where looks are recorded (``log_reads``), nothing is shown outside of one."""
        return self._looks.by(by, purpose)

    def _as_of_now(self, id: str) -> Case:  # noqa: A002
        return self._book.viewed(self._current(id, fresh=True), self._recorded())

    def cases(self, query: Query | None = None) -> Iterator[Case]:
        """The cases that *query* selects (default: all), by id, as they stand now.

        Raises:
            RecalculationPending: it asks for dues, and not every open case was reckoned by the calendar in force yet.
        """
        query = query or Query()
        self._looks.note("list", **{k: v for k, v in asdict(query).items() if k != "limit"})
        self.definitions.current()
        if query.due_before is not None or query.wake_before is not None:
            self._refuse_pending()
        lapsing = {stream for stream, _ in self.store.select(Query(wake_before=self._recorded() + 1))}
        if not lapsing:
            yield from (self._as_of_now(stream) for stream, _ in self.store.select(query))
            return
        streams = lapsing.union(stream for stream, _ in self.store.select(changed(query, limit=None)))
        cases = (self._as_of_now(stream) for stream in sorted(streams))  # what has lapsed stands elsewhere than its row says
        yield from islice((case for case in cases if query.matches(case.id, row(case, self._bound(case)))), query.limit)

    def history(self, id: str) -> list[Event]:  # noqa: A002
        """What has happened to the case, in order, as recorded."""
        self._looks.note("history", id)
        return [read(entry.data) for entry in self._book.entries(id)]

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
        people = {actor for role in plan.roles for actor in self._book.people.holders(role, case.unit, when.occurred)}
        people |= {case.parts[part] for part in plan.parts if part in case.parts}
        able = (p for p in people if not may(case, action, p, when, self._context(context.process, p, when.occurred)))
        return tuple(sorted(able))

    def overdue(self, at: datetime | None = None) -> list[Case]:
        """The cases whose main limit runs and has ended by *at* (default now), the longest overdue first.

        Raises:
            RecalculationPending: a calendar was put in force, and not every open case was reckoned by it yet.
        """
        instant = self._recorded() if at is None else to_us(at)
        self._looks.note("overdue", at=instant)
        self.definitions.current()
        self._refuse_pending()
        candidates = (Query(due_before=instant + 1), Query(wake_before=instant + 1))
        late = []
        for stream in {stream for query in candidates for stream, _ in self.store.select(query)}:
            case = self._as_of_now(stream)
            if (due := _overrun(case, instant)) is not None:
                late.append((due, stream, case))
        return [case for _, _, case in sorted(late, key=lambda one: one[:2])]

    def at_risk(self, at: datetime | None = None) -> list[Case]:
        """The open cases that wait for a child which was not done by its due date at *at* (default now), by id."""
        parents = {late.origin.source for late in self.overdue(at) if late.origin.link is not None}
        cases = (self.case(stream) for stream in sorted(p for p in parents if p is not None and self.store.length(p)))
        return [case for case in cases if case.open]

    def outbox(self, after: int = 0) -> Iterator[Message]:
        """What other organizations are to know of cases here, from the position after *after* on, in order; see `messages`."""
        return outbox(self._book, after)

    def late_entries(self, after: int = 0) -> Iterator[LateEntry]:
        """What was recorded after it occurred, from the position after *after* on: when, how late, by whom and why."""
        return late_entries(self.store.scan(after))

    def arrive(self, message: Message) -> bool:
        """Take in what another organization tells, once however often it comes; False where it is no news.

        Raises:
            NotFound: it tells of a child that nobody here asked for, or asks for a process that is not in force here.
            Denied: the case that it asks for cannot be opened so.
            Conflict: other writers were first again and again.
        """
        return arrive(self._book, message)

    def ledger(self, id: str, clock: str | None = None) -> Ledger:  # noqa: A002
        """Day by day, why the limit *clock* (default: the one whose end is the due date) ends when it does.

        Raises:
            NotFound: no such case, or a clock that was never started.
        """
        case = self.case(id)
        found = _clock_of(case, clock)
        return clock_ledger(found, self._calendar_of(found, case), CountingRule.named(found.rule))

    def status(
        self,
        id: str,  # noqa: A002
        clock: str | None = None,
        at: datetime | None = None,
        *,
        soon: TimeLimit | None = None,
    ) -> Status:
        """How the limit *clock* (default: the one whose end is the due date) stands at *at* (default now), as was known then.

        It is due soon by *soon*, else by what the process or the procedure says.

        Raises:
            NotFound: no such case, or a clock that was never started.
            InvalidInput: *at* is before the run that goes on began.
        """
        case = self.case(id)
        found = _clock_of(case, clock)
        terms = self._book.bound(case).terms.get(clock or case.origin.due or next(iter(case.clocks)))
        instant = max(self._recorded(), case.last) if at is None else to_us(at)
        soon = soon or (terms.soon if terms is not None else None)
        return status(found, instant, self._calendar_of(found, case), CountingRule.named(found.rule), soon=soon)

    def what_if(
        self,
        id: str,  # noqa: A002
        clock: str | None = None,
        *,
        calendar: WorkCalendar | None = None,
        rule: CountingRule | None = None,
        mode: str | None = None,
        limit: TimeLimit | None = None,
        pause: tuple[datetime, datetime] | None = None,
        without: str | None = None,
        extend: TimeLimit | None = None,
    ) -> WhatIf:
        """When the limit *clock* would end if things were otherwise; see `qms.deadline.what_if`. Nothing is changed or kept.

        Raises:
            NotFound: no such case, or a clock that was never started.
            InvalidInput: an unknown mode, a pause that ends before it begins, or a reason that no pause had.
        """
        case = self.case(id)
        found = _clock_of(case, clock)
        return what_if(
            found,
            self._calendar_of(found, case),
            CountingRule.named(found.rule),
            other_calendar=calendar,
            other_rule=rule,
            mode=mode,
            limit=limit,
            pause=pause,
            without=without,
            extend=extend,
        )

    def _calendar_of(self, clock: Clock, case: Case) -> WorkCalendar:
        """The calendar that stated the due; while it runs the one in force, where that states the same."""
        found: WorkCalendar = self.definitions.load(clock.calendar or case.calendar)
        put = self.definitions.in_force(found.name)
        if put is None or put.version == found.version or case.closed or clock.state == "stopped":
            return found
        now: WorkCalendar = self.definitions.load(put.version)
        try:
            same = clock.state == "paused" or reckon_clock(clock, now, CountingRule.named(clock.rule)) == clock.due
        except OutsideCalendar:
            return found
        return now if same else found

    def timetable(self, id: str) -> Timetable:  # noqa: A002
        """How the main limit of the case is divided among its steps, as things stand now; a view, nothing is stored.

        Raises:
            NotFound: no such case.
        """
        case = self.case(id)
        bound = self._bound(case)
        procedure = bound.procedure.definition if bound.procedure is not None else None
        clock = case.clocks.get(case.origin.due or "")
        calendar = self._book.force.calendar(bound) if clock is None else self._calendar_of(clock, case)
        source = self.case(case.source) if case.source is not None and self.store.length(case.source) else None
        outer = None if source is None else source.clocks.get(source.origin.due or "")
        flags = beyond(case.clocks, within_of(bound.definition, procedure), outer, calendar)
        shares = procedure.shares if procedure is not None else ()
        return timetable(id, shares, clock, case.steps, self.history(id), self._recorded(), calendar, flags)

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
        seen = self.definitions.seen
        if self.store.length(id) == 0:
            opened, bound = self._book.opening(process, procedure, id, items[0].by, When(instant, recorded), unit)
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
        self._book.land(case, bound, tuple(events), length=length, seen=seen)
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

    def _refuse_pending(self) -> None:
        if (put := self.definitions.pending()) is not None:
            raise RecalculationPending(
                f"the calendar {put.name} {put.version[:12]} is in force, and not every open case was reckoned by it; run"
                f" org.definitions.recalculate({put.name!r}) to the end, then ask again"
            )

    def _naming_who(self, reasons: Iterable[Reason], case: Case, at: int) -> tuple[Reason, ...]:
        """*reasons*, with who could act and how the case comes to where it can be done."""
        return made_possible(self._book, reasons, case, at)

    def _recorded(self) -> int:
        return to_us(self._now())

    def _is_overtaken(self, seen: int) -> bool:
        """Whether others have put definitions in force since."""
        self.definitions.current()
        return self.definitions.seen != seen

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
        return self._book.folded(found.stream, found.seq)

    def _is_form(self, found: Found, form: Any) -> bool:
        """Whether *form* says what the act under the key was told, as far as that is still kept."""
        case = self._book.folded(found.stream, found.seq)
        events = (read(entry.data) for entry in reversed(self._book.entries(found.stream)[: found.seq]))
        event = next(event for event in events if isinstance(event, (Acted, Restated)) and event.by != SYSTEM)
        if isinstance(event, Restated):
            return not form
        plan = self._bound(case).plans[event.action]
        cls = self._book.force.forms.get(plan.action.form) if plan.action.form else None
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

    def _bound(self, case: Case) -> Bound:
        return self._book.bound(case)

    def _context(self, bound: Bound, actor: str, at: int) -> Context:
        return self._book.context(bound, actor, at)

    def _current(self, id: str, *, fresh: bool) -> Case:  # noqa: A002
        return self._book.current(id, fresh=fresh)

    def _view(self, id: str, by: str) -> tuple[Case, Context, When]:  # noqa: A002
        case = self.case(id)
        when = on_time(case, self._when(None, None))
        return case, self._context(self._bound(case), by, when.occurred), when

    def _append(
        self,
        case: Case,
        bound: Bound,
        events: tuple[Event, ...],
        raises: tuple[Raising, ...],
        request: _Request | None,
        *,
        length: int,
        seen: int,
    ) -> Case:
        """Append *events* to the case, and the cases they raise, in one batch; the case after them."""
        key = None if request is None else request.key
        last, receipt = self._book.append(case, bound, events, raises, key, length=length, seen=seen)
        if receipt.repeated and (answer := self._answered(request)) is not None:
            return answer  # the same request came twice at once, and the other was first
        self.trail.destroyed(last)
        return last

    def _remember_denial(self, id: str, action: str, by: str, when: When, denial: Denial) -> None:  # noqa: A002
        codes = sorted({reason.code for reason in denial.reasons})
        record = {"type": "denied", "at": when.recorded, "by": by, "action": action, "codes": codes}
        with suppress(Conflict):  # a denial is told whether or not it could be kept
            remember(self.store, DENIALS + id, record)


def _clock_of(case: Case, name: str | None) -> Clock:
    """The clock *name* of the case, or the one whose end is its due date."""
    name = name or case.origin.due or next(iter(case.clocks), "")
    found = case.clocks.get(name)
    if found is None:
        raise NotFound(f"no clock {name!r} was started; there are: {', '.join(case.clocks) or 'none'}")
    return found


def _overrun(case: Case, at: int) -> int | None:
    """The end of the main limit where it runs and is over by *at*."""
    clock = case.clocks.get(case.origin.due or "")
    if clock is None or not clock.goes_on or clock.due is None:
        return None
    return clock.due if is_over(clock.due, at, CountingRule.named(clock.rule)) else None


def _said(occurred_at: datetime | None, reason: str | None) -> tuple[int | None, str | None]:
    return None if occurred_at is None else to_us(occurred_at), reason


def _texts(**given: object) -> None:
    """Refuse what is given for a name and is none, before it is looked up or kept."""
    for name, value in given.items():
        if value is not None and not isinstance(value, str):
            raise InvalidInput(f"{value!r} is no text", name)
        if value is not None and not is_text(value):
            raise InvalidInput(f"{value!r} is no text that can be encoded as UTF-8", name)


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
