"""pytransitions/transitions issues 272 and 346, django-fsm 140 and 251: why was it refused, and which condition failed?"""

from __future__ import annotations

from types import SimpleNamespace

from transitions import Machine

from definitions import Desk
from qms.case import guard
from qms.errors import Reason

TEXT = """
[actions.finish]
from = "waiting"
to = "done"
roles = ["head"]
guards = ["paid", "in-order"]
separate_from = ["ask"]
"""


@guard("paid", reads_form=False)
def _paid(attempt):
    return Reason("guard", name="paid", why="the fee is open")


@guard("in-order", reads_form=False)
def _in_order(attempt):
    return Reason("guard", name="in-order", why="a paper is missing")


def test_a_stock_machine_says_no_and_no_more():
    """Two conditions fail; the answer is ``False``, and the second was never asked."""
    model, asked = SimpleNamespace(), []
    machine = Machine(model, states=["a", "b"], initial="a", auto_transitions=False)
    machine.add_transition("go", "a", "b", conditions=[lambda: asked.append("paid"), lambda: asked.append("in-order")])
    assert (False, ["paid"]) == (model.go(), asked)


def test_all_that_is_against_it_is_told_at_once():
    """Ours: the role, the duty apart and both guards, each as data."""
    desk = Desk(TEXT, guards=[_paid, _in_order])
    desk.do("02 09:00", "ask")
    reasons = desk.reasons("02 10:00", "finish")
    assert ["no-authority", "separation-of-duties", "guard", "guard"] == [reason.code for reason in reasons]
    assert ["the fee is open", "a paper is missing"] == [reason.params["why"] for reason in reasons[2:]]
