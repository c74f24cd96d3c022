"""A net as a `transitions.Machine`, eager or filled on demand, and as a Mermaid diagram.

Rule 1: a state is a marking, named by its sorted step names joined with ``+``; the case before it is opened is ``new``.
Rule 2: a trigger is an action; each branch of a chosen ``to`` is a trigger of its own, ``action[value]``: ``sign[refused]``.
So no trigger needs a condition, and what the machine allows is what the net allows.
Rule 3: no ``auto_transitions`` (they lead from any state to any other), no queue, no nesting: joins of nested machines in
``transitions`` 0.9.3 are wrong (T#715), so the states here are flat and the joins are the net's.

Only this file imports `transitions`. The kernel decides by the net itself; machines are for who wants one, and for the
law that both agree on every reachable marking and every action.
"""

from __future__ import annotations

import re
import warnings
from collections import OrderedDict, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from .errors import InvalidInput
from .net import UNBORN, Move, Net, explore

with warnings.catch_warnings():  # importing it turns on a warning filter for the whole program
    from transitions import Event, Machine, State, Transition

__all__ = ["LARGEST", "LazyMachine", "lazy_machine", "mermaid", "quoted", "state_name", "to_transitions", "trigger_name"]

LARGEST = 5_000
"""The most markings that are built eagerly; beyond, use `lazy_machine`."""

LOOKS = {"passed": "fill:#dcefdc,stroke:#2e7d32", "current": "fill:#fff3c4,stroke:#b26a00,stroke-width:3px"}
"""How the steps that a case has passed, and those where it stands, are drawn."""

NEW = "new"
NOWHERE = "nowhere"


def state_name(net: Net, marking: int) -> str:
    """How the state of *marking* is named: ``new``, or its steps, sorted and joined with ``+``."""
    return "+".join(sorted(net.names(marking))) if marking else NEW


def trigger_name(move: Move) -> str:
    """How the trigger of *move* is named: its action, and the value in brackets where a choice decides."""
    return f"{move.action}[{move.choice[1]}]" if move.choice else move.action


def to_transitions(net: Net, model: Any = None, *, model_attribute: str = "state") -> Machine:
    """The stock machine of *net*: every reachable marking a state, initial ``new``, final markings final.

    With *model*, an object of yours, the machine decorates it as stock machines do: ``model.accept()``, ``model.state``,
    ``model.trigger("sign[ok]")``. Nothing but the net is enforced: no role, no guard, no clock.

    Raises:
        InvalidInput: more than 5,000 reachable markings, or an action named like *model_attribute*.
    """
    graph = explore(net, LARGEST)
    if not graph.complete:
        raise InvalidInput(f"more than {LARGEST} markings are too many for a stock machine; use qms.machine.lazy_machine(net)")
    if model_attribute in net.actions:
        raise InvalidInput(
            f"an action is called {model_attribute!r} like the attribute of the model; give model_attribute= another name"
        )
    names = [state_name(net, marking) if marking else NOWHERE for marking in graph.markings]
    states = [State(NEW), *(State(name, final=net.is_final(m)) for name, m in zip(names, graph.markings, strict=True))]
    table = [(move, NEW, names[target]) for move, target in graph.openings]
    table += [(move, names[at], names[target]) for at, edges in enumerate(graph.edges) for move, target in edges]
    order = {move: i for i, move in enumerate(net.moves)}
    table.sort(key=lambda row: order[row[0]])  # where several are enabled, the first of the definition is taken, as by options
    machine = Machine(None, states=states, initial=NEW, auto_transitions=False, model_attribute=model_attribute)
    for trigger in dict.fromkeys(map(trigger_name, net.moves)):
        machine.events[trigger] = Event(trigger, machine)
    for move, source, target in table:
        machine.add_transition(trigger_name(move), source, None if move.moves_nothing else target)
    if model is not None:
        machine.add_model(model)
    return machine


class _Sources(defaultdict[str, list[Transition]]):
    """The transitions of one trigger by source state, asked of the net when first looked for."""

    def __init__(self, net: Net, moves: tuple[Move, ...]) -> None:
        super().__init__(list)
        self._net = net
        self._moves = moves

    def __missing__(self, state: str) -> list[Transition]:
        net, marking = self._net, _marking(self._net, state)
        found = [
            Transition(state, _arrival(net, marking, move))  # type: ignore[arg-type]  # the stub forbids None, the code takes it
            for move in self._moves
            if marking is not None and net.is_enabled(marking, move)
        ]
        self[state] = found
        return found

    def __contains__(self, state: object) -> bool:
        return bool(self[str(state)])


class _States(OrderedDict[str, State]):
    """The states by name, made when first looked for: any set of steps of the net has one."""

    def __init__(self, net: Net) -> None:
        super().__init__()
        self._net = net

    def __missing__(self, name: str) -> State:
        marking = _marking(self._net, name)
        if marking is None and name != NOWHERE:
            raise KeyError(name)
        state = State(name, final=marking is not None and self._net.is_final(marking))
        self[name] = state
        return state

    def __contains__(self, name: object) -> bool:
        try:
            self[str(name)]
        except KeyError:
            return False
        return True


