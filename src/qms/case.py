"""Cases: one run of a process each. What may be done, what is decided, what has happened, what has expired.

    action --> expire, then decide(case, action, actor, form, when, context) --> events --> evolve --> case

Rule 1: state is the fold of events (`state`, `event`); nothing else writes it. Deciding is pure.
Rule 2: `may` judges all that needs no form; `decide` is `may`, then the form and the guards that read it. Whoever
explains, lists or searches asks `may` too, so they cannot disagree with the decision.
Rule 3: a denial gives every reason at once and changes nothing.
Rule 4: what has expired by an instant has happened by it. `expire` gives the events due, in order, each dated at the end
of its limit; no legal outcome depends on when anybody asked.
Rule 5: the time of a case never runs back. What is entered as happening now happened at the last change of its case, where
the server's clock was set back behind that; what was recorded when stays as it was.
Rule 6: state holds no personal values. Instants are microseconds since 1970-01-01 UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from attrs import frozen

from .authority import OWN, SYSTEM, exercised, judge_duties, judge_role
from .calendar import to_us
from .clock import Clock, flat_pairs
from .context import Attempt, Context, Guard, guard, judge_guards
from .counting import is_over
from .definition import Trigger
from .errors import InvalidInput, NotFound, Reason
from .event import NOTHING, Acted, ClockChange, Effects, Event, Restated, When
from .form import keep, read_form
from .limits import CountingRule
from .net import Move, Play
from .ports import Row
from .process import Bound, Plan
from .raising import Raising, raised_by
from .signatures import Signed, judge_evidence, presented, signed_as
from .state import Case, Flat, done_by, evolve, flat_get, fold, state_of
from .swift import swift
from .turning import judge_terms, last_touched, turn_clocks, word

__all__ = [
    "Allowed",
    "Attempt",
    "Case",
    "Context",
    "Denial",
    "Guard",
    "Raising",
    "available",
    "decide",
    "evolve",
    "expire",
    "fold",
    "guard",
    "may",
    "on_time",
    "row",
]

# Deciding


@swift
@frozen
class Allowed:
    """The attempt is allowed: these events happen, and these cases are opened with them."""

    events: tuple[Acted, ...]
    raises: tuple[Raising, ...] = ()


@frozen
class Denial:
    """The attempt is denied, for all these reasons."""

    reasons: tuple[Reason, ...]


def on_time(case: Case, when: When) -> When:
    """*when* by the time of *case*: what is entered as happening now happened no earlier than its last change."""
    return When(case.last, when.recorded, when.reason) if when.recorded == when.occurred < case.last else when


def may(case: Case, action: str, actor: str, when: When, context: Context) -> tuple[Reason, ...]:
    """Every reason against *actor* doing *action* that can be known without its form; none means they may."""
    bound = context.process
    plan = bound.plans.get(action)
    if plan is None:
        return (Reason("unknown-action", action=action, actions=tuple(bound.plans)),)
    if _unopposed(case, plan, actor, when, context):
        guards = plan.action.guards
        return tuple(judge_guards(guards, case, plan.action, actor, None, when, context, reads_form=False)) if guards else ()
    reasons: list[Reason] = []
    options = bound.net.options(bound.net.mask(case.steps), action)
    if not options or (plan.opens and case.flat_doers):
        reasons.append(_why_not_here(case, plan, bound, when.occurred))
    if plan.action.fired_by is not None and actor != SYSTEM:
        reasons.append(Reason("fired-by-clock", action=action, clock=str(plan.action.fired_by)))
    denied = _why_not_them(case, plan, actor, when, context)
    if denied is not None:
        reasons.append(denied)
    _, on_behalf = _standing_in(case, plan, when, context)
    _judge_history(case, plan, actor, on_behalf, reasons)
    if context.conflicts:
        reasons.extend(_judge_interests(case, plan, actor, context))
    if plan.action.approvals > 1:
        reasons.extend(_judge_approvals(case, plan, actor, on_behalf))
    if plan.watched:
        reasons += judge_terms(case, plan, actor, None, when, context, reads_form=False)
    if when.occurred != when.recorded:
        reasons.extend(_judge_times(case, plan, options, when, context))
    if plan.action.guards:
        reasons += judge_guards(plan.action.guards, case, plan.action, actor, None, when, context, reads_form=False)
    return tuple(reasons)


def _unopposed(case: Case, plan: Plan, actor: str, when: When, context: Context) -> tuple[Play, ...]:
    """What *actor* could do by *plan*, where it is plain at a glance that nothing but a guard can be against it.

    Most attempts are of this kind. Empty does not say that anything is against it: then all is judged, one by one.
    """
    if not plan.plain or context.conflicts or when.occurred != when.recorded:
        return ()
    unit, at, allowed = case.unit, when.occurred, False
    for grant in context.grants:
        if not grant.plain:
            return ()
        if grant.role in plan.roles and grant.holds(unit, at):
            allowed = True
    doers = case.flat_doers
    if not allowed or (actor in doers and _has_done(doers, actor, plan.separate_actions)):
        return ()
    for part in plan.separate_parts:
        if flat_get(case.particulars.parts, part) == actor:
            return ()
    return context.process.net.plays(case.steps, plan.key)


def _has_done(doers: Flat, actor: str, actions: tuple[str, ...]) -> bool:
    return any(doers[i] in actions and doers[i + 1] == actor for i in range(0, len(doers), 2))


def _why_not_here(case: Case, plan: Plan, bound: Bound, instant: int) -> Reason:
    """Where the case stands, and why it stands there: a limit has ended, its time is paused, it is closed."""
    at = tuple(sorted(case.steps))
    if not case.steps.isdisjoint(plan.action.adds):
        return Reason("already-standing", action=plan.key, steps=plan.action.adds)
    takes = {step for move in bound.net.moves_of(plan.key) for step in move.take}
    steps = tuple(sorted(takes)) or ("a case not opened yet",)
    for step, clock in _lapses(case, takes, bound):
        return Reason("after-expiry", action=plan.key, clock=clock, ended=case.entered(step), at=at)
    if case.closed:
        return Reason("closed", action=plan.key, at=at)
    main = flat_get(case.flat_clocks, case.origin.due) if case.origin.due is not None else None
    if takes and main is not None and main.state == "paused" and (main.until is None or instant < main.until):
        since = case.moment(main.pauses[-1][0])
        return Reason("paused", action=plan.key, clock=case.origin.due, since=since, steps=steps, at=at)
    return Reason("not-in-step", action=plan.key, steps=steps, at=at)


def _lapses(case: Case, takes: set[str], bound: Bound) -> Iterator[tuple[str, str]]:
    """Where the case stands because a limit ended while it was at one of *takes*: the step, and the clock."""
    for name, clock in flat_pairs(case.flat_clocks):
        for key in bound.firing.get(name, ()):
            for move in bound.net.moves_of(key):
                for step in move.to if not takes.isdisjoint(move.leaves) else ():
                    if flat_get(case.flat_entered, step) == clock.due and step in case.steps:
                        yield step, name


def _why_not_them(case: Case, plan: Plan, actor: str, when: When, context: Context) -> Reason | None:
    """Authority by a part of this case, or by a grant; on an opening action anybody may take the part.

    The system does what a clock fires or a rule opens, and nothing else.
    """
    if actor == SYSTEM:
        is_rule = plan.action.fired_by is not None or (plan.opens and case.origin.source is not None)
        return None if is_rule else judge_role(plan.key, actor, plan.roles, (), case.unit, when.occurred, plan.parts)
    unopened = plan.opens and not case.flat_doers
    if plan.parts and (unopened or any(flat_get(case.particulars.parts, part) == actor for part in plan.parts)):
        return None
    return judge_role(
        plan.key,
        actor,
        plan.roles,
        context.grants,
        case.unit,
        when.occurred,
        plan.parts,
        plan.subjects,
        plan.action.capacities,
    )


def _standing_in(case: Case, plan: Plan, when: When, context: Context) -> tuple[str | None, str | None]:
    """In what capacity, and for whom, the actor acts; None and None where by a grant of their own, without more, or a part."""
    for grant in context.grants:
        if not grant.plain:
            unit, occurred, capacities = case.unit, when.occurred, plan.action.capacities
            used = exercised(plan.roles, context.grants, unit, occurred, plan.subjects, capacities)
            if used is not None:
                return None if used.capacity == OWN else used.capacity, used.on_behalf
            break
    return None, None


def _judge_interests(case: Case, plan: Plan, actor: str, context: Context) -> Iterator[Reason]:
    """An official takes no part in the case of somebody in whom they have an interest."""
    parts = case.parts
    if not any(parts.get(part) == actor for part in plan.parts):
        for part, person in parts.items():
            if person in context.conflicts and person != actor:
                yield Reason("conflict", action=plan.key, actor=actor, part=part, clause="5.3")


def _judge_approvals(case: Case, plan: Plan, actor: str, on_behalf: str | None) -> Iterator[Reason]:
    """Each approval is somebody else's: who stands in and for whom they do are one."""
    approved = flat_get(case.particulars.approvals, plan.key) or ()
    known = {*approved, *(flat_get(case.particulars.approved_for, plan.key) or ())}
    for person in (actor, on_behalf):
        if person in known:
            yield Reason("already-approved", action=plan.key, actor=person, done=len(approved), needed=plan.action.approvals)
            return


