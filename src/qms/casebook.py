"""The cases of an organization as its store keeps them: opened, folded, remembered, and landed in one batch.

Rule 1: nothing is written beside a decision. A case, the cases its rules raise and its row land in one batch.
Rule 2: the last folded cases are kept, and checked when appending. What is not committed is kept apart, for the thread
whose transaction it is; what a caller may take back, by a transaction of the store or of its own, is not kept at all.
Rule 3: a batch lands only while what is in force is what it was decided by: it holds the log of definitions to its length.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from threading import get_ident
from typing import Any

import pendulum
from attrs import evolve as changed

from .authority import SYSTEM
from .case import Allowed, Context, Raising, decide, row
from .codec import decode, encode, is_text
from .counting import is_over
from .definition import plain
from .errors import Conflict, Denied, InvalidInput, NotFound, Problem, Reason
from .event import Acted, Event, Opened, Told, When, read, to_bytes
from .form import personal_fields
from .inforce import InForce
from .instants import to_us
from .limits import CountingRule, TimeLimit
from .ports import Entry, Key, People, Private, Receipt, Row, Store, Write
from .process import Bound, Procedure, Process
from .publication import STREAM, Definitions
from .raising import renamed
from .recalculation import Lapsed, catch_up
from .signatures import Validity
from .state import Case, evolve, fold
from .trail import commitment

__all__ = ["DENIALS", "Casebook", "after", "can_be_an_id", "ended", "is_end_of_pruned", "names_a_case", "news"]

KEPT_CASES = 50_000
DENIALS = "denials/"
_APART = (DENIALS, "trail/")
TRIES = 8
"""How often an act is decided anew when other writers were first."""


class Casebook:
    """Cases by id, over one store, under what is in force."""

    def __init__(
        self,
        store: Store,
        definitions: Definitions,
        given: InForce,
        people: People,
        *,
        recorded: Callable[[], int],
        salt: Callable[[], bytes],
        name: str = "office",
        validity: Validity | None = None,
    ) -> None:
        self.store = store
        self.name = name
        self.definitions = definitions
        self.people = people
        self.recorded = recorded
        self._salt = salt
        self._validity = validity
        self._given = given
        self._force = given
        self._known = -1
        self._cases: dict[str, Case] = {}
        self._spans: dict[int, list[dict[str, Case]]] = {}

    # What is in force

    @property
    def force(self) -> InForce:
        """What is in force: as given, with the calendars that the log puts in force in the place of those of their name."""
        times = self.definitions.times
        if times != self._known:
            load = self.definitions.load
            versions = {name: self.definitions.in_force(name) for name in self._given.calendars}
            calendars = {
                name: given if (put := versions[name]) is None or put.version == given.version else load(put.version)
                for name, given in self._given.calendars.items()
            }
            self._force, self._known = changed(self._given, calendars=calendars), times
        return self._force

    def publish(self) -> None:
        """Publish what was given, where it is not in the log yet, or not any more."""
        self.definitions.publish(self._given.definitions(), self.recorded())

    def bound(self, case: Case) -> Bound:
        """The process that *case* runs by."""
        return self.definitions.bound(case.process, case.origin.definition)

    def context(self, bound: Bound, actor: str, at: int) -> Context:
        """What a decision about *actor* reads from outside the case."""
        force, people = self.force, self.people
        if actor == SYSTEM:
            return Context(bound, force.calendar(bound), (), force.forms, force.guards)
        grants, conflicts = people.grants(actor, at), people.conflicts(actor, at)
        told: dict[str, Any] = {"conflicts": conflicts, "validity": self._validity}
        return Context(bound, force.calendar(bound), grants, force.forms, force.guards, **told)

    def lapsed(self, case: Case, until: int, context: Context, recorded: int | None = None) -> Lapsed:
        """What has happened to *case* by *until* of itself: what expired, and what a new calendar moved."""
        recorded = until if recorded is None else recorded
        if recorded < case.last:  # the server's clock was set back: what has happened stays so
            until = case.last
        change = self.definitions.pending(context.calendar.name) if self.definitions.is_pending else None
        return catch_up(case, until, context, recorded, change, self.definitions)

    def viewed(self, case: Case, recorded: int) -> Case:
        """*case* as it stands: what has happened of itself by *recorded* (µs UTC), to it and to the children it waits for."""
        if not case.particulars.children:
            lapsed = self.lapsed(case, recorded, self.context(self.bound(case), SYSTEM, recorded), recorded)
            return after(case, lapsed.events)
        batch = _Batch(self, recorded, top=case.id)
        batch.settle(case.id, recorded)
        return batch.case(case.id)

    def settle(self, case: Case, until: int, recorded: int) -> int:
        """Record what has happened of itself by *until* to the family of *case*, in the order of time; how many events that were.

        So no decision about one of them can miss it, whoever looked at which of them first.
        """
        for _ in range(TRIES):
            seen = self.definitions.seen
            batch = _Batch(self, recorded)
            batch.settle(self.eldest(case.id), until)
            if not batch.lapses:
                break
            try:
                batch.land(None, seen)
            except Conflict:
                continue
            return batch.lapses
        return 0

    def eldest(self, id: str) -> str:  # noqa: A002
        """The case here that waits for the case *id*, or for one that waits for it, and so on; else the case itself."""
        while self.store.length(id):
            origin = self.current(id, fresh=False).origin
            if origin.link is None or origin.source is None or not self.store.length(origin.source):
                break
            id = origin.source  # noqa: A001
        return id

    def family(self, id: str) -> tuple[str, ...]:  # noqa: A002
        """The case *id*, those here that wait for it and those that it waits for, the eldest first."""
        found = [self.eldest(id)]
        for name in found:
            found += [child.id for child in self.current(name, fresh=True).particulars.children if self.store.length(child.id)]
        return tuple(found)

    def kept(self, id: str) -> Iterator[Reason]:  # noqa: A002
        """What keeps the personal values of the case *id* from being erased: it is open, or within its time of retention."""
        case = self.viewed(self.current(id, fresh=True), self.recorded())
        bound = self.bound(case)
        if case.open:
            yield Reason("still-open", case=id)
            return
        period = self.retention(case)
        if period is None:
            return
        until = _after(ended(case), period, case.origin.zone)
        if until > self.recorded():
            yield Reason("retained", case=id, period=period, until=self.force.calendar(bound).moment(until), clause="7.5.3.2")

    def retention(self, case: Case) -> TimeLimit | None:
        """How long *case* is kept from its end, by its procedure or its process."""
        bound = self.bound(case)
        procedure = bound.procedure
        return (procedure.definition.retention if procedure is not None else None) or bound.definition.retention

    # Reading

    def entries(self, id: str) -> list[Entry]:  # noqa: A002 - the word of the domain
        """The records of a case.

        Raises:
            NotFound: no such case.
        """
        entries = list(self.store.read(id)) if names_a_case(id) else []
        if not entries:
            raise NotFound(f"no case {id!r} in this store")
        if not entries[0].data:
            raise _archived(id)
        return entries

    def folded(self, id: str, upto: int | None = None) -> Case:  # noqa: A002
        """The case after its first *upto* records, or all."""
        case = fold(read(entry.data) for entry in self.entries(id)[:upto])
        assert case is not None  # noqa: S101 - there are entries
        return case

    def current(self, id: str, *, fresh: bool) -> Case:  # noqa: A002
        """The last folded case; *fresh*: with what other writers have added since."""
        case = self._remembered(id)
        if case is None:
            case = self.folded(id)
        elif fresh:
            for entry in self.store.read(id, case.seq):
                if is_end_of_pruned(entry.data):
                    self.forget(id)
                    raise _archived(id)
                case = evolve(case, read(entry.data))
        self.keep(case)
        return case

    def _remembered(self, id: str) -> Case | None:  # noqa: A002
        """The last folded case: what this thread has not committed yet, else what is committed."""
        for span in reversed(self._spans.get(get_ident(), ())):
            if id in span:
                return span[id]
        return self._cases.get(id)

    def keep(self, case: Case) -> None:
        """Remember *case* as the last folded one."""
        spans = self._spans.get(get_ident())
        if spans:
            spans[-1][case.id] = case
        elif not self.store.in_transaction:
            cases = self._cases
            cases.pop(case.id, None)
            cases[case.id] = case
            if len(cases) > KEPT_CASES:
                for oldest in list(islice(cases, len(cases) - KEPT_CASES)):
                    cases.pop(oldest, None)

    def forget(self, id: str) -> None:  # noqa: A002
        """Remember nothing of the case *id*."""
        for span in self._spans.get(get_ident(), ()):
            span.pop(id, None)
        self._cases.pop(id, None)

    @property
    def settled(self) -> bool:
        """Whether what this thread reads can no longer be taken back."""
        return not self.store.in_transaction

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A span whose appends share one commit: all of them land, or, on an exception, none."""
        spans = self._spans.setdefault(get_ident(), [])
        begun: dict[str, Case] = {}
        spans.append(begun)
        seen = self.definitions.seen
        try:
            with self.store.transaction():
                yield
        except BaseException:
            begun.clear()
            if self.definitions.seen != seen:
                self.definitions.refresh(anew=True)
            raise
        finally:
            spans.pop()
            if not spans:
                del self._spans[get_ident()]
            for case in begun.values():
                self.keep(case)

    # Opening

    def opening(
        self,
        process: str | None,
        procedure: str | None,
        id: str,  # noqa: A002
        by: str,
        when: When,
        unit: str | None,
        source: str | None = None,
        link: str | None = None,
    ) -> tuple[Opened, Bound]:
        """The event that opens a case, and what the case runs by.

        Raises:
            NotFound: no such process or procedure.
            Denied: no version of it is in force at that instant, or it was withdrawn.
            InvalidInput: an id or a unit that can be none, or neither process nor procedure.
        """
        if not can_be_an_id(id):
            raise InvalidInput(f"{id!r} cannot be the id of a case", "id")
        if unit is not None and not unit.strip():
            raise InvalidInput(f"{unit!r} names no unit; name it, or leave it out", "unit")
        found, filled = self._in_force_at(process, procedure, when)
        bound = self.definitions.bound(found.content_hash, filled.content_hash if filled else None)
        calendar = self.force.calendar(bound)
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
            link=link,
            axes={name: values[0] for name, values in bound.definition.axes.items()},
        )
        return opened, bound

    def _in_force_at(self, process: str | None, procedure: str | None, when: When) -> tuple[Process, Procedure | None]:
        """The versions under which a case is opened at an instant."""
        force = self.force
        if procedure is not None and procedure not in force.procedures:
            raise NotFound(f"no procedure {procedure!r} here; there are: {', '.join(sorted(force.procedures)) or 'none'}")
        process = process or (force.procedures[procedure].process if procedure is not None else None)
        if process is None:
            raise InvalidInput("say which process or which procedure the case is of", "process")
        if process not in force.processes:
            raise NotFound(f"no process {process!r} here; there are: {', '.join(sorted(force.processes))}")
        named = force.processes[process].definition.calendar
        calendar = force.calendars.get(named or "", next(iter(force.calendars.values())))
        day = calendar.moment(when.occurred).date()
        found = force.process_on(process, day)
        filled = None if procedure is None else force.procedure_on(procedure, day)
        reasons = []
        for name, one in ((process, found), *(((procedure, filled),) if procedure is not None else ())):
            if one is None:
                reasons.append(Reason("no-version", name=name, day=day))
            elif (withdrawn := self.definitions.withdrawn(one.content_hash)) is not None and withdrawn.at <= when.recorded:
                since = calendar.moment(withdrawn.at)
                reasons.append(Reason("withdrawn-version", name=name, since=since, why=withdrawn.reason))
        if reasons or found is None:
            raise Denied(reasons)
        return found, filled

    # Writing

    def append(
        self,
        case: Case,
        bound: Bound,
        events: tuple[Event, ...],
        raises: tuple[Raising, ...],
        key: Key | None,
        *,
        length: int,
        seen: int,
    ) -> tuple[Case, Receipt]:
        """Append *events* to the case, and the cases they raise, in one batch; the case after them.

        *seen* is how much of the log of definitions was known when it was decided.

        Raises:
            Conflict: another writer was first, or another calendar was put in force; nothing was written.
        """
        events, raises = self.named(events, raises)
        batch = _Batch(self, self.recorded())
        batch.take(case if length else None, bound, events, raises, length)
        return batch.land(key, seen)

    def named(self, events: tuple[Event, ...], raises: tuple[Raising, ...]) -> tuple[tuple[Event, ...], tuple[Raising, ...]]:
        """*events* and *raises* with ids that are free: a history from elsewhere may have brought one."""
        if any(self.store.length(raising.id) for raising in raises):
            return renamed(events, raises, self._is_free)
        return events, raises

    def _is_free(self, id: str) -> bool:  # noqa: A002
        return not self.store.length(id)

    def land(self, last: Case, bound: Bound, events: tuple[Event, ...], *, length: int, seen: int) -> Receipt:
        """Append *events*, which made the case *last*, as they are."""
        return self.write([(last, bound, events, length)], None, seen)

    def write(self, lines: Sequence[tuple[Case, Bound, Sequence[Event], int]], key: Key | None, seen: int) -> Receipt:
        """Append, in one batch, the events that made each case and how long its stream was before."""
        writes = [self._write(last, bound, events, length) for last, bound, events, length in lines]
        if self.store.joined:  # what was published may have been taken back since
            self.publish()
            seen = self.definitions.seen
        writes.append(Write(STREAM, seen, ()))
        try:
            receipt = self.store.append(writes, key)
        except Conflict:
            for last, *_ in lines:
                self.forget(last.id)
            self.definitions.current()
            raise
        if not receipt.repeated:
            for last, *_ in lines:
                self.keep(last)
        return receipt

    def raised(self, raising: Raising, source: Case) -> tuple[Bound, tuple[Event, ...], tuple[Raising, ...]]:
        """The events that open the case that *source* raises, and the cases that these raise in turn.

        Raises:
            InvalidInput: the opening action is denied; with every reason.
        """
        when = raising.when
        process, procedure = (None, raising.procedure) if raising.procedure is not None else (raising.process, None)
        opened, bound = self.opening(
            process, procedure, raising.id, SYSTEM, when, raising.unit or source.unit, source.id, raising.link
        )
        case = evolve(None, opened)
        context = self.context(bound, SYSTEM, when.occurred)
        decision = decide(case, raising.action, SYSTEM, raising.form, when, context)
        if not isinstance(decision, Allowed):
            raise InvalidInput(Problem(f"{source.kind} raises {raising.process}", str(reason)) for reason in decision.reasons)
        return bound, (opened, *decision.events), decision.raises

    def _write(self, last: Case, bound: Bound, events: Sequence[Event], length: int) -> Write:
        entries = []
        private: list[Private] = []
        for event in events:
            form = None
            if isinstance(event, Acted) and event.form:
                form = self._sealed(last.id, event, bound, private)
            entries.append(to_bytes(last.id, event, form))
        return Write(last.id, length, tuple(entries), tuple(private), row(last, bound))

    def _sealed(self, stream: str, event: Acted, bound: Bound, private: list[Private]) -> Mapping[str, Any]:
        """The form with a salted commitment in the place of each personal value."""
        assert event.form is not None  # noqa: S101 - asked by the caller
        plan = bound.plans.get(event.action)
        cls = self._given.forms.get(plan.action.form) if plan is not None and plan.action.form else None
        names = personal_fields(cls) if cls is not None else frozenset()
        if names.isdisjoint(event.form):
            return event.form
        sealed = dict(event.form)
        for name in sorted(names.intersection(sealed)):
            salt, value = self._salt(), encode(sealed[name])
            path = f"form.{name}"
            sealed[name] = {"sealed": commitment(salt, path, stream, event.seq, value)}
            private.append(Private(event.seq, path, salt, value))
        return sealed

    def fold_row(self, stream: str, entries: Iterable[Entry]) -> Row | None:
        """The row that the records of *stream* make; None where it is no case."""
        if not names_a_case(stream):
            return None
        case = fold(read(entry.data) for entry in entries)
        return None if case is None else row(case, self.bound(case))


