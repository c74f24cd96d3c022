"""Laws of the DIGIT reader: whatever the file, a process or faults with places."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from qms.errors import InvalidInput
from qms.exchange import digit
from qms.exchange.imported import Imported

NAMES = st.sampled_from(["A", "B", "C", "D D", "Ъ", "new", ""])
JUNK: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
LIMITS = st.none() | st.integers(1, 10**4).map(lambda n: n * 60_000)


def table(fields: dict[str, st.SearchStrategy[Any]], wild: bool) -> st.SearchStrategy[dict[str, Any]]:
    """Tables of these fields; wild ones lack some of them, or have anything in them."""
    if not wild:
        return st.fixed_dictionaries(fields)
    return st.fixed_dictionaries({}, optional={key: value | JUNK for key, value in fields.items()})


def services(wild: bool = False) -> st.SearchStrategy[dict[str, Any]]:
    """Services with states from a few names; many are not sound, and wild ones are hardly services."""
    roles = st.lists(st.sampled_from(["CLERK", "SYSTEM", "*"]), min_size=1, max_size=2)
    action = table({"action": st.sampled_from(["GO", "STOP", "BACK"]), "nextState": NAMES, "roles": roles}, wild)
    flags = {key: st.booleans() for key in ("isStartState", "isTerminateState", "isStateUpdatable", "docUploadRequired")}
    state = {"state": NAMES | st.none(), "sla": LIMITS, "actions": st.lists(action, max_size=3), **flags}
    states = st.lists(table(state, wild), max_size=5, unique_by=None if wild else lambda state: state["state"] or "")
    return table({"businessService": NAMES, "businessServiceSla": LIMITS, "states": states, "tenantId": NAMES}, wild)


def read(tree: Any) -> tuple[Imported, ...]:
    """The processes, or none where all faults have places."""
    try:
        return digit.loads(json.dumps(tree), source="f.json")
    except InvalidInput as error:
        assert error.problems
        assert all(problem.where.startswith("f.json") and problem.message for problem in error.problems), str(error)
        return ()


@given(
    JUNK
    | services(wild=True)
    | st.lists(services(wild=True), max_size=2)
    | services().map(lambda one: {"BusinessServices": [one]})
)
def test_a_file_is_read_or_refused(tree: Any) -> None:
    """Never anything else, and what is read can be judged."""
    for found in read(tree):
        found.check()


@given(st.text(max_size=50))
def test_what_is_no_json_is_refused(text: str) -> None:
    """Any text: a place stands in the fault."""
    try:
        digit.loads(text, source="f.json")
    except InvalidInput as error:
        assert all(str(problem).startswith("f.json") for problem in error.problems)


@given(services())
def test_every_way_of_the_file_is_a_way_of_the_process(service: dict[str, Any]) -> None:
    """(state, action, next state) of the file are the moves of the net, neither more nor fewer."""
    for found in read(service):
        step = {s.codes["digit-state"]: key for key, s in found.process.definition.steps.items()}
        told = {
            (action["action"], step.get(state["state"]), step[action["nextState"]])
            for state in service["states"]
            for action in state["actions"]
        }
        moves = {(move.name, at, (move.to or (at,))[0]) for move in found.process.net.moves for at in move.take or (None,)}
        assert told == {move for move in moves if move[0] != "open"}
