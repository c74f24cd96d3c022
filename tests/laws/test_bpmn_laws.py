"""Laws of BPMN: gateways go without a trace, whatever the diagram; what is written is read again; nothing crashes the reader."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from diagrams import Played, diagram
from qms.errors import InvalidInput
from qms.exchange import bpmn
from qms.net import UNBORN, Net
from qms.process import Process

MOST = 400
LONG = 6


class Tangle:
    """A diagram with one start and one end, well nested unless it is tampered with."""

    def __init__(self, random: Random, size: int) -> None:
        self.random = random
        self.flows: list[tuple[str, str]] = []
        self.numbers = {"t": 0, "x": 0, "p": 0}
        self.left = size
        first, last = self.block(0)
        self.flows += [("s", first), (last, "e")]

    def node(self, kind: str) -> str:
        """A new node."""
        self.numbers[kind] += 1
        return f"{kind}{self.numbers[kind]}"

    def block(self, depth: int) -> tuple[str, str]:
        """A part with one way in and one out: a task, a row, a choice, branches side by side, or a loop."""
        self.left -= 1
        kind = self.random.choice(["task", "row", "choice", "side", "loop"]) if self.left > 0 and depth < 3 else "task"
        if kind == "task":
            task = self.node("t")
            return task, task
        parts = [self.block(depth + 1) for _ in range(2)]
        if kind == "row":
            self.flows.append((parts[0][1], parts[1][0]))
            return parts[0][0], parts[1][1]
        if kind == "loop":
            begin, end = self.node("x"), self.node("x")
            (first, last), (again, back) = parts
            self.flows += [(begin, first), (last, end), (end, again), (back, begin)]
            return begin, end
        gate = "x" if kind == "choice" else "p"
        begin, end = self.node(gate), self.node(gate)
        for first, last in parts:
            self.flows += [(begin, first), (last, end)]
        if kind == "choice" and self.random.random() < 0.3:
            self.flows.append((begin, end))
        return begin, end

    def tampered(self, times: int) -> list[tuple[str, str]]:
        """The flows, with some of them led elsewhere."""
        flows = list(self.flows)
        for _ in range(times):
            n = self.random.randrange(len(flows))
            source, _ = flows[n]
            flows[n] = (source, self.random.choice(flows)[1])
        for _ in range(times // 2):
            flows.append((self.random.choice([f[0] for f in flows if f[0] != "s"]), self.random.choice(flows)[1]))
        return list(dict.fromkeys(flows))


def closed(start: Iterable[Any], moves: Callable[[Any], Iterable[tuple[str, Any]]]) -> frozenset[Any]:
    """All markings that silent moves lead to."""
    seen = set(start)
    todo = list(seen)
    while todo:
        for label, after in moves(todo.pop()):
            if not label and after not in seen and len(seen) < MOST:
                seen.add(after)
                todo.append(after)
    return frozenset(seen)


def played(net: Net, tasks: set[str]) -> tuple[Callable[[Any], Iterable[tuple[str, Any]]], Callable[[Any], bool]]:
    """The game on a net in which the names of *tasks* are seen and the others are not."""

    def moves(marking: int) -> Iterable[tuple[str, int]]:
        for move in net.enabled(marking):
            yield move.name if move.name in tasks else "", net.fire(marking, move)

    return moves, net.is_final


def reach(start: Iterable[Any], moves: Callable[[Any], Iterable[tuple[str, Any]]]) -> dict[Any, set[Any]] | None:
    """Every marking and where it leads; None where there are too many."""
    edges: dict[Any, set[Any]] = {}
    todo = list(start)
    while todo:
        at = todo.pop()
        if at in edges:
            continue
        edges[at] = {after for _, after in moves(at)}
        todo += edges[at]
        if len(edges) > MOST:
            return None
    return edges


def always_ends(edges: dict[Any, set[Any]], is_final: Callable[[Any], bool]) -> bool:
    """Whether a final marking can be reached from all."""
    before: dict[Any, set[Any]] = {at: set() for at in edges}
    for at, targets in edges.items():
        for target in targets:
            before[target].add(at)
    todo = [at for at in edges if is_final(at)]
    seen = set(todo)
    while todo:
        for at in before[todo.pop()] - seen:
            seen.add(at)
            todo.append(at)
    return len(seen) == len(edges)


@given(seed=st.integers(0, 2**32), size=st.integers(1, 9), tampering=st.sampled_from([0, 0, 1, 2, 3]))
def test_nobody_can_tell_that_gateways_are_gone(seed: int, size: int, tampering: int) -> None:
    """The same tasks in the same orders, the same ends, and the same verdict, as when the standard's game is played with every gateway."""
    flows = Tangle(Random(seed), size).tampered(tampering)
    try:
        found = bpmn.loads(diagram(flows))
    except InvalidInput:
        assume(False)
        return
    game = Played(flows)
    tasks = {node for flow in flows for node in flow if node[0] == "t"}
    ((_, begun),) = game.begin()
    edges = reach([begun], game.moves)
    assume(edges is not None)
    assert edges is not None
    unsafe = any(n > 1 for marking in edges for n in marking)
    improper = any(any(m[len(flows) :]) and not game.is_final(m) for m in edges)
    report = found.check()
    if unsafe or improper:
        assert not report.sound
        return
    moves, is_final = played(found.process.net, tasks)
    net = found.process.net
    ours = reach([net.fire(UNBORN, net.openings[0])], moves)
    assert ours is not None
    done = {label for marking in edges for label, _ in game.moves(marking)} - {""}
    ends = always_ends(edges, game.is_final)
    assert ends == always_ends(ours, is_final)
    assert report.sound == (ends and done == tasks)
    theirs, mine = closed([begun], game.moves), closed([net.fire(UNBORN, net.openings[0])], moves)
    todo, seen = [(theirs, mine, 0)], {(theirs, mine)}
    while todo:
        theirs, mine, depth = todo.pop()
        assert any(map(game.is_final, theirs)) == any(map(is_final, mine))
        now, here = (
            {label for at in group for label, _ in step(at) if label} for group, step in ((theirs, game.moves), (mine, moves))
        )
        assert now == here
        for label in sorted(now) if depth < LONG else ():
            pair = tuple(
                closed([after for at in group for name, after in step(at) if name == label], step)
                for group, step in ((theirs, game.moves), (mine, moves))
            )
            if pair not in seen and len(seen) < 100:
                seen.add(pair)
                todo.append((*pair, depth + 1))


