"""A process played by chance: a state machine that does what is possible, tries what is not, and lets time pass.

One rule draws from what somebody may do now. (A rule for each action starves: with parallel branches it reaches two thirds
of the markings that one drawing rule reaches.) Beside it: anybody tries anything, time passes, limits are swept.

After every step these laws are checked:
    an act leads where the net says; the case stands at a marking that the search of soundness knows
    what `explain` has nothing against and needs no form is done; what it has something against is denied
    a denial has reasons, and changes nothing
    the case is the fold of its history; the numbers of its events have no gap
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import attrs
import pendulum
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from qms.authority import Roster
from qms.calendar import WorkCalendar
from qms.case import Case, Guard
from qms.errors import Denied
from qms.event import Acted
from qms.limits import TimeLimit
from qms.net import Graph, explore
from qms.organization import Organization
from qms.process import Procedure, Process
from qms.records import FORMS
from qms.state import fold
from qms.stores.memory import MemoryStore

__all__ = ["forms", "process_machine"]

START = pendulum.datetime(2024, 3, 4, 8, tz="Asia/Ho_Chi_Minh")
PUBLIC = ("public-1", "public-2")
WORDS = ("giấy tờ", "thiếu chữ ký", "x")
PERIODS = ("3 days", "5 working days", "1 month")


def forms(cls: type[Any], *, people: Sequence[str] = PUBLIC, at: datetime = START) -> st.SearchStrategy[dict[str, Any]]:
    """Tables of fields for the form *cls*, from its types and checks: mostly good ones; what fields say together is chance.

    Texts may be names of *people*; instants lie within days of *at*.
    """
    needed: dict[str, st.SearchStrategy[Any]] = {}
    spare: dict[str, st.SearchStrategy[Any]] = {}
    for attribute in attrs.fields(cls):
        values = _field(attribute, people, at)
        (needed if attribute.default is attrs.NOTHING else spare)[attribute.name] = values
    return st.fixed_dictionaries(needed, optional=spare)


def _field(attribute: attrs.Attribute[Any], people: Sequence[str], at: datetime) -> st.SearchStrategy[Any]:
    words = getattr(attribute.validator, "values", ()) or getattr(attribute.validator, "options", ())
    if words:
        return st.sampled_from(sorted(words))
    kind = str(getattr(attribute.type, "__name__", attribute.type)).partition(" |")[0].rpartition(".")[2]
    if kind.startswith("tuple") or "..." in kind or kind.endswith("]"):
        return st.lists(st.sampled_from(WORDS), min_size=1, max_size=2, unique=True)
    days = st.integers(-2, 40).map(lambda n: at + timedelta(days=n))
    table: dict[str, st.SearchStrategy[Any]] = {
        "int": st.integers(1, 5),
        "bool": st.booleans(),
        "date": days.map(lambda moment: moment.date().isoformat()),
        "DateTime": days.map(lambda moment: moment.isoformat()),
        TimeLimit.__name__: st.sampled_from(PERIODS),
    }
    return table.get(kind, st.sampled_from([*WORDS, *people]))


class _Machine(RuleBasedStateMachine):
    """What `process_machine` configures; each example is a few cases of one process, one after another."""

    source: st.SearchStrategy[Process]
    procedures: Sequence[Procedure]
    calendars: Sequence[WorkCalendar]
    form_classes: Mapping[str, type]
    guards: Mapping[str, Guard]
    towards: frozenset[str] | None
    reached: set[frozenset[str]]
    done: set[str]

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = START
        self.id = ""
        self.opened = 0

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        """An organization whose roles are each held by two people, and one who holds all; no case yet."""
        self.process = data.draw(self.source)
        roles = sorted(self.process.definition.roles)
        self.people = [f"{role}-{n}" for role in roles for n in (1, 2)]
        table = {person: [person[:-2]] for person in self.people} | {"all": roles}
        self.actors = [*self.people, "all", *PUBLIC]
        self.organization = Organization(
            store=MemoryStore(),
            processes=[self.process],
            procedures=self.procedures,
            calendars=self.calendars,
            people=Roster(table),
            now=lambda: self.now,
            forms=self.form_classes,
            guards=self.guards,
            identify=lambda: f"case-{self.opened}",
        )
        bound = self.process.bind(self.procedures[0] if self.procedures else None)
        self.net = bound.net
        graph = explore(self.net, 200_000)
        self.markings = {self.net.names(marking) for marking in graph.markings}
        self.far = {} if self.towards is None else _distances(graph, self.net.mask(self.towards))

    @precondition(lambda self: not self.id or not self.organization.case(self.id).open)
    @rule(data=st.data())
    def open(self, data: st.DataObject) -> None:
        """Somebody opens a case by any opening action, the first or the next."""
        action = data.draw(st.sampled_from([move.action for move in self.net.openings]), label="action")
        actor = data.draw(st.one_of(st.just("all"), st.sampled_from(self.actors)), label="actor")
        procedure = self.procedures[0].code if self.procedures else None
        name = None if procedure else self.process.name
        form = self._form(data, action)
        case = _tried(lambda: self.organization.open(name, procedure, by=actor, action=action, form=form))
        if case is not None:
            self.id = case.id
            self.opened += 1
            self.done.add(action)

    @precondition(lambda self: self.id)
    @rule(data=st.data(), acts=st.integers(1, 8))
    def act(self, data: st.DataObject, acts: int) -> None:
        """People do what they may do, mostly what takes the case on."""
        for _ in range(acts):
            possible = [(action, actor) for actor in self.actors for action in self.organization.available(self.id, actor)]
            if not possible:
                return
            if self._waits():
                return
            pools = self._pools(sorted({action for action, _ in possible}))
            action = data.draw(st.sampled_from(data.draw(st.sampled_from(pools))), label="action")
            actor = data.draw(st.sampled_from([actor for each, actor in possible if each == action]), label="actor")
            self._attempt(data, action, actor)

    @precondition(lambda self: self.id)
    @rule(data=st.data())
    def attempt(self, data: st.DataObject) -> None:
        """Anybody tries anything."""
        action = data.draw(st.sampled_from(self.net.actions), label="action")
        self._attempt(data, action, data.draw(st.sampled_from(self.actors), label="actor"))

    @rule(hours=st.one_of(st.integers(0, 8), st.integers(0, 8), st.integers(9, 24 * 30)))
    def wait(self, hours: int) -> None:
        """Time passes."""
        self.now += timedelta(hours=hours)

    @precondition(lambda self: self.id)
    @rule()
    def sweep(self) -> None:
        """What has expired is recorded; the case stands as it stood."""
        before = self.organization.case(self.id)
        self.organization.sweep()
        assert before == self.organization.case(self.id)

    @invariant()
    def holds_together(self) -> None:
        """The case is the fold of its events, numbered without a gap, at a marking that soundness knows."""
        if not self.id:
            return
        events = self.organization.history(self.id)
        case = fold(events)
        assert case is not None
        assert case.seq == len(events)
        assert [e.seq for e in events] == list(range(1, len(events) + 1))
        assert case.steps in self.markings
        assert case.open is not self.net.is_final(self.net.mask(case.steps))
        self.reached.add(case.steps)

    def teardown(self) -> None:
        """The trail is consistent."""
        if self.id:
            assert self.organization.trail.verify().consistent

    def _attempt(self, data: st.DataObject, action: str, actor: str) -> None:
        before = self.organization.case(self.id)
        against = self.organization.explain(self.id, action, actor)
        form = self._form(data, action)
        marking = self.net.mask(before.steps)
        led = {self.net.names(self.net.fire(marking, move)) for move in self.net.options(marking, action)}
        after = _tried(lambda: self.organization.act(self.id, action, by=actor, form=form))
        if after is None:
            assert against or form is not None
            assert before == self.organization.case(self.id)
            return
        assert not against
        assert after.steps in led
        acts = [event for event in self.organization.history(self.id)[before.seq :] if isinstance(event, Acted)]
        assert (action, actor) in [(event.action, event.by) for event in acts]
        self.done.add(action)

    def _waits(self) -> bool:
        """Whether only a clock leads nearer to where the play goes."""
        marking = self.net.mask(self.organization.case(self.id).steps)
        here = self.far.get(marking, 0)
        moves = self.net.enabled(marking) if here else ()
        nearer = [move for move in moves if self.far.get(self.net.fire(marking, move), here) < here]
        return bool(nearer) and all(move.fired_by for move in nearer)

    def _pools(self, actions: list[str]) -> list[list[str]]:
        """*actions*, those that move the case, and (twice) those that move it without ending it; none of them empty."""
        marking = self.net.mask(self.organization.case(self.id).steps)
        led = {action: {self.net.fire(marking, move) for move in self.net.options(marking, action)} for action in actions}
        moving = [action for action in actions if led[action] != {marking}]
        onward = [action for action in moving if not any(map(self.net.is_final, led[action]))]
        here = self.far.get(marking, 0)
        nearer = [action for action in actions if here and any(self.far.get(m, here) < here for m in led[action])]
        return [pool for pool in (actions, moving, onward, onward, *[nearer] * 12) if pool]

    def _form(self, data: st.DataObject, action: str) -> dict[str, Any] | None:
        name = self.process.definition.actions[action].form
        if name is None:
            return None
        return data.draw(forms(self.form_classes[name], people=self.people, at=self.now), label="form")


def _tried(attempt: Callable[[], Case]) -> Case | None:
    """The case after *attempt*, None where it is denied, which must be for a reason."""
    try:
        return attempt()
    except Denied as error:
        denied = error
    assert denied.reasons
    return None


def _distances(graph: Graph, target: int) -> dict[int, int]:
    """How many moves each marking is away from *target*; those that cannot come there are left out."""
    before: dict[int, list[int]] = {}
    for marking, edges in zip(graph.markings, graph.edges, strict=True):
        for _, after in edges:
            before.setdefault(graph.markings[after], []).append(marking)
    far, waiting = {target: 0}, deque([target])
    while waiting:
        here = waiting.popleft()
        for marking in before.get(here, ()):
            if marking not in far:
                far[marking] = far[here] + 1
                waiting.append(marking)
    return far


def process_machine(
    process: Process | st.SearchStrategy[Process],
    *,
    procedure: Procedure | None = None,
    calendar: WorkCalendar | None = None,
    forms: Mapping[str, type] | None = None,
    guards: Mapping[str, Guard] | None = None,
    towards: frozenset[str] | None = None,
) -> type[_Machine]:
    """A hypothesis state machine that plays cases of *process* (or of drawn ones) through an `Organization` in memory.

    With *towards*, a marking, mostly what leads there on the shortest way is done.

    Run it with ``run_state_machine_as_test``, or name its ``TestCase`` in a module. Afterwards `reached` holds the
    markings and `done` the actions that were seen, for who wants to know how far chance came.
    """
    source = process if isinstance(process, st.SearchStrategy) else st.just(process)
    options = {
        "source": source,
        "procedures": [] if procedure is None else [procedure],
        "calendars": [calendar or WorkCalendar.load("VN")],
        "form_classes": {**FORMS, **(forms or {})},
        "guards": guards or {},
        "towards": towards,
        "reached": set(),
        "done": set(),
    }
    return type("ProcessMachine", (_Machine,), options)
