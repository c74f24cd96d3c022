"""pytransitions/transitions issues 507 and 508: there is no join; a list of sources is an OR, which leaves with one branch done."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from transitions import MachineError
from transitions.extensions import HierarchicalMachine

from nets import go, net, opens, parallel
from qms.machine import lazy_machine, to_transitions
from qms.soundness import check


def test_a_list_of_sources_is_an_or_in_a_nested_machine():
    """The stock nested machine leaves the parallel state although one region is not done."""
    regions = [
        {"name": name, "initial": "open", "children": ["open", "done"], "transitions": [[name, "open", "done"]]}
        for name in ("tax", "land")
    ]
    machine = HierarchicalMachine(states=[{"name": "par", "parallel": regions}, "end"], initial="par", auto_transitions=False)
    machine.add_transition("finish", ["par_tax_done", "par_land_done"], "end")
    machine.tax()
    machine.finish()
    assert "open" not in str(machine.state)


@pytest.mark.parametrize("make", [to_transitions, lazy_machine])
def test_a_join_refuses_while_a_branch_is_open(make):
    """Ours: with one branch done the join is not a trigger of the state, and triggering it is an error."""
    machine, slot = make(parallel(2)), SimpleNamespace(state="new")
    for trigger in ("open", "fork", "do0-0"):
        machine.events[trigger].trigger(slot)
    assert "join" not in machine.get_triggers(slot.state)
    with pytest.raises(MachineError, match="Can't trigger event join"):
        machine.events["join"].trigger(slot)


def test_leaving_with_one_branch_done_is_a_finding():
    """Who writes an OR where a join is meant is told: two tokens are left to their own, and where."""
    game = net("b c d", opens("open", "b", "c"), go("finish", "b", "d"), go("finish", "c", "d"), go("end", "d", "closed"))
    told = {(found.code, found.where) for found in check(game).findings}
    assert {("unsafe", "actions.finish"), ("overlap", "actions.finish"), ("not-cancelled", "actions.end")} <= told
