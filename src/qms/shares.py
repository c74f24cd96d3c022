"""Shares: how an office divides the limit of a case among its steps, as a timetable that is asked for and never stored.

Rule 1: a share never replaces the limit. What the law counts is the clock; eight hours in shares are not a day of it.
Rule 2: each share is counted on the clock's own calendar, rule and pauses, from the end of the share before.
Rule 3: a share is done when its step was left and no earlier one holds the case again; what lies between two shares counts
to the later. One that is done early moves nothing.
Rule 4: when a share is overrun those after it are planned anew, from its end (while it runs: from now): in full where they
still fit, else divided in proportion over the working time that is left to the limit.
Rule 5: what cannot be is told, not hidden: shares that end after the limit, a share overrun, a limit that runs past the one
it must keep within.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any

from attrs import evolve, frozen
from pendulum import DateTime

from .calendar import WorkCalendar
from .deadline import Clock, is_over, reckon_clock
from .definition import ProcedureDefinition, ProcessDefinition, Share
from .errors import Problem, Reason
from .event import Acted, Event
from .limits import CountingRule, TimeLimit

__all__ = [
    "SOURCE",
    "Slot",
    "Timetable",
    "amounts",
    "beyond",
    "faults_of_shares",
    "faults_within",
    "is_longer",
    "timetable",
    "within_of",
]

Limits = Mapping[str, tuple[TimeLimit, str | None]]

SOURCE = "source"
"""In ``within``: the main limit of the case that opened this one."""

_FAMILIES: Mapping[str, tuple[str, int]] = {
    "working minutes": ("working time", 1),
    "working hours": ("working time", 60),
    "minutes": ("time", 1),
    "hours": ("time", 60),
    "days": ("days", 1),
    "weeks": ("days", 7),
    "half months": ("days", 15),
    "months": ("months", 1),
    "years": ("months", 12),
}
"""Units of which one is a whole number of the other by law (BGB 189, CC 146); no other units are ever compared."""


# Whether limits fit in each other


def is_longer(limits: Iterable[TimeLimit], than: TimeLimit) -> bool | None:
    """Whether *limits* together are longer than another; None where their units cannot be compared.

    >>> is_longer([TimeLimit(10, "working days"), TimeLimit(6, "working days")], TimeLimit(15, "working days"))
    True
    >>> is_longer([TimeLimit(8, "working hours")], TimeLimit(1, "same day")) is None
    True
    """
    mine, theirs = amounts(limits), amounts([than])
    over = {family for family in (*mine, *theirs) if mine.get(family, 0) > theirs.get(family, 0)}
    under = {family for family in (*mine, *theirs) if mine.get(family, 0) < theirs.get(family, 0)}
    if over and under:
        return None
    return bool(over)


def amounts(limits: Iterable[TimeLimit]) -> dict[str, int]:
    """The sum of *limits* in each family of units that compare, in its smallest unit."""
    sums: dict[str, int] = {}
    for part in (part for limit in limits for part in limit.parts):
        family, size = _FAMILIES.get(part.unit, (part.unit, 1))
        sums[family] = sums.get(family, 0) + part.amount * size
    return sums


def faults_of_shares(process: ProcessDefinition, procedure: ProcedureDefinition | None, limits: Limits) -> Iterator[Problem]:
    """What speaks against how a procedure divides its *limits*: a step twice, a sum that is longer than the main limit.

    And the limits that are longer than the one they must keep within.
    """
    shares = procedure.shares if procedure is not None else ()
    steps = [share.step for share in shares]
    for i, step in enumerate(steps):
        if step in steps[:i]:
            yield Problem(f"shares[{i}].step", f"{step!r} has a share already; give it one")
    limit = limits.get(process.due or "")
    if shares and limit is not None and is_longer((share.period for share in shares), limit[0]):
        periods = " + ".join(str(share.period) for share in shares)
        yield Problem("shares", f"{periods} is more than limits.{process.due}, {limit[0]}; take some away")
    yield from faults_within(limits, within_of(process, procedure))


def within_of(process: ProcessDefinition, procedure: ProcedureDefinition | None) -> dict[str, str]:
    """For each limit that must keep within another, which; what the procedure says goes before."""
    tables = (process.limits, procedure.limits if procedure is not None else {})
    return {name: limit.within for table in tables for name, limit in table.items() if limit.within is not None}


def faults_within(limits: Limits, within: Mapping[str, str]) -> Iterator[Problem]:
    """The limits that are longer than the one they must keep within: a service norm, a consulted agency's time."""
    for name, outer in within.items():
        if name in limits and outer in limits and is_longer([limits[name][0]], limits[outer][0]):
            message = f"{limits[name][0]} is longer than limits.{outer}, {limits[outer][0]}; shorten it"
            yield Problem(f"limits.{name}", message)


