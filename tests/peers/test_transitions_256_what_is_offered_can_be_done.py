"""pytransitions/transitions issues 189 and 256: `get_triggers` offers what conditions forbid."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from transitions import Machine

from definitions import Desk, at
from qms.case import available, guard
from qms.errors import Reason
from qms.event import When


@guard("paid", reads_form=False)
def _unpaid(attempt):
    return Reason("guard", name="paid")


def test_a_stock_machine_offers_what_it_refuses():
    """The trigger is listed, and answers ``False``."""
    model = SimpleNamespace()
    machine = Machine(model, states=["a", "b"], initial="a", auto_transitions=False)
    machine.add_transition("go", "a", "b", conditions=lambda: False)
    assert (["go"], False) == (machine.get_triggers("a"), model.go())


@pytest.mark.parametrize(("guarded", "offered"), [("", ("finish",)), ('guards = ["paid"]', ())])
def test_what_a_role_or_a_guard_forbids_is_not_offered(guarded, offered):
    """Ours: to each person what that person may do, guards asked."""
    desk = Desk(f'[actions.finish]\nfrom = "waiting"\nto = "done"\nroles = ["head"]\n{guarded}', guards=[_unpaid])
    desk.do("02 09:00", "ask")
    when = When(at("02 10:00"), at("02 10:00"))
    assert offered == available(desk.case, "hoa", when, desk.context("hoa"))
    assert () == available(desk.case, "lan", when, desk.context("lan"))
