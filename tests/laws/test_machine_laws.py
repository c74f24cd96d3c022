"""The machine is the net: stock transitions, the lazy machine and the options agree on every reachable marking and action."""

from __future__ import annotations

from itertools import permutations
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from transitions import MachineError

from nets import CLOSED, go, net, opens, parallel, stay
from qms.machine import lazy_machine, state_name, to_transitions, trigger_name
from qms.net import UNBORN, explore
from qms.testing.strategies import broken, sound_nets


def _after(machine, state, trigger):
    """Where *trigger* leads from *state* on this machine, None where it is refused."""
    slot = SimpleNamespace(state=state)
    try:
        return slot.state if machine.events[trigger].trigger(slot) else None
    except MachineError:
        return None


def _by_net(game, marking):
    """Where each trigger leads from *marking*, by the net alone; where several moves share one, the first."""
    table: dict[str, str] = {}
    for action in game.actions:
        for move in game.options(marking, action):
            after = game.fire(marking, move)
            table.setdefault(trigger_name(move), state_name(game, after) if after else "nowhere")
    return table


def _agree(game):
    """The number of pairs (marking, trigger) on which all three were asked, and agreed."""
    stock, lazy = to_transitions(game), lazy_machine(game)
    graph = explore(game, 5_000)
    assert list(stock.events) == list(lazy.events)
    pairs = 0
    for marking in [UNBORN, *(marking for marking in graph.markings if marking)]:
        state, expected = state_name(game, marking), _by_net(game, marking)
        assert stock.get_triggers(state) == lazy.get_triggers(state) == [name for name in stock.events if name in expected]
        for trigger in stock.events:
            pairs += 1
            assert expected.get(trigger) == _after(stock, state, trigger) == _after(lazy, state, trigger)
        assert stock.states[state].final == lazy.get_state(state).final == game.is_final(marking)
    return pairs


@given(sound_nets(max_size=6))
def test_machines_of_sound_nets_agree(game):
    """On any net that is sound by construction."""
    assert _agree(game)


@settings(max_examples=100)
@given(broken(sound_nets(max_size=6)))
def test_machines_of_damaged_nets_agree(game):
    """On unsound nets too: an opening lost, a deadlock, a case that stands nowhere."""
    assert _agree(game)


@pytest.mark.parametrize(("branches", "pairs"), [(2, 6 * 5 + 5), (4, 18 * 7 + 7), (6, 66 * 9 + 9)])
def test_machines_of_parallel_branches_agree_on_every_pair(branches, pairs):
    """Two, four and six branches that join when all are done."""
    assert pairs == _agree(parallel(branches))


@pytest.mark.parametrize(("branches", "need"), [(2, 1), (4, 2), (6, 3), (6, 5)])
def test_machines_of_joins_of_some_agree(branches, need):
    """Joins that wait for some and cancel the rest."""
    assert _agree(parallel(branches, need=need))


def test_machines_agree_where_tokens_are_cancelled_added_and_taken_away():
    """A withdrawal from any branch, a request beside, an answer that takes it away, a rating that moves nothing."""
    steps = ["a", "b", "c", "ask"]
    withdraw = [go("withdraw", step, "withdrawn", cancels=tuple(other for other in steps if other != step)) for step in steps]
    game = net(
        " ".join(steps),
        opens("open", "a"),
        go("fork", "a", "b", "c"),
        stay("request", "b c", adds=("ask",)),
        go("answer", "ask"),
        go("drop", "c"),
        go("end", "b", CLOSED, cancels=("c", "ask")),
        stay("rate", f"{CLOSED} withdrawn"),
        *withdraw,
        closing=f"{CLOSED} withdrawn",
    )
    assert _agree(game)


@pytest.mark.parametrize("branches", [2, 4])
def test_branches_may_finish_in_any_order(branches):
    """In every order the join opens after the last branch and not before, on both machines."""
    game = parallel(branches)
    for machine in (to_transitions(game), lazy_machine(game)):
        for order in permutations(range(branches)):
            slot = SimpleNamespace(state="new")
            for trigger in ("open", "fork", *(f"do{i}-0" for i in order)):
                assert _after(machine, slot.state, "join") is None
                machine.events[trigger].trigger(slot)
            assert CLOSED == _after(machine, slot.state, "join")
