"""What a decision is told from outside the case: the process, the calendar, people's grants, forms, guards, facts.

Rule 1: all that is read from outside is in a `Context`; a decision reads no clock, no file and no store.
Rule 2: a guard is a named pure function; a definition names it and never contains code.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from attrs import field, frozen

from .authority import Grant
from .calendar import WorkCalendar
from .definition import Action, GuardUse
from .errors import InvalidInput, NotFound, Reason
from .event import When
from .limits import CountingRule
from .process import Bound
from .signatures import Validity
from .state import Case
from .swift import swift

__all__ = ["Attempt", "Context", "Guard", "guard", "judge_guards"]


@swift
@frozen
class Attempt:
    """What a guard is told: who tries what on which case, with which form, when, in which context."""

    case: Case
    action: Action
    actor: str
    form: Any
    when: When
    context: Context


@frozen
class Guard:
    """A named pure function that has a reason against an attempt, or None; `reads_form` says that it needs the form."""

    name: str
    judge: Callable[..., Reason | None]
    reads_form: bool

    def __call__(self, attempt: Attempt, **params: Any) -> Reason | None:
        """The reason against *attempt*, or None."""
        return self.judge(attempt, **params)


def guard(name: str, *, reads_form: bool) -> Callable[[Callable[..., Reason | None]], Guard]:
    """Make a pure function ``(attempt, **params) -> Reason | None`` the guard *name*."""
    return lambda judge: Guard(name, judge, reads_form)


@frozen
class Context:
    """All that a decision reads from outside the case."""

    process: Bound
    calendar: WorkCalendar
    grants: Sequence[Grant] = ()
    forms: Mapping[str, type] = field(factory=dict, repr=False)
    guards: Mapping[str, Guard] = field(factory=dict, repr=False)
    facts: Mapping[str, Any] = field(factory=dict)
    """What the embedding system knows and guards may ask, such as a payment; plain values."""
    conflicts: Collection[str] = ()
    """The people in whose cases the actor has an interest."""
    validity: Validity | None = field(default=None, repr=False)
    """Whether a digital signature holds; without it none is verified."""

    def rule(self, clock: str) -> CountingRule:
        """The counting rule of the limit *clock*: its own, its process's, else the calendar's customary one.

        Raises:
            InvalidInput: none of them names a rule; there is no default law.
        """
        name = self.process.limits[clock][1] or self.calendar.customary_rule
        if name is None:
            raise InvalidInput(
                f"no counting rule: neither the limit nor the calendar {self.calendar.name} names one; write rule = ...",
                f"limits.{clock}",
            )
        return CountingRule.named(name)


def judge_guards(
    uses: Iterable[GuardUse],
    case: Case,
    action: Action,
    actor: str,
    form: Any,
    when: When,
    context: Context,
    *,
    reads_form: bool | None = None,
) -> list[Reason]:
    """What guards have against it: all of *uses*, or those that read the form, or those that do not."""
    reasons = []
    attempt = Attempt(case, action, actor, form, when, context)
    for use in uses:
        found = context.guards.get(use.name)
        if found is None:
            raise NotFound(f"no guard {use.name!r} is registered; there are: {', '.join(sorted(context.guards)) or 'none'}")
        if reads_form is None or found.reads_form is reads_form:
            reason = found.judge(attempt, **use.params)
            if reason is not None:
                reasons.append(reason)
    return reasons