def _judge_history(case: Case, plan: Plan, actor: str, on_behalf: str | None, reasons: list[Reason]) -> None:
    action = plan.action
    doers = case.flat_doers[1::2]
    if action.same_as or actor in doers or plan.separate_parts or on_behalf in doers:
        reasons += judge_duties(
            plan.key,
            actor,
            separate_from=plan.separate_actions,
            same_as=plan.same_actions,
            parts=plan.separate_parts,
            same_parts=plan.same_parts,
            done=done_by(case),
            named=case.parts,
            on_behalf=on_behalf,
        )
    if action.at_most is not None:
        done = flat_get(case.particulars.counts, plan.key) or 0
        if done >= action.at_most.n:
            reasons.append(Reason("at-most", action=plan.key, done=done, limit=action.at_most.n))


def _judge_times(case: Case, plan: Plan, options: Sequence[Move], when: When, context: Context) -> Iterator[Reason]:
    """A late entry says why, and goes not before the last event that moved the same step or clock."""
    moment = context.calendar.moment
    latest = max(when.recorded, case.last)
    if when.occurred > latest:
        yield Reason("in-the-future", action=plan.key, occurred=moment(when.occurred), recorded=moment(when.recorded))
    if when.occurred >= latest:
        return
    if not (when.reason or "").strip() and not plan.action.fired_by:
        yield Reason("late-entry-reason", action=plan.key, clause="7.5.3")
    net = context.process.net
    moves = options or net.moves_of(plan.key)
    floors = [flat_get(case.flat_entered, step) for move in moves[:1] for step in (*move.take, *move.cancels)]
    closes = any(not net.closing.isdisjoint(move.to) for move in moves)  # then what still runs is stopped
    concerned = {name for name, _ in plan.clocks}
    floors += [
        _last_moved(clock) if options else last_touched(clock)
        for name, clock in case.clocks.items()
        if name in concerned or (closes and clock.state != "stopped")
    ]
    floor = max((at for at in floors if at is not None), default=case.origin.opened)
    if when.occurred < floor:
        yield Reason("late-entry-order", action=plan.key, occurred=moment(when.occurred), after=moment(floor))


