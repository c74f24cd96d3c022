"""Random walks of whole cases through an organization: what is offered can be done, what is denied is explained."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pendulum
from attrs import define

from qms.authority import Roster
from qms.calendar import WorkCalendar
from qms.errors import Denied
from qms.organization import Organization
from qms.process import Process
from qms.state import Case
from qms.stores.memory import MemoryStore

NOW = pendulum.datetime(2026, 11, 23, 9, tz="Asia/Ho_Chi_Minh")
LONGEST = 5_000
"""More acts than a random walk that can end ever needs."""
EXPLAINED = {"not-in-step", "no-authority", "closed", "paused", "after-expiry"}
"""The reasons there can be where a process has neither forms nor guards nor duties to keep apart."""


@define
class Walked:
    """What some walks came to: how many cases were closed, and the steps, actions and reasons they met."""

    closed: int
    steps: set[str]
    actions: set[str]
    reasons: set[str]


def walked(process: Process, walks: int, *, seed: int = 1, offered: Callable[[Case, str], set[str]] | None = None) -> Walked:
    """*walks* cases of *process*, each from an opening action to a closing step by what is offered to people of one role each.

    *offered* says what a person of a role should be offered, by somebody else's reading of the definition.
    """
    random = Random(seed)
    roles = {f"of-{role}": role for role in process.definition.roles}
    people = Roster({person: [role] for person, role in roles.items()})
    calendar = WorkCalendar.load("VN")
    org = Organization(
        store=MemoryStore(), processes=[process], procedures=[], calendars=[calendar], people=people, now=lambda: NOW
    )
    openings = [
        (key, f"of-{role}")
        for key, action in process.definition.actions.items()
        if action.from_ == "new"
        for role in action.roles
    ]
    met = Walked(0, set(), set(), set())
    for n in range(walks):
        action, person = random.choice(openings)
        case = org.open(process.name, by=person, action=action, id=f"case-{n}")
        for _ in range(LONGEST):
            met.steps |= case.steps
            met.actions.add(action)
            if case.closed:
                break
            if random.random() < 0.1:
                met.reasons |= _tried(org, case, random.choice(list(roles)), random.choice(list(process.definition.actions)))
                case = org.case(case.id)
                continue
            options = [(person, action) for person in roles for action in org.available(case.id, person)]
            if offered is not None:
                for person, role in roles.items():
                    assert {action for who, action in options if who == person} == offered(case, role)
            person, action = random.choice(options)
            case = org.act(case.id, action, by=person)
        met.closed += case.closed
    return met


def _tried(org: Organization, case: Case, person: str, action: str) -> set[str]:
    """The reasons against a blind attempt: those that were foretold, or none where it was offered."""
    foretold = [reason.code for reason in org.explain(case.id, action, person)]
    assert (action in org.available(case.id, person)) == (not foretold)
    try:
        org.act(case.id, action, by=person)
    except Denied as denied:
        codes = [reason.code for reason in denied.reasons]
        assert codes == foretold != []
        assert org.case(case.id) == case
        return set(codes)
    assert not foretold
    return set()
