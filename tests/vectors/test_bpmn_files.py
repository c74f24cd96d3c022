"""BPMN models of other people's: reference models of the MIWG, models mined from logs. Each is read whole, or refused by element."""

from __future__ import annotations

import csv
import gzip
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from qms.errors import InvalidInput
from qms.exchange import bpmn
from qms.exchange.bpmnxml import MODEL
from qms.net import UNBORN, Net
from walks import EXPLAINED, walked

READ = {"A.1.0": 4, "A.2.0": 5, "pm4py_running-example": 9, "pm4py_ch7_CreditAppSimulation": 9, "pm4py_receipt": 68}
"""The files that are read, with the number of actions."""

REFUSED = {
    "A.3.0": "boundaryEvent subProcess",
    "A.4.1": "process subProcess",
    "B.1.0": "callActivity messageEventDefinition process subProcess terminateEventDefinition",
    "C.1.0": "eventBasedGateway intermediateCatchEvent messageEventDefinition process",
    "C.2.0": "boundaryEvent messageEventDefinition process subProcess",
    "C.4.0": "intermediateCatchEvent intermediateThrowEvent messageEventDefinition process signalEventDefinition "
    "standardLoopCharacteristics",
    "C.6.0": "boundaryEvent eventBasedGateway intermediateCatchEvent intermediateThrowEvent messageEventDefinition subProcess",
    "C.8.0": "boundaryEvent",
    "C.9.0": "boundaryEvent callActivity subProcess terminateEventDefinition",
    "pm4py_Subprocess3": "boundaryEvent subProcess terminateEventDefinition",
}
"""The files that are refused, with the elements that are named."""


def test_the_lists_are_the_folder(shared_data: Path) -> None:
    """No model is left out."""
    assert {path.stem for path in (shared_data / "bpmn").glob("*.bpmn")} == READ.keys() | REFUSED.keys()


@pytest.mark.parametrize("name", READ)
def test_a_model_is_read_whole_and_is_sound(shared_data: Path, name: str) -> None:
    """Every task of the file is an action of that name, and every case can end."""
    path = shared_data / "bpmn" / f"{name}.bpmn"
    found = bpmn.load(path)
    tasks = [" ".join(str(each.get("name")).split()) for each in ET.parse(path).iter(f"{{{MODEL}}}task")]
    actions = {action.name for action in found.process.definition.actions.values()}
    assert (set(tasks), READ[name]) == (actions & set(tasks), len(found.process.definition.actions))
    assert found.check().sound


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_read_is_named_all_at_once(shared_data: Path, name: str) -> None:
    """Each element that has another meaning, with its line; as many of them as the file has."""
    path = shared_data / "bpmn" / f"{name}.bpmn"
    with pytest.raises(InvalidInput) as caught:
        bpmn.load(path)
    named = Counter(match[1] for problem in caught.value.problems if (match := re.match(r"<(\w+)>", problem.message)))
    assert set(REFUSED[name].split()) == set(named)
    assert all(re.search(r"line \d+, <\w+>", problem.where) for problem in caught.value.problems)
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    for problem in caught.value.problems:
        line, element = re.search(r"line (\d+), <(\w+)>", problem.where).groups()
        assert element in lines[int(line) - 1]


def run(folder: Path, name: str, walks: int) -> None:
    """Walk the model in *folder* to the end of cases."""
    process = bpmn.load(folder / "bpmn" / f"{name}.bpmn").process
    met = walked(process, walks)
    assert (walks, set()) == (met.closed, met.reasons - EXPLAINED)
    if walks >= 1_000 and name != "pm4py_receipt":  # which has decisions that chance hardly comes to
        assert set(process.definition.actions) == met.actions


@pytest.mark.parametrize("name", READ)
def test_a_few_random_walks_come_to_a_closed_case(shared_data: Path, name: str) -> None:
    """What is offered can be done, what is denied is explained, every case ends."""
    run(shared_data, name, 10)


@pytest.mark.slow
@pytest.mark.chaos
@pytest.mark.no_cover
@pytest.mark.parametrize("name", READ)
def test_many_random_walks_come_to_a_closed_case(shared_data: Path, name: str) -> None:
    """The same, a hundred times; `make chaos`: a thousand times, in which every action is done."""
    run(shared_data, name, 1_000 if "QMS_CHAOS_ROUNDS" in os.environ else 100)


# The models that were mined from logs


class Followed:
    """Where cases of a net can be when a log shows *tasks* alone."""

    def __init__(self, net: Net, tasks: set[str]) -> None:
        self.net = net
        self.tasks = tasks
        self.known: dict[tuple[frozenset[int], str], frozenset[int]] = {}

    def after(self, markings: frozenset[int], task: str = "") -> frozenset[int]:
        """The markings after *task*, and after whatever no log sees."""
        if (markings, task) not in self.known:
            found = {after for at in markings for name, after in self.moves(at) if name == task} if task else set(markings)
            todo = list(found)
            while todo:
                unseen = {after for name, after in self.moves(todo.pop()) if not name} - found
                found |= unseen
                todo += unseen
            self.known[markings, task] = frozenset(found)
        return self.known[markings, task]

    def moves(self, marking: int) -> Iterator[tuple[str, int]]:
        """What can happen: tasks by the name they have in the log, '' what no log sees."""
        for move in self.net.enabled(marking):
            name = re.sub(r" \(\d+\)$", "", move.name)
            yield name if name in self.tasks else "", self.net.fire(marking, move)


@pytest.mark.parametrize(("name", "cases"), [("running-example", 6), ("receipt", 1_434)])
def test_a_mined_model_knows_every_case_of_its_log(shared_data: Path, name: str, cases: int) -> None:
    """The miner (inductive, without noise) promises that every case fits; so it does when gateways are gone."""
    net = bpmn.load(shared_data / "bpmn" / f"pm4py_{name}.bpmn").process.net
    traces: dict[str, tuple[str, ...]] = {}
    with gzip.open(shared_data / "logs" / f"{name}.csv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            case = row["case:concept:name"]
            traces[case] = (*traces.get(case, ()), row["concept:name"])
    tasks = {task for trace in traces.values() for task in trace}
    followed = Followed(net, tasks)
    begun = followed.after(frozenset(net.fire(UNBORN, move) for move in net.openings))
    fitting = 0
    for trace, times in Counter(traces.values()).items():
        markings = begun
        for task in trace:
            markings = followed.after(markings, task)
        fitting += times * any(map(net.is_final, markings))
    assert (cases, cases) == (len(traces), fitting)