def _last_moved(clock: Clock) -> int:
    """The last instant at which the clock was turned, or its end was acted on: a late entry undoes no lapse."""
    return max(last_touched(clock), clock.due) if clock.fired and clock.due is not None else last_touched(clock)


def decide(case: Case, action: str, actor: str, form: Any, when: When, context: Context) -> Allowed | Denial:
    """Whether *actor* may do *action* with *form*, and what happens if so. Pure: nothing is changed.

    *form* is an instance of the action's form class, or a table of its fields.
    """
    plan = context.process.plans.get(action)
    if plan is not None and plan.light and form is None and (event := _at_once(case, plan, actor, when, context)) is not None:
        return Allowed((event,))
    reasons = may(case, action, actor, when, context)
    if plan is None:
        return Denial(reasons)
    filled, faults = _read(plan, form, context)
    if faults:
        return Denial((*reasons, *faults))
    if plan.action.guards:
        reasons += tuple(judge_guards(plan.action.guards, case, plan.action, actor, filled, when, context, reads_form=True))
    if plan.watched:
        try:
            reasons += tuple(judge_terms(case, plan, actor, filled, when, context, reads_form=True))
        except InvalidInput as error:
            reasons += _as_reasons(error, plan)
    signed = None
    if plan.action.evidence is not None:
        signed = signed_as(presented(filled), when.occurred, context.validity)
        lacking = judge_evidence(plan.key, plan.action.evidence, signed)
        reasons += () if lacking is None else (lacking,)
    if reasons:
        return Denial(reasons)
    move, fault = _choose(case, plan, filled, context)
    if move is None:
        return Denial((fault,) if fault else ())
    if plan.action.approvals > 1 and len(flat_get(case.particulars.approvals, plan.key) or ()) + 1 < plan.action.approvals:
        return Allowed((_approve(case, plan, actor, filled, when, context, signed),))
    try:
        event = happen(case, plan, move, actor, filled, when, context, evidence=signed)
    except InvalidInput as error:
        return Denial(_as_reasons(error, plan))
    return Allowed(*raised_by(case, plan, event, filled, context)) if plan.action.raises else Allowed((event,))


