"""Nets as stock machines, as lazy machines and as diagrams."""

from __future__ import annotations

import pickle
import subprocess
import sys
from types import SimpleNamespace

import pytest
from transitions import Machine

from nets import CLOSED, go, join, net, opens, parallel, stay
from qms.errors import InvalidInput
from qms.machine import LARGEST, lazy_machine, mermaid, state_name, to_transitions, trigger_name
from qms.net import Move, explore

SIGNED = net(
    "draft",
    opens("open", "draft"),
    go("sign", "draft", CLOSED, choice=("form.result", "ok")),
    go("sign", "draft", "refused", choice=("form.result", "no")),
    stay("rate", CLOSED),
    go("redo", "draft", "draft"),
    closing=f"{CLOSED} refused",
)


def test_states_are_named_by_their_steps():
    """The unborn case is `new`; several steps are sorted and joined with a plus."""
    game = parallel(2)
    assert ["new", "start", "b0s0+b1s0"] == [
        state_name(game, marking) for marking in (0, game.mask(["start"]), game.mask(["b1s0", "b0s0"]))
    ]


def test_each_branch_of_a_choice_is_a_trigger():
    """An action is a trigger; where a choice decides, its value stands in brackets."""
    assert ["open", "sign[ok]", "sign[no]", "rate", "redo"] == [trigger_name(move) for move in SIGNED.moves]


def test_the_stock_machine_is_stock():
    """What is exported is `transitions.Machine` itself, without automatic transitions, starting at `new`."""
    machine = to_transitions(SIGNED)
    assert (Machine, "new", ["new", "draft", CLOSED, "refused"]) == (type(machine), machine.initial, list(machine.states))
    assert ["open", "sign[ok]", "sign[no]", "rate", "redo"] == list(machine.events)


def test_the_stock_machine_drives_a_model():
    """An object of the embedder is decorated as stock machines do it."""
    model = SimpleNamespace()
    to_transitions(SIGNED, model)
    model.open()
    model.trigger("sign[no]")
    assert ("refused", True, False) == (model.state, model.is_refused(), model.may_open())


def test_the_state_may_live_in_another_attribute():
    """A model whose `state` means something else keeps it."""
    model = SimpleNamespace(state="Hà Nội")
    to_transitions(SIGNED, model, model_attribute="step")
    model.open()
    assert ("Hà Nội", "draft") == (model.state, model.step)


def test_final_markings_are_final_states():
    """A closing step alone is final; a closing step beside another is not."""
    machine = to_transitions(net("a", opens("open", "a", CLOSED), go("drop", "a")))
    assert {"new": False, "a+closed": False, CLOSED: True} == {name: state.final for name, state in machine.states.items()}


def test_an_action_that_moves_nothing_is_an_internal_transition():
    """A rating has no destination, so nothing is left or entered; a step done again is left and entered."""
    machine = to_transitions(SIGNED)
    assert [None, "draft"] == [
        machine.events[trigger].transitions[state][0].dest for trigger, state in (("rate", CLOSED), ("redo", "draft"))
    ]


def test_an_action_no_case_can_do_still_has_its_trigger():
    """A dead action is a trigger without transitions, refused from everywhere."""
    machine = to_transitions(net("a b", opens("open", "a"), join("both", "a b", CLOSED)))
    assert [] == machine.get_transitions("both")


def test_too_many_markings_are_refused():
    """13 branches are 8,194 markings: the eager machine is refused, and the lazy one named."""
    with pytest.raises(InvalidInput, match=f"more than {LARGEST} markings are too many .* use qms.machine.lazy_machine"):
        to_transitions(parallel(13))


def test_an_action_called_like_the_attribute_is_refused():
    """An action `state` would shadow the state."""
    game = net("a", opens("state", "a"), go("end", "a", CLOSED))
    with pytest.raises(InvalidInput, match="an action is called 'state' like the attribute of the model"):
        to_transitions(game)
    assert "state" in to_transitions(game, model_attribute="step").events


def test_the_lazy_machine_is_a_machine_and_is_made_once():
    """A genuine `transitions.Machine`; an equal net has the same one."""
    machine = lazy_machine(parallel(2))
    assert isinstance(machine, Machine)
    assert machine is lazy_machine(parallel(2))


