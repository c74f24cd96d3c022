"""The marking game, move by move."""

from __future__ import annotations

import pickle

import pytest

from nets import CLOSED, go, join, net, opens, parallel, stay
from qms import net as module
from qms.errors import InvalidInput
from qms.net import UNBORN, Move, Net, explore


def after(game: Net, *actions: str) -> frozenset[str]:
    """Where a case stands after *actions*, each of which must have one option."""
    marking = UNBORN
    for action in actions:
        (move,) = game.options(marking, action)
        marking = game.fire(marking, move)
    return game.names(marking)


def problems(*args: object) -> list[str]:
    """What a net of these parts is refused for."""
    with pytest.raises(InvalidInput) as caught:
        Net(*args)
    return [str(problem) for problem in caught.value.problems]


LINE = net("draft", opens("open", "draft"), go("sign", "draft", CLOSED))


def test_a_marking_is_one_bit_a_step():
    """The mask of a set of steps and the set of a mask are each other's inverse."""
    assert frozenset({"draft", CLOSED}) == LINE.names(LINE.mask(frozenset({"draft", CLOSED})))


def test_a_mask_is_asked_for_by_any_collection():
    """A set, a list and a frozenset of the same names are one mask."""
    assert LINE.mask(frozenset({"draft"})) == LINE.mask({"draft"}) == LINE.mask(["draft"]) == 1


def test_a_name_that_is_no_step_has_no_mask():
    """An unknown step is refused, with the nearest name."""
    with pytest.raises(InvalidInput, match="there is no step 'draf'; did you mean 'draft'\\?"):
        LINE.mask(frozenset({"draf"}))


def test_a_number_that_is_no_marking_has_no_names():
    """A marking with a bit beyond the steps is refused."""
    with pytest.raises(InvalidInput, match="the marking 4 is none of this net, which has 2 steps"):
        LINE.names(4)


def test_an_opening_move_is_enabled_before_birth_and_never_after():
    """What opens a case is an option at marking 0 alone."""
    assert [1, 0, 0] == [len(LINE.options(marking, "open")) for marking in (UNBORN, 1, 2)]


def test_nothing_but_opening_moves_is_enabled_before_birth():
    """At marking 0 the enabled moves are the openings."""
    assert LINE.openings == LINE.enabled(UNBORN)


def test_a_plain_move_takes_its_token_along():
    """From one step to another: the first is unmarked, the second marked."""
    assert {CLOSED} == after(LINE, "open", "sign")


def test_a_fork_marks_several_steps():
    """An action to several steps marks each."""
    assert {"b0s0", "b1s0"} == after(parallel(2), "open", "fork")


def test_a_join_waits_for_all():
    """With one branch done the join is not enabled; with both it is."""
    game = parallel(2)
    one, both = game.mask(["b0s1", "b1s0"]), game.mask(["b0s1", "b1s1"])
    assert [0, 1] == [len(game.options(marking, "join")) for marking in (one, both)]


def test_a_join_of_some_takes_what_is_there_and_cancels_the_rest():
    """Two of three: the third branch goes in the same instant, wherever it stands."""
    game = parallel(3, need=2)
    assert {CLOSED} == after(game, "open", "fork", "do0-0", "do1-0", "join")


def test_a_move_that_leaves_nothing_is_enabled_at_any_of_its_steps():
    """An action without `to` asks for one of its steps, and moves no token."""
    game = net("a b", opens("open", "a"), go("go", "a", "b"), stay("rate", "a b"), go("end", "b", CLOSED))
    assert {"b"} == after(game, "open", "rate", "go", "rate")


def test_a_token_beside_is_put_once():
    """`adds` marks its step beside the others, and is not enabled while that is marked."""
    game = net("a ask", opens("open", "a"), stay("request", "a", adds=("ask",)), go("end", "a", CLOSED, cancels=("ask",)))
    assert {"a", "ask"} == after(game, "open", "request")
    assert () == game.options(game.mask(["a", "ask"]), "request")


