"""A play that goes somewhere comes everywhere: each marking of each shipped process is reached, by acts that are allowed."""

from __future__ import annotations

from importlib.resources import files
from tomllib import loads

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from qms.case import guard
from qms.net import explore
from qms.process import Procedure, Process
from qms.testing.stateful import process_machine

FILLED = {
    "one-stop": {
        "blanks": {"supplement-mode": "resume", "obligation": "pauses", "settle": "at-once", "extension": "once"},
        "limits": {"legal": {"period": "60 working days"}},
    },
}


def _permissive(name):
    """Every guard that a shipped definition names, as one that has nothing against anything: guards only forbid.

    But for the one that says what silence means: it tells two ends of one limit apart.
    """
    tree = loads((files("qms") / "definitions" / "processes" / f"{name}.toml").read_text(encoding="utf-8"))
    uses = [use for action in tree["actions"].values() for use in action.get("guards", [])]
    names = {use["name"] if isinstance(use, dict) else use for use in uses}
    return {each: guard(each, reads_form=False)(lambda attempt, **params: None) for each in names - {"silence-is"}}


def _procedure(name):
    filled = FILLED.get(name)
    return None if filled is None else Procedure.from_tree({"code": "1.1", "process": name, "title": {"en": "Any"}, **filled})


def _played(name, target, examples):
    """The markings that the same few plays towards *target* come through, whenever and wherever they are run."""
    machine = process_machine(Process.load(name), procedure=_procedure(name), guards=_permissive(name), towards=target)
    fixed = settings(
        max_examples=examples,
        stateful_step_count=10,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=fixed)
    return machine.reached


@pytest.mark.slow
@pytest.mark.no_cover
@pytest.mark.parametrize("name", ["errand", "nonconformity", "consultation", "result-correction", "one-stop"])
def test_every_marking_of_a_shipped_process_is_reached(name):
    """By people and clocks through an organization, with every law of a play checked on the way."""
    net = Process.load(name).bind(_procedure(name)).net
    missing = {net.names(marking) for marking in explore(net, 10_000).markings}
    for examples in (6, 20, 60, 120):
        for target in sorted(missing, key=sorted):
            if target in missing:
                missing -= _played(name, target, examples)
    assert set() == missing
