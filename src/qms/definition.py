"""What a process definition may say: steps, actions, limits, blanks, as immutable data read from TOML or JSON.

Rule 1: a definition never contains code. Guards and forms are names; choices are tables of values.
Rule 2: reading is strict. An unknown key, a wrong type or an unclear spelling is a fault, and all faults come at once.
Rule 3: this file knows what each key means by itself; whether the parts fit together is `process`'s to judge.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

import cattrs
from attrs import Factory, frozen

from .codec import make_converter, register_exactly, structure_class
from .errors import InvalidInput, Problem
from .invariant import Invariant, strict
from .limits import TimeLimit

__all__ = [
    "NEW",
    "Action",
    "AtMost",
    "Blank",
    "Choice",
    "ClockEffect",
    "Criterion",
    "ExtensionTerms",
    "GuardUse",
    "Indicator",
    "Input",
    "Limit",
    "Output",
    "PauseTerms",
    "ProcedureDefinition",
    "ProcessDefinition",
    "Raise",
    "Risk",
    "Role",
    "Source",
    "Step",
    "Terms",
    "Trigger",
    "converter",
    "plain",
]

NEW = "new"
EFFECTS = ("start", "pause", "resume", "restart", "extend", "stop", "none")
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]*")

Texts = dict[str, str]


@frozen
class Step:
    """Where a case can wait. `closes` says that a case which reaches it is closed; `codes` are those of other systems."""

    title: Texts = Factory(dict)
    codes: Texts = Factory(dict)
    closes: bool = False
    note: str = ""


@frozen
class Role:
    """What lets people act, by title."""

    title: Texts = Factory(dict)
    note: str = ""


@frozen
class Source:
    """Where a rule stands: its level (``law``, ``practice``, ``analogy``, ``unverified``...) and its text."""

    level: str = "unverified"
    text: str = ""


@frozen
class PauseTerms:
    """What the law allows of the pauses for one *reason* (None: of all): how many, how long each, how long in all."""

    reason: str | None = None
    at_most: int | None = None
    longest: TimeLimit | None = None
    total: TimeLimit | None = None
    source: Source = Factory(Source)


@frozen
class ExtensionTerms:
    """What the law allows of extensions: how many, how long each and in all, and which roles have the authority."""

    at_most: int | None = None
    longest: TimeLimit | None = None
    total: TimeLimit | None = None
    authority: tuple[str, ...] = ()
    source: Source = Factory(Source)


@frozen
class Limit:
    """A time limit, or the blank that a procedure fills (`from_` is ``procedure``), with its counting rule.

    `pauses` and `extensions` say what the law allows of them; where every pause names its reason, the list is closed.
    `longest` bounds a period that a form gives. The limit is due soon when `soon` would end no earlier. `within` names the
    limit it must keep inside: a service norm the legal limit, a consulted agency's time that of the case; ``source`` is the
    main limit of the case that opened this one.
    """

    period: TimeLimit | None = None
    from_: str | None = None
    default: TimeLimit | None = None
    rule: str | None = None
    pauses: tuple[PauseTerms, ...] = ()
    extensions: ExtensionTerms | None = None
    longest: TimeLimit | None = None
    soon: TimeLimit | None = None
    within: str | None = None
    title: Texts = Factory(dict)
    source: Source = Factory(Source)
    note: str = ""


@frozen
class Terms:
    """What the law allows of a limit beside its period; see `Limit`."""

    pauses: tuple[PauseTerms, ...] = ()
    extensions: ExtensionTerms | None = None
    longest: TimeLimit | None = None
    soon: TimeLimit | None = None

    @property
    def binding(self) -> bool:
        """Whether an act can break them."""
        return bool(self.pauses or self.extensions or self.longest)


@frozen
class Blank:
    """What a procedure must say: one of `values`; without a `default` it must be said."""

    values: tuple[str, ...]
    default: str | None = None


@frozen
class Choice:
    """A value picked by a form field (``form.result``) or a blank (``procedure.supplement-mode``)."""

    by: str
    branches: Mapping[str, tuple[str, ...]]


@frozen
class ClockEffect:
    """What an action does to a clock.

    `effects` maps each value of `by` to an effect (one effect under ``""`` where `by` is None); `at` names the instant
    (``form.paid_at`` or ``action:request-withdrawal``), `period` the form field that holds a period or a date. `reason` is
    what a pause is for (default: the action), `authority` who extends (default: who acts); a word, or a field of the form.
    """

    effects: Mapping[str, str]
    by: str | None = None
    at: str | None = None
    period: str | None = None
    reason: str | None = None
    authority: str | None = None


@frozen
class GuardUse:
    """A guard by name, with its parameters."""

    name: str
    params: Mapping[str, Any] = Factory(dict)


@frozen
class AtMost:
    """How often an action may be done: in the case, or while the case is in a phase."""

    n: int
    phase: str | None = None


@frozen
class Raise:
    """A linked case that the action opens in the same batch: always, or when the guard `when` has something to say.

    `child` is the link by which the case that opens it calls it; None where it does not wait for it. `each` names a list
    field of the form: a case for each of its items, which `procedure` and the values of `form` may call ``item``.
    `elsewhere` says in which other organization it is opened, `unit` which unit owes its result (default: that of the case
    that opens it): a name, a field of the form, or ``item``.
    """

    process: str
    action: str
    when: str | None = None
    once: bool = True
    form: Mapping[str, Any] = Factory(dict)
    child: str | None = None
    procedure: str | None = None
    each: str | None = None
    elsewhere: str | None = None
    unit: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.elsewhere is not None and self.child is None:
            raise InvalidInput("a case that another organization opens is waited for; name it by `child`", "child")

    @property
    def name(self) -> str:
        """What the case that opens it remembers it by."""
        return self.when or self.child or self.process


@frozen
class Trigger:
    """What makes the system act: the end of a `limit`, a time `before` or `after` it, or what became of `children`.

    A time on a closed instant moves to the next opening, unless `anytime`. *need*: how many of the children must have ended
    (``all``, ``any`` or a number); ``each``: once for every one that ends.
    """

    limit: str | None = None
    before: TimeLimit | None = None
    after: TimeLimit | None = None
    anytime: bool = False
    children: str | None = None
    need: str | int = "all"

    @property
    def ends(self) -> bool:
        """Whether it is the end of the limit itself."""
        return self.limit is not None and self.before is None and self.after is None

    def __str__(self) -> str:
        if self.children is not None:
            return f"{self.children}: {self.need}"
        apart = f" - {self.before}" if self.before else f" + {self.after}" if self.after else ""
        return f"{self.limit}{apart}"


@frozen
class Action:
    """What moves a case; see docs/ for each key."""

    title: Texts = Factory(dict)
    name: str | None = None
    note: str = ""
    source: str = ""
    from_: str | None = None
    from_any: tuple[str, ...] = ()
    join: tuple[str, ...] = ()
    need: int | None = None
    to: Choice | tuple[str, ...] | None = None
    adds: tuple[str, ...] = ()
    cancels: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    capacities: tuple[str, ...] = ()
    form: str | None = None
    guards: tuple[GuardUse, ...] = ()
    separate_from: tuple[str, ...] = ()
    same_as: tuple[str, ...] = ()
    at_most: AtMost | None = None
    approvals: int = 1
    evidence: str | None = None
    """The least level at which it must be signed (`qms.signatures.LEVELS`); its form says how it was."""
    outcome: str | None = None
    clocks: Mapping[str, ClockEffect] = Factory(dict)
    basis: str | None = None
    sets: Mapping[str, str] = Factory(dict)
    names: Mapping[str, str] = Factory(dict)
    marks: tuple[GuardUse, ...] = ()
    raises: tuple[Raise, ...] = ()
    fired_by: Trigger | None = None
    reopens: bool = False
    undoable: bool = False
    unit: str | None = None
    codes: Texts = Factory(dict)


@frozen
class Input:
    """What the process needs, and `from_` whom (ISO 9001:2015, 4.4.1 a): a role, a part, or a party in words; the `form` it comes on."""

    title: Texts = Factory(dict)
    from_: str = ""
    form: str | None = None
    note: str = ""


@frozen
class Output:
    """What the process gives, and `to` whom (4.4.1 a); the `outcome` of the case that it goes with."""

    title: Texts = Factory(dict)
    to: str = ""
    outcome: str | None = None
    note: str = ""


@frozen
class Criterion:
    """A criterion or method by which the process is known to work (4.4.1 c); the `limit` that it speaks of."""

    title: Texts = Factory(dict)
    limit: str | None = None
    source: str = ""
    note: str = ""


@frozen
class Risk:
    """A risk or an opportunity of the process (4.4.1 f, 6.1), with its treatment and the `actions` here that belong to it.

    `likelihood` and `consequence` are judged from 1 to 5; None: not judged.
    """

    title: Texts = Factory(dict)
    kind: str = "risk"
    likelihood: int | None = None
    consequence: int | None = None
    treatment: Texts = Factory(dict)
    actions: tuple[str, ...] = ()
    owner: str = ""
    note: str = ""


@frozen
class Indicator:
    """What is measured of the process (4.4.1 c, 9.1.1): the name of its `measure`, the `target` in words, how often."""

    title: Texts = Factory(dict)
    measure: str = ""
    target: str = ""
    period: str = ""
    source: str = ""
    note: str = ""


@frozen
class ProcessDefinition:
    """A whole process file, read but not yet judged."""

    name: str
    steps: Mapping[str, Step]
    actions: Mapping[str, Action]
    title: Texts = Factory(dict)
    version: str = ""
    owner: str = ""
    purpose: str = ""
    clause: str = ""
    source: str = ""
    note: str = ""
    valid_from: str | None = None
    valid_until: str | None = None
    due: str | None = None
    opens: str | None = None
    subject: str | None = None
    rule: str | None = None
    calendar: str | None = None
    parts: tuple[str, ...] = ()
    dates: Mapping[str, str] = Factory(dict)
    axes: Mapping[str, tuple[str, ...]] = Factory(dict)
    blanks: Mapping[str, Blank] = Factory(dict)
    limits: Mapping[str, Limit] = Factory(dict)
    retention: TimeLimit | None = None
    """How long the personal values of an ended case are kept at least."""
    roles: Mapping[str, Role] = Factory(dict)
    phases: Mapping[str, tuple[str, ...]] = Factory(dict)
    invariants: Mapping[str, Invariant] = Factory(dict)
    argued: Texts = Factory(dict)
    inputs: Mapping[str, Input] = Factory(dict)
    outputs: Mapping[str, Output] = Factory(dict)
    criteria: Mapping[str, Criterion] = Factory(dict)
    risks: Mapping[str, Risk] = Factory(dict)
    indicators: Mapping[str, Indicator] = Factory(dict)


@frozen
class Share:
    """An internal share of a limit: which step, how long. It never replaces the limit."""

    step: str
    period: TimeLimit


@frozen
class ProcedureDefinition:
    """A procedure file: a process with its blanks filled, as the public meets it."""

    code: str
    process: str
    title: Texts
    field: Texts = Factory(dict)
    level: str = ""
    basis: str = ""
    code_source: str = ""
    note: str = ""
    valid_from: str | None = None
    valid_until: str | None = None
    fee: Mapping[str, Any] = Factory(dict)
    papers: tuple[str, ...] = ()
    blanks: Mapping[str, str] = Factory(dict)
    limits: Mapping[str, Limit] = Factory(dict)
    shares: tuple[Share, ...] = ()
    retention: TimeLimit | None = None
    facts: Mapping[str, Any] = Factory(dict)


def plain(tree: Any) -> Any:
    """*tree* with the dates of TOML as ISO text, so that a definition has canonical bytes."""
    if isinstance(tree, Mapping):
        return {key: plain(item) for key, item in tree.items()}
    if isinstance(tree, list):
        return [plain(item) for item in tree]
    if isinstance(tree, (date, datetime)):
        return tree.isoformat()
    return tree


def _words(value: Any) -> tuple[str, ...]:
    """One name, or a list of names without repetition."""
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list):
        raise InvalidInput(f"a name or a list of names is expected, not {value!r}")
    faults = [Problem(f"[{i}]", f"a name is expected, not {n!r}") for i, n in enumerate(names) if not isinstance(n, str)]
    faults += [Problem(f"[{i}]", f"{n!r} stands twice") for i, n in enumerate(names) if n in names[:i]]
    if faults:
        raise InvalidInput(faults)
    return tuple(names)


def _names(value: Any, _: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        raise InvalidInput(f"a list of names is expected, not {value!r}; write [{value!r}]")
    return _words(value)


def _from(value: Any) -> str | None:
    if isinstance(value, list):
        raise InvalidInput(
            "a list is unclear here: write from_any = [...] for alternatives, join = [...] for steps that must all hold"
        )
    if value is not None and not isinstance(value, str):
        raise InvalidInput(f"the name of a step is expected, not {value!r}")
    return value


def _target(value: Any, _: Any) -> Choice | tuple[str, ...] | None:
    if isinstance(value, dict):
        by, branches = _by(value, ())
        if not branches:
            raise InvalidInput("a choice needs at least one value = step")
        return Choice(by, {key: _words(item) for key, item in branches.items()})
    return _words(value)


def _by(table: Mapping[str, Any], others: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    by = table.get("by")
    if not isinstance(by, str) or not by.startswith(("form.", "procedure.")):
        raise InvalidInput('a choice needs by = "form.<field>" or by = "procedure.<blank>"', "by")
    return by, {key: item for key, item in table.items() if key != "by" and key not in others}


def _effect(value: Any, _: Any) -> ClockEffect:
    if isinstance(value, str):
        return ClockEffect({"": _known_effect(value)})
    if not isinstance(value, dict):
        raise InvalidInput(f"an effect is expected ({', '.join(EFFECTS)}) or a table, not {value!r}")
    at, period = value.get("at"), value.get("period")
    if at is not None and not (isinstance(at, str) and at.startswith(("form.", "action:"))):
        raise InvalidInput(f'an instant is "form.<field>" or "action:<action>", not {at!r}', "at")
    said = {key: _spoken(value[key], key) for key in ("reason", "authority") if key in value}
    if "by" in value:
        by, branches = _by(value, ("at", "reason", "authority"))
        return ClockEffect({key: _known_effect(item, key) for key, item in branches.items()}, by=by, at=at, **said)
    rest = {key: item for key, item in value.items() if key not in ("at", "effect", "period", "reason", "authority")}
    if "effect" in value and not rest:
        period = period if period is None else _form_ref(period, "period")
        return ClockEffect({"": _known_effect(value["effect"], "effect")}, at=at, period=period, **said)
    if len(rest) == 1 and set(rest) <= {"start", "extend"} and "effect" not in value:
        ((effect, period),) = rest.items()
        return ClockEffect({"": effect}, at=at, period=_form_ref(period, effect), **said)
    raise InvalidInput(
        'write { effect = "resume", at = "form.paid_at" }, { extend = "form.period" } or { by = ..., value = effect }'
    )


def _known_effect(value: Any, where: str = "") -> str:
    if value not in EFFECTS:
        raise InvalidInput(f"unknown effect {value!r}; known: {', '.join(EFFECTS)}", where)
    return str(value)


def _spoken(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InvalidInput(f'a word, or a form field such as "form.{where}", is expected, not {value!r}', where)
    return value


def _form_ref(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value.startswith("form."):
        raise InvalidInput(f'a form field such as "form.period" is expected, not {value!r}', where)
    return value


def _guard(value: Any, _: Any) -> GuardUse:
    if isinstance(value, str):
        return GuardUse(value)
    if isinstance(value, dict) and isinstance(value.get("name"), str):
        return GuardUse(value["name"], {key: item for key, item in value.items() if key != "name"})
    raise InvalidInput(
        f'a guard is a name or a table with a name, not {value!r}; write {{ name = "within", clock = "notice" }}'
    )


def _trigger(value: Any, _: Any) -> Trigger | None:
    if value is None or isinstance(value, str):
        return None if value is None else Trigger(limit=value)
    if not isinstance(value, dict):
        raise InvalidInput(f"a limit is expected, or a table with limit or children, not {value!r}")
    unknown = sorted(set(value) - {"limit", "before", "after", "anytime", "children", "need"})
    if unknown:
        raise InvalidInput(
            [Problem(key, "unknown key; known: limit, before, after, anytime, children, need") for key in unknown]
        )
    if ("limit" in value) == ("children" in value):
        raise InvalidInput(
            'write { limit = "legal", before = "2 working days" } or { children = "consultation", need = "all" }'
        )
    if "children" in value:
        return _trigger_of_children(value)
    if not isinstance(value["limit"], str) or not isinstance(value.get("anytime", False), bool):
        raise InvalidInput("limit is a name, anytime is true or false")
    if ("before" in value) == ("after" in value):
        raise InvalidInput('say one of before and after; for the end of the limit itself write fired_by = "limit"')
    side = "before" if "before" in value else "after"
    period = TimeLimit.parse(value[side])
    if period.unit == "same day":
        raise InvalidInput("a time before or after is a period, not the same day", side)
    before, after = (period, None) if side == "before" else (None, period)
    return Trigger(limit=value["limit"], before=before, after=after, anytime=value.get("anytime", False))


def _trigger_of_children(value: dict[str, Any]) -> Trigger:
    need = value.get("need", "all")
    if set(value) - {"children", "need"} or not isinstance(value["children"], str):
        raise InvalidInput('write { children = "consultation", need = "all" }')
    if need not in ("all", "any", "each") and (type(need) is not int or need < 1):
        raise InvalidInput(f'need is "all", "any", "each" or a number, not {need!r}', "need")
    return Trigger(children=value["children"], need=need)


def _at_most(value: Any, _: Any) -> AtMost | None:
    table = {"n": value} if not isinstance(value, dict) else value
    n, phase = table.get("n"), table.get("phase")
    if type(n) is not int or n < 1 or set(table) - {"n", "phase"} or not isinstance(phase, (str, type(None))):
        raise InvalidInput(f'a count of at least 1 is expected, or {{ n = 1, phase = "..." }}, not {value!r}')
    return AtMost(n, phase)


def _limit(read: Callable[[Any, Any], Limit]) -> Callable[[Any, Any], Limit]:
    def hook(value: Any, cls: Any) -> Limit:
        limit = read({"period": value} if isinstance(value, str) else value, cls)
        if limit.from_ not in (None, "procedure"):
            raise InvalidInput(f'only from = "procedure" is known, not {limit.from_!r}', "from")
        if (limit.period is None) == (limit.from_ is None):
            raise InvalidInput('a limit is a period ("15 working days") or a blank ({ from = "procedure" })')
        period = limit.period or limit.default
        if period is not None and _is_longer(period, limit.longest):
            raise InvalidInput(f"{period} is longer than the longest it may be, {limit.longest}", "longest")
        return limit

    return hook


def _is_longer(one: TimeLimit, other: TimeLimit | None) -> bool:
    """Whether it is, for sure: units never convert, so that other units may be either."""
    return other is not None and one.unit == other.unit and (one.then, other.then) == (None, None) and one.amount > other.amount


def _terms(read: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def hook(value: Any, cls: Any) -> Any:
        terms = read(value, cls)
        if terms.at_most is not None and terms.at_most < 0:
            raise InvalidInput(f"{terms.at_most} is no count; write 0 for never", "at_most")
        if (terms.at_most, terms.longest, terms.total) == (None, None, None) and not getattr(terms, "authority", ()):
            raise InvalidInput("the terms say nothing; write at_most, longest or total")
        if terms.longest is not None and _is_longer(terms.longest, terms.total):
            raise InvalidInput(f"{terms.longest} is longer than all may be together, {terms.total}", "longest")
        return terms

    return hook


def _blank(value: Any, _: Any) -> Blank:
    table = {"values": value} if isinstance(value, list) else value
    if not isinstance(table, dict) or not table.get("values") or set(table) - {"values", "default"}:
        raise InvalidInput(f"a list of allowed values is expected, not {value!r}")
    blank = Blank(_words(table["values"]), table.get("default"))
    if blank.default is not None and blank.default not in blank.values:
        raise InvalidInput(f"{blank.default!r} is none of {', '.join(blank.values)}", "default")
    return blank


def _mapping(key_pattern: re.Pattern[str]) -> Callable[[Any, str], None]:
    def judge(table: Any, where: str) -> None:
        bad = [k for k in table if not key_pattern.fullmatch(k)]
        if bad:
            raise InvalidInput([Problem(k, "names are lower-case ASCII letters, digits, dots and hyphens") for k in bad], where)

    return judge


check_names = _mapping(_NAME)


def _make() -> cattrs.Converter:
    made = make_converter()
    made.register_structure_hook(TimeLimit, lambda value, _: TimeLimit.parse(value))
    register_exactly(made, TimeLimit | None, lambda value, _: None if value is None else TimeLimit.parse(value))
    register_exactly(made, tuple[str, ...], _names)
    register_exactly(made, Choice | tuple[str, ...] | None, _target)
    made.register_structure_hook(ClockEffect, _effect)
    made.register_structure_hook(GuardUse, _guard)
    register_exactly(made, AtMost | None, _at_most)
    register_exactly(made, Trigger | None, _trigger)
    made.register_structure_hook(Blank, _blank)
    register_exactly(made, Any, lambda value, _: value)
    for cls in (Step, Role, Source, Share, Raise, Input, Output, Criterion, Risk, Indicator):
        structure_class(made, cls)
    for terms in (PauseTerms, ExtensionTerms):
        structure_class(made, terms)
        made.register_structure_hook(terms, _terms(made.get_structure_hook(terms)))
    structure_class(made, Limit)
    made.register_structure_hook(Limit, _limit(made.get_structure_hook(Limit)))
    structure_class(made, Invariant)
    made.register_structure_hook(Invariant, strict(made.get_structure_hook(Invariant)))
    names = cattrs.override(struct_hook=_names)
    structure_class(
        made,
        Action,
        from_=cattrs.override(rename="from", struct_hook=lambda value, _: _from(value)),
        from_any=cattrs.override(struct_hook=lambda value, _: ("*",) if value == "*" else _names(value, _)),
        join=names,
    )
    structure_class(made, ProcessDefinition)
    structure_class(made, ProcedureDefinition)
    return made


converter = _make()