@given(seed=st.integers(0, 2**32), size=st.integers(1, 12))
def test_a_well_nested_diagram_is_sound(seed: int, size: int) -> None:
    """Choices, branches and loops, one inside another, always end; what is read of them says so."""
    report = bpmn.loads(diagram(Tangle(Random(seed), size).flows)).check()
    assert report.sound, str(report)


@given(seed=st.integers(0, 2**32), size=st.integers(1, 10), tampering=st.sampled_from([0, 0, 2]))
def test_what_is_written_is_read_again(seed: int, size: int, tampering: int) -> None:
    """A process that BPMN can say has the same net after writing and reading, and the same names, titles and roles."""
    try:
        process = bpmn.loads(diagram(Tangle(Random(seed), size).tampered(tampering))).process
    except InvalidInput:
        assume(False)
        return
    written = bpmn.dump(process)
    if not written.exact:
        assert written.lost
        return
    again = bpmn.loads(written.text).process
    assert process.net == again.net
    assert {key: a.roles for key, a in process.definition.actions.items()} == {
        key: a.roles for key, a in again.definition.actions.items()
    }
    assert process.definition.steps == again.definition.steps
    assert bpmn.dump(again).text == written.text


BASE = diagram("s>x1 x1>t1 x1>p1 p1>t2 p1>u3 t2>p2 u3>p2 t1>x2 p2>x2 x2>e").encode()
PIECES = [b"<process", b"</process>", b"<task id='t1'/>", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&b;", b"<subProcess id='q'/>", b">", b"<",
          b"t1", b"x1", b"''", b"\xff", b"\x00", b"<laneSet><lane><flowNodeRef>t1</flowNodeRef></lane></laneSet>", b"xmlns='urn:other'"]  # fmt: skip


@given(data=st.data())
@settings(max_examples=200)
def test_a_damaged_file_is_read_or_refused(data: st.DataObject) -> None:
    """Whatever is cut out, put in or written over: a process or faults with places, never anything else."""
    text = bytearray(BASE)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text) - 1))
        end = data.draw(st.integers(at, min(len(text), at + 60)))
        text[at:end] = data.draw(st.sampled_from(PIECES) | st.binary(max_size=4))
    try:
        found = bpmn.loads(bytes(text), source="f.bpmn")
    except InvalidInput as error:
        assert error.problems
        assert all(problem.where.startswith("f.bpmn") for problem in error.problems), str(error)
        return
    assert isinstance(found.process, Process)
    found.check(cap=1_000)
    bpmn.dump(found.process)


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_what_is_no_bpmn_is_refused(data: bytes | str) -> None:
    """Bytes and texts of any kind."""
    with pytest.raises(InvalidInput):
        bpmn.loads(data)


STEPS = ["a", "b", "c", "d", "done"]


@st.composite
def definitions(draw: st.DrawFn) -> dict[str, Any]:
    """Small processes of any shape: alternatives, forks, joins, what stays, what cancels; most are not sound."""
    some = st.lists(st.sampled_from(STEPS), min_size=1, max_size=2, unique=True)
    actions: dict[str, Any] = {"begin": {"from": "new", "to": draw(some), "roles": draw(st.sampled_from([["x"], ["y", "x"]]))}}
    for n in range(draw(st.integers(1, 6))):
        action: dict[str, Any] = {"roles": draw(st.sampled_from([["x"], ["x", "y"]]))}
        action |= draw(
            some.map(lambda steps: {"from_any": steps} if len(steps) > 1 else {"from": steps[0]})
            | some.map(lambda s: {"join": s})
        )
        if draw(st.integers(0, 4)):
            action["to"] = draw(some)
        if not draw(st.integers(0, 9)):
            action["cancels"] = ["*"]
        if not draw(st.integers(0, 4)):
            action["name"] = draw(st.sampled_from(["Same", "Same <name>"]))
        actions[f"do-{n}"] = action
    steps: dict[str, Any] = {step: {} for step in STEPS} | {"done": {"closes": True}}
    return {"name": "any", "steps": steps, "actions": actions, "roles": {"x": {}, "y": {}}}


@given(tree=definitions())
@settings(max_examples=200)
def test_a_process_of_ours_is_the_same_net_or_told_not_to_be(tree: dict[str, Any]) -> None:
    """What is called exact is exact, steps, actions and roles; what is not is read all the same, with every step."""
    try:
        process = Process.from_tree(tree)
    except InvalidInput:
        assume(False)
        return
    written = bpmn.dump(process)
    again = bpmn.loads(written.text).process
    assert set(process.definition.steps) <= set(again.definition.steps)
    if written.exact:
        assert process.net == again.net
        assert {key: (a.roles, a.name) for key, a in process.definition.actions.items()} == {
            key: (a.roles, a.name) for key, a in again.definition.actions.items()
        }
