"""What an act does to the clocks of its case, and what the law allows of pauses and extensions.

Rule 1: an effect that finds a clock in a state which it does not concern does nothing; a closing step stops what runs.
Rule 2: how often and how long a limit may be paused or extended, for which reason and by whose authority, is data of the limit
(`Terms`). What breaks it is a reason against the act; a history from elsewhere is kept with that reason.
Rule 3: a pause that may last only so long states its latest end, and what is then due: what comes after counts by itself.
Rule 4: the reason of a pause is the one that the definition gives, else the action itself; the fold adds the latter.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pendulum import Date

from .authority import judge_role
from .calendar import WorkCalendar, to_us
from .clock import Clock, reckon_clock
from .context import Context
from .counting import due_us, last_ordinal
from .definition import Action, ClockEffect, PauseTerms, Terms, Trigger
from .errors import InvalidInput, OutsideCalendar, Reason
from .event import ClockChange, When
from .limits import ELAPSED, WORKED, CountingRule, TimeLimit
from .process import Bound, Plan
from .state import Case, flat_get, turned

__all__ = ["alarms_of", "judge_terms", "last_touched", "start_clock", "turn_clocks", "word"]


def word(value: Any) -> str:
    """A value of a form as it stands in a definition."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def last_touched(clock: Clock) -> int:
    """The last instant (µs UTC) at which the clock was started, paused, resumed or stopped."""
    ends = [end for pause in clock.pauses for end in pause if end is not None]
    return max([clock.started, *ends, *([clock.stopped] if clock.stopped is not None else [])])


# What happens


def turn_clocks(case: Case, plan: Plan, form: Any, when: When, context: Context, *, closing: bool) -> tuple[ClockChange, ...]:
    """What the act of *plan* does to each clock, with what is then due.

    Raises:
        InvalidInput: an effect that cannot be: an end before the start, an instant after the act.
    """
    changes = []
    for name, effect in plan.clocks:
        clock = flat_get(case.flat_clocks, name)
        change = _turn(name, clock, effect, case, plan, form, when, context)
        if change is not None:
            changes.append(change)
    if closing:
        told = {change.clock for change in changes}
        running = {name: clock for name, clock in case.clocks.items() if clock.state != "stopped" and name not in told}
        for name, clock in running.items():
            turned(clock, "stop", when.occurred)  # refuses an end before the last change
            changes.append(ClockChange(name, "stop", when.occurred))
    trigger = plan.action.fired_by
    if trigger is not None and trigger.limit is not None:
        runs = flat_get(case.flat_clocks, trigger.limit) is not None  # it never did, in some histories from elsewhere
        if runs and trigger.limit not in {change.clock for change in changes}:
            changes.append(ClockChange(trigger.limit, "fire" if trigger.ends else "ring", when.occurred))
    return tuple(changes)


def start_clock(name: str, period: TimeLimit | None, at: int, context: Context) -> ClockChange:
    """The start of the clock *name* at *at* (µs UTC), with the due it states; its limit is *period* where one is given."""
    limit = period or context.process.limits[name][0]
    rule = context.rule(name)
    due = reckon_clock(Clock(limit=limit, rule=rule.name, started=at), context.calendar, rule)
    alarms = alarms_of(name, at, due, context.process, context.calendar, rule)
    return ClockChange(name, "start", at, due, limit, rule.name, alarms=alarms)


def alarms_of(
    name: str, started: int, due: int, process: Bound, calendar: WorkCalendar, rule: CountingRule
) -> tuple[Any, ...] | None:
    """The actions that ring before or after the end *due* of a clock, each with its instant; None where there are none.

    A time before the clock started, or beyond the calendar, is no alarm.
    """
    alarms: list[Any] = []
    for action, trigger in process.ladders.get(name, ()):
        try:
            at = _alarm(due, trigger, calendar, rule)
        except OutsideCalendar:
            continue
        if at >= started:
            alarms += (action, at)
    return tuple(alarms) or None


