"""python-statemachine 3.2 lists the internal event `done_state_par` among the events a user may send.

Ours: a join is an action that somebody does; nothing internal is ever an option. The library need not be installed: this is
a fact about our nets.
"""

from __future__ import annotations

import pytest

from nets import parallel
from qms.machine import lazy_machine, to_transitions
from qms.net import UNBORN, explore


@pytest.mark.parametrize(("branches", "need"), [(2, 0), (3, 2), (4, 0)])
def test_what_can_be_done_is_always_an_action_of_the_definition(branches, need):
    """At every reachable marking each enabled move, and each trigger of either machine, is an action that was written down."""
    game = parallel(branches, need=need)
    written = {"open", "fork", "join", *(f"do{i}-0" for i in range(branches))}
    offered = {move.action for marking in (UNBORN, *explore(game, 1_000).markings) for move in game.enabled(marking)}
    assert written == offered == set(to_transitions(game).events) == set(lazy_machine(game).events)


def test_nothing_happens_between_two_actions():
    """With all branches done the case stands there until somebody joins them: no step of its own, no announcement."""
    game = parallel(2)
    done = game.mask(["b0s1", "b1s1"])
    assert ["join"] == [move.action for move in game.enabled(done)]
