"""`may_<trigger>` of `transitions` 0.9.3 runs ``prepare`` callbacks: asking changes what is asked about."""

from __future__ import annotations

from types import SimpleNamespace

from transitions import Machine

from office import Now, office
from qms.process import Process
from qms.stores.memory import MemoryStore


def test_asking_a_stock_machine_counts():
    """Two questions, and a callback that counts attempts says two."""
    model, counted = SimpleNamespace(), []
    machine = Machine(model, states=["a", "b"], initial="a", auto_transitions=False)
    machine.add_transition("go", "a", "b", prepare=lambda: counted.append(1))
    assert model.may_go()
    assert model.may_go()
    assert 2 == len(counted)


def test_asking_changes_nothing():
    """Ours: explaining, listing and searching write nothing, neither an event nor a denial, and leave the same object."""
    store = MemoryStore()
    org = office(Process.load("errand"), store=store, now=Now())
    case = org.open("errand", by="lan")
    before, entries = org.case(case.id), len(list(store.scan()))
    for actor in ("lan", "hoa", "nobody"):
        for action in Process.load("errand").net.actions:
            org.explain(case.id, action, actor)
            org.who_can(case.id, action)
        org.available(case.id, actor)
    assert before is org.case(case.id)
    assert entries == len(list(store.scan()))
