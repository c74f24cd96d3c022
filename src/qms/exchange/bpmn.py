"""BPMN 2.0 read as processes; see `bpmnwrite` for the way back.

Rule 1: a task is an action, of any kind of task; where a case waits between tasks is a step. A start event opens a case, an end
        event closes it. A lane, or the potential owner of a task, is a role; where there is neither, anyone may.
Rule 2: what waits before an exclusive gateway may take any way out of it: a person decides by what they do next. Conditions are
        not evaluated; they stand in notes.
Rule 3: gateways go where that is exact (`bpmngame`). What remains is an action of its own, to be done by who decides: a choice
        that only ends the case, the end of branches side by side, a choice before a join.
Rule 4: one process is read, whole or not at all: what has another meaning is refused by element, all of it at once. What has
        none for the flow (data, remarks, the drawing) is left out, and told.

Read are tasks without loops and instances; none and timer starts; none ends; exclusive and parallel gateways; lanes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import define, field

from ..authority import SYSTEM
from ..errors import InvalidInput, Problem
from ..process import Process
from ..soundness import Finding
from .bpmngame import Game, Place, Transition
from .bpmnwrite import Written, dump
from .bpmnxml import Element, parse, read_bytes
from .imported import Imported, Keys, titled

__all__ = ["CODES", "Written", "dump", "load", "loads"]

CODES = ("timer-start", "several-ends", "implicit-end", "decision", "conditions", "same-name", "left-out")
"""Every code that a finding about a file can have."""

TASKS = frozenset(
    ("task", "userTask", "manualTask", "serviceTask", "scriptTask", "sendTask", "receiveTask", "businessRuleTask")
)
NODES = TASKS | {"startEvent", "endEvent", "exclusiveGateway", "parallelGateway"}
_WAITED = TASKS | {"endEvent", "exclusiveGateway"}
MOST_NODES = 2_000
JUDGED = 5_000
"""How many markings are searched for two tasks of one name that could be meant together."""
PARTICIPANT = "participant"

_PLAIN = frozenset(("documentation", "incoming", "outgoing"))
_OWNERS = frozenset(("potentialOwner", "humanPerformer", "performer", "resourceRole"))
_REMARKS = frozenset(("textAnnotation", "association", "group", "messageFlow", "messageFlowAssociation"))
_DATA = frozenset(
    [
        *(
            "ioSpecification",
            "property",
            "dataInputAssociation",
            "dataOutputAssociation",
            "dataInput",
            "dataOutput",
            "inputSet",
        ),
        *("outputSet", "dataObject", "dataObjectReference", "dataStoreReference", "monitoring", "auditing", "rendering"),
        *("script", "correlationSubscription"),
    ]
)
_DECLARED = frozenset(
    [
        *("import", "extension", "itemDefinition", "message", "error", "escalation", "signal", "dataStore", "category"),
        *("interface", "endPoint", "partnerEntity", "partnerRole", "relationship", "correlationProperty", "resource"),
        *("globalTask", "globalUserTask", "globalManualTask", "globalScriptTask", "globalBusinessRuleTask"),
        *("messageEventDefinition", "timerEventDefinition", "signalEventDefinition", "errorEventDefinition"),
        *("escalationEventDefinition", "conditionalEventDefinition"),
    ]
)


def load(path: str | Path) -> Imported:
    """The process in the BPMN file at *path*.

    Raises:
        InvalidInput: the file cannot be read, or holds what is not read here; every element, with its line.
    """
    return _read(read_bytes(path), str(path), Path(path).stem)


def loads(data: bytes | str, *, source: str = "") -> Imported:
    """The process in *data*; *source* stands before each place.

    Raises:
        InvalidInput: as `load`.
    """
    return _read(data, source, "process")


def _read(data: bytes | str, source: str, name: str) -> Imported:
    model = _Model(parse(data, source), source)
    if model.faults:
        before = f"{source}: " if source else ""
        raise InvalidInput([Problem(before + fault.where, fault.message) for fault in model.faults])
    return _made(model, name)


# What the file says


@define(eq=False)
class _Part:
    """A node or a flow: its element, its id, and what it is called."""

    element: Element

    @property
    def id(self) -> str:
        return self.element.get("id")

    @property
    def name(self) -> str:
        """What it is called: one line, '' where it has no name."""
        return " ".join(self.element.get("name").split())


@define(eq=False)
class _Node(_Part):
    """A task, event or gateway: its roles, and the flows in and out of it."""

    roles: tuple[str, ...] = ()
    into: list[_Flow] = field(factory=list, repr=False)
    out: list[_Flow] = field(factory=list, repr=False)

    @property
    def is_task(self) -> bool:
        return self.element.name in TASKS

    @property
    def ends_here(self) -> bool:
        """Whether a case ends for want of a way on; not at a step of ours, which `check` finds stuck."""
        return not self.out and self.element.name != "endEvent" and not (self.is_step and self.element.get("qms:key"))

    @property
    def is_step(self) -> bool:
        """Whether steps of ours are written so."""
        return self.element.name in ("exclusiveGateway", "endEvent")


@define(eq=False)
class _Flow(_Part):
    """A sequence flow between two nodes."""

    condition: str


class _Model:
    """The process of a file, and what cannot be read of it."""

    def __init__(self, root: Element, source: str) -> None:
        self.source = source
        self.faults: list[Problem] = []
        self.left: Counter[str] = Counter()
        self.nodes: dict[str, _Node] = {}
        self.flows: list[_Flow] = []
        self.roles: dict[str, Element] = {}
        self.resources = {element.get("id"): element for element in root.all("resource")}
        self.ids: set[str] = set()
        self.process = root
        for child in root.children:
            if child.name == "collaboration":
                self._collaboration(child)
            elif child.name not in {"process", *_DECLARED, *_PLAIN}:
                self._refuse(child)
        self._one_process([child for child in root.children if child.name == "process"])
        self._judge_flows()

    def _fault(self, element: Element, message: str) -> None:
        self.faults.append(Problem(element.where, message))

    def _refuse(self, element: Element, why: str = "is not read here") -> None:
        self._fault(element, f"<{element.name}> {why}")

    def _collaboration(self, element: Element) -> None:
        for child in element.children:
            if child.name == "participant":
                for part in child.all("participantMultiplicity"):
                    self._refuse(part)
            elif child.name in _REMARKS:
                self.left[child.name] += 1
            elif child.name not in _PLAIN:
                self._refuse(child)

    def _one_process(self, found: list[Element]) -> None:
        with_nodes = [each for each in found if any(child.name == "sequenceFlow" or child.get("id") for child in each.children)]
        if not with_nodes:
            self.faults.append(Problem("line 1, <definitions>", "there is no <process> with anything in it"))
        for other in with_nodes[1:]:
            self._refuse(other, f"is one of {len(with_nodes)} processes; one is read: keep each in a file of its own")
        for process in with_nodes:
            self._contents(process, keep=process is with_nodes[0])

    def _contents(self, process: Element, *, keep: bool) -> None:
        lanes: dict[str, Element] = {}
        for child in process.children:
            if child.name == "laneSet":
                self._lanes(child, lanes)
        for child in process.children:
            if child.name in NODES:
                self._node(child, lanes, keep=keep)
            elif child.name == "sequenceFlow":
                self._flow(child, keep=keep)
            elif child.name in _REMARKS or child.name in _DATA or child.name in _OWNERS:
                self.left[child.name] += 1
            elif child.name not in {"laneSet", "supports", *_PLAIN}:
                self.ids.add(child.get("id"))
                self._refuse(child)
        if keep:
            self.process = process

    def _lanes(self, element: Element, lanes: dict[str, Element]) -> None:
        """Which lane each node lies in; the innermost."""
        for lane in element.all("lane"):
            for reference in lane.all("flowNodeRef"):
                lanes[reference.text.strip()] = lane
            for inner in lane.all("childLaneSet"):
                self._lanes(inner, lanes)

    # Nodes

    def _node(self, element: Element, lanes: Mapping[str, Element], *, keep: bool) -> None:
        name = element.get("id")
        if not name or name in self.ids:
            self._fault(element, "has no id" if not name else "has an id that stands twice")
        self.ids.add(name)
        for child in element.children:
            self._part(element, child)
        if element.get("isForCompensation") in ("true", "1"):
            self._fault(element, "isForCompensation is not read here")
        for key in ("startQuantity", "completionQuantity"):
            if element.get(key) not in ("", "1"):
                self._fault(element, f"{key} of more than 1 is not read here")
        owners = [owner for child in element.children if child.name in _OWNERS if (owner := self._owner(child)) is not None]
        owners += [self.resources[role] for role in element.get("qms:roles").split() if role in self.resources]
        found = owners or ([lanes[name]] if name in lanes else [])
        for role in found:
            self.roles.setdefault(_identity(role), role)
        if keep and name:
            self.nodes.setdefault(name, _Node(element, tuple(dict.fromkeys(map(_identity, found)))))

    def _owner(self, element: Element) -> Element | None:
        """The resource that an owner refers to; None for one that an expression would find."""
        for reference in element.all("resourceRef"):
            return self.resources.get(reference.text.strip().rpartition(":")[2])
        self.left[element.name] += 1
        return None

    def _part(self, element: Element, child: Element) -> None:
        if child.name in _PLAIN or (child.name in _OWNERS and element.name in TASKS):
            return
        if child.name in _DATA or child.name in _OWNERS:
            self.left[child.name] += 1
        elif child.name != "timerEventDefinition" or element.name != "startEvent":
            self._refuse(child, f"in <{element.name}> is not read here")

    # Flows

    def _flow(self, element: Element, *, keep: bool) -> None:
        condition = next((" ".join(child.text.split()) or "(no text)" for child in element.all("conditionExpression")), "")
        for child in element.children:
            if child.name not in {"conditionExpression", *_PLAIN}:
                self._refuse(child)
        if keep:
            self.flows.append(_Flow(element, condition))

    def _judge_flows(self) -> None:
        if len(self.nodes) + len(self.flows) > MOST_NODES * 3:
            message = f"{len(self.nodes)} nodes and {len(self.flows)} flows are too many; this is no process of people"
            self.faults.append(Problem(self.process.where, message))
            return
        for flow in self.flows:
            ends = [flow.element.get(key) for key in ("sourceRef", "targetRef")]
            for key, end in zip(("sourceRef", "targetRef"), ends, strict=True):
                if end not in self.ids:
                    self._fault(flow.element, f"{key} {end!r} is no node of the process")
            if all(end in self.nodes for end in ends):
                self.nodes[ends[0]].out.append(flow)
                self.nodes[ends[1]].into.append(flow)
                source = self.nodes[ends[0]].element
                if flow.condition and source.name != "exclusiveGateway":
                    self._fault(flow.element, f"a condition on a flow out of <{source.name}>; put an exclusive gateway there")
        keys: set[str] = set()
        for node in self.nodes.values():
            self._judge_ends(node)
            key = node.element.get("qms:key") if node.is_step else ""
            if key in keys:
                self._fault(node.element, f"qms:key {key!r} stands twice; a step has one place")
            keys |= {key} - {""}
        if self.nodes and not any(node.element.name == "startEvent" for node in self.nodes.values()):
            self._fault(self.process, "there is no <startEvent>; a case could not begin")

    def _judge_ends(self, node: _Node) -> None:
        kind = node.element.name
        if kind == "startEvent" and node.into:
            self._fault(node.element, "a flow leads into a start")
        if kind == "endEvent" and node.out:
            self._fault(node.element, "a flow leads out of an end")
        ours = node.is_step and node.element.get("qms:key")  # `check` tells that no case can come to it
        if kind != "startEvent" and not node.into and not ours and not self.faults:
            self._fault(node.element, "no flow leads here; let one come from a start, or remove it")
        if kind == "startEvent" and not node.out and not self.faults:
            self._fault(node.element, "no flow leads on from here")


def _identity(role: Element) -> str:
    """What makes a lane and a resource the same role: our key, else the name."""
    return role.get("qms:key") or " ".join(role.get("name").split()) or role.get("id") or f"line {role.line}"


# The game


def _game(model: _Model) -> Game:
    """The token game of the process, with every gateway in it."""
    game = Game()
    into = {node.id: _entry(game, node) for node in model.nodes.values() if node.element.name in _WAITED}
    between = {flow.id or str(id(flow)): game.place() for flow in model.flows}
    for node in model.nodes.values():
        incoming = [between[flow.id or str(id(flow))] for flow in node.into]
        outgoing = [between[flow.id or str(id(flow))] for flow in node.out]
        if node.ends_here:
            outgoing = [game.place("ended", closing=True)]
        if node.element.name == "parallelGateway":
            game.silent(incoming, outgoing, node.id)
            continue
        for flow, place in zip(node.into, incoming, strict=True):  # a start has none
            game.silent([place], [into[node.id]], flow.id)
        if node.is_task:
            game.add(Transition(node.id, (into[node.id],), tuple(outgoing)))
        elif node.element.name == "startEvent":
            game.add(Transition(node.id, (), tuple(outgoing), opens=True))
        elif node.element.name == "exclusiveGateway":
            ways: list[tuple[str, ...]] = [(flow.id,) for flow in node.out] or [()] * node.ends_here
            for way, place in zip(ways, outgoing, strict=True):
                game.silent([into[node.id]], [place], node.id, *way)
    return game


def _entry(game: Game, node: _Node) -> int:
    """The place at which a token waits for *node*."""
    kind, key = node.element.name, node.element.get("qms:key")
    if kind == "endEvent":
        return game.place(node.name or "ended", key=key, closing=True)
    if kind == "exclusiveGateway":
        return game.place(node.name, key=key)
    return game.place()


# The definition


def _made(model: _Model, name: str) -> Imported:
    """The process; where two tasks of one name could be meant together, with a name for each; else with fewer copies."""
    tries = [(True, False), (True, True), (False, True)]
    for copies, apart in tries:
        game = _game(model)
        game.reduce(copies=copies)
        writer = _Writer(model, game, name, apart=apart)
        try:
            process = Process.from_tree(writer.tree())
        except InvalidInput as error:
            raise InvalidInput([Problem(f"{model.process.where}: {p.where}", p.message) for p in error.problems]) from error
        if writer.is_ours or not any(finding.code == "overlap" for finding in process.check(cap=JUDGED).findings):
            break
    return Imported(process, tuple(writer.findings()), model.source)


@define(eq=False)
class _Deed:
    """An action to be written: transitions of one node that differ in where they leave alone, or not at all."""

    key: str
    name: str
    label: str
    moves: list[Transition]
    roles: tuple[str, ...]
    note: str = ""


class _Writer:
    """The definition of a process from what is left of its game."""

    def __init__(self, model: _Model, game: Game, name: str, *, apart: bool) -> None:
        self.model = model
        self.game = game
        self.name = name
        self.apart = apart
        self.flows = {flow.id: flow for flow in model.flows}
        self.order = {place: n for n, place in enumerate(self._walk())}
        self.is_ours = any(place.key for place in game.places.values())
        self.steps = self._steps()
        self.roles = self._roles()
        self.deeds = list(self._deeds())

    def _walk(self) -> Iterator[int]:
        """The places in the order in which a case comes to them."""
        seen: dict[int, None] = {}
        todo = [place for move in self.game.transitions.values() if move.opens for place in move.post]
        for place in todo:
            if place not in seen:
                seen[place] = None
                for n in sorted(self.game.empties[place]):
                    todo += self.game.transitions[n].post
        yield from seen
        yield from (place for place in self.game.places if place not in seen)

    # Steps

    def _steps(self) -> dict[int, tuple[str, str]]:
        """The key and the title of each place."""
        keys = Keys("new", *(place.key for place in self.game.places.values() if place.key))
        found = {}
        for n in sorted(self.game.places, key=lambda n: self.game.places[n].rank if self.is_ours else self.order[n]):
            place = self.game.places[n]
            title = self._title(n, place)
            found[n] = (place.key or keys.give(title, "step"), title)
        return found

    def _title(self, n: int, place: Place) -> str:
        if place.names:
            return place.names[-1] if place.closing else " / ".join(dict.fromkeys(place.names))
        after = [self.game.transitions[m] for m in sorted(self.game.empties[n])]
        if any(len(move.pre) > 1 for move in after):
            before = dict.fromkeys(self._shown(self.game.transitions[m]) for m in sorted(self.game.fills[n]))
            return "After " + _or(list(before)) if before else "Waiting"
        return "Before " + _or(list(dict.fromkeys(self._shown(move) for move in after))) if after else "Stuck"

    def _shown(self, move: Transition) -> str:
        """The name of a transition for people."""
        if move.label:
            return self._called(self.model.nodes[move.label])
        flows = [self.flows[via] for via in move.via if via in self.flows]
        gateways = [self.model.nodes[via].name for via in move.via if via in self.model.nodes]
        closing = [self._title(place, self.game.places[place]) for place in move.post if self.game.places[place].closing]
        then = [self.game.transitions[n].label for place in move.post for n in sorted(self.game.empties[place])]
        onward = _or(list(dict.fromkeys(self._called(self.model.nodes[label]) for label in then if label)), "")
        names = (
            *(flow.name for flow in flows),
            *closing,
            *(flow.condition for flow in flows),
            onward and f"Go on to {onward}",
            *gateways,
        )
        return next((name for name in names if name), "Go on")

    def _called(self, node: _Node) -> str:
        return node.name or ("Start" if node.element.name == "startEvent" else node.id)

    # Roles

    def _roles(self) -> dict[str, tuple[str, str]]:
        keys = Keys(SYSTEM)
        found = {}
        for role, element in self.model.roles.items():
            name = element.get("name") or role
            found[role] = (keys.give(element.get("qms:key") or name, "role"), name)
        if any(not node.roles for node in self.model.nodes.values()):
            found[""] = (keys.give(PARTICIPANT), "Anyone")
        return found

    def _who(self, nodes: Iterable[str]) -> tuple[str, ...]:
        """The roles of the first of *nodes* that has any."""
        roles = next((self.model.nodes[n].roles for n in nodes if n in self.model.nodes and self.model.nodes[n].roles), ("",))
        if roles == ("",) and "" not in self.roles:
            return (next(iter(self.roles)),)
        return roles

    # Actions

    def _deeds(self) -> Iterator[_Deed]:
        keys, given = Keys(), set[str]()
        called: Counter[str] = Counter()
        names: dict[str, str] = {}
        for same in self._grouped():
            first = same[0]
            node = self.model.nodes.get(first.label)
            name = self._shown(first)
            if first.label not in names:
                called[name] += 1
                names[first.label or name] = f"{name} ({called[name]})" if self.apart and called[name] > 1 else name
            own = node.element.get("qms:key") if node else ""
            key = own if own and own not in given else keys.give(own or name, "action")
            given.add(key)
            yield _Deed(
                key, names[first.label or name], first.label, same, self._who((first.label, *first.via)), self._note(first)
            )

    def _grouped(self) -> list[list[Transition]]:
        """Transitions that one action can say: of one node, each from one step, to the same steps."""
        found: dict[tuple[Any, ...], list[Transition]] = {}
        for n, move in self._in_order():
            node = self.model.nodes.get(move.label)
            what = (node.element.get("qms:key") or move.label) if node else n
            if move.opens or len(move.pre) != 1:
                key: tuple[Any, ...] = (what, n)
            else:
                key = (what, "stays" if self.is_ours and move.pre == move.post else frozenset(move.post))
            found.setdefault(key, []).append(move)
        return list(found.values())

    def _in_order(self) -> list[tuple[int, Transition]]:
        nodes = {node: n for n, node in enumerate(self.model.nodes)}
        flows = {flow: n for n, flow in enumerate(self.flows)}

        def place(item: tuple[int, Transition]) -> tuple[int, int, int]:
            n, move = item
            if self.is_ours:
                return nodes.get(move.label, len(nodes)), min((flows[via] for via in move.via if via in flows), default=0), n
            return min((self.order[p] for p in move.pre), default=-1), not move.label, n

        return sorted(self.game.transitions.items(), key=place)

    def _note(self, move: Transition) -> str:
        """The conditions of the gateways that the move goes through."""
        told = []
        for via in move.via:
            flow = self.flows.get(via)
            if flow is not None and (flow.name or flow.condition):
                told.append(": ".join(text for text in (flow.name, flow.condition) if text))
        return "; ".join(dict.fromkeys(told))

    # The tree

    def tree(self) -> dict[str, Any]:
        """The table of the definition file."""
        process = self.model.process
        title = " ".join(process.get("name").split()) or self.name
        opens = next((deed.key for deed in self.deeds if deed.moves[0].opens), "")
        return {
            "name": process.get("qms:key") or Keys().give(title, "process"),
            "version": "1",
            "title": titled(title),
            "source": "BPMN 2.0" + (f", process {process.get('id')}" if process.get("id") else ""),
            "opens": opens,
            "roles": {key: {"title": titled(name)} for key, name in self.roles.values()},
            "steps": {self.steps[n][0]: self._step(n) for n in self.steps},
            "actions": {deed.key: self._action(deed) for deed in self.deeds},
        }

    def _step(self, n: int) -> dict[str, Any]:
        step: dict[str, Any] = {"title": titled(self.steps[n][1])}
        if self.game.places[n].closing:
            step["closes"] = True
        return step

    def _action(self, deed: _Deed) -> dict[str, Any]:
        first = deed.moves[0]
        node = self.model.nodes.get(deed.label)
        action: dict[str, Any] = {"title": titled(deed.name)}
        said = node.element.get("qms:name") if node else ""
        if said or node is None or not node.element.get("qms:key"):
            action["name"] = said or titled(deed.name)["en"]
        if first.opens:
            action["from"] = "new"
        elif len(first.pre) > 1:
            action["join"] = [self.steps[n][0] for n in first.pre]
        elif len(deed.moves) > 1:
            action["from_any"] = [self.steps[move.pre[0]][0] for move in deed.moves]
        else:
            action["from"] = self.steps[first.pre[0]][0]
        if any(move.pre != move.post for move in deed.moves):
            action["to"] = [self.steps[n][0] for n in first.post]
        action["roles"] = [self.roles[role][0] for role in deed.roles]
        if deed.note:
            action["note"] = deed.note[:1_000]
        return action

    # Findings

    def findings(self) -> Iterator[Finding]:
        """What a person should know about the reading."""
        model = self.model
        for node in model.nodes.values():
            for timer in node.element.all("timerEventDefinition"):
                told = " ".join(" ".join(child.text.split()) for child in timer.children).strip() or "without a time"
                message = f"begins by a timer ({told}); let your scheduler open the case"
                yield Finding("timer-start", message, node.element.where)
            if node.ends_here:
                yield Finding("implicit-end", "nothing follows, so that the case ends here", node.element.where)
        for deed in self.deeds:
            if not deed.label:
                message = f"{deed.name!r} is an action of its own: it moves the case on where no task does"
                where = next((model.nodes[via].element.where for via in deed.moves[0].via if via in model.nodes), "")
                yield Finding("decision", message, where or f"actions.{deed.key}")
        conditions = [flow for flow in model.flows if flow.condition]
        if conditions:
            message = f"{len(conditions)} conditions are not evaluated; a person decides, and the text stands in notes"
            yield Finding("conditions", message, conditions[0].element.where)
        names = Counter(self._called(node) for node in model.nodes.values() if node.is_task)
        for name, n in names.items():
            if n > 1:
                how = "told apart by a number" if self.apart else "which one is meant follows from where the case stands"
                yield Finding("same-name", f"{n} tasks are called {name!r}; {how}", model.process.where)
        for name, n in model.left.items():
            yield Finding("left-out", f"<{name}> ({n}) means nothing for the flow, and is left out", model.process.where)


def _or(names: list[str], otherwise: str = "the end") -> str:
    if len(names) > 2:
        return f"{names[0]} or {len(names) - 1} others"
    return " or ".join(names) or otherwise
