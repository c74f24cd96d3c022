"""The same decision by other state machines and workflow engines: a role, a duty apart and a fee, asked for one event.

Each peer does it as its own tutorial does, on a ring of two states, so that every event is one transition. None of them makes a
record of it, keeps the case as a value or tells why; `SpiffWorkflow` has no conditions on tasks, so its next task is run.
Before anything is timed, joins are compared: in every order of the branches a join opens with the last, ours and theirs.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from itertools import count, permutations
from typing import Any

from attrs import define
from sismic.interpreter import Interpreter
from sismic.io import import_from_yaml
from SpiffWorkflow import Workflow
from SpiffWorkflow.specs import Simple, WorkflowSpec
from statemachine import State, StateChart
from transitions import Machine
from transitions.extensions import HierarchicalMachine
from xstate_statemachine import MachineLogic, SyncInterpreter, create_machine

logging.getLogger("xstate_statemachine").setLevel(logging.ERROR)
ROLES = {"lan": {"clerk"}, "hoa": {"head"}}
DOERS = {"draft": {"lan"}}
FACTS = {"paid": True}
Work = Callable[[], Any]


def _may(actor: str) -> bool:
    return "head" in ROLES[actor] and actor not in DOERS["draft"] and FACTS["paid"]


# One decision


class _Chart(StateChart):
    signing = State(initial=True)
    signed = State()
    sign = signing.to(signed, cond=["has_role", "is_another", "is_paid"]) | signed.to(
        signing, cond=["has_role", "is_another", "is_paid"]
    )

    def has_role(self, actor):
        return "head" in ROLES[actor]

    def is_another(self, actor):
        return actor not in DOERS["draft"]

    def is_paid(self):
        return FACTS["paid"]


_GUARD = "'head' in roles[event.actor] and event.actor not in doers and paid"
_YAML = f"""
statechart:
  name: dossier
  preamble: |
    roles = {{'lan': {{'clerk'}}, 'hoa': {{'head'}}}}
    doers = {{'lan'}}
    paid = True
  root state:
    name: root
    initial: signing
    states:
      - {{name: signing, transitions: [{{target: signed, event: sign, guard: "{_GUARD}"}}]}}
      - {{name: signed, transitions: [{{target: signing, event: sign, guard: "{_GUARD}"}}]}}