def test_a_token_can_be_taken_away():
    """An action to nowhere takes its token and puts none."""
    game = net("a ask", opens("open", "a", "ask"), go("drop", "ask"), go("end", "a", CLOSED))
    assert {"a"} == after(game, "open", "drop")


def test_cancelling_takes_tokens_where_they_stand():
    """A cancelled step loses its token if it has one; where there is none nothing happens."""
    game = net("a b", opens("open", "a", "b"), go("end", "a", CLOSED, cancels=("b",)), go("drop", "b"))
    assert {CLOSED} == after(game, "open", "end") == after(game, "open", "drop", "end")


def test_alternatives_that_come_to_the_same_are_one_option():
    """Withdrawing from either branch, the other cancelled, is one thing to do, told as the first alternative."""
    moves = [go("withdraw", a, CLOSED, cancels=(b,)) for a, b in (("a", "b"), ("b", "a"))]
    game = net("a b", opens("open", "a", "b"), *moves)
    assert (moves[0],) == game.options(game.mask(["a", "b"]), "withdraw")


def test_branches_of_a_choice_are_each_an_option():
    """A chosen `to` gives an option for each value, also where two values lead to the same step."""
    moves = [go("sign", "a", CLOSED, choice=("form.result", value)) for value in ("ok", "partly")]
    game = net("a", opens("open", "a"), *moves)
    assert tuple(moves) == game.options(game.mask(["a"]), "sign")


def test_an_unknown_action_has_no_options_and_no_moves():
    """Asking for an action that is not there answers nothing, it does not fail."""
    assert ((), ()) == (LINE.options(1, "sing"), LINE.moves_of("sing"))


def test_two_tokens_on_one_step_are_seen_coming():
    """A move that puts a token where one stays is unsafe; one that takes the old token first is not."""
    game = net("a b", opens("open", "a", "b"), go("on", "a", "b"), go("again", "b", "b"), go("end", "b", CLOSED))
    both = game.mask(["a", "b"])
    assert [True, False] == [game.unsafe(both, game.moves_of(action)[0]) for action in ("on", "again")]


@pytest.mark.parametrize(("names", "final"), [((), False), (("a",), False), (("a", CLOSED), False), ((CLOSED,), True)])
def test_a_case_has_ended_when_one_closing_step_alone_is_marked(names, final):
    """A marking is final with exactly one step marked, a closing one."""
    assert final == net("a", opens("open", "a")).is_final(net("a", opens("open", "a")).mask(names))


@pytest.mark.parametrize(
    ("move", "nothing"), [(stay("rate", "a"), True), (stay("ask", "a", adds=("b",)), False), (go("x", "a"), False)]
)
def test_moving_nothing_is_leaving_and_putting_nothing(move, nothing):
    """Only a move that neither takes, cancels nor puts moves nothing."""
    assert nothing == move.moves_nothing


def test_every_fault_of_a_net_is_told_at_once():
    """Unknown steps are all listed, each where it stands, with the nearest name or all of them."""
    moves = [go("sign", "draf", "end", cancels=("nowhere",)), stay("ask", "draft", adds=("askd",))]
    told = problems(("draft", "asked"), {"shut"}, moves)
    assert told == [
        "closing: there is no step 'shut'; there are: draft, asked",
        "actions.sign.from: there is no step 'draf'; did you mean 'draft'?",
        "actions.sign.leaves: there is no step 'draf'; did you mean 'draft'?",
        "actions.sign.cancels: there is no step 'nowhere'; there are: draft, asked",
        "actions.sign.to: there is no step 'end'; there are: draft, asked",
        "actions.ask.adds: there is no step 'askd'; did you mean 'asked'?",
    ]


