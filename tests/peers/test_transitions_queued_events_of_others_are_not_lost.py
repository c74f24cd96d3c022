"""`Machine(queued=True)` of `transitions` has one queue for all models: one model's failure drops the events of others.

And a queued trigger answers ``True`` although its condition fails.
"""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from transitions import Machine

from definitions import small
from office import Now, denied, office


def _machine():
    one, two = SimpleNamespace(name="one"), SimpleNamespace(name="two")
    machine = Machine([one, two], states=["a", "b"], initial="a", queued=True, auto_transitions=False)
    return machine, one, two


def test_a_failure_of_one_model_drops_what_another_was_told():
    """While one is in its transition, two is told to go; one fails, and two never goes although it was told ``True``."""
    machine, one, two = _machine()
    told = []

    def tell_two_and_fail() -> None:
        told.append(two.go())
        raise ValueError("one failed")

    machine.add_transition("go", "a", "b")
    machine.add_transition("fail", "a", "b", before=tell_two_and_fail)
    with pytest.raises(ValueError, match="one failed"):
        one.fail()
    assert ([True], "a") == (told, two.state)


def test_a_queued_trigger_says_yes_to_what_is_forbidden():
    """From within a transition, ``True`` comes back for an event whose condition is false."""
    machine, one, two = _machine()
    told = []
    machine.add_transition("never", "a", "b", conditions=lambda: False)
    machine.add_transition("go", "a", "b", after=lambda: told.append(two.never()))
    one.go()
    assert ([True], "a") == (told, two.state)


def test_a_denial_of_one_case_touches_no_other():
    """Ours: no queue. What is answered has happened, what is denied has not, each case by itself, also in one transaction."""
    org = office(small(), now=Now())
    one, two = org.open("small", by="lan"), org.open("small", by="lan")
    with org.transaction():
        with denied("no-authority"):
            org.act(one.id, "finish", by="nobody")
        org.act(two.id, "finish", by="lan")
    assert ({"waiting"}, {"done"}) == (org.case(one.id).steps, org.case(two.id).steps)