def _at_once(case: Case, plan: Plan, actor: str, when: When, context: Context) -> Acted | None:
    """The event of a plain attempt that only moves tokens; None where it takes more, or is denied."""
    plays = _unopposed(case, plan, actor, when, context)
    if not plays or case.particulars.approvals:
        return None
    play, guards = plays[0], plan.action.guards
    if play.move.choice is not None or (play.closed and case.flat_clocks):
        return None
    if guards and judge_guards(guards, case, plan.action, actor, None, when, context):
        return None
    return Acted(case.seq + 1, plan.key, actor, when, play.left, play.put, play.closed)


def _as_reasons(error: InvalidInput, plan: Plan) -> tuple[Reason, ...]:
    return tuple(Reason("form-field", field=p.where or plan.key, problem=p.message) for p in error.problems)


def _read(plan: Plan, form: Any, context: Context) -> tuple[Any, tuple[Reason, ...]]:
    name = plan.action.form
    if name is None:
        return None, () if not form else (Reason("form-unexpected", action=plan.key),)
    cls = context.forms.get(name)
    if cls is None:
        raise NotFound(f"no form {name!r} is registered; there are: {', '.join(sorted(context.forms)) or 'none'}")
    try:
        return read_form(cls, form), ()
    except InvalidInput as error:
        faults = tuple(Reason("form-field", field=p.where or name, problem=p.message) for p in error.problems)
        return None, faults if form is not None else (Reason("form-missing", action=plan.key, form=name), *faults)


def _choose(case: Case, plan: Plan, form: Any, context: Context) -> tuple[Move | None, Reason | None]:
    net = context.process.net
    options = net.options(net.mask(case.steps), plan.key)
    first = options[0]
    if first.choice is None:
        return first, None
    name = first.choice[0].removeprefix("form.")
    value = word(getattr(form, name))
    for move in options:
        if move.choice is not None and move.choice[1] == value:
            return move, None
    known = ", ".join(move.choice[1] for move in options if move.choice is not None)
    return None, Reason("form-field", field=name, problem=f"{value!r} leads nowhere from here; known: {known}")


# What happens


def _approve(case: Case, plan: Plan, actor: str, form: Any, when: When, context: Context, signed: Signed | None) -> Acted:
    """One approval of several: it is kept who gave it, and nothing else happens."""
    capacity, on_behalf = _standing_in(case, plan, when, context)
    kept = keep(form) if form is not None else None
    effects = Effects(approved=True)
    more: Any = {"capacity": capacity, "on_behalf": on_behalf, "evidence": signed}
    return Acted(case.seq + 1, plan.key, actor, when, (), (), case.closed, kept, (), effects, **more)