def beyond(
    clocks: Mapping[str, Clock], within: Mapping[str, str], source: Clock | None, calendar: WorkCalendar
) -> Iterator[Reason]:
    """The running clocks that end after the one they must keep within; *source* is that of the case that opened this one."""
    for name, outer_name in within.items():
        inner, outer = clocks.get(name), source if outer_name == SOURCE else clocks.get(outer_name)
        if inner is None or outer is None or inner.due is None or outer.due is None or inner.state != "running":
            continue
        if outer.state == "running" and inner.due > outer.due:
            due, until = (_short(calendar.moment(at)) for at in (inner.due, outer.due))
            yield Reason("beyond-limit", limit=name, due=due, within=outer_name, until=until)


# The timetable


@frozen
class Slot:
    """One share: its *step* and *period*, when it was *planned* to end and is now *due*, and when it *ended*.

    *state* is ``done``, ``running`` or ``waiting``. *late*: it ended, or still runs, after it was due. *replanned*: a share
    before it was overrun.
    """

    step: str
    period: TimeLimit
    planned: DateTime
    due: DateTime
    ended: DateTime | None
    state: str
    late: bool
    replanned: bool

    def to_tree(self) -> dict[str, Any]:
        """As plain values for JSON."""
        moments = {name: value and value.isoformat() for name in ("planned", "due", "ended") for value in [getattr(self, name)]}
        told = {"state": self.state, "late": self.late, "replanned": self.replanned}
        return {"step": self.step, "period": str(self.period), **moments, **told}


@frozen
class Timetable:
    """The steps of a case inside its limit: the *slots* in order, when the limit is *due*, and *flags* on what does not fit."""

    case: str
    due: DateTime | None
    slots: tuple[Slot, ...]
    flags: tuple[Reason, ...]

    def text(self, language: str = "en") -> str:
        """A line for each share and each flag, in ``en`` or ``vi``."""
        words = _WORDS[language]
        lines = []
        for slot in self.slots:
            notes = [words[slot.state]] + [words[name] for name in ("late", "replanned") if getattr(slot, name)]
            lines.append(f"{slot.step}: {slot.period.text(language)} → {_short(slot.due)} ({', '.join(notes)})")
        return "\n".join([*lines, *(flag.text(language) for flag in self.flags)])

    def __str__(self) -> str:
        return self.text()

    def to_tree(self) -> dict[str, Any]:
        """As plain values for JSON; flags by code and in words."""
        flags = [{"code": flag.code, "en": flag.text("en"), "vi": flag.text("vi")} for flag in self.flags]
        due = None if self.due is None else self.due.isoformat()
        return {"case": self.case, "due": due, "slots": [slot.to_tree() for slot in self.slots], "flags": flags}


_WORDS = {
    "en": {"done": "done", "running": "running", "waiting": "waiting", "late": "late", "replanned": "planned anew"},
    "vi": {"done": "xong", "running": "đang làm", "waiting": "chưa đến", "late": "trễ", "replanned": "tính lại"},
}


def _short(moment: DateTime) -> str:
    return moment.format("DD/MM/YYYY HH:mm")


