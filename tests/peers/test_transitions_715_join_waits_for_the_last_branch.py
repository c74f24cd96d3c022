"""pytransitions/transitions issue 715: the end of a parallel state is announced while one region is still open (0.9.3)."""

from __future__ import annotations

from itertools import permutations
from types import SimpleNamespace
from typing import Any

import pytest
from transitions.extensions import HierarchicalMachine

from nets import parallel
from qms.machine import lazy_machine, to_transitions
from qms.net import UNBORN


def _announced_when_the_last_region_ends_first():
    """What a nested machine of the installed version does: the states in which it calls the whole final."""
    told = []
    regions = [
        {
            "name": name,
            "initial": "open",
            "children": ["open", {"name": "done", "final": True}],
            "transitions": [[name, "open", "done"]],
        }
        for name in ("tax", "land")
    ]
    machine: Any = HierarchicalMachine(
        states=["draft", {"name": "par", "parallel": regions}], initial="par", auto_transitions=False
    )
    machine.on_final = lambda: told.append(list(machine.state))
    machine.land()
    machine.tax()
    return told


def test_the_defect_is_there_in_the_version_we_depend_on():
    """With the last region done first, the nested machine calls the whole final while the other region is open."""
    told = _announced_when_the_last_region_ends_first()
    if ["par_tax_open", "par_land_done"] not in told:
        pytest.skip("mended in the installed version of transitions; the tests below still hold")
    assert ["par_tax_open", "par_land_done"] in told


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_join_opens_with_the_last_branch_in_any_order(order):
    """Whatever order the branches finish in, the join is not possible before the last and is after it."""
    game, marking = parallel(3), UNBORN
    for action in ("open", "fork", *(f"do{i}-0" for i in order)):
        assert () == game.options(marking, "join")
        marking = game.fire(marking, *game.options(marking, action))
    assert game.is_final(game.fire(marking, *game.options(marking, "join")))


@pytest.mark.parametrize("make", [to_transitions, lazy_machine])
@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_our_machines_are_final_once_and_at_the_end(make, order):
    """On both machines no state before the join is final, and the state after it is."""
    machine, slot = make(parallel(3)), SimpleNamespace(state="new")
    finals = []
    for trigger in ("open", "fork", *(f"do{i}-0" for i in order), "join"):
        machine.events[trigger].trigger(slot)
        finals.append(machine.get_state(slot.state).final)
    assert [False] * 5 + [True] == finals