def _alarm(due: int, trigger: Trigger, calendar: WorkCalendar, rule: CountingRule) -> int:
    """The instant a time before or after an end; on the same time of day where it is days. A closed instant moves to the opening."""
    period = trigger.before or trigger.after
    assert period is not None  # noqa: S101 - what has neither is the end itself
    sign = -1 if trigger.before else 1
    if period.unit in WORKED:
        work = calendar.work_before(due) + sign * period.amount * WORKED[period.unit]
        at = calendar.instant_of_work(work, latest=sign < 0)
    elif period.unit in ELAPSED:
        at = due + sign * period.amount * ELAPSED[period.unit]
    else:
        last = last_ordinal(due, calendar, rule)
        time = due - calendar.instant(last, 0)
        at = calendar.instant(_day_apart(last, period, sign, calendar), time)
    if trigger.anytime or calendar.work_before(at) > calendar.work_before(at - 1):
        return at
    return calendar.us(calendar.next_opening(calendar.moment(at)))


def _day_apart(ordinal: int, period: TimeLimit, sign: int, calendar: WorkCalendar) -> int:
    if period.unit == "working days":
        return calendar.nth_working_day(ordinal, sign * period.amount)
    if period.unit in ("days", "weeks"):
        return calendar.check(ordinal + sign * period.amount * (7 if period.unit == "weeks" else 1))
    months = sign * period.amount * (12 if period.unit == "years" else 1)
    return calendar.check(Date.fromordinal(ordinal).add(months=months).toordinal())


def _turn(
    name: str,
    clock: Clock | None,
    effect: ClockEffect,
    case: Case,
    plan: Plan,
    form: Any,
    when: When,
    context: Context,
) -> ClockChange | None:
    """The change an effect makes; none where it finds the clock in a state that it does not concern."""
    chosen = _chosen(name, effect, form)
    if chosen == "none":
        return None
    at = _instant(effect, case, form, when)
    if clock is not None and (effect.at or "").startswith("action:"):
        at = max(at, last_touched(clock))  # what changed the clock since then has happened
    if chosen == "start":
        period = _period(effect, form)
        if name not in context.process.limits and period is None:
            return None
        return start_clock(name, period, at, context)
    if clock is None or not _concerns(chosen, clock, at):
        return None
    rule = CountingRule.named(clock.rule)
    basis = _basis(plan.action, form) if chosen in _BASED else None
    reason = _said(effect.reason, form) if chosen in _BASED else None
    period = authority = until = None
    if chosen == "pause" and plan.watched:
        terms = context.process.terms.get(name)
        until = _latest(clock, at, reason or plan.key, terms, context, rule) if terms is not None else None
    if chosen == "extend":
        period, authority = _period(effect, form), _said(effect.authority, form)
    after = turned(clock, chosen, at, period, until=until)
    states = after.state == "running" or after.until is not None
    due = reckon_clock(after, context.calendar, rule) if states else None
    alarms = None if due is None else alarms_of(name, after.started, due, context.process, context.calendar, rule)
    return ClockChange(name, chosen, at, due, period, None, basis, reason, authority, until, alarms)


def _chosen(name: str, effect: ClockEffect, form: Any) -> str:
    if effect.by is None:
        return effect.effects[""]
    chosen = effect.effects.get(word(getattr(form, effect.by.removeprefix("form."))))
    if chosen is None:
        raise InvalidInput(
            f"the value says nothing about the clock {name}; known: {', '.join(effect.effects)}",
            effect.by.removeprefix("form."),
        )
    return chosen


_CONCERNED = {
    "pause": ("running",),
    "resume": ("paused",),
    "restart": ("running", "paused"),
    "extend": ("running", "paused"),
    "stop": ("running", "paused"),
}
_BASED = ("pause", "extend")


