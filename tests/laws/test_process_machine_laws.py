"""Processes played by chance, drawn ones and shipped ones: what is possible happens, what is denied changes nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis.stateful import run_state_machine_as_test

from qms.net import explore
from qms.process import Procedure, Process
from qms.testing.stateful import process_machine
from qms.testing.strategies import Chosen, definition_tree, processes, sound_nets

PLAYED = settings(max_examples=10, stateful_step_count=20, deadline=None)


def _play(machine):
    run_state_machine_as_test(machine, settings=PLAYED)
    return machine


def _markings(net):
    return {net.names(marking) for marking in explore(net, 10_000).markings}


@given(sound_nets())
def test_a_definition_says_the_net_it_was_made_from(net):
    """Written as a definition and read again, a net has the same markings and is sound."""
    process = Process.from_tree(definition_tree(net))
    assert _markings(net) == _markings(process.net)
    assert process.check(forms={"Chosen": Chosen}).sound


@given(processes())
def test_drawn_processes_are_sound(process):
    """What is sound by construction is sound as a definition."""
    assert process.check(forms={"Chosen": Chosen}).sound


def test_drawn_processes_keep_the_laws():
    """Any process that is sound by construction, played through an organization."""
    machine = _play(process_machine(processes(), forms={"Chosen": Chosen}))
    assert machine.done


@pytest.mark.parametrize("name", ["errand", "nonconformity"])
def test_shipped_processes_keep_the_laws(name):
    """A shipped process without a procedure, played through an organization."""
    assert _play(process_machine(Process.load(name))).done


@pytest.mark.parametrize("code", [procedure.code for procedure in Procedure.shipped("one-stop")][:2])
def test_shipped_procedures_keep_the_laws(code):
    """The one-stop process under a shipped procedure, played through an organization."""
    assert _play(process_machine(Process.load("one-stop"), procedure=Procedure.load(code))).done


def test_chance_reaches_every_marking_of_a_small_process():
    """The errand has two markings, and both are reached."""
    process = Process.load("errand")
    assert _markings(process.net) == _play(process_machine(process)).reached
