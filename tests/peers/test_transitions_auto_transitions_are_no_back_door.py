"""`transitions` adds `to_<state>` triggers from every state to every state unless told otherwise: a hole in a controlled process."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from transitions import Machine

from nets import go, net, opens, parallel
from qms.machine import lazy_machine, to_transitions

LINE = net("draft", opens("open", "draft"), go("sign", "draft", "closed"))


def test_a_default_machine_can_jump_to_its_end():
    """The stock default: a model at the start goes to the end without any action."""
    model = SimpleNamespace()
    Machine(model, states=["draft", "closed"], initial="draft")
    model.to_closed()
    assert "closed" == model.state


def test_our_model_cannot_jump():
    """The exported machine decorates a model with the actions of the net alone."""
    model = SimpleNamespace()
    to_transitions(LINE, model)
    assert [] == [name for name in vars(model) if name.startswith("to_")]


@pytest.mark.parametrize("make", [to_transitions, lazy_machine])
@pytest.mark.parametrize("game", [LINE, parallel(3)])
def test_our_triggers_are_the_actions(make, game):
    """No trigger but the actions of the definition, on either machine."""
    assert list(game.actions) == list(make(game).events)
