"""Whether the parts of a definition fit together: every name leads somewhere, and nothing is said that cannot be meant.

Rule 1: every fault is told at once, with its path (``actions.sign.roles[0]``), and with the names there are.
Rule 2: what is judged here needs no search; whether cases can finish is `soundness`'s to prove.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .authority import CAPACITIES, SYSTEM
from .definition import NEW, Action, Choice, ClockEffect, Limit, ProcessDefinition, check_names
from .errors import InvalidInput, Problem
from .form import field_names, personal_fields
from .invariant import Invariant
from .limits import CountingRule
from .shares import SOURCE, faults_within, within_of
from .signatures import LEVELS
from .soundness import Finding

__all__ = ["faults_of", "faults_of_terms", "missing", "unknown", "unknown_rules"]


def faults_of(definition: ProcessDefinition) -> Iterator[Problem]:
    """Every fault of *definition* that can be seen without a search."""
    for where, table in (
        ("steps", definition.steps),
        ("actions", definition.actions),
        ("roles", definition.roles),
        ("limits", definition.limits),
        ("phases", definition.phases),
        ("blanks", definition.blanks),
        ("axes", definition.axes),
        ("inputs", definition.inputs),
        ("outputs", definition.outputs),
        ("criteria", definition.criteria),
        ("risks", definition.risks),
        ("indicators", definition.indicators),
    ):
        try:
            check_names(table, where)
        except InvalidInput as error:
            yield from (Problem(f"{where}.{p.where}", p.message) for p in error.problems)
    if NEW in definition.steps:
        yield Problem(f"steps.{NEW}", f'"{NEW}" stands for a case that is not opened yet; choose another name')
    if not any(step.closes for step in definition.steps.values()):
        yield Problem("steps", "no step closes a case; mark one with closes = true")
    if not any(action.from_ == NEW for action in definition.actions.values()):
        yield Problem("actions", 'no action opens a case; one must say from = "new"')
    yield from unknown("due", definition.due, definition.limits, "limit")
    yield from unknown("subject", definition.subject, definition.parts, "part")
    yield from unknown_rules(definition.limits)
    for name, limit in definition.limits.items():
        yield from faults_of_terms(definition, name, limit)
        yield from unknown(f"limits.{name}.within", limit.within, (SOURCE, *definition.limits), "limit")
    fixed = {name: (limit.period, None) for name, limit in definition.limits.items() if limit.period is not None}
    yield from faults_within(fixed, within_of(definition, None))
    if definition.rule is not None:
        yield from _unknown_rule("rule", definition.rule)
    opening = [key for key, action in definition.actions.items() if action.from_ == NEW]
    yield from unknown("opens", definition.opens, opening, "opening action")
    for name, kind in definition.dates.items():
        yield from unknown(f"dates.{name}", kind, ("last", "once", "later"), "way to write a date")
    for name in definition.phases.keys() & definition.steps.keys():
        yield Problem(f"phases.{name}", "a step has that name too; give the phase another")
    for name in sorted({*definition.parts} & {*definition.roles, *definition.actions, SYSTEM}):
        yield Problem("parts", f"{name!r} is a role or an action too; give the part another name")
    for name, steps in definition.phases.items():
        for i, step in enumerate(steps):
            yield from unknown(f"phases.{name}[{i}]", step, definition.steps, "step")
    yield from _faults_of_sheet(definition)
    for key, invariant in definition.invariants.items():
        yield from _faults_of_invariant(definition, f"invariants.{key}", invariant)
    for key, action in definition.actions.items():
        for problem in (*_faults_of_moves(definition, action), *_faults_of_effects(definition, action)):
            yield Problem(f"actions.{key}.{problem.where}".rstrip("."), problem.message)


def _faults_of_sheet(definition: ProcessDefinition) -> Iterator[Problem]:
    """What a process says of itself (ISO 9001:2015, 4.4.1) speaks of forms, outcomes, limits and actions that it has."""
    forms = list(dict.fromkeys(action.form for action in definition.actions.values() if action.form is not None))
    for name, wanted in definition.inputs.items():
        yield from unknown(f"inputs.{name}.form", wanted.form, forms, "form of an action")
    outcomes = _outcomes(definition)
    for name, given in definition.outputs.items():
        if outcomes is not None:
            yield from unknown(f"outputs.{name}.outcome", given.outcome, outcomes, "outcome of an action")
    for name, criterion in definition.criteria.items():
        yield from unknown(f"criteria.{name}.limit", criterion.limit, definition.limits, "limit")
    for name, risk in definition.risks.items():
        yield from unknown(f"risks.{name}.kind", risk.kind, ("risk", "opportunity"), "kind")
        for key, value in (("likelihood", risk.likelihood), ("consequence", risk.consequence)):
            if value is not None and not 1 <= value <= 5:
                yield Problem(f"risks.{name}.{key}", f"{value} is not judged from 1 to 5")
        for i, key in enumerate(risk.actions):
            yield from unknown(f"risks.{name}.actions[{i}]", key, definition.actions, "action")


def _outcomes(definition: ProcessDefinition) -> list[str] | None:
    """The outcomes that a case can have; None where a form may say any."""
    found: dict[str, None] = {}
    for action in definition.actions.values():
        place, _, axis = (action.outcome or "").partition(".")
        if place == "form" and axis:
            return None
        names = definition.axes.get(axis, ()) if place == "case" and axis else (action.outcome,) if action.outcome else ()
        found.update(dict.fromkeys(names))
    return list(found)


def unknown(where: str, name: str | None, known: Iterable[str], kind: str) -> Iterator[Problem]:
    """A fault at *where* unless *name* is None or one of *known*; *kind* says what it should have been."""
    names = tuple(known)
    if name is not None and name not in names:
        yield Problem(where, f"{name!r} is no {kind}; known: {', '.join(names) or 'none'}")


def _links(definition: ProcessDefinition) -> list[str]:
    """The names by which actions call the children they open."""
    return sorted({rule.child for action in definition.actions.values() for rule in action.raises if rule.child is not None})


def faults_of_terms(definition: ProcessDefinition, name: str, limit: Limit) -> Iterator[Problem]:
    """Terms speak of reasons that some action gives, and of roles there are."""
    given = [
        effect.reason or key
        for key, action in definition.actions.items()
        if (effect := action.clocks.get(name)) is not None and "pause" in effect.effects.values()
    ]
    told = [terms.reason for terms in limit.pauses]
    for i, reason in enumerate(told):
        if not any(one.startswith("form.") for one in given):
            yield from unknown(f"limits.{name}.pauses[{i}].reason", reason, given, f"reason for a pause of {name}")
        if reason in told[:i]:
            yield Problem(f"limits.{name}.pauses[{i}]", f"{reason or 'every pause'} has terms twice; write them in one table")
    for i, role in enumerate(limit.extensions.authority if limit.extensions else ()):
        yield from unknown(f"limits.{name}.extensions.authority[{i}]", role, definition.roles, "role")


def _faults_of_invariant(definition: ProcessDefinition, where: str, said: Invariant) -> Iterator[Problem]:
    """Its names are those of steps, actions, dates... there are; what it says is proved elsewhere."""
    known: dict[str, tuple[Iterable[str], str]] = {
        "never_together": (definition.steps, "step"),
        "before": ((*definition.steps, *definition.actions), "step or action"),
        "done": (definition.actions, "action"),
        "one_of": (definition.actions, "action"),
        "of": (definition.actions, "action"),
        "within": (definition.phases, "phase"),
        "once": (definition.dates, "date"),
        "ends_without": ((*definition.parts, *definition.roles), "part or role"),
        "clock": (definition.limits, "limit"),
        "starts_at": (definition.actions, "action"),
        "changed_by": (definition.actions, "action"),
        "leaves_alone": ((*definition.limits, *definition.dates, *definition.axes), "limit, date or axis"),
        "after": (definition.steps, "step"),
        "actions": (definition.actions, "action"),
        "ends_with": (("outcome", *definition.dates, *definition.axes), "date or axis, nor outcome"),
    }
    for key, (names, kind) in known.items():
        value = getattr(said, key)
        if isinstance(value, tuple):
            for i, name in enumerate(value):
                yield from unknown(f"{where}.{key}[{i}]", name, names, kind)
        else:
            yield from unknown(f"{where}.{key}", value, names, kind)
    if said.before in definition.steps and said.before in definition.actions:
        yield Problem(f"{where}.before", f"{said.before!r} is a step and an action; rename one")
    if said.apart and said.one_of and said.before not in definition.actions:
        yield Problem(f"{where}.apart", "one action has one doer; say before which action, or write done with two or more")


def unknown_rules(limits: Mapping[str, Limit]) -> list[Problem]:
    """The limits that name a counting rule there is not."""
    return [
        problem
        for name, limit in limits.items()
        if limit.rule is not None
        for problem in _unknown_rule(f"limits.{name}.rule", limit.rule)
    ]


def _unknown_rule(where: str, rule: str) -> Iterator[Problem]:
    try:
        CountingRule.named(rule)
    except LookupError as error:
        yield Problem(where, str(error))


def _faults_of_moves(definition: ProcessDefinition, action: Action) -> Iterator[Problem]:
    steps = definition.steps
    ways = [bool(action.from_), bool(action.from_any), bool(action.join)]
    if sum(ways) != 1:
        yield Problem("from", "say one of from = step, from_any = [...] (alternatives) or join = [...] (all must hold)")
    if action.from_ is not None and action.from_ != NEW:
        yield from unknown("from", action.from_, steps, "step")
    for i, name in enumerate(action.from_any):
        yield from unknown(f"from_any[{i}]", name, ("*", *steps, *definition.phases), "step or phase")
    for i, name in enumerate(action.join):
        yield from unknown(f"join[{i}]", name, steps, "step")
    if action.need is not None and not (action.join and 1 <= action.need <= len(action.join)):
        yield Problem("need", f"{action.need} of {len(action.join)} joined steps cannot be; need counts the steps of join")
    targets = action.to.branches if isinstance(action.to, Choice) else {"": action.to or ()}
    for value, names in targets.items():
        for i, name in enumerate(names):
            where = f"to.{value}[{i}]" if value else "to" if len(names) == 1 else f"to[{i}]"
            yield from unknown(where, name, steps, "step")
    if isinstance(action.to, Choice):
        yield from _faults_of_choice(definition, "to", action.to.by, action.to.branches)
    if action.from_ == NEW and not targets.get("", True) and not action.adds:
        yield Problem("to", "an action that opens a case must say where it goes")
    for i, name in enumerate(action.adds):
        yield from unknown(f"adds[{i}]", name, steps, "step")
    for i, name in enumerate(action.cancels):
        yield from unknown(f"cancels[{i}]", name, ("*", *steps, *definition.phases), "step or phase")


def _faults_of_choice(definition: ProcessDefinition, where: str, by: str, branches: Mapping[str, Any]) -> Iterator[Problem]:
    if by.startswith("procedure."):
        name = by.removeprefix("procedure.")
        yield from unknown(f"{where}.by", name, definition.blanks, "blank")
        for value in definition.blanks[name].values if name in definition.blanks else ():
            if value not in branches:
                yield Problem(where, f"no branch for {value!r}, which a procedure may say")
        if name in definition.blanks:
            for value in branches:
                yield from unknown(f"{where}.{value}", value, definition.blanks[name].values, f"value of {name}")


def _faults_of_effects(definition: ProcessDefinition, action: Action) -> Iterator[Problem]:
    if not action.roles and not action.fired_by:
        yield Problem("roles", "nobody may do this; name the roles, or the clock that fires it (fired_by)")
    people = {*definition.roles, *definition.parts, SYSTEM}
    for i, name in enumerate(action.roles):
        yield from unknown(f"roles[{i}]", name, sorted(people), "role or part")
    for i, name in enumerate(action.capacities):
        yield from unknown(f"capacities[{i}]", name, CAPACITIES, "capacity")
    if action.fired_by is not None:
        yield from unknown("fired_by", action.fired_by.limit, definition.limits, "limit")
        yield from unknown("fired_by.children", action.fired_by.children, _links(definition), "link to children")
    for key in ("separate_from", "same_as"):
        for i, name in enumerate(getattr(action, key)):
            yield from unknown(f"{key}[{i}]", name, (*definition.actions, *definition.parts), "action or part")
    if action.approvals < 1:
        yield Problem("approvals", f"{action.approvals} people cannot approve; write 2 or more, or leave it out")
    if action.approvals > 1 and (action.from_ == NEW or action.fired_by is not None):
        yield Problem("approvals", "what opens a case or what the system does is not approved by several people")
    if action.evidence is not None:
        yield from unknown("evidence", action.evidence, LEVELS, "level of evidence")
        if action.form is None:
            yield Problem("evidence", "no form says how it was signed; name one with a field evidence")
    if action.at_most is not None:
        yield from unknown("at_most.phase", action.at_most.phase, definition.phases, "phase")
    for clock, effect in action.clocks.items():
        yield from unknown(f"clocks.{clock}", clock, definition.limits, "limit")
        if effect.by is not None:
            yield from _faults_of_choice(definition, f"clocks.{clock}", effect.by, effect.effects)
        if "extend" in effect.effects.values() and effect.period is None:
            yield Problem(f"clocks.{clock}", 'how much more time? write { extend = "form.period" }')
        if effect.at is not None and not effect.at.startswith("form."):
            yield from unknown(f"clocks.{clock}.at", effect.at, [f"action:{key}" for key in definition.actions], "instant")
        yield from _needs_form(action, f"clocks.{clock}", _texts(effect))
    for name, value in action.sets.items():
        if name in definition.dates:
            clocks = [f"clock.{clock}" for clock in definition.limits]
            dates = [f"case.{date}" for date in definition.dates]
            if not value.startswith("form."):
                yield from unknown(f"sets.{name}", value, ("occurred", *clocks, *dates), "date to set")
        elif name in definition.axes:
            if not value.startswith("form."):
                yield from unknown(f"sets.{name}", value, definition.axes[name], f"value of {name}")
        else:
            yield from unknown(f"sets.{name}", name, (*definition.dates, *definition.axes), "date or axis")
    for name, source in action.names.items():
        yield from unknown(f"names.{name}", name, definition.parts, "part")
        if source != "actor" and not source.startswith("form."):
            yield Problem(f"names.{name}", f'{source!r} names nobody; write "actor" or "form.<field>"')
    if action.fired_by is not None and action.form is not None:
        yield Problem("form", f"the clock {action.fired_by} fires this, and a clock fills no form")
    if action.outcome is not None and action.outcome.startswith("case."):
        yield from unknown("outcome", action.outcome.removeprefix("case."), definition.axes, "axis")
    if action.unit is not None and not action.unit.startswith("form."):
        yield Problem("unit", f'{action.unit!r} names no unit; write "form.<field>"')
    to_by = action.to.by if isinstance(action.to, Choice) else None
    yield from _needs_form(
        action, "form", (*action.sets.values(), *action.names.values(), action.outcome, action.basis, action.unit, to_by)
    )


def _needs_form(action: Action, where: str, values: Iterable[str | None]) -> Iterator[Problem]:
    if action.form is None:
        for value in values:
            if value is not None and value.startswith("form."):
                yield Problem(where, f"{value} is read, but the action names no form")


def missing(
    definition: ProcessDefinition, forms: Mapping[str, type] | None, guards: Mapping[str, Any] | None
) -> Iterator[Finding]:
    """The forms, fields and guards that *definition* names and *forms* and *guards* do not have; None: not asked."""
    for key, action in definition.actions.items():
        if forms is not None and action.form is not None:
            if action.form not in forms:
                yield Finding("form-missing", f"no form {action.form!r} is registered", f"actions.{key}.form", ())
            else:
                fields = field_names(forms[action.form])
                for name in sorted(_fields_read(action) & personal_fields(forms[action.form])):
                    message = f"{action.form}.{name} is personal, and would stand in the trail; name an opaque id instead"
                    yield Finding("personal-field", message, f"actions.{key}", ())
                for name in sorted((_fields_read(action) | _fields_raised(action)) - fields):
                    yield Finding("field-missing", f"{action.form} has no field {name!r}", f"actions.{key}", ())
        uses = [*action.guards, *action.marks]
        names = [use.name for use in uses] + [rule.when for rule in action.raises if rule.when is not None]
        for name in names:
            if guards is not None and name not in guards:
                yield Finding("guard-missing", f"no guard {name!r} is registered", f"actions.{key}", ())


def _texts(effect: ClockEffect) -> tuple[str | None, ...]:
    return effect.at, effect.by, effect.period, effect.reason, effect.authority


def _fields_read(action: Action) -> set[str]:
    values = [*action.sets.values(), *action.names.values(), action.outcome, action.basis, action.unit]
    values += [value for effect in action.clocks.values() for value in _texts(effect)]
    values += [action.to.by] if isinstance(action.to, Choice) else []
    values += ["form.evidence"] if action.evidence is not None else []
    return {value.removeprefix("form.") for value in values if value is not None and value.startswith("form.")}


def _fields_raised(action: Action) -> set[str]:
    """The fields that the cases it opens are filled from; their own forms seal what is personal."""
    values = [
        text for rule in action.raises for text in (rule.each, rule.procedure, rule.elsewhere, rule.unit, *rule.form.values())
    ]
    return {value.removeprefix("form.") for value in values if isinstance(value, str) and value.startswith("form.")}
