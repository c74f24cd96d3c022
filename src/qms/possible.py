"""What would make it possible: beside the reasons of a denial, who could act, and the way to where it can be done.

Rule 1: who lacks authority, or holds it in a way that does not reach, is told who has it; who is barred by a duty, who has it
and is not barred. Nobody is named against whom such a reason speaks too, and the answer may be that nobody could.
Rule 2: where the case stands elsewhere the shortest way there is told, in actions; none, where nothing leads there.
Rule 3: a reason keeps its code, its parameters and its clause; it only says more.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from .case import may
from .casebook import Casebook
from .errors import Reason
from .event import When
from .net import way_to
from .process import Bound, Plan
from .state import Case

__all__ = ["AUTHORITY", "DUTIES", "made_possible"]

AUTHORITY: Final = frozenset(
    ("no-authority", "expired-delegation", "sub-delegation", "outside-scope", "expired-competence", "wrong-capacity")
)
"""The codes that speak of what somebody may do at all."""
DUTIES: Final = frozenset(("separation-of-duties", "own-case", "same-person", "conflict", "already-approved", "not-assigned"))
"""The codes that speak of what this person has done, or is, in this case."""
ELSEWHERE: Final = frozenset(("not-in-step", "paused", "after-expiry"))
"""The codes that speak of where the case stands."""


def made_possible(book: Casebook, reasons: Iterable[Reason], case: Case, at: int) -> tuple[Reason, ...]:
    """*reasons* against an act on *case* at *at* (µs UTC), with who could do it (``holders``) and how it comes there (``way``)."""
    bound = book.bound(case)
    return tuple(_more(book, reason, case, bound, at) for reason in reasons)


def _more(book: Casebook, reason: Reason, case: Case, bound: Bound, at: int) -> Reason:
    plan = bound.plans.get(str(reason.params.get("action", "")))
    if plan is None:
        return reason
    if reason.code in AUTHORITY or reason.code in DUTIES:
        barring = AUTHORITY if reason.code in AUTHORITY else AUTHORITY | DUTIES
        holders = tuple(sorted(_able(book, case, bound, plan, at, barring))) or ("nobody",)
        return Reason(reason.code, clause=reason.clause, **{**reason.params, "holders": holders})
    if reason.code in ELSEWHERE and case.steps:
        way = way_to(bound.net, bound.net.mask(case.steps), plan.key)
        if way:
            return Reason(reason.code, clause=reason.clause, **{**reason.params, "way": way})
    return reason


def _able(book: Casebook, case: Case, bound: Bound, plan: Plan, at: int, barring: frozenset[str]) -> Iterable[str]:
    """The holders of its roles and parts against whom none of *barring* speaks."""
    people = {actor for role in plan.roles for actor in book.people.holders(role, case.unit, at)}
    people |= {case.parts[part] for part in plan.parts if part in case.parts}
    for person in people:
        found = may(case, plan.key, person, When(at, at), book.context(bound, person, at))
        if barring.isdisjoint(reason.code for reason in found):
            yield person
