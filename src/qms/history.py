"""Histories from elsewhere: what another system recorded, taken as it was, and judged.

Rule 1: nothing is dropped and nothing is denied. What the definition would not have allowed is kept with every reason.
Rule 2: the tokens that an act lacked are taken as given and the act fires, so that one slip is one deviation.
Rule 3: an effect that cannot be true of the case (a clock that ends before it starts) is left out; the act is kept.
Rule 4: facts are not acts. The start or end of a clock and a promise in another system's record move no token.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from attrs import frozen

from .case import Allowed, Denial, decide, happen
from .context import Context
from .errors import InvalidInput, Reason
from .event import NOTHING, Acted, ClockChange, Effects, Imported, When
from .net import Move
from .process import Bound
from .state import Case, flat_get
from .turning import last_touched, start_clock

__all__ = ["Past", "PastFact", "import_fact", "replay"]


@frozen
class Past:
    """An act in another system's history: *action* by *by*, occurred and recorded at µs UTC; *facts* are kept with it."""

    action: str
    by: str
    occurred: int
    recorded: int
    facts: Mapping[str, Any] | None = None


@frozen
class PastFact:
    """A fact in another system's history: the start or end of a clock, a promise, a date; not an act."""

    by: str
    at: int
    start: str | None = None
    stop: str | None = None
    dates: Mapping[str, int] | None = None
    facts: Mapping[str, Any] | None = None


def replay(case: Case, action: str, actor: str, form: Any, when: When, context: Context) -> Acted:
    """The act as another system recorded it: where the definition would not have allowed it, a deviation.

    *action* is a key, or a name that several actions may share: the first that is allowed is taken, else the one that lacks
    the fewest tokens. A deviation keeps all its reasons; the tokens it lacked are taken as given, so that one slip is one
    deviation.
    """
    bound = context.process
    keys = _keys_by_name(bound).get(action, (action,))
    denied: dict[str, Denial] = {}
    for key in keys:
        decision = decide(case, key, actor, form, when, context)
        if isinstance(decision, Allowed):
            return decision.events[0]
        denied[key] = decision
    moves = [move for key in keys for move in bound.net.moves_of(key)]
    if not moves:
        return Acted(case.seq + 1, action, actor, when, (), (), case.closed, form or None, deviation=denied[action].reasons)
    # What opens a case takes no token and so lacks none; yet in the midst of a case it is the last that can be meant.
    move = min(moves, key=lambda move: (move.opens and bool(case.steps), move.need - len(case.steps.intersection(move.take))))
    reasons = denied[move.action].reasons
    try:
        return happen(case, bound.plans[move.action], move, actor, None, when, context, reasons)
    except (InvalidInput, AttributeError):
        return _move_alone(case, move, actor, when, bound, reasons)


def _move_alone(case: Case, move: Move, actor: str, when: When, bound: Bound, deviation: tuple[Reason, ...]) -> Acted:
    """The act without effects that cannot be true of the case (an end before the start) or need a form that nobody filled.

    Where it closes the case, what still runs stops with it, at the earliest instant at which it can. It is counted where the
    definition counts it.
    """
    left = tuple(step for step in dict.fromkeys((*move.leaves, *move.cancels)) if step in case.steps)
    put = (*move.to, *move.adds)
    closed = not bound.net.closing.isdisjoint(case.steps.difference(left).union(put))
    running = [(name, clock) for name, clock in case.clocks.items() if closed and clock.state != "stopped"]
    stops = tuple(ClockChange(name, "stop", max(when.occurred, last_touched(clock))) for name, clock in running)
    effects = NOTHING if bound.plans[move.action].action.at_most is None else Effects(counted=True)
    return Acted(case.seq + 1, move.action, actor, when, left, put, closed, None, stops, effects, deviation=deviation)


@lru_cache(maxsize=256)
def _keys_by_name(bound: Bound) -> Mapping[str, tuple[str, ...]]:
    """The actions that each key and each name means. A key means itself, whatever others are called."""
    keys: dict[str, tuple[str, ...]] = {}
    for key, plan in bound.plans.items():
        name = plan.action.name or key
        keys[name] = (*keys.get(name, ()), key)
    return keys | {key: (key,) for key in bound.plans}


def import_fact(
    case: Case,
    by: str,
    at: int,
    context: Context,
    *,
    start: str | None = None,
    stop: str | None = None,
    dates: Mapping[str, int],
    facts: Mapping[str, Any],
) -> Imported:
    """A fact of another system's record (µs UTC): a clock started or stopped there, dates as they stand there.

    A clock that is not running cannot be stopped, nor before its last change; such a fact is kept without the effect. Nor is a
    date that stands once and for all (a first promise) told anew, or one that only goes later set back.

    Raises:
        InvalidInput: *start* names no limit of the process.
    """
    changes = []
    if start is not None:
        if start not in context.process.limits:
            raise InvalidInput(f"{start!r} is no limit; known: {', '.join(context.process.limits) or 'none'}", "start")
        changes.append(start_clock(start, None, at, context))
    clock = flat_get(case.flat_clocks, stop) if stop is not None else None
    if stop is not None and clock is not None and clock.state != "stopped" and at >= last_touched(clock):
        changes.append(ClockChange(stop, "stop", at))
    told = {name: date for name, date in dates.items() if _may_be_told(case, name, date, context.process)}
    effects = Effects(dates=told) if told else NOTHING
    untold = {name: date for name, date in dates.items() if name not in told}
    return Imported(case.seq + 1, by, When(at, at), tuple(changes), effects, {**untold, **facts})


def _may_be_told(case: Case, name: str, date: int, bound: Bound) -> bool:
    known, way = flat_get(case.particulars.dates, name), bound.definition.dates.get(name)
    return known is None or way not in ("once", "later") or (way == "later" and date > known)
