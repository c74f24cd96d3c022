"""The definitions of an organization: published, compared, and put in force while cases run.

    recalculate:  look at every open case --> put in force --> look again, a batch of cases at a time --> settled

Rule 1: what cannot be reckoned by the new calendar is found before anything is written.
Rule 2: from the instant it is in force, whoever acts on a case restates it first; nobody waits for the recalculation.
Rule 3: it may be broken off at any point and run again, by anybody, also by two at once: each date is journaled once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from itertools import islice

from attrs import evolve as changed

from .authority import SYSTEM
from .calendar import WorkCalendar
from .case import Context
from .casebook import TRIES, Casebook, after
from .errors import Conflict, InvalidInput, NotFound, OutsideCalendar, Problem
from .event import Recalculated, Restated, When
from .migration import Migration, Moving, counted, migrated, prove
from .ports import Progress, Query, Store
from .process import Procedure, Process
from .publication import Definition, Definitions, PutInForce, Withdrawn
from .recalculation import Lapsed, MovedDate, Recalculation, catch_up, moved_dates, rests_on_earlier
from .state import Case

__all__ = ["Registry"]

CHUNK = 256
"""How many cases are restated in one commit: others wait no longer than that."""


class Registry(Definitions):
    """What is published in a store's log, what is in force, and how that changes."""

    book: Casebook
    """The cases that run by it; given by the organization, since neither can be made first."""

    def __init__(self, store: Store, recorded: Callable[[], int]) -> None:
        super().__init__(store)
        self._recorded = recorded

    def publish(self, definitions: Iterable[Definition], at: int, by: str = SYSTEM) -> tuple[str, ...]:
        """Publish those not yet in the log; a calendar among them is in force from then on. See `Definitions.publish`.

        Where no case is open nothing rests on an earlier version, and nothing is pending.
        """
        published = super().publish(definitions, at, by)
        if published and self.is_pending and next(self._store.select(Query(open=True, limit=1)), None) is None:
            while (put := self.pending()) is not None and self.settle(put, at, by, 0):
                pass
        return published

    def recalculate(
        self,
        calendar: WorkCalendar | str,
        *,
        by: str = SYSTEM,
        reason: str | None = None,
        dry_run: bool = False,
        progress: Progress | None = None,
    ) -> Recalculation:
        """Put *calendar* in force under its name, and restate every open case that rests on an earlier version of it.

        The statutory date moves, promises stay. A name means the calendar of that name that is in force, so that what was
        broken off is finished. Where all is done already nothing is written. With *dry_run* nothing is written at all.

        Raises:
            NotFound: no calendar of that name is in force here.
            InvalidInput: another zone, no counting rule where a limit relies on the calendar for one, or a due that lies
                outside the calendar; with every case that is concerned. Nothing was written.
            Conflict: another calendar was put in force meanwhile; run it again.
        """
        self.current()
        put = self.in_force(calendar if isinstance(calendar, str) else calendar.name)
        now = self._known(calendar, put)
        self._judge(now)
        if put is not None and put.version == now.version and self.pending(now.name) is None:
            return Recalculation(now, put.before, 0, (), dry_run)
        at = self._recorded()
        before = None if put is None else put.before if put.version == now.version else put.version
        planned = (
            put if put is not None and put.version == now.version else PutInForce(now.name, now.version, before, at, by, reason)
        )
        looked, moved = self._look(now, planned, dry_run=dry_run, progress=progress if dry_run else None)
        if dry_run:
            return Recalculation(now, before, looked, moved, dry=True)
        put = self.put_in_force(now, at, by, reason)
        looked, moved = self._restate_all(now, put, progress)
        if not self.settle(put, self._recorded(), by, len(moved)):
            raise _overtaken(now)
        return Recalculation(now, put.before, looked, moved)

    def withdraw(self, definition: Process | Procedure, at: int | None = None, by: str = SYSTEM, reason: str = "") -> Withdrawn:
        """Withdraw *definition*: no case is opened under it any more; see `Definitions.withdraw`."""
        return super().withdraw(definition, self._recorded() if at is None else at, by, reason)

    def pinned(self) -> dict[str, int]:
        """How many open cases run under each version (content hash) of a process: who stays where they are."""
        return dict(Counter(self.book.current(stream, fresh=True).process for stream in self._open_cases()))

    def migrate(
        self,
        old: Process,
        new: Process,
        *,
        steps: Mapping[str, str] | None = None,
        actions: Mapping[str, str] | None = None,
        by: str = SYSTEM,
        reason: str | None = None,
        dry_run: bool = False,
        progress: Progress | None = None,
    ) -> Migration:
        """Take every open case of *old* over to *new*, by the map of *steps* and *actions*; what is not named stays as it is.

        All is proved and every case judged before the first moves. It may be broken off and run again, also by two at once.
        With *dry_run* nothing is written.

        Raises:
            InvalidInput: a name that leads nowhere, a marking that maps to none of the new definition, a procedure that does
                not fit it, a case with a clock or a value that it does not know; all of them. Nothing was written.
            UnsoundProcess: *new* is unsound.
        """
        self.current()
        if old.name != new.name:
            raise InvalidInput(f"{new.name} is another process than {old.name}; a migration is between versions of one", "new")
        self.book.force.judge_process(new)
        streams = [stream for stream in self._open_cases() if self.book.current(stream, fresh=True).process == old.content_hash]
        maps = dict(steps or {}), dict(actions or {})
        movings = self._movings(old, new, streams, maps)
        when = When(self._recorded(), self._recorded(), reason)
        moved: list[tuple[Case, Restated]] = []
        problems: list[Problem] = []
        for n, stream in enumerate(streams, 1):
            case = self.book.viewed(self.book.current(stream, fresh=True), when.recorded)
            if case.closed:
                continue
            moving = movings[case.origin.definition]
            try:
                moved.append((case, migrated(case, moving, when, by, self.book.force.calendar(moving.new))))
            except InvalidInput as error:
                problems += error.problems
            if progress is not None and dry_run:
                progress(n, len(streams))
        if problems:
            raise InvalidInput(problems)
        told = Migration(old.content_hash, new.content_hash, counted(moved), tuple(case.id for case, _ in moved), dry_run)
        if not dry_run:
            super().publish(
                [new, *(m.new.procedure for m in movings.values() if m.new.procedure is not None)], when.recorded, by
            )
            for n, (case, _) in enumerate(moved, 1):
                self._take_over(case.id, movings, when, by)
                if progress is not None:
                    progress(n, len(moved))
        return told

    def _movings(
        self, old: Process, new: Process, streams: Iterable[str], maps: tuple[dict[str, str], dict[str, str]]
    ) -> dict[str | None, Moving]:
        """For each procedure that cases run under, how they go over, proved."""
        found: dict[str | None, Moving] = {}
        problems: list[Problem] = []
        for key in dict.fromkeys([self.book.current(stream, fresh=False).origin.definition for stream in streams] or [None]):
            try:
                before = self.bound(old.content_hash, key) if key is not None or streams else old.bind()
                procedure = self.book.force.procedures.get(before.procedure.code) if before.procedure is not None else None
                moving = Moving(before, new.bind(procedure or before.procedure), *maps)
                prove(moving)
                found[key] = moving
            except InvalidInput as error:
                problems += [problem for problem in error.problems if problem not in problems]
        if problems:
            raise InvalidInput(problems)
        return found

    def _take_over(self, stream: str, movings: Mapping[str | None, Moving], when: When, by: str) -> None:
        for _ in range(TRIES):
            case, seen = self.book.current(stream, fresh=True), self.seen
            moving = movings.get(case.origin.definition)
            if case.closed or moving is None or case.process != moving.old.process.content_hash:
                return
            context = self.book.context(moving.old, SYSTEM, when.recorded)
            lapsed = self.book.lapsed(case, when.recorded, context, self._recorded())
            now = after(case, lapsed.events)
            events = lapsed.events if now.closed else (*lapsed.events, migrated(now, moving, when, by, context.calendar))
            try:
                self.book.append(case, moving.new, events, lapsed.raises, None, length=case.seq, seen=seen)
            except Conflict:
                continue
            return
        raise Conflict(f"{stream}: other writers were first {TRIES} times; try again")

    def _known(self, calendar: WorkCalendar | str, put: PutInForce | None) -> WorkCalendar:
        name = calendar if isinstance(calendar, str) else calendar.name
        known = self.book.force.calendars
        if name not in known or put is None:
            raise NotFound(f"no calendar {name!r} is in force here; there are: {', '.join(known)}")
        found: WorkCalendar = self.load(put.version) if isinstance(calendar, str) else calendar
        return found

    def _judge(self, calendar: WorkCalendar) -> None:
        force = self.book.force
        zone = force.calendars[calendar.name].zone
        if calendar.zone != zone:
            raise InvalidInput(
                f"{calendar.name} is in force in the zone {zone}; {calendar.zone} would be another office", "zone"
            )
        changed(force, calendars={**force.calendars, calendar.name: calendar}).judge_calendars()

    def _look(
        self, calendar: WorkCalendar, change: PutInForce, *, dry_run: bool, progress: Progress | None
    ) -> tuple[int, tuple[MovedDate, ...]]:
        """How many open cases there are, and, where asked for, what would move, as the cases stand now."""
        moved: list[MovedDate] = []
        problems: list[Problem] = []
        streams = self._open_cases()
        for n, stream in enumerate(streams, 1):
            case = self.book.current(stream, fresh=True)
            if rests_on_earlier(case, change, self):
                try:
                    lapsed = catch_up(case, change.at, self._context(case, calendar), None, change, self)
                except OutsideCalendar as error:
                    problems.append(Problem(stream, str(error)))
                else:
                    moved += self._told(stream, lapsed, calendar) if dry_run else ()
            if progress is not None:
                progress(n, len(streams))
        if problems:
            raise InvalidInput(problems)
        return len(streams), tuple(moved)

    def _context(self, case: Case, calendar: WorkCalendar) -> Context:
        """What the system reads, by the calendar to be; also where the process names another calendar by now."""
        return changed(self.book.context(self.book.bound(case), SYSTEM, case.origin.opened), calendar=calendar)

    def _open_cases(self) -> list[str]:
        return [stream for stream, _ in self.book.store.select(Query(open=True))]

    def _told(self, stream: str, lapsed: Lapsed, calendar: WorkCalendar) -> list[MovedDate]:
        events = (event for event in lapsed.events if isinstance(event, Recalculated))
        return [date for event in events for date in moved_dates(stream, event, calendar, self.load(event.before))]

    def _restate_all(
        self, calendar: WorkCalendar, put: PutInForce, progress: Progress | None
    ) -> tuple[int, tuple[MovedDate, ...]]:
        streams = self._open_cases()
        waiting = iter(streams)
        moved: list[MovedDate] = []
        done = 0
        while chunk := list(islice(waiting, CHUNK)):
            with self.book.transaction():
                for stream in chunk:
                    moved += self._restate(stream, calendar, put)
            done += len(chunk)
            if progress is not None:
                progress(done, len(streams))
        return len(streams), tuple(moved)

    def _restate(self, stream: str, calendar: WorkCalendar, put: PutInForce) -> list[MovedDate]:
        """What moved of one case; none where another writer was first with it."""
        for _ in range(TRIES):
            case = self.book.current(stream, fresh=True)
            seen = self.seen
            last = self.in_force(put.name)
            if last is None or last.version != put.version:
                raise _overtaken(calendar)
            if not rests_on_earlier(case, put, self):
                return []
            lapsed = catch_up(case, put.at, self._context(case, calendar), self._recorded(), put, self)
            if not lapsed.events:
                return []
            bound = self.book.bound(case)
            try:
                self.book.append(case, bound, lapsed.events, lapsed.raises, None, length=case.seq, seen=seen)
            except Conflict:
                continue
            return self._told(stream, lapsed, calendar)
        raise Conflict(f"{stream}: other writers were first {TRIES} times; try again")


def _overtaken(calendar: WorkCalendar) -> Conflict:
    return Conflict(f"another calendar {calendar.name} was put in force meanwhile; run the recalculation again")
