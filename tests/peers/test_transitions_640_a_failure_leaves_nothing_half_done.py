"""pytransitions/transitions issue 640: transitions are not atomic; what raises after the change leaves the change behind."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from transitions import Machine

from office import Now, office
from qms.codec import parse_tree
from qms.process import Process
from qms.stores.memory import MemoryStore

PROCESS = Process.from_tree(
    parse_tree("""
name = "small"
roles.clerk = {}
steps = { waiting = {}, done = { closes = true } }
actions.ask = { from = "new", to = "waiting", roles = ["clerk"] }
actions.finish = { from = "waiting", to = "done", roles = ["clerk"] }
""")
)


class _Full(MemoryStore):
    """A store that is full after the first case is opened."""

    full = False

    def append(self, writes, key=None):
        if self.full:
            raise OSError("no space left on device")
        return super().append(writes, key)


def test_a_stock_machine_has_moved_although_the_event_failed():
    """The record could not be written, the model says it was."""

    def write() -> None:
        raise OSError("no space left on device")

    model = SimpleNamespace()
    machine = Machine(model, states=["waiting", "done"], initial="waiting", auto_transitions=False)
    machine.add_transition("finish", "waiting", "done", after=write)
    with pytest.raises(OSError, match="no space"):
        model.finish()
    assert "done" == model.state


def test_what_cannot_be_kept_has_not_happened():
    """Ours: state is the fold of what is stored; the case stands where it stood, and the act can be tried again."""
    store = _Full()
    org = office(PROCESS, store=store, now=Now())
    case = org.open("small", by="lan")
    store.full = True
    with pytest.raises(OSError, match="no space"):
        org.act(case.id, "finish", by="lan")
    assert {"waiting"} == org.case(case.id).steps
    store.full = False
    assert {"done"} == org.act(case.id, "finish", by="lan").steps