def _concerns(chosen: str, clock: Clock, at: int) -> bool:
    state = clock.state
    if chosen == "pause" and state == "paused":
        until = clock.until
        return until is not None and until <= at  # that pause has ended by itself
    return state in _CONCERNED[chosen]


def _instant(effect: ClockEffect, case: Case, form: Any, when: When) -> int:
    if effect.at is None:
        return when.occurred
    if effect.at.startswith("form."):
        name = effect.at.removeprefix("form.")
        value = getattr(form, name)
        at = when.occurred if value is None else to_us(value)
        if at > when.occurred:
            raise InvalidInput(f"{value} lies after the act itself", name)
        return at
    at = flat_get(case.particulars.dates, effect.at)
    return when.occurred if at is None else int(at)


def _said(text: str | None, form: Any) -> str | None:
    """What the definition says in so many words, or by a field of the form."""
    if text is not None and text.startswith("form."):
        value = getattr(form, text.removeprefix("form."))
        return None if value is None else word(value)
    return text


def _basis(action: Action, form: Any) -> str | None:
    return _said(action.basis, form)


def _period(effect: ClockEffect, form: Any) -> TimeLimit | None:
    if effect.period is None:
        return None
    value = getattr(form, effect.period.removeprefix("form."))
    return value if value is None or isinstance(value, TimeLimit) else TimeLimit.parse(value)


# What the law allows of pauses and extensions


def _latest(clock: Clock, at: int, reason: str, terms: Terms, context: Context, rule: CountingRule) -> int | None:
    """The latest end of a pause that begins at *at*: the first of what its terms allow, each and in all."""
    ends = []
    for term in _concerning(terms, reason):
        if term.longest is not None:
            ends.append(due_us(at, term.longest, calendar=context.calendar, rule=rule))
        if term.total is not None:
            ends.append(max(at, _used_up(clock, at, term, term.total, context, rule)))
    return min(ends, default=None)


def _concerning(terms: Terms, reason: str) -> Iterator[PauseTerms]:
    return (term for term in terms.pauses if term.reason in (None, reason))


def _used_up(clock: Clock, at: int, term: PauseTerms, total: TimeLimit, context: Context, rule: CountingRule) -> int:
    """When *total* is used up if a pause begins at *at* and goes on: a limit that runs while the clock does not.

    The pauses of a run that a restart made void are void with it.
    """
    reasons = {ground.at: ground.reason for ground in clock.grounds if ground.effect == "pause"}
    spans = [span for span in clock.closed_pauses(clock.until) if term.reason is None or reasons.get(span[0]) == term.reason]
    begins = [low for low, _ in spans[1:]] + [at]
    gaps = [(high, low) for (_, high), low in zip(spans, begins, strict=False) if high < low]
    return due_us(spans[0][0] if spans else at, total, calendar=context.calendar, rule=rule, pauses=gaps)


def judge_terms(
    case: Case, plan: Plan, actor: str, form: Any, when: When, context: Context, *, reads_form: bool
) -> list[Reason]:
    """What the terms of its limits have against an act: what can be known without its form, or what takes the form.

    Only an effect that concerns its clock as it stands is judged.
    """
    reasons: list[Reason] = []
    for name, effect in plan.clocks:
        terms, clock = context.process.terms.get(name), flat_get(case.flat_clocks, name)
        if terms is None or (effect.by is not None and not reads_form):
            continue
        chosen = _chosen(name, effect, form)
        if chosen == "start" and terms.longest is not None and reads_form:
            reasons += _judge_period(name, effect, case, form, when, context, terms.longest)
        if chosen not in _BASED or clock is None:
            continue
        at = when.occurred
        if effect.at is not None and (reads_form or not effect.at.startswith("form.")):
            at = _instant(effect, case, form, when)
        if not _concerns(chosen, clock, at):
            continue
        if chosen == "pause":
            reasons += _judge_pause(name, clock, effect, plan, form, at, context, terms, reads_form=reads_form)
        elif terms.extensions is not None:
            reasons += _judge_extension(name, clock, effect, case, plan, actor, form, at, context, terms, reads_form=reads_form)
    return reasons


