"""The simulated work of a year: people come, officers act, time passes; every step is an `Organization.act`.

Rule 1: a queue of (instant, work) is taken in order of time; the organization's clock is the instant of the work at hand.
Rule 2: a day is one transaction. At its end the organization sweeps, so that what expired has happened.
Rule 3: an office plans its work within the limit; what goes wrong (a `TROUBLES` cause) and what piles up makes it late.
Rule 4: nothing is inserted beside the organization, and nothing here decides whether an action is allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Any

import pendulum
from attrs import define, field, frozen

from ..calendar import WorkCalendar
from ..case import Case
from ..errors import Denied
from ..organization import Organization
from ..process import Procedure
from ..state import flat_get
from .axis import SECOND, Axis
from .world import MINUTE, Chances, Desk, Staff, Unit

__all__ = ["TROUBLES", "Day", "Dossier", "Office", "Service", "Watch"]

HOUR = 60 * MINUTE
DAY = 8 * HOUR
"""A working day, in working time."""
CALENDAR_DAY = 24 * 3600 * SECOND

TROUBLES: Mapping[str, float] = {
    "no-stand-in": 3.0,
    "work-piled-up": 2.5,
    "site-visit-late": 2.0,
    "data-from-another-agency": 2.0,
    "unclear-form": 1.5,
    "system-outage": 1.0,
}
"""What goes wrong, with how often against each other; invented."""


@frozen
class Service:
    """What the simulation needs to know of a procedure."""

    code: str
    field: str
    at_once: bool
    obligation: bool
    site: bool
    fee: int
    paper: str
    weight: float

    @classmethod
    def of(cls, procedure: Procedure) -> Service:
        """How often people ask for *procedure*, and what its work is like; invented, from its kind and its limit."""
        definition = procedure.definition
        limit = definition.limits["legal"].period
        short = limit is not None and str(limit) == "same day"
        return cls(
            code=procedure.code,
            field=definition.field["vi"],
            at_once=definition.blanks.get("settle") == "at-once",
            obligation=definition.blanks.get("obligation") == "pauses",
            site=not short and definition.level == "district",
            fee=int(definition.fee.get("amount") or 2 * definition.fee.get("per_page", 0)),
            paper=definition.papers[0] if definition.papers else "đơn đề nghị",
            weight=5.0 if short else 1.0,
        )


@define
class Dossier:
    """A dossier as the people who work on it see it; what is true of it stands in the organization."""

    id: str
    service: Service
    unit: Unit
    applicant: str
    online: bool
    case: Case | None = None
    officer: str = ""
    accepted_by: str = ""
    drafted_by: str = ""
    trouble: str = ""
    lost: int = 0
    ready: int = 0
    held: bool = False
    guided: bool = False
    charged: bool = False
    apologised: bool = False
    asked_back: bool = False
    finished: bool = False
    gone: bool = False

    @property
    def busy(self) -> bool:
        """Whether anybody may still work on it."""
        return not (self.gone or self.finished or self.asked_back)


@frozen
class Day:
    """How far the simulation is, told after each day's commit: its end, and what share of the year's span has passed."""

    at: pendulum.DateTime
    share: float
    received: int
    events: int


Work = Callable[..., None]


@define
class Watch:
    """What time it is in the simulation (µs)."""

    instant: int


@define
class Office:
    """The queue, the people and the dossiers."""

    org: Organization
    calendar: WorkCalendar
    axis: Axis
    staff: Staff
    random: Random
    watch: Watch
    chances: Chances
    events: int = 0
    received: int = 0
    denied: dict[str, int] = field(factory=dict)
    dossiers: dict[str, Dossier] = field(factory=dict)
    _queue: list[tuple[int, int, Work, tuple[Any, ...]]] = field(factory=list)
    _ticks: Iterator[int] = field(factory=count)
    _register: int = 0

    @property
    def now(self) -> int:
        """The instant of the work at hand (µs)."""
        return self.watch.instant

    # The queue

    def at(self, instant: int, work: Work, *args: Any) -> None:
        """Do *work* at *instant*."""
        heappush(self._queue, (max(instant, self.now), next(self._ticks), work, args))

    def after(self, working: float, work: Work, *args: Any) -> None:
        """Do *work* after that much working time (µs)."""
        self.at(self.axis.later(self.now, _seconds(working)), work, *args)

    def desk(self, desk: Desk, minutes: float, work: Work, *args: Any, barred: Collection[str] = ()) -> None:
        """Have somebody of *desk* do *work* once the office is open and they are free; it takes about *minutes*."""
        self.at(self.axis.opening(self.now), self._taken, desk, minutes, barred, work, args)

    def _taken(self, desk: Desk, minutes: float, barred: Collection[str], work: Work, args: tuple[Any, ...]) -> None:
        effort = _seconds(self.random.lognormvariate(0, 0.4) * minutes * MINUTE)
        who, done = desk.take(self.axis.position(self.now), effort, barred)
        self.at(self.axis.instant(done), work, who, *args)

    def run(self, until: int) -> Iterator[Day]:
        """Work day by day up to *until*; each day is one transaction, told when it is committed."""
        first = self.now
        while self._queue and self._queue[0][0] < until:
            ordinal, _ = self.calendar.local(self._queue[0][0])
            midnight = min(self.calendar.instant(ordinal + 1, 0), until)
            with self.org.transaction():
                while self._queue and self._queue[0][0] < midnight:
                    self.watch.instant, _, work, args = heappop(self._queue)
                    work(*args)
                self.watch.instant = midnight - SECOND
                self.events += self.org.sweep()
            share = (midnight - first) / (until - first)
            yield Day(self.calendar.moment(midnight), share, self.received, self.events)

    # Acting

    def act(self, dossier: Dossier, action: str, by: str, form: Any = None) -> Case:
        """One step of *dossier* now."""
        case = dossier.case = self.org.act(dossier.id, action, by=by, form=form)
        self.events += 1
        return case

    def open(self, dossier: Dossier, by: str, form: Any) -> None:
        """A dossier begins."""
        dossier.case = self.org.open(procedure=dossier.service.code, by=by, form=form, id=dossier.id, unit=dossier.unit.key)
        self.events += 2
        self.received += 1

    def chance(self, share: float) -> bool:
        """Whether something happens that happens in *share* of all cases."""
        return self.random.random() < share

    def ended(self, dossier: Dossier) -> bool:
        """Whether the dossier is closed by now: a limit may have ended it while nobody looked."""
        dossier.case = self.org.case(dossier.id)
        dossier.gone = dossier.gone or dossier.case.closed
        return dossier.gone

    def stands(self, dossier: Dossier, step: str) -> bool:
        """Whether the dossier still waits at *step*."""
        return not self.ended(dossier) and dossier.case is not None and step in dossier.case.steps

    def refused(self, denied: Denied) -> None:
        """Count why an attempt was denied; the attempt itself is on record."""
        for reason in denied.reasons:
            self.denied[reason.code] = self.denied.get(reason.code, 0) + 1

    def desk_of(self, role: str, dossier: Dossier) -> Desk:
        """The people of *role* where the dossier is."""
        return self.staff.desk(role, dossier.unit.key)

    def due(self, dossier: Dossier) -> int:
        """The end of the legal limit as last stated (µs)."""
        return self.ends(dossier, "legal")

    def ends(self, dossier: Dossier, *clocks: str) -> int:
        """The end of the first of *clocks* that runs, as last stated (µs); now where none does."""
        flat = dossier.case.flat_clocks if dossier.case else ()
        found = (clock.due for name in clocks if (clock := flat_get(flat, name)) is not None and clock.due is not None)
        return next(found, self.now)

    def left(self, dossier: Dossier) -> int:
        """The working time that is left of the legal limit, never below an hour."""
        return max(self.axis.position(self.due(dossier)) - self.axis.position(self.now), HOUR)

    def moment(self, instant: int | None = None) -> pendulum.DateTime:
        """An instant, or now, as the office's clocks show it."""
        return self.calendar.moment(self.now if instant is None else instant)

    def number(self) -> int:
        """The next number of the register."""
        self._register += 1
        return self._register


def _seconds(working: float) -> int:
    return round(working / SECOND) * SECOND