def happen(
    case: Case,
    plan: Plan,
    move: Move,
    actor: str,
    form: Any,
    when: When,
    context: Context,
    deviation: tuple[Reason, ...] = (),
    evidence: Signed | None = None,
) -> Acted:
    """The event of *actor* doing the action of *plan* by *move*, with its effects on clocks, dates and the rest; nothing is judged.

    Raises:
        InvalidInput: an effect that cannot be: a clock that ends before it starts, an instant after the act, no value of an axis.
    """
    bound = context.process
    steps = case.steps
    if move.cancels or not steps.issuperset(move.leaves):
        left = tuple(step for step in dict.fromkeys((*move.leaves, *move.cancels)) if step in steps)
    else:
        left = move.leaves
    put = (*move.to, *move.adds) if move.adds else move.to
    after = (steps.difference(left)).union(put)
    closed = not bound.net.closing.isdisjoint(after)
    turns = bool(plan.clocks or closed or plan.action.fired_by)
    clocks = turn_clocks(case, plan, form, when, context, closing=closed and not case.closed) if turns else ()
    affects = plan.affects or bound.phased or case.particulars.approvals or bound.joins
    effects = _take_effect(case, plan, actor, form, when, clocks, after, context) if affects else NOTHING
    kept = keep(form) if form is not None else None
    calendar = context.calendar.version if clocks and context.calendar.version != case.calendar else None
    capacity, on_behalf = _standing_in(case, plan, when, context)
    return Acted(
        case.seq + 1,
        plan.key,
        actor,
        when,
        left,
        put,
        closed,
        kept,
        clocks,
        effects,
        calendar,
        deviation,
        capacity,
        on_behalf,
        evidence,
    )


def _take_effect(
    case: Case,
    plan: Plan,
    actor: str,
    form: Any,
    when: When,
    clocks: tuple[ClockChange, ...],
    after: frozenset[str],
    context: Context,
) -> Effects:
    action, bound = plan.action, context.process
    marks = _marks(case, plan, actor, form, when, context)
    dates, axes = _set(case, plan, form, when, clocks, bound)
    parts = {
        part: named
        for part, source in action.names.items()
        if (named := _name(case, part, source, plan, actor, form, when, context)) is not None
    }
    outcome = action.outcome
    if outcome is not None and outcome.startswith(("form.", "case.")):
        place, _, name = outcome.partition(".")
        value = getattr(form, name) if place == "form" else flat_get(case.particulars.axes, name)
        outcome = None if value is None else word(value)
    resets = tuple(
        key
        for key, phase in bound.phased
        if not phase.isdisjoint(case.steps) and phase.isdisjoint(after) and (key == plan.key or _counted(case, key))
    )
    counted = action.at_most is not None
    cleared = tuple(key for key in case.approvals if key == plan.key or not bound.net.options(bound.net.mask(after), key))
    joined = _count_ended(case, plan)
    unit = None if action.unit is None else _handed_over(action.unit, form)
    if not (outcome or dates or axes or parts or marks or resets or counted or action.reopens or cleared or joined or unit):
        return NOTHING
    return Effects(outcome, dates, axes, parts, marks, (), counted, resets, action.reopens, False, cleared, joined, unit)


def _handed_over(source: str, form: Any) -> str | None:
    """The unit that owes the result from now on; None where the form names none."""
    name = source.removeprefix("form.")
    unit = getattr(form, name)
    if unit is not None and not (isinstance(unit, str) and unit.strip()):
        raise InvalidInput(f"{unit!r} names no unit; name it, or leave it out", name)
    return unit


def _count_ended(case: Case, plan: Plan) -> tuple[tuple[str, int], ...]:
    """For an action that children fire, how many of them it is done for."""
    trigger = plan.action.fired_by
    if trigger is None or trigger.children is None:
        return ()
    linked = case.linked(trigger.children)
    done = flat_get(case.particulars.joined, plan.key) or 0
    return ((plan.key, done + 1 if trigger.need == "each" else sum(not child.open for child in linked)),)


