"""Cases that a case opens by rule: what is raised, with which form, under which id.

Rule 1: a rule is judged on the case as the action leaves it. What it opens is dated as the act, and lands in the same batch.
Rule 2: the id of a case that is raised says which case raised it, and is free.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any

from attrs import evolve as changed
from attrs import frozen

from .context import Context, judge_guards
from .definition import GuardUse
from .event import Acted, Event, When
from .limits import TimeLimit
from .process import Plan
from .state import Case, evolve, flat_get

__all__ = ["Raising", "raised_by", "renamed"]


@frozen
class Raising:
    """A case to be opened by rule in the same batch, dated as the act that raised it.

    *link*: what the case that opens it calls it, where it waits for it; *elsewhere*: the organization that opens it; *unit*:
    the one that owes its result, where that is another.
    """

    id: str
    when: When
    process: str
    action: str
    form: Mapping[str, Any]
    link: str | None = None
    procedure: str | None = None
    elsewhere: str | None = None
    unit: str | None = None


def raised_by(
    case: Case, plan: Plan, event: Acted, form: Any, context: Context
) -> tuple[tuple[Acted, ...], tuple[Raising, ...]]:
    """What the action of *event* opens by rule, judged on the case as the action leaves it; and the event, which says so."""
    after = evolve(case, event)
    when = event.when
    if when.occurred < when.recorded and not when.reason:  # what a clock did is recorded when somebody looks
        when = changed(when, reason=f"raised by {event.action}")
    raised: list[tuple[str, str]] = []
    raises = []
    for rule in plan.action.raises:
        if rule.once and rule.each is None and rule.name in after.raised:
            continue
        asked = () if rule.when is None else (GuardUse(rule.when),)
        if asked and not judge_guards(asked, after, plan.action, event.by, form, event.when, context):
            continue
        for item in (None,) if rule.each is None else _said(rule.each, form, None) or ():
            child = f"{case.id}/{rule.process}-{len(after.particulars.raised) // 2 + len(raised) + 1}"
            raised.append((rule.name, child))
            filled = _filled(rule.form, after, event, context, form, item)
            procedure = after.procedure if rule.procedure == "case.procedure" else _said(rule.procedure, form, item)
            elsewhere, unit = _said(rule.elsewhere, form, item), _said(rule.unit, form, item)
            raises.append(Raising(child, when, rule.process, rule.action, filled, rule.child, procedure, elsewhere, unit))
    if not raises:
        return (event,), ()
    effects = changed(event.effects, raised=tuple(raised))
    return (changed(event, effects=effects),), tuple(raises)


def renamed(
    events: Sequence[Event], raises: Sequence[Raising], is_free: Callable[[str], bool]
) -> tuple[tuple[Event, ...], tuple[Raising, ...]]:
    """*events* and *raises* with ids that are free for the cases to be opened."""
    names: dict[str, str] = {}
    for raising in raises:
        candidates = (f"{raising.id.rpartition('-')[0]}-{n}" for n in count(1))
        names[raising.id] = next(name for name in candidates if name not in names.values() and is_free(name))
    told: list[Event] = []
    for event in events:
        if isinstance(event, Acted) and event.effects.raised:
            pairs = tuple((rule, names[child]) for rule, child in event.effects.raised)
            told.append(changed(event, effects=changed(event.effects, raised=pairs)))
        else:
            told.append(event)
    return tuple(told), tuple(changed(raising, id=names[raising.id]) for raising in raises)


def _said(text: str | None, form: Any, item: Any) -> Any:
    """What a rule says in so many words, by a field of the form, or by the item it is done for."""
    if text is not None and text.startswith("form."):
        return getattr(form, text.removeprefix("form."))
    return item if text == "item" else text


def _filled(
    form: Mapping[str, Any], case: Case, event: Acted, context: Context, told: Any = None, item: Any = None
) -> dict[str, Any]:
    known: dict[str, Callable[[], Any]] = {
        "case.id": lambda: case.id,
        "case.procedure": lambda: case.procedure,
        "case.unit": lambda: case.unit,
        "case.kind": lambda: case.kind,
        "case.due": lambda: case.due,
        "case.outcome": lambda: case.outcome,
        "case.source": lambda: case.source,
        "action": lambda: event.action,
        "actor": lambda: event.by,
        "occurred": lambda: context.calendar.moment(event.when.occurred),
    }

    def value_of(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if value.startswith("part."):
            return flat_get(case.particulars.parts, value.removeprefix("part."))
        found = known[value]() if value in known else _said(value, told, item)
        return str(found) if isinstance(found, TimeLimit) else found

    filled = {key: value_of(value) for key, value in form.items()}
    return {key: value for key, value in filled.items() if value is not None}