def test_the_lazy_machine_holds_what_was_visited():
    """Sixteen branches have 65,538 markings; a case that walks through makes 20 states."""
    machine, slot = lazy_machine(parallel(16)), SimpleNamespace(state="new")
    for trigger in ("open", "fork", *(f"do{i}-0" for i in range(16)), "join"):
        machine.events[trigger].trigger(slot)
    assert (CLOSED, 20) == (slot.state, len(machine.states))


@pytest.mark.parametrize("state", ["nonsense", "b1s0+b0s0", "b0s0+b0s0", ""])
def test_the_lazy_machine_knows_no_other_states(state):
    """A state is a set of steps in its one spelling; anything else is no state."""
    with pytest.raises(ValueError, match="is not a registered state"):
        lazy_machine(parallel(2)).get_state(state)


def test_the_lazy_machine_takes_no_model():
    """Decorating a model needs every state; the refusal says what to do."""
    with pytest.raises(InvalidInput, match="takes no models; trigger on an object with a state"):
        lazy_machine(SIGNED).add_model(SimpleNamespace())


def test_the_lazy_machine_follows_a_case_that_loses_its_tokens():
    """A case that stands nowhere is at `nowhere`, not at `new`: it is not opened again."""
    machine, slot = lazy_machine(net("a", opens("open", "a"), go("drop", "a"))), SimpleNamespace(state="a")
    machine.events["drop"].trigger(slot)
    assert ("nowhere", []) == (slot.state, machine.get_triggers("nowhere"))


def test_the_lazy_machine_pickles_as_its_net():
    """A pickled lazy machine comes back as the machine of an equal net."""
    assert lazy_machine(SIGNED) is pickle.loads(pickle.dumps(lazy_machine(SIGNED)))


def test_importing_leaves_the_warning_filters_alone():
    """`transitions` turns on a filter for the whole program when imported; importing it through us does not."""
    code = "import warnings; before = list(warnings.filters); import qms.machine; print(before == warnings.filters)"
    assert "True" == subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def arrows(game, **more):
    """The lines of a diagram after the names of the states."""
    return [line.strip() for line in mermaid(game, **more).splitlines() if '"' not in line][1:]


def test_a_line_is_drawn_from_start_to_end():
    """An opening comes from the start mark, a closing step leads to the end mark."""
    expected = 'stateDiagram-v2\n    state "a" as s_a\n    state "closed" as s_closed\n    [*] --> s_a : open\n    s_a --> s_closed : end\n'
    assert f"{expected}    s_closed --> [*]\n" == mermaid(net("a", opens("open", "a"), go("end", "a", CLOSED)))


def test_forks_and_joins_are_drawn_as_such():
    """A fork node spreads, a join node gathers; how many of how many is written on it."""
    game = net("a b c d", opens("open", "a", "b", "c"), join("end", "a b c", CLOSED, need=2, cancels=("d",)), closing=CLOSED)
    assert arrows(game) == [
        "state fork_1 <<fork>>",
        "state join_2 <<join>>",
        "[*] --> fork_1 : open",
        "fork_1 --> s_a",
        "fork_1 --> s_b",
        "fork_1 --> s_c",
        "s_a --> join_2",
        "s_b --> join_2",
        "s_c --> join_2",
        "join_2 --> s_closed : end 2/3 ✕ #42;",
        "s_closed --> [*]",
    ]


def test_a_choice_is_drawn_with_its_values():
    """A choice node with an arrow for each place, values that lead to the same one together."""
    moves = [
        go("sign", "a", to, choice=("form.result", value)) for value, to in (("ok", CLOSED), ("partly", CLOSED), ("no", "a"))
    ]
    assert arrows(net("a", opens("open", "a"), *moves)) == [
        "state choice_1 <<choice>>",
        "[*] --> s_a : open",
        "s_a --> choice_1 : sign",
        "choice_1 --> s_closed : ok / partly",
        "choice_1 --> s_a : no",
        "s_closed --> [*]",
    ]


def test_alternatives_share_their_choice():
    """From two steps to the same choice: one node, two arrows to it."""
    moves = [go("sign", a, to, choice=("form.result", to)) for a in ("a", "b") for to in (CLOSED, "c")]
    lines = arrows(net("a b c", opens("open", "a"), *moves))
    assert ["state choice_1 <<choice>>"] == [line for line in lines if line.startswith("state")]
    assert ["s_a --> choice_1 : sign", "s_b --> choice_1 : sign"] == [line for line in lines if line.endswith("sign")]