class _Batch:
    """What lands together: cases, those they raise, and what their parents are told of them.

    A batch with a *top* is only looked at: it raises nothing, and nobody above *top* is told.
    """

    def __init__(self, book: Casebook, recorded: int, top: str | None = None) -> None:
        self._book = book
        self._recorded = recorded
        self._top = top
        self._lines: dict[str, tuple[Case, Bound, list[Event], int]] = {}
        self._is_settling = False
        self.lapses = 0

    def case(self, id: str) -> Case:  # noqa: A002
        """The case as it stands after this batch."""
        line = self._lines.get(id)
        return line[0] if line is not None else self._book.current(id, fresh=True)

    def settle(self, id: str, until: int) -> None:  # noqa: A002
        """What happens of itself by *until* to the case and to those it waits for, the earliest first, whichever it happens to."""
        if self._is_settling:
            return
        self._is_settling = True
        known: dict[str, tuple[int, int | None]] = {}
        while (first := min(self._stirring(id, until, known), default=None)) is not None:
            at, one = first
            case = self.case(one)
            bound, lapsed = self._lapsed(case, min(at + 1, until))  # of some limits the last instant is still within
            if lapsed.events:
                self.lapses += len(lapsed.events)
                self.take(case, bound, *self._book.named(lapsed.events, lapsed.raises), case.seq, at=at)
            else:
                known[one] = (case.seq, None)
        self._is_settling = False

    def _lapsed(self, case: Case, until: int) -> tuple[Bound, Lapsed]:
        book = self._book
        bound = book.bound(case)
        return bound, book.lapsed(case, until, book.context(bound, SYSTEM, self._recorded), self._recorded)

    def _stirring(self, id: str, until: int, known: dict[str, tuple[int, int | None]]) -> Iterator[tuple[int, str]]:  # noqa: A002
        """When by *until* something first happens of itself to the case, and to each of those here that it waits for."""
        case = self.case(id)
        if id not in known or known[id][0] != case.seq:
            _, lapsed = self._lapsed(case, until)
            known[id] = (case.seq, lapsed.events[0].when.occurred if lapsed.events else None)
        if (at := known[id][1]) is not None:
            yield at, id
        for child in case.particulars.children:
            if child.elsewhere is None and self._may_stir(child.id, child.open, until):
                yield from self._stirring(child.id, until, known)

    def _may_stir(self, id: str, is_open: bool, until: int) -> bool:  # noqa: A002
        if id in self._lines:
            return True
        row = self._book.store.row(id)
        if row is None:
            return False
        return (row.wake is not None and row.wake <= until) or (
            is_open and bool(self._book.current(id, fresh=False).particulars.children)
        )

    def take(
        self,
        case: Case | None,
        bound: Bound,
        events: Iterable[Event],
        raises: Iterable[Raising],
        length: int,
        depth: int = 0,
        at: int | None = None,
    ) -> None:
        """*events* of a case that had *length* of them, and the cases they raise; its parent is told what became of it.

        *at* is when that could first be known, where it is not known from each event.
        """
        told = list(events)
        last, instant = case, at
        for number, event in enumerate(told):
            last = evolve(last, event)
            assert last is not None  # noqa: S101 - evolving makes a case
            _, _, so_far, began = self._lines.get(last.id, (last, bound, [], length))
            so_far.append(event)
            self._lines[last.id] = (last, bound, so_far, began)
            instant = at if at is not None else self._known_at(event)
            if case is not None and number + 1 < len(told):
                self._tell_parent(last, depth, instant)
        assert last is not None and instant is not None  # noqa: S101, PT018 - events are never empty
        for raising in raises if self._top is None else ():
            self._raise(raising, last.id, depth, instant)
        self._tell_parent(self._lines[last.id][0], depth, instant)

    def _known_at(self, event: Event) -> int:
        """When *event* could first be known: what happens of itself at once, what people do when it is recorded."""
        return event.when.occurred if isinstance(event, Acted) and event.by == SYSTEM else self._recorded

    def _raise(self, raising: Raising, source: str, depth: int, at: int) -> None:
        if depth >= DEEPEST:
            raise InvalidInput(f"cases raise each other more than {DEEPEST} deep; {source} would raise {raising.process}")
        parent, bound, _, length = self._lines[source]
        if raising.elsewhere is not None and raising.elsewhere != self._book.name:
            self.take(parent, bound, [_asked(parent, raising, self._recorded)], (), length, depth + 1, at)
            return
        child_bound, opening, more = self._book.raised(raising, parent)
        self.take(None, child_bound, opening, more, 0, depth + 1, at)

    def _tell_parent(self, child: Case, depth: int, at: int) -> None:
        """Tell who waits for *child* what became of it by *at*, after all that happened there before."""
        book, parent_id = self._book, child.origin.source
        if child.origin.link is None or parent_id is None or child.id == self._top:
            return
        if not (parent_id in self._lines or book.store.length(parent_id)):
            return  # a parent elsewhere reads what has become of it in the outbox
        parent = self.case(parent_id)
        if not told_anew(news(child, parent, self._recorded, at), parent):
            return
        if self._top is None:
            self.settle(book.eldest(parent_id), at - 1)
        parent, child = self.case(parent_id), self.case(child.id)
        told = news(child, parent, self._recorded, at)
        if not told_anew(told, parent):
            return
        self.take(parent, book.bound(parent), [told], (), parent.seq, depth + 1, at)
        parent = self.case(parent_id)
        bound, lapsed = self._lapsed(parent, at)
        if lapsed.events:
            self.lapses += len(lapsed.events)
            self.take(parent, bound, *book.named(lapsed.events, lapsed.raises), parent.seq, depth + 1, at)

    def land(self, key: Key | None, seen: int) -> tuple[Case, Receipt]:
        """Append all of it; the case that was taken first."""
        lines = [line for line in self._lines.values() if line[2]]
        return lines[0][0], self._book.write(lines, key, seen)