def _counted(case: Case, key: str) -> int:
    return flat_get(case.particulars.counts, key) or 0


def _marks(case: Case, plan: Plan, actor: str, form: Any, when: When, context: Context) -> tuple[str, ...]:
    noted = judge_guards(plan.action.marks, case, plan.action, actor, form, when, context)
    return tuple(dict.fromkeys(reason.code for reason in noted if reason.code not in case.marks))


def _name(case: Case, part: str, source: str, plan: Plan, actor: str, form: Any, when: When, context: Context) -> str | None:
    """Who the action names for *part*: a field of the form or the actor; who opens a case by no role opens it for themselves."""
    value = actor if source == "actor" else getattr(form, source.removeprefix("form."))
    if value is None and plan.opens and part in plan.parts:
        acts_for_another = judge_role(plan.key, actor, plan.roles, context.grants, case.unit, when.occurred) is None
        return None if acts_for_another else actor
    return None if value is None else str(value)


def _set(
    case: Case, plan: Plan, form: Any, when: When, clocks: tuple[ClockChange, ...], bound: Bound
) -> tuple[dict[str, int], dict[str, str]]:
    dates: dict[str, int] = {}
    axes: dict[str, str] = {}
    if plan.remembered:
        dates[f"action:{plan.key}"] = when.occurred
    for name, source in plan.action.sets.items():
        way = bound.definition.dates.get(name)
        if way is None:
            value = getattr(form, source.removeprefix("form.")) if source.startswith("form.") else source
            if value is not None:
                axes[name] = _on_axis(name, str(value), bound)
            continue
        at = _date(source, case, form, when, clocks)
        known = flat_get(case.particulars.dates, name)
        if at is not None and (known is None or way == "last" or (way == "later" and at > known)):
            dates[name] = at
    return dates, axes


def _on_axis(name: str, value: str, bound: Bound) -> str:
    known = bound.definition.axes[name]
    if value not in known:
        raise InvalidInput(f"{value!r} is no value of {name}; known: {', '.join(known)}", name)
    return value


def _date(source: str, case: Case, form: Any, when: When, clocks: tuple[ClockChange, ...]) -> int | None:
    if source == "occurred":
        return when.occurred
    place, _, name = source.partition(".")
    if place == "form":
        value = getattr(form, name)
        return None if value is None else to_us(value)
    if place == "case":
        return flat_get(case.particulars.dates, name)  # type: ignore[no-any-return]
    for change in clocks:
        if change.clock == name and change.due is not None:
            return change.due
    clock = flat_get(case.flat_clocks, name)
    return None if clock is None else clock.due


def undo(before: Case, event: Event, case: Case, actor: str, when: When, context: Context) -> Restated | Denial:
    """Take back *event*, the last that made *case* of the case *before*; a new event, and what happened stays in the history.

    It takes an action that the definition calls undoable, a role of it, and a reason. What clocks have fired stays fired, so
    that a lapse that was undone does not happen again at once.
    """
    plan = context.process.plans.get(event.action) if isinstance(event, Acted) else None
    if plan is None or not isinstance(event, Acted) or event.seq != case.seq:
        return Denial((Reason("nothing-to-undo"),))
    reasons = []
    if not plan.action.undoable:
        reasons.append(Reason("not-undoable", action=plan.key))
    if event.effects.raised:
        reasons.append(Reason("raised-cases", action=plan.key, cases=tuple(child for _, child in event.effects.raised)))
    if not (when.reason or "").strip():
        reasons.append(Reason("undo-reason", action=plan.key, clause="7.5.3"))
    denied = _why_not_them(case, plan, actor, when, context)
    if denied is not None:
        reasons.append(denied)
    reasons.extend(_judge_interests(case, plan, actor, context))
    if reasons:
        return Denial(tuple(reasons))
    state = state_of(before)
    trigger = plan.action.fired_by
    if trigger is not None and trigger.limit in state["clocks"]:
        clock = Clock.from_tree(state["clocks"][trigger.limit])
        state["clocks"][trigger.limit] = (clock.fire() if trigger.ends else clock.ring(plan.key)).to_tree()
    return Restated(case.seq + 1, actor, when, "undone", state, {"seq": event.seq, "action": plan.key})


