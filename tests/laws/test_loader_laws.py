"""Whatever a definition file holds: a definition, or errors with their places. It never crashes, hangs or runs anything."""

from __future__ import annotations

import json
import sys
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from definitions import tree
from qms.codec import parse_tree
from qms.errors import InvalidInput
from qms.process import Procedure, Process
from qms.soundness import Report
from qms.testing.strategies import damaged, definition_tree, sound_nets, values

MANY = settings(max_examples=120, deadline=None)
RUNNING = {"compile", "exec", "import", "open", "os.system", "subprocess.Popen", "os.exec", "os.posix_spawn", "socket.connect"}
_heard: list[str] = []
_listening: list[bool] = []


@cache
def _listen():
    """Hear what the interpreter is asked to run or open, from now on; a hook cannot be taken off, so it is put on once."""
    Process.load("one-stop").check()  # classes that read trees are compiled when they are first used
    Procedure.shipped()
    sys.addaudithook(lambda event, _: _heard.append(event) if _listening and event in RUNNING else None)


def _read(read, given_tree, *, placed=False):
    """What *read* makes of it: a definition that is whole, or problems that each say what and where; and nothing is run."""
    _listen()
    _heard.clear()
    _listening.append(True)
    try:
        made = read(given_tree)
    except InvalidInput as error:
        _listening.clear()
        assert error.problems
        for problem in error.problems:
            assert problem.message.strip()
            assert problem.where or not placed, problem
            assert "Traceback" not in problem.message
            assert "object at 0x" not in str(problem)
        made = None
    finally:
        _listening.clear()
    assert [] == _heard
    return made


def _whole(process):
    """A process that was taken can be proved, bound or refused, drawn and told again."""
    assert isinstance(process.check(), Report)
    assert process == Process.from_tree(process.tree)
    assert process.mermaid()
    try:
        process.bind()
    except InvalidInput as error:
        assert error.problems


@MANY
@given(values())
def test_anything_at_all_is_no_process_and_no_procedure(value):
    """Numbers, texts, lists, tables of anything: refused with words."""
    for kind in (Process, Procedure):
        assert _read(kind.from_tree, value) is None


@MANY
@given(damaged(tree("[limits]\nwindow = '3 days'\n[actions.lapse]\nfrom = 'waiting'\nto = 'done'\nfired_by = 'window'")))
def test_a_damaged_process_is_a_process_or_errors(found):
    """A small process with keys lost, renamed, moved, or filled with anything."""
    process = _read(Process.from_tree, found, placed=bool(found))
    if process is not None:
        _whole(process)


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_a_damaged_one_stop_process_is_a_process_or_errors(data):
    """The largest that ships."""
    process = _read(Process.from_tree, data.draw(damaged(Process.load("one-stop").tree)), placed=True)
    if process is not None:
        _whole(process)


@MANY
@given(sound_nets(max_size=5).map(definition_tree).flatmap(damaged))
def test_a_damaged_drawn_process_is_a_process_or_errors(found):
    """Forks, joins, choices and cancellations among them."""
    process = _read(Process.from_tree, found, placed=bool(found))
    if process is not None:
        _whole(process)


@MANY
@given(st.sampled_from(Procedure.shipped()).flatmap(lambda procedure: damaged(procedure.tree)))
def test_a_damaged_procedure_is_a_procedure_or_errors(found):
    """Taken or not; and bound or refused, with words."""
    procedure = _read(Procedure.from_tree, found, placed=bool(found))
    if procedure is not None:
        _read(Process.load("one-stop").bind, procedure)


@MANY
@given(st.text(max_size=60), st.sampled_from(["toml", "json"]))
def test_any_text_is_a_tree_or_errors(text, form):
    """TOML or JSON or neither."""
    found = _read(lambda each: parse_tree(each, form=form), text)
    assert found is None or isinstance(found, dict)


@MANY
@given(st.data(), st.sampled_from(["toml", "json"]))
def test_a_file_cut_or_garbled_is_a_tree_or_errors(data, form):
    """A character lost, put in or exchanged anywhere in a file."""
    text = (
        json.dumps(tree())
        if form == "json"
        else "name = 'x'\n[steps.a]\ntitle = { en = 'A' }\n[actions.b]\nfrom = 'new'\nto = ['a']\n"
    )
    at = data.draw(st.integers(0, len(text) - 1))
    garbled = text[:at] + data.draw(st.text(max_size=2)) + text[at + data.draw(st.integers(0, 2)) :]
    found = _read(lambda each: parse_tree(each, form=form), garbled)
    if found is not None:
        _read(Process.from_tree, found)


@pytest.mark.parametrize("depth", [100, 10_000, 100_000])
@pytest.mark.parametrize(("form", "opening", "closing"), [("json", '{"a":', "}"), ("json", "[", "]"), ("toml", "a = [", "]")])
def test_a_file_nested_without_end_is_refused(form, opening, closing, depth):
    """However deep it goes, it is an error, not the end of the interpreter."""
    text = opening * depth + ("1" if form == "json" else "") + closing * depth
    if form == "toml":
        text = "a = " + "[" * depth + "]" * depth
    found = _read(lambda each: parse_tree(each, form=form), text)
    assert found is None or _read(Process.from_tree, found) is None
