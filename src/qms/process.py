"""Processes and procedures: definitions that fit together, as immutable data.

A `Process` is a definition whose parts fit: every name leads somewhere, every blank is declared. A `Procedure` fills the
blanks. `Process.bind` puts the two together as a `Bound` process, in which each action is a `Plan` ready to be judged.

Rule 1: a definition is identified by the SHA-256 of its canonical bytes, not by a label.
Rule 2: every fault of a file is reported at once, with its path.
Rule 3: whether cases can always finish is proved on the net, for every procedure bound to the process.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from attrs import evolve, field, frozen

from . import machine, soundness
from .authority import SYSTEM
from .codec import digest, read_tree, refuse_deep, shipped, shipped_names, structure
from .definition import (
    NEW,
    Action,
    Choice,
    ClockEffect,
    Limit,
    ProcedureDefinition,
    ProcessDefinition,
    Terms,
    Trigger,
    converter,
    plain,
)
from .errors import InvalidInput, Problem
from .event import Event
from .fitting import faults_of, faults_of_terms, missing, unknown, unknown_rules
from .lanes import Passage
from .lanes import lanes as swimlanes
from .limits import TimeLimit
from .lints import advise, argue, escapes
from .net import Move, Net
from .proof import broken
from .shares import faults_of_shares
from .sheet import process_sheet
from .soundness import Finding, Report
from .staffing import check_staffing

__all__ = ["Bound", "Plan", "Procedure", "Process"]


@frozen(eq=False)
class Process:
    """A definition of how cases run. Build one with `load` or `from_tree`; two are equal when their content is."""

    definition: ProcessDefinition
    tree: Mapping[str, Any]
    content_hash: str

    @classmethod
    def load(cls, source: str | Path) -> Process:
        """The shipped process of that name, or the one in the file at that path (``.toml`` or ``.json``).

        Raises:
            NotFound: no such process is shipped.
            InvalidInput: every fault of the file, each with its path.
        """
        return cls.from_tree(_tree("processes", source))

    @classmethod
    def from_tree(cls, tree: Mapping[str, Any]) -> Process:
        """The process that *tree* (the table of a definition file) describes.

        Raises:
            InvalidInput: every fault, each with its path (``actions.sign.roles[0]``).
        """
        refuse_deep(tree)
        content = plain(tree)
        definition = structure(content, ProcessDefinition, converter)
        faults = list(faults_of(definition))
        if faults:
            raise InvalidInput(faults)
        _net(definition, {})  # refuses what no net can be, with its path
        return cls(definition, content, digest(content))

    def __eq__(self, other: object) -> bool:
        return self.content_hash == other.content_hash if isinstance(other, Process) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.content_hash)

    def __repr__(self) -> str:
        return f"<Process {self.name} {self.content_hash[:12]}>"

    @property
    def name(self) -> str:
        """The id of the process, such as ``one-stop``."""
        return self.definition.name

    @property
    def net(self) -> Net:
        """The steps and moves as a net; a choice that a procedure makes has all its branches here."""
        return _net(self.definition, {})

    def title(self, key: str = "", language: str = "en") -> str:
        """The title of the process, or of the step, action or role *key*, in *language*, else in English, else the key."""
        definition = self.definition
        for table in (definition.steps, definition.actions, definition.roles):
            if key in table:
                return _title(table[key].title, language, key)
        return key or _title(definition.title, language, self.name)

    def bind(self, procedure: Procedure | None = None) -> Bound:
        """This process with the blanks that *procedure* fills.

        Raises:
            InvalidInput: a blank is left, a value is not allowed, a limit is unknown or missing.
        """
        return Bound.make(self, procedure)

    def check(
        self,
        procedures: Iterable[Procedure] = (),
        *,
        forms: Mapping[str, type] | None = None,
        guards: Mapping[str, Any] | None = None,
        staff: Mapping[str, Collection[str]] | None = None,
        cap: int = 200_000,
    ) -> Report:
        """Whether every case can always finish, properly, and every action can happen; with a shortest witness if not.

        Judged on the net of the process and of each of *procedures*, with the invariants that the definition states; with
        *forms* and *guards* given, their names and fields are judged too; with *staff* (who holds which roles), whether
        these people can do it all. `sound` is False where there is an error; warnings are advice, and can be argued
        (``argued``). It is None (undecided) when there are more than *cap* markings.
        """
        findings: list[Finding] = list(missing(self.definition, forms, guards))
        bounds, faults = self._bounds(procedures)
        nets = dict.fromkeys([self.net, *(bound.net for bound in bounds)])
        reports = [soundness.check(net, cap) for net in nets]
        findings += faults + [finding for report in reports for finding in report.findings]
        proved = all(report.sound for report in reports)
        findings += self._beyond_soundness(bounds, staff, cap) if proved else escapes(self.net)
        once = {(found.code, found.where, found.message): found for found in reversed(findings)}
        findings = argue(reversed(once.values()), self.definition.argued if proved else {})
        errors = {finding.code for finding in findings if finding.severity == "error"}
        sound = None if errors == {"undecided"} else not errors
        return Report(sound, tuple(findings), max(report.markings for report in reports))

    def _bounds(self, procedures: Iterable[Procedure]) -> tuple[list[Bound], list[Finding]]:
        bounds, faults = [], []
        for procedure in procedures:
            try:
                bounds.append(self.bind(procedure))
            except InvalidInput as error:
                faults += [Finding("procedure", f"{procedure.code}: {p.message}", p.where) for p in error.problems]
        return bounds, faults

    def _beyond_soundness(
        self, bounds: list[Bound], staff: Mapping[str, Collection[str]] | None, cap: int
    ) -> Iterator[Finding]:
        """Invariants, advice and staffing: for each procedure, or for the process where none can be bound."""
        for procedure in [bound.procedure for bound in bounds] or [None]:
            yield from _judge_further(self, procedure, cap)
        if staff is not None:
            for bound in bounds or [self.bind()]:
                yield from check_staffing(bound, staff).told()

    def to_transitions(self, model: Any = None) -> Any:
        """The process as a stock `transitions.Machine`, eager; refused above 5,000 markings."""
        return machine.to_transitions(self.net, model)

    def sheet(self, language: str = "en", procedure: Procedure | None = None) -> str:
        """The process sheet (ISO 9001:2015, 4.4) as text in ``en`` or ``vi``: what it is for, then its steps as a table.

        With *procedure*, its limits and its shares of the steps stand in it.
        """
        return process_sheet(self.definition, language, None if procedure is None else procedure.definition)

    def mermaid(
        self,
        language: str = "en",
        *,
        lanes: bool = False,
        case: Placed | None = None,
        history: Iterable[Event] = (),
    ) -> str:
        """The process as a Mermaid diagram, titles in *language*: its states, or, with *lanes*, a flowchart by roles and clocks.

        The path of *case* is marked; by its *history*, or, without one, as far as the case itself tells.
        """
        events = tuple(history)
        path = None
        if case is not None:
            path = Passage.of(case.steps, events) if events else Passage.known(case.steps, case.doers, self.net)
        if lanes:
            return swimlanes(self.definition, self.net, language, path=path)
        tables = (("steps", self.definition.steps), ("actions", self.definition.actions))
        titles = {f"{kind}.{key}": _title(item.title, language, key) for kind, table in tables for key, item in table.items()}
        if path is None:
            return machine.mermaid(self.net, titles=titles)
        return machine.mermaid(self.net, titles=titles, done=path.actions, passed=path.passed, current=path.steps)


class Placed(Protocol):
    """What a diagram marks: a case, by where it stands and who did what."""

    @property
    def steps(self) -> frozenset[str]:
        """The steps at which it stands."""

    @property
    def doers(self) -> Mapping[str, Collection[str]]:
        """Who did each action."""


@frozen(eq=False)
class Procedure:
    """A service offered to the public: a process with its blanks filled."""

    definition: ProcedureDefinition
    tree: Mapping[str, Any]
    content_hash: str

    @classmethod
    def load(cls, source: str | Path) -> Procedure:
        """The shipped procedure of that code, or the one in the file at that path."""
        return cls.from_tree(_tree("procedures", source))

    @classmethod
    def shipped(cls, process: str | None = None) -> tuple[Procedure, ...]:
        """All shipped procedures, or those of one *process*, by code."""
        every = (cls.load(name) for name in shipped_names("procedures"))
        return tuple(procedure for procedure in every if process in (None, procedure.process))

    @classmethod
    def from_tree(cls, tree: Mapping[str, Any]) -> Procedure:
        """The procedure that *tree* describes.

        Raises:
            InvalidInput: every fault, each with its path.
        """
        refuse_deep(tree)
        content = plain(tree)
        definition = structure(content, ProcedureDefinition, converter)
        faults = [
            Problem(f"limits.{name}", "a procedure fills a limit with a period")
            for name, limit in definition.limits.items()
            if limit.period is None
        ]
        faults += unknown_rules(definition.limits)
        if faults:
            raise InvalidInput(faults)
        return cls(definition, content, digest(content))

    def __eq__(self, other: object) -> bool:
        return self.content_hash == other.content_hash if isinstance(other, Procedure) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.content_hash)

    def __repr__(self) -> str:
        return f"<Procedure {self.code} {self.content_hash[:12]}>"

    @property
    def code(self) -> str:
        """The code the public knows it by, such as ``2.000908``."""
        return self.definition.code

    @property
    def process(self) -> str:
        """The name of the process whose blanks it fills."""
        return self.definition.process

    def title(self, language: str = "vi") -> str:
        """Its title in *language*, else in any."""
        titles = self.definition.title
        return titles.get(language) or next(iter(titles.values()), self.code)


@frozen(eq=False)
class Plan:
    """One action of a bound process, ready to be judged: roles apart from parts, choices of the procedure made."""

    key: str
    action: Action
    roles: frozenset[str]
    parts: tuple[str, ...]
    separate_actions: tuple[str, ...]
    separate_parts: tuple[str, ...]
    same_actions: tuple[str, ...]
    same_parts: tuple[str, ...]
    phase: frozenset[str]
    clocks: tuple[tuple[str, ClockEffect], ...]
    opens: bool
    remembered: bool
    """Whether a clock effect asks for the instant of this action (``at = "action:..."``)."""
    affects: bool
    """Whether it changes more than steps and clocks."""
    subjects: frozenset[str]
    """What the scope of a grant may call it by: the action, the process, the procedure and its field."""
    watched: bool = False
    """Whether the terms of a limit may have something against what it does to a clock."""
    plain: bool = False
    """Whether only the step, a role, duties apart and guards can be against it."""
    light: bool = False
    """Whether it is plain, and does no more than move tokens."""


@frozen(eq=False)
class Bound:
    """A process with its blanks filled: what a case runs by."""

    process: Process
    procedure: Procedure | None
    net: Net
    plans: Mapping[str, Plan]
    limits: Mapping[str, tuple[TimeLimit, str | None]]
    firing: Mapping[str, tuple[str, ...]] = field(repr=False)
    """For each clock, the actions that its expiry fires."""
    phased: tuple[tuple[str, frozenset[str]], ...] = field(repr=False)
    """The actions counted within a phase, with the steps of that phase."""
    terms: Mapping[str, Terms] = field(factory=dict, repr=False)
    """What the law allows of each limit beside its period, where it says anything."""
    ladders: Mapping[str, tuple[tuple[str, Trigger], ...]] = field(factory=dict, repr=False)
    """For each clock, the actions that a time before or after its end fires."""
    joins: tuple[tuple[str, Trigger], ...] = field(factory=tuple, repr=False)
    """The actions that children fire."""

    @classmethod
    def make(cls, process: Process, procedure: Procedure | None) -> Bound:
        """*process* with the blanks that *procedure* fills; see `Process.bind`."""
        definition = process.definition
        blanks, faults = _fill_blanks(definition, procedure)
        limits, more = _fill_limits(definition, procedure)
        if procedure is not None and procedure.process != process.name:
            more.append(Problem("process", f"{procedure.code} belongs to {procedure.process!r}, not to {process.name!r}"))
        for i, share in enumerate(procedure.definition.shares if procedure else ()):
            more += unknown(f"shares[{i}].step", share.step, definition.steps, "step")
        for name, limit in (procedure.definition.limits if procedure else {}).items():
            more += faults_of_terms(definition, name, limit)
        more += faults_of_shares(definition, procedure.definition if procedure else None, limits)
        if faults + more:
            raise InvalidInput(faults + more)
        asked_for = _asked_for(definition)
        terms = _terms(definition, procedure)
        binding = frozenset(name for name, found in terms.items() if found.binding)
        about = _subjects(definition, procedure)
        quiet = not any(
            (a.at_most and a.at_most.phase) or (a.fired_by and a.fired_by.children) for a in definition.actions.values()
        )
        plans = {
            key: _plan(definition, key, action, blanks, asked_for, about, binding, quiet)
            for key, action in definition.actions.items()
        }
        firing: dict[str, tuple[str, ...]] = {}
        ladders: dict[str, tuple[tuple[str, Trigger], ...]] = {}
        for key, action in definition.actions.items():
            trigger = action.fired_by
            if trigger is not None and trigger.limit is not None:
                if trigger.ends:
                    firing[trigger.limit] = (*firing.get(trigger.limit, ()), key)
                else:
                    ladders[trigger.limit] = (*ladders.get(trigger.limit, ()), (key, trigger))
        joins = tuple((key, a.fired_by) for key, a in definition.actions.items() if a.fired_by and a.fired_by.children)
        phased = tuple((key, plan.phase) for key, plan in plans.items() if plan.phase)
        return cls(process, procedure, _net(definition, blanks), plans, limits, firing, phased, terms, ladders, joins)

    @property
    def definition(self) -> ProcessDefinition:
        """The definition of the process."""
        return self.process.definition


@functools.lru_cache(maxsize=256)
def _judge_further(process: Process, procedure: Procedure | None, cap: int) -> tuple[Finding, ...]:
    """What the definition states, and what there is to advise; kept, since an organization asks each time it is set up."""
    definition = process.definition
    bound = None
    with suppress(InvalidInput):  # it takes a procedure, and none is here
        bound = process.bind(procedure)
    if bound is None:
        clocks = {key: action.clocks for key, action in definition.actions.items()}
        return (*broken(definition, process.net, clocks, cap), *advise(definition, process.net, {}, {}, clocks))
    settled = {key: dict(plan.clocks) for key, plan in bound.plans.items()}
    limits = {name: limit for name, (limit, _) in bound.limits.items()}
    shares = {share.step: share.period for share in (procedure.definition.shares if procedure else ())}
    return (*broken(definition, bound.net, settled, cap), *advise(definition, bound.net, limits, shares, settled))


def _title(titles: Mapping[str, str], language: str, key: str) -> str:
    return titles.get(language) or titles.get("en") or key


def _tree(kind: str, source: str | Path) -> dict[str, Any]:
    if isinstance(source, Path) or source.endswith((".toml", ".json")) or "/" in source:
        return read_tree(source)
    return shipped(kind, source)


# Filling blanks


def _fill_blanks(definition: ProcessDefinition, procedure: Procedure | None) -> tuple[dict[str, str], list[Problem]]:
    given = dict(procedure.definition.blanks) if procedure else {}
    faults = []
    blanks = {}
    for name, blank in definition.blanks.items():
        value = given.pop(name, blank.default)
        if value is None:
            faults.append(Problem(f"blanks.{name}", f"the procedure must say one of {', '.join(blank.values)}"))
        elif value not in blank.values:
            faults.append(Problem(f"blanks.{name}", f"{value!r} is none of {', '.join(blank.values)}"))
        else:
            blanks[name] = value
    faults += [
        Problem(f"blanks.{name}", f"{definition.name} has no such blank; it has: {', '.join(definition.blanks) or 'none'}")
        for name in given
    ]
    return blanks, faults


def _fill_limits(
    definition: ProcessDefinition, procedure: Procedure | None
) -> tuple[dict[str, tuple[TimeLimit, str | None]], list[Problem]]:
    given: dict[str, Limit] = dict(procedure.definition.limits) if procedure else {}
    faults = []
    limits = {}
    for name, limit in definition.limits.items():
        filled = given.pop(name, None)
        if filled is not None and limit.from_ is None:
            faults.append(Problem(f"limits.{name}", "the process fixes this limit; a procedure cannot fill it"))
            continue
        period = limit.period or (filled.period if filled else None) or limit.default
        rule = (filled.rule if filled else None) or limit.rule or definition.rule
        if period is not None:
            limits[name] = (period, rule)
        elif name == definition.due:
            faults.append(Problem(f"limits.{name}", "the procedure must say this limit"))
    faults += [
        Problem(f"limits.{name}", f"{definition.name} has no such limit; it has: {', '.join(definition.limits) or 'none'}")
        for name in given
    ]
    return limits, faults


def _terms(definition: ProcessDefinition, procedure: Procedure | None) -> dict[str, Terms]:
    """The terms of each limit: what the procedure says of it, else what the process does."""
    given = procedure.definition.limits if procedure else {}
    found = {}
    for name, limit in definition.limits.items():
        told = given.get(name, limit)
        terms = Terms(
            told.pauses or limit.pauses,
            told.extensions or limit.extensions,
            told.longest or limit.longest,
            told.soon or limit.soon,
        )
        if terms != _FREE:
            found[name] = terms
    return found


_FREE = Terms()


def _plan(
    definition: ProcessDefinition,
    key: str,
    action: Action,
    blanks: Mapping[str, str],
    asked_for: frozenset[str],
    about: frozenset[str],
    binding: frozenset[str],
    quiet: bool,
) -> Plan:
    parts = frozenset(definition.parts)
    counted = action.at_most
    clocks = tuple(
        (clock, _settled(effect, blanks))
        for clock, effect in action.clocks.items()
        if set(_settled(effect, blanks).effects.values()) != {"none"}
    )
    roles = frozenset({SYSTEM}) if action.fired_by and not action.roles else frozenset(action.roles)
    watched = any(clock in binding and not _TERMED.isdisjoint(effect.effects.values()) for clock, effect in clocks)
    plain = not (action.from_ == NEW or action.fired_by or action.same_as or counted or watched or action.approvals > 1)
    plain = plain and not action.capacities and not action.evidence
    affects = key in asked_for or any(
        (action.sets, action.names, action.marks, action.outcome, action.at_most, action.reopens, action.unit)
    )
    return Plan(
        key=key,
        action=action,
        roles=roles - parts,
        parts=tuple(role for role in action.roles if role in parts),
        separate_actions=tuple(name for name in action.separate_from if name not in parts),
        separate_parts=tuple(name for name in action.separate_from if name in parts),
        same_actions=tuple(name for name in action.same_as if name not in parts),
        same_parts=tuple(name for name in action.same_as if name in parts),
        phase=frozenset(definition.phases[counted.phase]) if counted and counted.phase else frozenset(),
        clocks=clocks,
        opens=action.from_ == NEW,
        remembered=key in asked_for,
        affects=affects,
        subjects=about | {key},
        watched=watched,
        plain=plain,
        light=plain and quiet and not (action.form or clocks or affects or action.raises),
    )


_TERMED = frozenset({"start", "pause", "extend"})


def _subjects(definition: ProcessDefinition, procedure: Procedure | None) -> frozenset[str]:
    if procedure is None:
        return frozenset({definition.name})
    return frozenset({definition.name, procedure.code, *procedure.definition.field.values()})


def _asked_for(definition: ProcessDefinition) -> frozenset[str]:
    """The actions whose instant a clock effect asks for (``at = "action:..."``)."""
    asked = (effect.at for action in definition.actions.values() for effect in action.clocks.values())
    return frozenset(at.removeprefix("action:") for at in asked if at is not None and at.startswith("action:"))


def _settled(effect: ClockEffect, blanks: Mapping[str, str]) -> ClockEffect:
    if effect.by is None or not effect.by.startswith("procedure."):
        return effect
    value = blanks[effect.by.removeprefix("procedure.")]
    return evolve(effect, effects={"": effect.effects[value]}, by=None)


# The net


@functools.lru_cache(maxsize=256)
def _cached_net(steps: tuple[str, ...], closing: frozenset[str], moves: tuple[Move, ...]) -> Net:
    return Net(steps=steps, closing=closing, moves=moves)


def _net(definition: ProcessDefinition, blanks: Mapping[str, str]) -> Net:
    steps = tuple(definition.steps)
    closing = frozenset(name for name, step in definition.steps.items() if step.closes)
    moves = tuple(
        move for key, action in definition.actions.items() for move in _moves(definition, key, action, closing, blanks)
    )
    return _cached_net(steps, closing, moves)


def _moves(
    definition: ProcessDefinition, key: str, action: Action, closing: frozenset[str], blanks: Mapping[str, str]
) -> Iterator[Move]:
    alternatives = _spread(definition, action.from_any, tuple(s for s in definition.steps if s not in closing))
    targets = _targets(action, blanks)
    sources: list[tuple[tuple[str, ...], int]]
    if action.from_ == NEW:
        sources = [((), 0)]
    elif action.from_:
        sources = [((action.from_,), 1)]
    elif action.join:
        sources = [(action.join, action.need or len(action.join))]
    elif action.to is None:
        sources = [(alternatives, 1)]
    else:
        sources = [((step,), 1) for step in alternatives]
    for take, need in sources:
        for choice, to in targets:
            stays = {*(take if to is None else to), *action.adds}
            others = tuple(step for step in definition.steps if step not in stays)
            yield Move(
                action=key,
                name=action.name or key,
                choice=choice,
                opens=action.from_ == NEW,
                take=take,
                need=need,
                leaves=() if to is None else take,
                cancels=_spread(definition, action.cancels, others),
                to=to or (),
                adds=action.adds,
                fired_by=str(action.fired_by) if action.fired_by else None,
                guarded=bool(action.guards),
            )


def _targets(action: Action, blanks: Mapping[str, str]) -> list[tuple[tuple[str, str] | None, tuple[str, ...] | None]]:
    if not isinstance(action.to, Choice):
        return [(None, action.to)]
    name = action.to.by.removeprefix("procedure.")
    if action.to.by.startswith("procedure.") and name in blanks:
        return [(None, action.to.branches[blanks[name]])]
    return [((action.to.by, value), steps) for value, steps in action.to.branches.items()]


def _spread(definition: ProcessDefinition, names: tuple[str, ...], every: tuple[str, ...]) -> tuple[str, ...]:
    """*names* with ``*`` and phases replaced by their steps, each once."""
    found: dict[str, None] = {}
    for name in names:
        found.update(dict.fromkeys(every if name == "*" else definition.phases.get(name, (name,))))
    return tuple(found)