NAMES = "a step is not named 'new' (the case before it is opened), nor empty, nor with a '+'"


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ((), ["steps: there is no step; a case must be able to stand somewhere"]),
        (("a", "b", "a"), ["steps.a: named twice"]),
        (("a", "new"), [f"steps.new: {NAMES}"]),
        (("a", "b+c"), [f"steps.b+c: {NAMES}"]),
        (("a", ""), [f"steps.: {NAMES}"]),
    ],
)
def test_steps_are_named_once_and_can_be_joined_in_a_name(steps, told):
    """No steps, a step named twice, `new`, an empty name or one with a plus are refused."""
    assert told == problems(steps, (), ())


@pytest.mark.parametrize(
    ("move", "told"),
    [
        (Move(action="", name="x", take=("a",), need=1), "actions.: an action has a key and a name, neither empty"),
        (go("x", "a", "b", "b"), "actions.x.to: b is named twice"),
        (
            Move(action="x", name="x", opens=True, take=("a",), to=("b",)),
            "actions.x.from: what opens a case leaves no step and cancels none",
        ),
        (opens("x"), "actions.x.to: what opens a case must say where the case then stands"),
        (Move(action="x", name="x", to=("b",)), 'actions.x.from: it leaves no step; write from = "new" if it opens the case'),
        (join("x", "a b", need=3), "actions.x.need: 3 of 2 steps cannot be asked for; 1 to 2 can"),
        (Move(action="x", name="x", take=("a",)), "actions.x.need: 0 of 1 steps cannot be asked for; 1 to 1 can"),
        (
            Move(action="x", name="x", take=("a",), need=1, leaves=("b",)),
            "actions.x.leaves: a move leaves only steps it takes; name the others in cancels",
        ),
        (
            Move(action="x", name="x", take=("a",), need=1, to=("b",)),
            "actions.x.to: it leaves no step, so it cannot go to one; a token put beside is written in adds",
        ),
        (go("x", "a", "b", adds=("b",)), "actions.x.adds: b stands in to as well; keep one"),
    ],
)
def test_a_move_that_makes_no_sense_is_refused_with_its_mend(move, told):
    """Each impossible move is told with its place and what to do."""
    assert told in problems(("a", "b"), (), (move,))


def test_two_moves_that_nothing_tells_apart_are_refused():
    """One action cannot leave the same step twice on the same choice."""
    told = problems(("a", "b"), (), (go("x", "a", "b"), go("x", "a", "a")))
    assert ["actions.x: two moves of it take the same steps on the same choice; keep one"] == told


def test_a_net_is_equal_by_content_and_survives_pickling():
    """An equal net is equal and hashes alike; a pickled one comes back equal and plays on."""
    copy = pickle.loads(pickle.dumps(LINE))
    assert (LINE, hash(LINE)) == (copy, hash(copy))
    assert {CLOSED} == after(copy, "open", "sign")


def test_the_memory_of_a_net_is_bounded(monkeypatch):
    """Past its bound a net forgets its answers and gives the same ones again."""
    monkeypatch.setattr(module, "KEPT", 2)
    game = parallel(3)
    markings = explore(game, 100).markings
    assert [game.names(marking) for marking in markings] == [game.names(marking) for marking in markings]
    assert 2 >= len(game._sets)


def test_exploring_meets_every_marking_once_in_order_of_distance():
    """Two branches of two steps: one start, four markings between, one end; witnesses never get shorter."""
    graph = explore(parallel(2), 100)
    lengths = [len(graph.witness(i)) for i in range(len(graph.markings))]
    assert (True, 6, [1, 2, 3, 3, 4, 5]) == (graph.complete, len(graph.markings), lengths)


def test_exploring_stops_above_its_cap():
    """More markings than the cap: the graph says it is not complete."""
    assert not explore(parallel(4), 10).complete


def test_a_case_that_lost_its_tokens_is_not_born_again():
    """At the empty marking after birth the search finds no opening move."""
    graph = explore(net("a", opens("open", "a"), go("drop", "a")), 10)
    assert ([1, 0], []) == (graph.markings, graph.edges[1])
