"""What an organization works by: its processes, procedures and calendars, and the forms and guards that they name.

Rule 1: all is judged before the first case: what could only fail in front of a citizen is refused when it is set up.
Rule 2: an unsound process is refused; an undecided one is taken only when told so.
Rule 3: a process that others raise cases of is in force with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any, TypeVar

from attrs import evolve as changed
from attrs import field, frozen

from .calendar import WorkCalendar
from .definition import NEW
from .errors import InvalidInput, NotFound, Problem, UnsoundProcess
from .limits import CountingRule
from .process import Bound, Procedure, Process

__all__ = ["InForce"]


@frozen
class InForce:
    """What is in force, by name; `of` makes it, `judge` refuses it."""

    processes: Mapping[str, Process]
    procedures: Mapping[str, Procedure]
    calendars: Mapping[str, WorkCalendar]
    forms: Mapping[str, type]
    guards: Mapping[str, Any]
    doubled: tuple[Problem, ...]
    """What was given twice under one name."""
    versions: Mapping[str, tuple[Process, ...]] = field(factory=dict)
    """Every version of each process, by when it begins to be valid; `processes` has the last."""
    editions: Mapping[str, tuple[Procedure, ...]] = field(factory=dict)
    """The same of procedures."""

    @classmethod
    def of(
        cls,
        processes: Sequence[Process],
        procedures: Sequence[Procedure] | None,
        calendars: Sequence[WorkCalendar],
        forms: Mapping[str, type],
        guards: Mapping[str, Any],
    ) -> InForce:
        """These, and the shipped processes they raise cases of; *procedures* None: all shipped for these processes."""
        versions = _by_name(_with_raised(processes))
        chosen = [p for p in Procedure.shipped() if p.process in versions] if procedures is None else procedures
        editions = _by_name(chosen)
        return cls(
            {name: found[-1] for name, found in versions.items()},
            {code: found[-1] for code, found in editions.items()},
            {calendar.name: calendar for calendar in calendars},
            forms,
            guards,
            (*_overlaps("processes", versions), *_twice("calendars", calendars), *_overlaps("procedures", editions)),
            versions,
            editions,
        )

    def process_on(self, name: str, day: date) -> Process | None:
        """The version of the process *name* by which cases are opened on *day*; None where none is valid then.

        Where there is only one version it is that one: validity decides between versions.
        """
        return _valid_on(self.versions.get(name, ()), day)

    def procedure_on(self, code: str, day: date) -> Procedure | None:
        """The same of the procedure *code*."""
        return _valid_on(self.editions.get(code, ()), day)

    def judge(self, *, undecided: bool = False) -> None:
        """Nothing, where cases can be run by all of this.

        Raises:
            UnsoundProcess: a process whose cases could get stuck, for itself or for one of its procedures; with witnesses.
            InvalidInput: names that lead nowhere, no calendar or an unclear one, no counting rule, two things of one name.
        """
        problems = list(self.doubled)
        if not self.calendars:
            problems.append(Problem("calendars", "an organization needs a calendar; WorkCalendar.load('VN') is one"))
        problems += [
            Problem(code, f"there is no process {procedure.process!r} here")
            for code, procedure in self.procedures.items()
            if procedure.process not in self.processes
        ]
        if problems:
            raise InvalidInput(problems)
        for process in self._every_process():
            self._judge_soundness(process, undecided=undecided)
        self.judge_calendars()

    def _every_process(self) -> list[Process]:
        return [process for versions in self.versions.values() for process in versions]

    def judge_calendars(self) -> None:
        """Nothing, where every process has its calendar, and every limit its counting rule.

        Raises:
            InvalidInput: no calendar or an unclear one, no counting rule, or a customary one that is not there.
        """
        problems = [fault for calendar in self.calendars.values() for fault in _unknown_rule(calendar)]
        problems += [fault for process in self._every_process() for fault in self._unclear(process)]
        if problems:
            raise InvalidInput(problems)

    def judge_process(self, process: Process) -> None:
        """Nothing, where cases can be run by *process* beside all of this.

        Raises:
            UnsoundProcess, InvalidInput: as `judge`.
        """
        versions = {**self.versions, process.name: (process,)}
        changed(self, processes={**self.processes, process.name: process}, versions=versions).judge()

    def _judge_soundness(self, process: Process, *, undecided: bool) -> None:
        report = process.check(self._procedures_of(process), forms=self.forms, guards=self.guards)
        if report.sound is False or (report.sound is None and not undecided):
            raise UnsoundProcess(
                Problem(
                    f"{process.name}: {f.where}",
                    f.message + (f" (after {' > '.join(f.witness)})" if f.witness else ""),
                )
                for f in report.errors
            )

    def _unclear(self, process: Process) -> Iterator[Problem]:
        """What would otherwise be met by the first case: no calendar, no counting rule, nothing that a rule could open."""
        for bound in self._bounds(process):
            try:
                calendar = self.calendar(bound)
            except InvalidInput as error:
                yield from (Problem(f"{process.name}: {p.where}", p.message) for p in error.problems)
                break
            for name, (_, rule) in bound.limits.items():
                if rule is None and calendar.customary_rule is None:
                    where = f"{bound.procedure.code if bound.procedure is not None else process.name}: limits.{name}"
                    yield Problem(where, f"no counting rule: neither the limit nor the calendar {calendar.name} names one")
        for key, action in process.definition.actions.items():
            for i, opening in enumerate(action.raises):
                if opening.elsewhere is not None and opening.process not in self.processes:
                    continue  # the organization that is asked knows it
                raised = self.processes[opening.process].definition.actions.get(opening.action)
                if raised is None or raised.from_ != NEW:
                    where = f"{process.name}: actions.{key}.raises[{i}].action"
                    yield Problem(where, f"{opening.action!r} opens no case of {opening.process}")

    def calendar(self, bound: Bound) -> WorkCalendar:
        """The calendar that the process names, or the only one there is.

        Raises:
            InvalidInput: there are several and it names none, or it names another.
        """
        name = bound.definition.calendar
        if name is None and len(self.calendars) == 1:
            return next(iter(self.calendars.values()))
        if name is None or name not in self.calendars:
            raise InvalidInput(
                f"{bound.definition.name} must name one of the calendars {', '.join(self.calendars)}, not {name!r}", "calendar"
            )
        return self.calendars[name]

    def definitions(self) -> Iterator[Process | Procedure | WorkCalendar | CountingRule]:
        """Everything that cases will name by hash, counting rules included."""
        processes = self._every_process()
        procedures = [procedure for editions in self.editions.values() for procedure in editions]
        yield from processes
        yield from procedures
        yield from self.calendars.values()
        names = {calendar.customary_rule for calendar in self.calendars.values()}
        for definition in [process.definition for process in processes]:
            names |= {definition.rule} | {limit.rule for limit in definition.limits.values()}
        for procedure in procedures:
            names |= {limit.rule for limit in procedure.definition.limits.values()}
        yield from (CountingRule.named(rule) for rule in sorted(name for name in names if name is not None))

    def _procedures_of(self, process: Process) -> list[Procedure]:
        """The procedures that may be bound to this version: those of its name that are valid in its time."""
        every = (procedure for editions in self.editions.values() for procedure in editions)
        one = len(self.versions.get(process.name, ())) < 2
        return [p for p in every if p.process == process.name and (one or _overlap(p, process))]

    def _bounds(self, process: Process) -> list[Bound]:
        chosen = self._procedures_of(process)
        if chosen:
            return [process.bind(procedure) for procedure in chosen]
        try:
            return [process.bind()]
        except InvalidInput:  # it takes a procedure, and none is here
            return []


def _unknown_rule(calendar: WorkCalendar) -> Iterator[Problem]:
    """The customary rule of a calendar, where there is none of that name."""
    if calendar.customary_rule is not None:
        try:
            CountingRule.named(calendar.customary_rule)
        except NotFound as error:
            yield Problem(f"{calendar.name}: customary_rule", str(error))


def _with_raised(processes: Iterable[Process]) -> list[Process]:
    """*processes* and, where one raises cases of a shipped process that is not among them, that one too."""
    found = list(processes)
    known = {process.name for process in found}
    waiting = list(found)
    while waiting:
        for action in waiting.pop().definition.actions.values():
            for rule in action.raises:
                if rule.elsewhere is None and rule.process not in known:
                    known.add(rule.process)
                    found.append(Process.load(rule.process))
                    waiting.append(found[-1])
    return found


T = TypeVar("T", Process, Procedure)


def _by_name(things: Iterable[T]) -> dict[str, tuple[T, ...]]:
    """Each distinct definition under its name, by when it begins to be valid."""
    found: dict[str, list[T]] = {}
    for thing in things:
        named = found.setdefault(_name(thing), [])
        named.append(thing)
    return {name: tuple(sorted(named, key=lambda one: _span(one)[0])) for name, named in found.items()}


def _name(thing: Process | Procedure | WorkCalendar) -> str:
    return thing.code if isinstance(thing, Procedure) else thing.name


def _span(thing: Process | Procedure) -> tuple[str, str]:
    """The first and last day on which a definition is valid, as ISO dates."""
    return thing.definition.valid_from or "0001-01-01", thing.definition.valid_until or "9999-12-31"


def _overlap(one: Process | Procedure, other: Process | Procedure) -> bool:
    (low, high), (begin, end) = _span(one), _span(other)
    return low <= end and begin <= high


def _valid_on(versions: Sequence[T], day: date) -> T | None:
    if len(versions) == 1:
        return versions[0]
    return next((one for one in versions if _span(one)[0] <= day.isoformat() <= _span(one)[1]), None)


def _overlaps(where: str, versions: Mapping[str, tuple[T, ...]]) -> Iterator[Problem]:
    for name, found in versions.items():
        for one, other in pairwise(found):
            (begin, until), (since, end) = _span(one), _span(other)
            if (begin, until) == (since, end):
                yield Problem(where, f"two are called {name!r}")
            elif since <= until:
                told = f"two versions of {name!r} are valid at once, from {since}; give them dates that follow each other"
                yield Problem(where, told)


def _twice(where: str, things: Iterable[WorkCalendar]) -> Iterator[Problem]:
    names = [thing.name for thing in things]
    yield from (Problem(where, f"two are called {name!r}") for name in sorted({n for n in names if names.count(n) > 1}))
