"""What an organization works by: its processes, procedures and calendars, and the forms and guards that they name.

Rule 1: all is judged before the first case: what could only fail in front of a citizen is refused when it is set up.
Rule 2: an unsound process is refused; an undecided one is taken only when told so.
Rule 3: a process that others raise cases of is in force with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

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
        known = {process.name: process for process in _with_raised(processes)}
        chosen = [p for p in Procedure.shipped() if p.process in known] if procedures is None else procedures
        return cls(
            known,
            {procedure.code: procedure for procedure in chosen},
            {calendar.name: calendar for calendar in calendars},
            forms,
            guards,
            (*_twice("processes", processes), *_twice("calendars", calendars), *_twice("procedures", chosen)),
        )

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
        for process in self.processes.values():
            self._judge_soundness(process, undecided=undecided)
        self.judge_calendars()

    def judge_calendars(self) -> None:
        """Nothing, where every process has its calendar, and every limit its counting rule.

        Raises:
            InvalidInput: no calendar or an unclear one, no counting rule, or a customary one that is not there.
        """
        problems = [fault for calendar in self.calendars.values() for fault in _unknown_rule(calendar)]
        problems += [fault for process in self.processes.values() for fault in self._unclear(process)]
        if problems:
            raise InvalidInput(problems)

    def _judge_soundness(self, process: Process, *, undecided: bool) -> None:
        report = process.check(self._procedures_of(process), forms=self.forms, guards=self.guards)
        if report.sound is False or (report.sound is None and not undecided):
            raise UnsoundProcess(
                Problem(
                    f"{process.name}: {f.where}",
                    f.message + (f" (after {' > '.join(f.witness)})" if f.witness else ""),
                )
                for f in report.findings
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
        yield from self.processes.values()
        yield from self.procedures.values()
        yield from self.calendars.values()
        names = {calendar.customary_rule for calendar in self.calendars.values()}
        for definition in [process.definition for process in self.processes.values()]:
            names |= {definition.rule} | {limit.rule for limit in definition.limits.values()}
        for procedure in self.procedures.values():
            names |= {limit.rule for limit in procedure.definition.limits.values()}
        yield from (CountingRule.named(rule) for rule in sorted(name for name in names if name is not None))

    def _procedures_of(self, process: Process) -> list[Procedure]:
        return [procedure for procedure in self.procedures.values() if procedure.process == process.name]

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
    known = {process.name: process for process in processes}
    waiting = list(known.values())
    while waiting:
        for action in waiting.pop().definition.actions.values():
            for rule in action.raises:
                if rule.process not in known:
                    known[rule.process] = Process.load(rule.process)
                    waiting.append(known[rule.process])
    return list(known.values())


def _twice(where: str, things: Iterable[Process | Procedure | WorkCalendar]) -> Iterator[Problem]:
    names = [thing.code if isinstance(thing, Procedure) else thing.name for thing in things]
    yield from (Problem(where, f"two are called {name!r}") for name in sorted({n for n in names if names.count(n) > 1}))