def timetable(
    case: str,
    shares: Sequence[Share],
    clock: Clock | None,
    standing: Iterable[str],
    events: Iterable[Event],
    at: int,
    calendar: WorkCalendar,
    flags: Iterable[Reason] = (),
) -> Timetable:
    """How the limit that *clock* counts is divided, as things stand at *at* (µs UTC); no slots before it has started.

    *standing* are the steps at which the case is, *events* its history; *flags* are told first.

    Raises:
        OutsideCalendar: a share ends outside the calendar.
    """
    if clock is None:
        return Timetable(case, None, (), tuple(flags))
    rule = CountingRule.named(clock.rule)
    end = clock.due if clock.due is not None and clock.state != "paused" else reckon_clock(clock, calendar, rule)
    moment = calendar.moment
    if not shares:
        return Timetable(case, moment(end), (), tuple(flags))
    over = clock.stopped is not None
    ended, current = _progress([share.step for share in shares], clock, frozenset(standing), events, over=over)
    planned = _ends(clock, [share.period for share in shares], calendar, rule)
    dues, late, first = list(planned), [False] * len(shares), len(shares)
    for i in range(min(current + 1, len(shares))):
        finish = ended[i] if i < current else at
        late[i] = finish is not None and is_over(dues[i], finish, rule)
        if late[i] and finish is not None and i + 1 < len(shares):
            dues[i + 1 :] = _anew(clock, shares[i + 1 :], finish, end, planned[i:], calendar, rule)
            first = min(first, i + 1)
    slots = tuple(
        Slot(
            share.step,
            share.period,
            moment(planned[i]),
            moment(dues[i]),
            None if ended[i] is None else moment(ended[i] or 0),
            "done" if i < current else "running" if i == current else "waiting",
            late[i],
            i >= first,
        )
        for i, share in enumerate(shares)
    )
    return Timetable(case, moment(end), slots, (*flags, *_flags(slots, moment(end), moment(at))))


def _flags(slots: Sequence[Slot], end: DateTime, at: DateTime) -> Iterator[Reason]:
    if slots[-1].planned > end:
        yield Reason("shares-do-not-fit", planned=_short(slots[-1].planned), due=_short(end))
    for slot in slots:
        if slot.late:
            yield Reason("share-overrun", step=slot.step, due=_short(slot.due), ended=_short(slot.ended or at))


def _ends(clock: Clock, periods: Sequence[TimeLimit], calendar: WorkCalendar, rule: CountingRule) -> list[int]:
    """The end of each of *periods*, one counted from the end of the other, with the pauses of *clock*."""
    first, *more = periods
    runs = (evolve(clock, limit=first, extensions=tuple(more[:n]), due=None) for n in range(len(periods)))
    return [reckon_clock(run, calendar, rule) for run in runs]


def _anew(
    clock: Clock,
    shares: Sequence[Share],
    start: int,
    end: int,
    planned: Sequence[int],
    calendar: WorkCalendar,
    rule: CountingRule,
) -> list[int]:
    """The ends of *shares* that begin at *start*: in full where that fits, else divided over what is left until *end*.

    *planned* are the ends as first planned, that of the share before included: what each was to take.
    """
    if start >= end:
        return [end] * len(shares)
    pauses = tuple(pause for pause in clock.pauses if pause[0] >= start)
    full = _ends(evolve(clock, started=start, pauses=pauses), [share.period for share in shares], calendar, rule)
    if full[-1] <= end:
        return full
    work = calendar.work_before
    weights = [work(high) - work(low) for low, high in pairwise(planned)]
    total = sum(weights)
    if total <= 0:
        weights, total = [1] * len(shares), len(shares)
    low, left = work(start), work(end) - work(start)
    ends = [calendar.instant_of_work(low + left * done // total) if left else end for done in accumulate(weights)]
    return [*(min(one, end) for one in ends[:-1]), end]


def _progress(
    steps: Sequence[str], clock: Clock, standing: frozenset[str], events: Iterable[Event], *, over: bool
) -> tuple[list[int | None], int]:
    """When each share ended, and the number of the one that runs: the first where the case stands, else the one after the last left."""
    place = {step: i for i, step in enumerate(steps)}
    left: dict[int, int] = {}
    entered: dict[int, int] = {}
    last = -1
    for event in events:
        if not isinstance(event, Acted):
            continue
        for step in event.left:
            if step in place and step not in event.put:
                last = place[step]
                left[last] = event.when.occurred
        entered |= {place[step]: event.when.occurred for step in event.put if step in place and step not in event.left}
    here = [place[step] for step in standing if step in place]
    current = len(steps) if over else min(here) if here else last + 1
    ended: list[int | None] = [None] * len(steps)
    following = clock.stopped if clock.stopped is not None else None
    for i in range(current - 1, -1, -1):  # a share whose step was never met ended when the next one began
        ended[i] = left.get(i, following if following is not None else clock.started)
        following = entered.get(i, ended[i])
    return ended, current