class _NetEvent(Event):
    """A trigger whose transitions come from the net of its machine."""

    def __init__(self, name: str, machine: LazyMachine) -> None:
        super().__init__(name, machine)
        self.transitions = _Sources(machine.net, tuple(move for move in machine.net.moves if trigger_name(move) == name))


class LazyMachine(Machine):
    """A genuine `transitions.Machine` whose states and transitions appear as they are visited.

    It costs what is visited, not the product of the branches. One serves all cases of a net: it has no models; trigger
    on any object with a ``state``::

        slot = SimpleNamespace(state="new")
        lazy_machine(net).events["submit"].trigger(slot)
    """

    event_cls = _NetEvent

    def __init__(self, net: Net) -> None:
        self.net = net
        super().__init__(None, initial=None, auto_transitions=False)
        self.states = _States(net)
        self.initial = NEW
        for trigger in dict.fromkeys(map(trigger_name, net.moves)):
            self.events[trigger] = self._create_event(trigger, self)

    def add_model(self, model: Any, initial: Any = None) -> None:
        """Refused: a model is decorated with every state, and here they are not known in advance.

        Raises:
            InvalidInput: always; trigger on any object with a ``state``, or use `to_transitions`.
        """
        raise InvalidInput(
            "a lazy machine takes no models; trigger on an object with a state, or use to_transitions(net, model)"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return lazy_machine, (self.net,)


@lru_cache(maxsize=64)
def lazy_machine(net: Net) -> LazyMachine:
    """The lazy machine of *net*; the same one for an equal net."""
    return LazyMachine(net)


def _marking(net: Net, state: str) -> int | None:
    """The marking that *state* names, None where it names none in its one spelling."""
    if state == NEW:
        return UNBORN
    names = state.split("+")
    if names != sorted(set(names)) or not net.bits.keys() >= set(names):
        return None
    return net.mask(frozenset(names))


def _arrival(net: Net, marking: int, move: Move) -> str | None:
    """Where *move* leads from *marking*; None for an internal transition, which moves nothing."""
    if move.moves_nothing:
        return None
    after = net.fire(marking, move)
    return state_name(net, after) if after else NOWHERE


def mermaid(
    net: Net,
    *,
    titles: Mapping[str, str] = MappingProxyType({}),
    notes: Mapping[str, str] = MappingProxyType({}),
    closing: Iterable[str] | None = None,
    done: Collection[str] = (),
    passed: Collection[str] = (),
    current: Collection[str] = (),
) -> str:
    """*net* as Mermaid text (``stateDiagram-v2``), forks, joins and choices drawn as such.

    *titles* names steps, actions and branches for people, looked up as ``steps.x`` or ``actions.x``, then as the bare key;
    a branch is ``form.result=ok``, then ``ok``. *notes* stand beside steps. Steps of *closing* (those of the net, where
    none are given) lead to the end mark. What moves nothing is written inside its steps, after a dot. Any text is safe in
    a title. Marks that need no language: ``2/3`` two of three branches are enough, ``✕`` what is cancelled (``✕ *`` all
    else), ``⏱`` done by that clock, ``+`` put beside, while the step the arrow comes from stays marked. The path of a case is
    marked by the actions *done* on it (``✓``), the steps it has *passed* and those where it stands now (*current*).
    """
    lines = _Drawing(net, titles, done).lines(notes, net.closing if closing is None else closing)
    return "\n".join([*lines, *_classes(net, passed, current)]) + "\n"


def _ids(net: Net) -> dict[str, str]:
    """A name for each step that Mermaid can read, no two the same."""
    ids: dict[str, str] = {}
    for step in net.steps:
        plain = "s_" + re.sub(r"\W", "_", step, flags=re.ASCII)
        ids[step] = plain if plain not in ids.values() else f"{plain}_{len(ids)}"
    return ids


def _classes(net: Net, passed: Collection[str], current: Collection[str]) -> Iterator[str]:
    """What marks the path of a case: a class for the steps it has passed, one for those where it stands."""
    ids = _ids(net)
    for name, steps in (("passed", passed), ("current", current)):
        if found := [ids[step] for step in net.steps if step in steps]:
            yield f"    classDef {name} {LOOKS[name]}"
            yield f"    class {','.join(found)} {name}"


class _Drawing:
    """One diagram in the making: what each thing is called in it, and the nodes that forks, joins and choices need."""

    def __init__(self, net: Net, titles: Mapping[str, str], done: Collection[str]) -> None:
        self.net = net
        self.titles = titles
        self.done = done
        self.ids = _ids(net)
        self.inside: list[str] = []
        self.nodes: list[str] = []
        self.arrows: list[str] = []

    def lines(self, notes: Mapping[str, str], closing: Iterable[str]) -> list[str]:
        """The lines of the diagram: states, nodes, arrows, notes."""
        for action in self.net.actions:
            self._draw(action)
        ends = set(closing)
        lines = ["stateDiagram-v2"]
        lines += [f'    state "{quoted(self._title("steps", step))}" as {name}' for step, name in self.ids.items()]
        lines += self.inside + self.nodes + self.arrows
        lines += [f"    {name} --> [*]" for step, name in self.ids.items() if step in ends]
        lines += [f"    note right of {self.ids[step]} : {quoted(text)}" for step, text in notes.items() if step in self.ids]
        return lines

    def _draw(self, action: str) -> None:
        """All moves of *action*; alternatives that go to the same places share their nodes."""
        by_source: dict[tuple[str, ...], list[Move]] = {}
        for move in self.net.moves_of(action):
            by_source.setdefault(move.take, []).append(move)
        shared: dict[tuple[object, ...], str] = {}
        for first, *others in by_source.values():
            branches = [self._branch(move) for move in (first, *others)]
            label = self._label(first)
            if not others:
                label = " ".join(filter(None, (label, branches.pop()[0])))
                branches = [("", self._targets(first))]
            if not (first.leaves or first.opens or first.adds):
                self.inside += [f"    {self.ids[step]} : · {quoted(label)}" for step in first.take]
                continue
            same = (first.opens, bool(first.leaves), *branches)
            for source in self._sources(first):
                if same in shared:
                    self._arrow(source, shared[same], label)
                else:
                    shared[same] = self._fan(source, label, branches)

    def _sources(self, move: Move) -> tuple[str, ...]:
        """Where the arrows of *move* begin: alternatives one by one, joined steps in one node."""
        names = tuple(self.ids[step] for step in move.take)
        if move.opens:
            return ("[*]",)
        if len(names) == 1 or (not move.leaves and move.need == 1):
            return names
        node = self._node("join")
        for name in names:
            self._arrow(name, node)
        return (node,)

    def _branch(self, move: Move) -> tuple[str, tuple[str, ...]]:
        """What stands on the arrow of one branch, and where it goes."""
        value = ""
        if move.choice is not None:
            value = self.titles.get("=".join(move.choice), self.titles.get(move.choice[1], move.choice[1]))
        return (value + self._mark(move)).strip(), self._targets(move)

    def _targets(self, move: Move) -> tuple[str, ...]:
        return tuple(self.ids[step] for step in move.to + move.adds)

    def _mark(self, move: Move) -> str:
        if not move.cancels:
            return ""
        rest = set(self.net.steps) - set(move.take) - set(move.to) - set(move.adds)
        if rest <= set(move.cancels):
            return " ✕ *"
        return "".join(f" ✕ {self._title('steps', step)}" for step in move.cancels)

    def _label(self, move: Move) -> str:
        label = ("✓ " if move.action in self.done else "") + self._title("actions", move.action)
        if move.leaves and move.need < len(move.take):
            label += f" {move.need}/{len(move.take)}"
        if move.adds:
            label += " +"
        return label + (f" ⏱ {move.fired_by}" if move.fired_by else "")

    def _fan(self, source: str, label: str, branches: list[tuple[str, tuple[str, ...]]]) -> str:
        """Arrows from *source* through a choice and forks, where needed; answers the node that comes after *source*."""
        if len(branches) == 1:
            return self._split(source, label, branches[0][1])
        node = self._node("choice")
        self._arrow(source, node, label)
        merged: dict[tuple[str, ...], list[str]] = {}
        for value, targets in branches:
            merged.setdefault(targets, []).append(value)
        for targets, values in merged.items():
            self._split(node, " / ".join(values), targets)
        return node

    def _split(self, source: str, label: str, targets: tuple[str, ...]) -> str:
        after = targets[0] if len(targets) == 1 else self._node("fork") if targets else "[*]"
        self._arrow(source, after, label)
        if len(targets) > 1:
            for target in targets:
                self._arrow(after, target)
        return after

    def _node(self, kind: str) -> str:
        name = f"{kind}_{len(self.nodes) + 1}"
        self.nodes.append(f"    state {name} <<{kind}>>")
        return name

    def _arrow(self, source: str, target: str, label: str = "") -> None:
        self.arrows.append(f"    {source} --> {target}" + (f" : {quoted(label)}" if label else ""))

    def _title(self, kind: str, key: str) -> str:
        return self.titles.get(f"{kind}.{key}", self.titles.get(key, key))


_SPECIAL = re.compile(r"""["'`#;:<>{}\[\]%\\&*]""")


def quoted(text: str) -> str:
    """*text* on one line, with what Mermaid reads as syntax as numbered entities (``#34;``)."""
    plain = _SPECIAL.sub(lambda found: f"#{ord(found[0])};", " ".join(text.split()))
    return re.sub(r"(?i)d(?=irection\s+(?:tb|bt|rl|lr))", "#100;", plain) or " "
