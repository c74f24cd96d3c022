"""Joins in every order of up to six branches: of all, of some, with cancellation; the branches left open are gone."""

from __future__ import annotations

from itertools import combinations, permutations

import pytest

from definitions import Desk
from nets import CLOSED, go, join, net, opens, parallel
from qms.net import UNBORN, explore
from qms.soundness import check

SIZES = [(branches, need) for branches in range(2, 7) for need in range(1, branches + 1)]


def _play(game, *actions):
    marking = UNBORN
    for action in actions:
        (move,) = game.options(marking, action)
        marking = game.fire(marking, move)
    return marking


@pytest.mark.parametrize(("branches", "need"), SIZES)
def test_a_join_opens_with_the_branch_that_makes_it_enough_in_every_order(branches, need):
    """Not one branch earlier; and it stays open while more branches finish."""
    game = parallel(branches, need=0 if need == branches else need)
    for order in permutations(range(branches)):
        marking = _play(game, "open", "fork")
        for done, i in enumerate(order, 1):
            (move,) = game.options(marking, f"do{i}-0")
            marking = game.fire(marking, move)
            assert (done >= need) is bool(game.options(marking, "join")), (order, done)


@pytest.mark.parametrize(("branches", "need"), SIZES)
def test_a_join_leaves_nothing_behind_whoever_is_late(branches, need):
    """Whichever branches are done when it happens, the case then stands at its end and nowhere else, and nobody can go on."""
    game = parallel(branches, need=0 if need == branches else need)
    for many in range(need, branches + 1):
        for done in combinations(range(branches), many):
            marking = _play(game, "open", "fork", *(f"do{i}-0" for i in done), "join")
            assert {CLOSED} == game.names(marking)
            assert () == game.enabled(marking)


@pytest.mark.parametrize("branches", range(2, 7))
def test_a_branch_that_ends_all_cancels_the_others_in_every_order(branches):
    """A refusal in any branch, before or after others are done, ends the case; no branch is left to finish."""
    steps = [f"b{i}" for i in range(branches)]
    done = [f"d{i}" for i in range(branches)]
    moves = [opens("open", *steps), *(go(f"do{i}", steps[i], done[i]) for i in range(branches))]
    moves += [
        go(f"refuse{i}", steps[i], "refused", cancels=tuple(s for s in (*steps, *done) if s != steps[i]))
        for i in range(branches)
    ]
    game = net(" ".join((*steps, *done)), *moves, join("join", " ".join(done), CLOSED), closing=f"{CLOSED} refused")
    assert check(game).sound
    for order in permutations(range(branches)):
        for before in range(branches):
            marking = _play(game, "open", *(f"do{i}" for i in order[:before]), f"refuse{order[before]}")
            assert {"refused"} == game.names(marking)
            assert () == game.enabled(marking)


@pytest.mark.parametrize(("branches", "need"), SIZES)
def test_a_join_of_some_that_spares_the_rest_is_a_finding(branches, need):
    """Without cancellation the late branches would run on beside the end: said with the join's own name."""
    if need == branches:
        assert check(parallel(branches)).sound
        return
    sparing = net(
        " ".join(step for i in range(branches) for step in (f"b{i}", f"d{i}")),
        opens("open", *(f"b{i}" for i in range(branches))),
        *(go(f"do{i}", f"b{i}", f"d{i}") for i in range(branches)),
        join("join", " ".join(f"d{i}" for i in range(branches)), CLOSED, need=need),
    )
    assert ("not-cancelled", "actions.join") in {(found.code, found.where) for found in check(sparing).findings}


@pytest.mark.parametrize("branches", [2, 3, 4, 6])
def test_markings_are_counted_once_whatever_the_order(branches):
    """Six branches finish in 720 orders and stand at 64 markings in between: orders that come to the same are one."""
    assert 2**branches + 2 == len(explore(parallel(branches), 10_000).markings)


PARALLEL = """
[steps]
tax = {}
land = {}
fire = {}
tax-done = {}
land-done = {}
fire-done = {}
[actions.ask]
from = "new"
to = ["tax", "land", "fire"]
roles = ["clerk"]
[actions.tax]
from = "tax"
to = "tax-done"
roles = ["clerk"]
[actions.land]
from = "land"
to = "land-done"
roles = ["clerk"]
[actions.fire]
from = "fire"
to = "fire-done"
roles = ["clerk"]
[actions.finish]
join = ["tax-done", "land-done", "fire-done"]
NEED
to = "done"
cancels = ["*"]
roles = ["clerk"]
"""


@pytest.mark.parametrize("need", [1, 2, 3])
@pytest.mark.parametrize("order", list(permutations(["tax", "land", "fire"])))
def test_a_case_is_joined_in_any_order(order, need):
    """The same through decisions and events: denied with ``not-in-step`` until enough are done, then done once and for all."""
    desk = Desk(PARALLEL.replace("NEED", f"need = {need}"))
    desk.do("02 09:00", "ask")
    for done, branch in enumerate(order):
        assert ([] if done >= need else ["not-in-step"]) == desk.codes("02 10:00", "finish")
        desk.do("02 10:00", branch)
    desk.do("02 11:00", "finish")
    assert ({"done"}, True) == (desk.case.steps, desk.case.closed)
    assert ["closed"] == desk.codes("02 12:00", "finish")
    assert ("done",) == desk.case.flat_entered[::2]