def _of_form(*texts: str | None) -> bool:
    return any(text is not None and text.startswith("form.") for text in texts)


def _judge_pause(
    name: str,
    clock: Clock,
    effect: ClockEffect,
    plan: Plan,
    form: Any,
    at: int,
    context: Context,
    terms: Terms,
    *,
    reads_form: bool,
) -> Iterator[Reason]:
    if _of_form(effect.by, effect.reason, effect.at) is not reads_form:
        return
    reason = _said(effect.reason, form) or plan.key
    known = [term.reason for term in terms.pauses if term.reason is not None]
    if len(known) == len(terms.pauses) and reason not in known and known:
        yield Reason("pause-reason", action=plan.key, clock=name, reason=reason, reasons=tuple(known))
    for term in _concerning(terms, reason):
        clause = term.source.text or None
        done = clock.times("pause", term.reason)
        if term.at_most is not None and done >= term.at_most:
            yield Reason(
                "pauses-at-most", clause=clause, action=plan.key, clock=name, reason=reason, done=done, limit=term.at_most
            )
        if term.total is not None:
            end = _used_up(clock, at, term, term.total, context, CountingRule.named(clock.rule))
            if end <= at:
                told = {"limit": term.total, "until": context.calendar.moment(end)}
                yield Reason("pauses-used-up", clause=clause, action=plan.key, clock=name, reason=reason, **told)


def _judge_extension(
    name: str,
    clock: Clock,
    effect: ClockEffect,
    case: Case,
    plan: Plan,
    actor: str,
    form: Any,
    at: int,
    context: Context,
    terms: Terms,
    *,
    reads_form: bool,
) -> Iterator[Reason]:
    allowed = terms.extensions
    assert allowed is not None  # noqa: S101 - the caller has seen it
    clause = allowed.source.text or None
    if _of_form(effect.by) is reads_form:
        done = clock.times("extend")
        if allowed.at_most is not None and done >= allowed.at_most:
            yield Reason("extensions-at-most", clause=clause, action=plan.key, clock=name, done=done, limit=allowed.at_most)
        if allowed.authority:
            denied = judge_role(plan.key, actor, frozenset(allowed.authority), context.grants, case.unit, at)
            if denied is not None:
                yield denied
    period = _period(effect, form) if reads_form else None
    if period is None:
        return
    rule = CountingRule.named(clock.rule)

    def ends(*extensions: TimeLimit) -> int:
        longer = clock
        for limit in extensions:
            longer = longer.extend(limit, at)
        return reckon_clock(longer, context.calendar, rule)

    if allowed.longest is not None and ends(period) > ends(allowed.longest):
        yield Reason("extension-too-long", clause=clause, action=plan.key, clock=name, period=period, limit=allowed.longest)
    if allowed.total is not None:
        bare = Clock(clock.limit, clock.rule, clock.started, clock.pauses, grounds=clock.grounds)
        if ends(period) > reckon_clock(bare.extend(allowed.total, at), context.calendar, rule):
            yield Reason("extension-too-long", clause=clause, action=plan.key, clock=name, period=period, limit=allowed.total)


def _judge_period(
    name: str, effect: ClockEffect, case: Case, form: Any, when: When, context: Context, longest: TimeLimit
) -> Iterator[Reason]:
    """A period that a form gives is no longer than the longest that the limit allows."""
    period = _period(effect, form)
    if period is None:
        return
    start = _instant(effect, case, form, when)
    ends = [start_clock(name, limit, start, context).due or 0 for limit in (period, longest)]
    if ends[0] > ends[1]:
        yield Reason("period-too-long", clock=name, period=period, limit=longest)