"""


def _xstate() -> Any:
    ring = {"signing": "signed", "signed": "signing"}
    states = {a: {"on": {"sign": {"target": b, "guard": "may"}}} for a, b in ring.items()}
    logic = MachineLogic(guards={"may": lambda _, event: _may(event.payload["actor"])})
    return create_machine({"id": "dossier", "initial": "signing", "states": states}, logic=logic)


def _tasks(many: int) -> Any:
    spec = WorkflowSpec("dossier", addstart=True)
    last: Any = spec.start
    for n in range(many):
        task = Simple(spec, f"task-{n}")
        last.connect(task)
        last = task
    return spec


def decisions() -> dict[str, Work]:
    """For each peer, one event that is asked and allowed."""
    chart, xstate, sismic = _Chart(), SyncInterpreter(_xstate()).start(), Interpreter(import_from_yaml(_YAML))
    sismic.execute_once()

    def by_sismic() -> object:
        sismic.queue("sign", actor="hoa")
        return sismic.execute_once()

    spec = _tasks(200)
    running: list[Any] = [Workflow(spec)]

    def by_spiff() -> object:
        if not running[0].run_next():
            running[0] = Workflow(spec)
        return running[0]

    works: dict[str, Work] = {
        "xstate-statemachine": lambda: xstate.send("sign", actor="hoa"),
        "SpiffWorkflow, run a task": by_spiff,
        "sismic": by_sismic,
        "python-statemachine": lambda: chart.sign(actor="hoa"),
    }
    before = [str(chart.configuration), xstate.current_state_ids, list(sismic.configuration)]
    for work in works.values():
        work()
    after = [str(chart.configuration), xstate.current_state_ids, list(sismic.configuration)]
    assert all(a != b for a, b in zip(before, after, strict=True))
    return works


# Among branches


def among(branches: int) -> dict[str, Work]:
    """For each peer with parallel states, one event of one branch among *branches*."""
    regions = {f"r{k}": {"a": f"a{k}", "b": f"b{k}", "go": f"go{k}"} for k in range(branches)}
    nested = HierarchicalMachine(
        states=[{"name": "par", "parallel": [
            {"name": name, "initial": r["a"], "children": [r["a"], r["b"]],
             "transitions": [[r["go"], r["a"], r["b"]], [r["go"], r["b"], r["a"]]]} for name, r in regions.items()
        ]}],
        initial="par", auto_transitions=False,
    )  # fmt: skip
    states = {
        name: {"initial": r["a"], "states": {r["a"]: {"on": {r["go"]: r["b"]}}, r["b"]: {"on": {r["go"]: r["a"]}}}}
        for name, r in regions.items()
    }
    xstate = SyncInterpreter(create_machine({"id": "d", "type": "parallel", "states": states})).start()
    lines = [
        f"      - {{name: {name}, initial: {r['a']}, states: [{{name: {r['a']}, transitions: [{{target: {r['b']}, event: {r['go']}}}]}}, "
        f"{{name: {r['b']}, transitions: [{{target: {r['a']}, event: {r['go']}}}]}}]}}"
        for name, r in regions.items()
    ]
    head = "statechart:\n  name: d\n  root state:\n    name: root\n    parallel states:\n"
    sismic = Interpreter(import_from_yaml(head + "\n".join(lines)))
    sismic.execute_once()
    chart = _parallel(branches)()

    def by_sismic() -> object:
        sismic.queue("go0")
        return sismic.execute_once()

    return {
        "transitions, nested": lambda: nested.trigger("go0"),
        "xstate-statemachine": lambda: xstate.send("go0"),
        "sismic": by_sismic,
        "python-statemachine": lambda: chart.send("go0"),
    }


def _parallel(branches: int) -> type[StateChart]:
    body = {}
    for k in range(branches):
        a, b = State(initial=True, name=f"a{k}"), State(name=f"b{k}")
        body[f"r{k}"] = type(f"r{k}", (State.Compound,), {f"a{k}": a, f"b{k}": b, f"go{k}": a.to(b) | b.to(a)})
    return type("Parallel", (StateChart,), {"par": type("par", (State.Parallel,), body)})


def joins_agree(branches: int = 4) -> int:
    """In every order of *branches*, python-statemachine is done with its parallel state when our join opens; how many orders."""
    from qms.net import UNBORN, Move, Net

    body = {}
    for k in range(branches):
        a, b = State(initial=True, name=f"a{k}"), State(final=True, name=f"b{k}")
        body[f"r{k}"] = type(f"r{k}", (State.Compound,), {f"a{k}": a, f"b{k}": b, f"go{k}": a.to(b)})
    par, end = type("par", (State.Parallel,), body), State(final=True)
    chart = type("Joined", (StateChart,), {"par": par, "end": end, "done_state_par": par.to(end)})
    starts, ends = [f"a{k}" for k in range(branches)], [f"b{k}" for k in range(branches)]
    moves = [Move(action="open", name="open", opens=True, to=tuple(starts))]
    moves += [
        Move(action=f"go{k}", name=f"go{k}", take=(f"a{k}",), need=1, leaves=(f"a{k}",), to=(f"b{k}",)) for k in range(branches)
    ]
    moves += [Move(action="join", name="join", take=tuple(ends), need=branches, leaves=tuple(ends), to=("end",))]
    net = Net([*starts, *ends, "end"], ["end"], moves)
    orders = list(permutations(range(branches)))
    for order in orders:
        theirs, marking = chart(), net.fire(UNBORN, net.openings[0])
        for k in order:
            assert not net.options(marking, "join")
            assert not theirs.end.is_active
            (move,) = net.options(marking, f"go{k}")
            marking = net.fire(marking, move)
            theirs.send(f"go{k}")
        assert net.options(marking, "join")
        assert theirs.end.is_active
    return len(orders)


# Many at once


@define(slots=False, eq=False)
class _Model:
    name: int


def makers() -> dict[str, tuple[Callable[[], Any], int]]:
    """For each peer, what makes one live instance, and how many are made to measure it."""
    shared = Machine(None, states=["signing", "signed"], initial="signing", auto_transitions=False)
    shared.add_transition("sign", ["signing", "signed"], "signed")
    numbers, xstate, chart, spec = count(), _xstate(), import_from_yaml(_YAML), _tasks(4)

    def add_model() -> _Model:
        model = _Model(next(numbers))
        shared.add_model(model)
        return model

    return {
        "transitions, one machine, add_model": (add_model, 2_000),
        "sismic": (lambda: Interpreter(chart), 500),
        "xstate-statemachine": (lambda: SyncInterpreter(xstate).start(), 500),
        "SpiffWorkflow": (lambda: Workflow(spec), 500),
        "python-statemachine": (_Chart, 200),
    }
