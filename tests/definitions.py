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
from qms.codec import parse_tree
from qms.errors import InvalidInput
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
