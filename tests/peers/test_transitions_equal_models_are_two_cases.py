"""`transitions.Machine.add_model` looks for a model with ``==``: of two equal ones the second is never registered.

And looking through a list makes adding n models cost n squared. Ours: a machine knows no case, a case is its stream.
"""

from __future__ import annotations

from attrs import define
from transitions import Machine

from office import Now, office
from qms.machine import lazy_machine
from qms.process import Process


@define(slots=False)
class _Dossier:
    name: str


def test_the_second_of_two_equal_models_is_left_out():
    """Two applicants of one name: the second model has no trigger, and nobody is told."""
    machine = Machine(None, states=["a", "b"], initial="a", auto_transitions=False)
    machine.add_model(_Dossier("Nguyễn Văn An"))
    machine.add_model(_Dossier("Nguyễn Văn An"))
    assert 1 == len(machine.models)


def test_a_hundred_like_cases_are_a_hundred_cases():
    """Opened at one instant by one person, with nothing to tell them apart but their ids."""
    process = Process.load("errand")
    org = office(process, now=Now(), identify=iter(f"case-{n}" for n in range(100)).__next__)
    cases = [org.open("errand", by="lan") for _ in range(100)]
    assert 100 == len({case.id for case in cases})
    assert [] == lazy_machine(process.net).models


def test_cases_that_stand_alike_move_each_by_itself():
    """What one of two like cases does leaves the other where it was."""
    org = office(Process.load("errand"), now=Now())
    one, two = org.open("errand", by="lan"), org.open("errand", by="lan")
    (action,) = org.available(one.id, "lan")
    org.act(one.id, action, by="lan")
    assert (two.steps, one.steps) == (org.case(two.id).steps, two.steps)
    assert org.case(one.id) != one