def test_what_stays_and_what_is_put_beside_are_drawn():
    """What moves nothing is written inside its steps; a token beside is an arrow with a plus; a token taken away ends."""
    game = net(
        "a b ask",
        opens("open", "a"),
        go("on", "a", "b"),
        stay("rate", "a b"),
        stay("request", "a b", adds=("ask",)),
        go("drop", "ask", fired_by="window"),
    )
    assert arrows(game) == [
        "s_a : · rate",
        "s_b : · rate",
        "[*] --> s_a : open",
        "s_a --> s_b : on",
        "s_a --> s_ask : request +",
        "s_b --> s_ask : request +",
        "s_ask --> [*] : drop ⏱ window",
        "s_closed --> [*]",
    ]


def test_asking_for_two_steps_and_leaving_neither_is_a_join_to_what_is_put():
    """Both steps gather in a join node, from which the token beside comes."""
    both = Move(action="note", name="note", take=("a", "b"), need=2, adds=("c",))
    assert ["s_a --> join_2", "s_b --> join_2", "join_2 --> s_c : note +"] == arrows(
        net("a b c", opens("open", "a", "b"), both)
    )[5:8]


def test_cancelled_steps_are_named_by_their_titles():
    """What goes in the same instant stands on the arrow."""
    game = net("a b c", opens("open", "a", "b", "c"), go("on", "a", "a", cancels=("b",)))
    assert "s_a --> s_a : on ✕ Bên B" in arrows(game, titles={"b": "Bên B"})


def test_titles_are_looked_up_by_kind_first():
    """A step and an action of one key may have titles of their own; a branch is called by field and value."""
    game = net("sign", opens("open", "sign"), go("sign", "sign", CLOSED, choice=("form.result", "ok")))
    titles = {"steps.sign": "Chờ ký", "actions.sign": "Ký", "form.result=ok": "đồng ý", "open": "Mở"}
    drawn = mermaid(game, titles=titles)
    assert ['state "Chờ ký" as s_sign', "[*] --> s_sign : Mở", "s_sign --> s_closed : Ký đồng ý"] == [
        drawn.splitlines()[i].strip() for i in (1, 3, 4)
    ]


AWKWARD = 'Hồ sơ "A"; [1] {x}: #2 %% <b>\nđang xử lý'


def test_any_text_is_safe_in_a_title_and_a_note():
    """Quotes, brackets, colons, semicolons, hashes, comments, tags and line breaks become entities or spaces."""
    drawn = mermaid(net("a", opens("open", "a")), titles={"a": AWKWARD}, notes={"a": AWKWARD, "unknown": "not drawn"})
    safe = "Hồ sơ #34;A#34;#59; #91;1#93; #123;x#125;#58; #35;2 #37;#37; #60;b#62; đang xử lý"
    assert [f'state "{safe}" as s_a', f"note right of s_a : {safe}"] == [drawn.splitlines()[i].strip() for i in (1, 5)]


def test_words_mermaid_would_obey_are_defused():
    """`direction LR` inside a title is text; an empty title is a blank."""
    drawn = mermaid(net("a b", opens("open", "a")), titles={"a": "Direction LR", "b": ""})
    assert ['state "#100;irection LR" as s_a', 'state " " as s_b'] == [line.strip() for line in drawn.splitlines()[1:3]]


def test_names_that_look_alike_have_ids_of_their_own():
    """Steps that differ in what an id cannot hold are two states."""
    drawn = mermaid(net("a-b a_b a.b", opens("open", "a-b")))
    assert ["s_a_b", "s_a_b_1", "s_a_b_2"] == [line.rpartition(" ")[2] for line in drawn.splitlines()[1:4]]


def test_which_steps_close_may_be_said():
    """Other closing steps than the net's can be marked."""
    assert ["s_a --> [*]"] == arrows(net("a", opens("open", "a")), closing=["a"])[1:]


def test_a_diagram_draws_every_step_and_every_action():
    """Nothing reachable or not is left out."""
    game = parallel(4)
    drawn = mermaid(game)
    assert [] == [action for action in game.actions if f": {action}" not in drawn]
    assert len(game.steps) == drawn.count(" as ")
    assert len(explore(game, 100).markings) > len(game.steps)