# What has expired


def expire(case: Case, at: int, context: Context, recorded: int | None = None) -> Allowed:
    """What the limits that ended by *at* (µs UTC) did to the case, in order, each dated at its limit's end.

    *recorded* is when that is written down, where it is later than *at*.
    The identity of an expiry is the clock, its start and its threshold: it cannot happen twice. No events: nothing ended.
    """
    events: list[Acted] = []
    raises: list[Raising] = []
    bound = context.process
    while bound.firing or bound.ladders or bound.joins:
        due = sorted(_over(case, at, bound))
        fired = next((found for end, _, actions in due if (found := _fire(case, actions, end, recorded or at, context))), None)
        if fired is None:
            break
        events += fired.events
        raises += fired.raises
        for event in fired.events:
            case = evolve(case, event)
    return Allowed(tuple(events), tuple(raises))


def _over(case: Case, at: int, bound: Bound) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    """The limits that have ended and the alarms that have rung by *at*: when, of which clock, and what they fire."""
    for name, clock in flat_pairs(case.flat_clocks):
        if name in bound.firing and _is_expired(clock, at):
            yield clock.due, name, bound.firing[name]
        for action, rings in flat_pairs(clock.alarms):
            if rings is not None and rings <= at and clock.goes_on:
                yield rings, name, (action,)
    for action, trigger in bound.joins if case.particulars.children else ():
        if (when := _joined(case, action, trigger)) is not None and when <= at:
            yield when, action, (action,)


def _joined(case: Case, action: str, trigger: Trigger) -> int | None:
    """When enough of the children had ended and the case stood where it stands; None where they have not, or it was done then."""
    linked = case.linked(trigger.children)
    ended = sorted(child.ended for child in linked if child.ended is not None)
    done = flat_get(case.particulars.joined, action) or 0
    need = {"all": len(linked), "any": 1, "each": done + 1}.get(str(trigger.need), trigger.need)
    if not linked or len(ended) < int(need) or len(ended) <= done or (trigger.need not in ("all", "each") and done):
        return None
    return int(max(ended[int(need) - 1], *case.flat_entered[1::2], 0))


def _is_expired(clock: Clock, at: int) -> bool:
    return (
        clock.due is not None
        and clock.due <= at
        and not clock.fired
        and clock.goes_on
        and is_over(clock.due, at, CountingRule.named(clock.rule))
    )


def _fire(case: Case, actions: Sequence[str], end: int, recorded: int, context: Context) -> Allowed | None:
    """The first of *actions* that can be done; none where the case stands elsewhere."""
    when = When(end, recorded)
    for action in actions:
        decision = decide(case, action, SYSTEM, None, when, context)
        if isinstance(decision, Allowed):
            return decision
    return None


# Views


def available(case: Case, actor: str, when: When, context: Context) -> tuple[str, ...]:
    """The actions that *actor* may do now, as far as can be known without their forms."""
    return tuple(action for action in context.process.plans if not may(case, action, actor, when, context))


def row(case: Case, bound: Bound) -> Row:
    """The index entry of *case*: where it stands, what runs, when it must be looked at again."""
    definition = bound.definition
    main = flat_get(case.flat_clocks, definition.due) if definition.due else None
    wakes = []
    for name, clock in flat_pairs(case.flat_clocks):
        if clock.goes_on:
            wakes += [at for at in clock.alarms[1::2] if at is not None]
            if name in bound.firing and not clock.fired and clock.due is not None:
                wakes.append(clock.due)
    return Row(
        process=case.kind,
        procedure=case.procedure,
        steps=tuple(sorted(case.steps)),
        subject=flat_get(case.particulars.parts, definition.subject) if definition.subject else None,
        unit=case.unit,
        open=case.open,
        due=main.due if main is not None and main.goes_on else None,
        wake=min(wakes, default=None),
    )
