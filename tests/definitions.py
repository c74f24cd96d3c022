"""Small processes for tests, written as TOML, and a desk to work one case at, without an organization.

January 2024 begins on a Monday; `at("02 09:00")` is an instant of it in the office's zone.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from attrs import field, frozen
from pendulum import DateTime

from qms.authority import Grant
from qms.calendar import WorkCalendar, to_us
from qms.case import Allowed, Case, Context, Denial, Guard, decide, expire, fold
from qms.codec import parse_tree
from qms.errors import InvalidInput, Reason
from qms.event import Acted, Event, Opened, When
from qms.form import personal
from qms.process import Bound, Procedure, Process

OFFICE = timezone(timedelta(hours=7))
WEEK = {"mon-fri": "08:00-12:00 13:00-17:00"}
CALENDAR = WorkCalendar.from_dates(
    zone="Asia/Ho_Chi_Minh",
    week=WEEK,
    first=date(2023, 1, 1),
    last=date(2025, 12, 31),
    off=[date(2024, 1, 1)],
    name="test",
    customary_rule="vn-one-stop",
)
DROP: Any = type("Drop", (), {"__repr__": lambda _: "nothing"})()


def moment(text: str) -> datetime:
    """``02 09:00`` as a moment of January 2024 in the office; ``02-15 09:00`` one of another month."""
    day, _, time = text.partition(" ")
    month, _, rest = day.rpartition("-")
    return datetime.fromisoformat(f"2024-{month or '01'}-{rest}T{time}").replace(tzinfo=OFFICE)


def at(text: str) -> int:
    """`moment` in microseconds UTC."""
    return to_us(moment(text))


def tree(text: str = "") -> dict[str, Any]:
    """The tree of *text*, completed to a whole process: ``ask`` opens at ``waiting``, ``finish`` leads to ``done``.

    Roles are clerk and head; what *text* says goes before.
    """
    made = parse_tree(text)
    actions = {
        "ask": {"from": "new", "to": "waiting", "roles": ["clerk"]},
        "finish": {"from": "waiting", "to": "done", "roles": ["clerk"]},
    }
    return {
        "name": "small",
        "roles": {"clerk": {}, "head": {}},
        **made,
        "steps": {"waiting": {}, "done": {"closes": True}} | made.get("steps", {}),
        "actions": actions | made.get("actions", {}),
    }


def small(text: str = "") -> Process:
    """The process of `tree`."""
    return Process.from_tree(tree(text))


def bound(text: str = "", procedure: Mapping[str, Any] | None = None) -> Bound:
    """The process of `tree`, its blanks filled by *procedure*."""
    return small(text).bind(None if procedure is None else filled(procedure))


def filled(more: Mapping[str, Any]) -> Procedure:
    """A procedure of the process ``small``."""
    return Procedure.from_tree({"code": "1.1", "process": "small", "title": {"en": "Small"}} | dict(more))


def with_(original: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy of a tree in which *path* (``actions.ask.to``) has *value*, or is gone (`DROP`)."""
    made: dict[str, Any] = copy.deepcopy(dict(original))
    *outer, last = path.split(".")
    inner = made
    for name in outer:
        inner = inner.setdefault(name, {})
    if value is DROP:
        del inner[last]
    else:
        inner[last] = value
    return made


def problems(make: Any, *args: Any, **kwargs: Any) -> list[str]:
    """What *make* refuses these arguments for, each problem as text."""
    with pytest.raises(InvalidInput) as caught:
        make(*args, **kwargs)
    return [str(problem) for problem in caught.value.problems]


# Forms


@frozen
class Paper:
    """A form of every type that a field may have."""

    title: str
    result: str | None = None
    pages: int | None = None
    urgent: bool = False
    day: date | None = None
    paid_at: DateTime | None = None
    papers: tuple[str, ...] = ()
    period: str | None = None
    basis: str | None = None
    applicant: str | None = None
    phone: str | None = personal(default=None)


@frozen
class Note:
    """A form that may be left empty."""

    text: str = ""


FORMS: dict[str, type] = {"Paper": Paper, "Note": Note}


def held(*roles: str) -> tuple[Grant, ...]:
    """Grants of *roles*, everywhere and always."""
    return tuple(Grant(role) for role in roles)


@frozen
class Party:
    """Who holds which roles, for a desk."""

    table: Mapping[str, Iterable[str]] = field(factory=dict)

    def grants(self, actor: str) -> tuple[Grant, ...]:
        """The grants of *actor*."""
        return held(*self.table.get(actor, ()))


STAFF = Party({"lan": ["clerk"], "mai": ["clerk"], "minh": ["clerk", "head"], "hoa": ["head"]})


# A desk


class Desk:
    """One case worked by hand: decisions and events, no store, no organization.

    Times are written as in `at`. What is done is done by lan unless *by* says otherwise.
    """

    def __init__(
        self,
        text: str = "",
        *,
        procedure: Mapping[str, Any] | None = None,
        guards: Iterable[Guard] = (),
        staff: Party = STAFF,
        unit: str | None = None,
        calendar: WorkCalendar = CALENDAR,
    ) -> None:
        self.bound = bound(text, procedure)
        self.guards = {guard.name: guard for guard in guards}
        self.staff = staff
        self.calendar = calendar
        definition = self.bound.definition
        self.events: list[Event] = [
            Opened(
                "case",
                "lan",
                When(at("02 08:00"), at("02 08:00")),
                kind=definition.name,
                process=self.bound.process.content_hash,
                calendar=CALENDAR.version,
                zone=CALENDAR.zone,
                due=definition.due,
                unit=unit,
                axes={name: values[0] for name, values in definition.axes.items()},
            )
        ]

    @property
    def case(self) -> Case:
        """The fold of all that has happened."""
        case = fold(self.events)
        assert case is not None
        return case

    def context(self, by: str) -> Context:
        """What a decision about *by* reads."""
        return Context(self.bound, self.calendar, self.staff.grants(by), FORMS, self.guards)

    def decide(
        self,
        recorded: str,
        action: str,
        by: str = "lan",
        form: Any = None,
        *,
        occurred: str | None = None,
        reason: str | None = None,
    ) -> Allowed | Denial:
        """The decision on an attempt at *recorded*; nothing is changed."""
        when = When(at(occurred or recorded), at(recorded), reason)
        return decide(self.case, action, by, form, when, self.context(by))

    def do(self, recorded: str, action: str, by: str = "lan", form: Any = None, **more: Any) -> Acted:
        """The event of an attempt that is allowed."""
        decision = self.decide(recorded, action, by, form, **more)
        assert isinstance(decision, Allowed), decision
        self.events += decision.events
        return decision.events[0]

    def reasons(self, recorded: str, action: str, by: str = "lan", form: Any = None, **more: Any) -> list[Reason]:
        """The reasons of an attempt that is denied; none when it is allowed."""
        decision = self.decide(recorded, action, by, form, **more)
        return list(decision.reasons) if isinstance(decision, Denial) else []

    def codes(self, recorded: str, action: str, by: str = "lan", form: Any = None, **more: Any) -> list[str]:
        """The codes of `reasons`."""
        return [reason.code for reason in self.reasons(recorded, action, by, form, **more)]

    def expire(self, recorded: str) -> list[tuple[str, int]]:
        """What expires by *recorded* happens: the actions, and when they occurred."""
        lapsed = expire(self.case, at(recorded), self.context("system")).events
        self.events += lapsed
        return [(event.action, event.when.occurred) for event in lapsed]

    def due(self, clock: str) -> int | None:
        """What *clock* states as its end."""
        return self.case.clocks[clock].due
