"""The 23 workflow configurations of Indian municipalities: all load, their oddities are told, their cases run to an end."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from qms.exchange import bpmn, digit
from qms.exchange.imported import Imported
from qms.state import Case
from walks import EXPLAINED, walked

NAMES = [
    *("ASMT__1", "BPA_LOW__1", "BPA__1", "CONTRACT__1", "DisconnectWSConnection__1", "EDITRENEWAL__1"),
    *("EXPENSE.SUPERVISION__1", "EXPENSE.WAGES__1", "FSM_VEHICLE_TRIP__1", "FSM_VEHICLE_TRIP__2", "MB__1", "MR__1"),
    *("ModifySWConnection__1", "ModifySWConnection__2", "NewSW1__1", "NewSW1__2", "NewTL__1", "NewTL__2"),
    *("NewTL__3", "PGR__1", "PT.CREATEWITHWNS__1", "PT.CREATE__1", "PT.LEGACY__1"),
]


def told(folder: Path, name: str) -> dict[str, Any]:
    """The service as the file has it."""
    service: dict[str, Any] = json.loads((folder / "digit" / f"{name}.json").read_text(encoding="utf-8"))["BusinessService"]
    return service


def read(folder: Path, name: str) -> Imported:
    """The service as it is read."""
    (found,) = digit.load(folder / "digit" / f"{name}.json")
    return found


def test_the_list_is_the_folder(shared_data: Path) -> None:
    """No configuration is left out."""
    assert sorted(path.stem for path in (shared_data / "digit").glob("*.json")) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_state_and_action_is_read_and_the_process_is_sound(shared_data: Path, name: str) -> None:
    """States are steps; each (state, action, next state) of the file is a move of that name; the proof holds."""
    service, found = told(shared_data, name), read(shared_data, name)
    uuids = {state.get("uuid"): state["state"] for state in service["states"]}
    steps = {step.codes["digit-state"]: key for key, step in found.process.definition.steps.items()}
    expected = {
        (action["action"], steps.get(state["state"]), steps[uuids.get(action["nextState"], action["nextState"])])
        for state in service["states"]
        for action in state.get("actions") or []
    }
    moves = {
        (move.name, source, move.to[0] if move.to else source)
        for move in found.process.net.moves
        for source in move.take or (None,)
    }
    assert ({state["state"] for state in service["states"]} - {None}, expected) == (set(steps), moves)
    assert found.check().sound


def test_their_oddities_are_told(shared_data: Path) -> None:
    """12 have several start states, in 14 one name has several targets, in one a terminal state has actions, 3 have no limit.

    The states of one have limits that are together more than that of the service; in one a loop is under no limit.
    """
    codes = Counter()
    for name in NAMES:
        findings = read(shared_data, name).check().findings
        codes.update({finding.code for finding in findings})
        codes["no service limit"] += any(f.code == "missing-limit" and f.where.endswith("businessServiceSla") for f in findings)
    assert codes == {
        "several-starts": 12,
        "several-targets": 14,
        "terminal-with-actions": 1,
        "no service limit": 3,
        "missing-limit": 19,
        "elapsed-limit": 20,
        "left-out": 3,
        "steps-over-limit": 1,
        "unbounded-loop": 1,
    }


def run(folder: Path, name: str, walks: int) -> None:
    """Walk, and hold what is offered in each state against the file itself."""
    service, found = told(folder, name), read(folder, name)
    definition = found.process.definition
    by_state = {state["state"]: state.get("actions") or [] for state in service["states"]}
    role_of = {key: role.title["en"] for key, role in definition.roles.items()}

    def offered(case: Case, role: str) -> set[str]:
        (step,) = case.steps
        names = {a["action"] for a in by_state[definition.steps[step].codes["digit-state"]] if role_of[role] in a["roles"]}
        return {
            key
            for key, action in definition.actions.items()
            if action.name in names and step in (action.from_, *action.from_any) and role in action.roles
        }

    met = walked(found.process, walks, offered=offered)
    assert (walks, set()) == (met.closed, met.reasons - EXPLAINED)
    if walks >= 1_000:
        assert set(definition.actions) == met.actions


@pytest.mark.parametrize("name", NAMES)
def test_a_few_random_walks_come_to_a_closed_case(shared_data: Path, name: str) -> None:
    """What is offered is what the file offers, whoever asks; every denial says why; every case ends."""
    run(shared_data, name, 10)


@pytest.mark.slow
@pytest.mark.chaos
@pytest.mark.no_cover
@pytest.mark.parametrize("name", NAMES)
def test_many_random_walks_come_to_a_closed_case(shared_data: Path, name: str) -> None:
    """The same, a hundred times; `make chaos`: a thousand times, in which every action is done."""
    run(shared_data, name, 1_000 if "QMS_CHAOS_ROUNDS" in os.environ else 100)


@pytest.mark.parametrize("name", NAMES)
def test_a_configuration_is_written_as_bpmn_and_read_again(shared_data: Path, name: str) -> None:
    """BPMN can say them all, so the net is the same; and so are roles and names."""
    process = read(shared_data, name).process
    written = bpmn.dump(process)
    again = bpmn.loads(written.text).process
    assert (True, process.net) == (written.exact, again.net)
    assert [a.roles for a in process.definition.actions.values()] == [a.roles for a in again.definition.actions.values()]