DEEPEST = 16
"""How deep cases may raise each other, and tell each other, within one batch."""


def _after(at: int, period: TimeLimit, zone: str) -> int:
    """The instant *period* after another, by the date in a zone: retention is counted far beyond any calendar of working days.

    Beyond the last year there is, it is the last day: kept for ever.
    """
    moment = pendulum.from_timestamp(at / 1_000_000, tz=zone)
    for part in period.parts:
        if part.unit not in ("days", "weeks", "months", "years"):
            raise InvalidInput(f"a time of retention is told in days, weeks, months or years, not {part.unit}", "retention")
        try:
            moment = moment.add(**{part.unit: part.amount})
        except (ValueError, OverflowError):
            return to_us(pendulum.datetime(9999, 12, 31, tz=zone))
    return to_us(moment)


def ended(case: Case) -> int:
    """When the work of a closed case ended (µs UTC): its main limit was stopped, or it entered the step it is at."""
    clock = case.clocks.get(case.origin.due or "")
    return max(case.flat_entered[1::2], default=case.origin.opened) if clock is None else clock.stopped or clock.started


def news(child: Case, parent: Case, recorded: int, at: int) -> Told:
    """What *parent* is told of *child* as it stands; *at* is when that came to be so."""
    clock = child.clocks.get(child.origin.due or "")
    stopped = clock.stopped if clock is not None else None
    ended = stopped if stopped is not None else max(child.flat_entered[1::2], default=recorded) if child.closed else None
    due = None if clock is None else clock.due
    late = False
    if clock is not None and due is not None and ended is not None:
        late = is_over(due, ended, CountingRule.named(clock.rule)) and ended > due
    when = When(min(ended if ended is not None else at, max(recorded, child.last)), recorded)
    link = child.origin.link or ""
    closed = child.closed or stopped is not None
    return Told(
        parent.seq + 1,
        SYSTEM,
        when,
        child.id,
        link,
        child.kind,
        not closed,
        child.outcome,
        due,
        ended,
        late,
        child.seq,
        marks=child.marks,
    )


def told_anew(told: Told, parent: Case) -> bool:
    """Whether *parent* does not know it yet."""
    known = parent.children.get(told.child)
    facts = (told.open, told.outcome, told.due, told.late, told.marks)
    return known is None or (known.open, known.outcome, known.due, known.late, known.marks) != facts


def _asked(parent: Case, raising: Raising, recorded: int) -> Told:
    """What a case knows of a child that another organization is asked to open."""
    when = When(raising.when.occurred, recorded)
    link, kind = raising.link or "", raising.process
    asked = {"process": raising.process, "procedure": raising.procedure, "action": raising.action, "form": dict(raising.form)}
    asked |= {"unit": raising.unit} if raising.unit else {}
    return Told(
        parent.seq + 1, SYSTEM, when, raising.id, link, kind, open=True, elsewhere=raising.elsewhere, asked=plain(asked)
    )


def names_a_case(stream: object) -> bool:
    """Whether *stream* can be the id of a case: text, not blank, and not where definitions, denials or the trail's own are kept."""
    if not isinstance(stream, str) or not is_text(stream):
        return False
    return stream != STREAM and not stream.startswith(_APART) and bool(stream.strip())


def can_be_an_id(id: object) -> bool:  # noqa: A002
    """Whether a new case can have this id: it names a case, on one line, and nothing in it steers how a list is shown."""
    return isinstance(id, str) and names_a_case(id) and _CONTROL.search(id) is None


_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Control characters, ends of lines, and what turns the direction of text."""


def is_end_of_pruned(data: bytes) -> bool:
    """Whether a record is the last of a case whose records were pruned; see `qms.pruning`."""
    return b'"type":"pruned"' in data and decode(data).get("type") == "pruned"


def _archived(id: str) -> NotFound:  # noqa: A002
    return NotFound(f"{id} was archived: its records were pruned, and their hashes kept; ask the archive")


def after(case: Case, events: Iterable[Event]) -> Case:
    """*case* after *events*."""
    for event in events:
        case = evolve(case, event)
    return case
