"""CVE-2026-47103: python-statemachine 3.0 to 3.1 gave text of a definition to ``eval``.

Ours: a guard is a name that is looked up among registered functions; text that looks like code is a name nobody registered.
"""

from __future__ import annotations

import sys

import pytest

from definitions import Desk, problems, tree, with_
from qms.errors import InvalidInput, NotFound
from qms.process import Process

CODE = "__import__('os').system('echo run')"
RUN = {"exec", "compile", "os.system", "subprocess.Popen"}
PLACES = (
    "name", "actions.finish.form", "actions.finish.outcome", "actions.finish.to", "actions.finish.from", "actions.finish.sets",
    "actions.finish.guards", "actions.finish.marks", "actions.finish.fired_by", "actions.finish.clocks", "limits.x", "owner",
)  # fmt: skip
WRAPPED = {"text": CODE, "list": [CODE], "table": {"x": CODE}, "named": [{"name": CODE}]}
_heard: list[str] = []
sys.addaudithook(lambda event, _: _heard.append(event) if event in RUN else None)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", ["text", "list", "table", "named"])
def test_text_of_a_definition_is_never_run(place, kind):
    """Read, checked and drawn, or refused with a place: nothing is compiled or run."""
    Process.load("one-stop").check()  # classes that read trees are compiled when they are first used
    _heard.clear()
    try:
        process = Process.from_tree(with_(tree(), place, WRAPPED[kind]))
    except InvalidInput as error:
        assert all(problem.where for problem in error.problems)
    else:
        process.check()
        process.mermaid()
    assert [] == _heard


def test_code_in_the_place_of_a_guard_is_a_name_that_nobody_registered():
    """When the action is tried, it is looked up by its whole text and not found."""
    desk = Desk(f'[actions.finish]\nfrom = "waiting"\nto = "done"\nroles = ["clerk"]\nguards = ["{CODE}"]')
    desk.do("02 09:00", "ask")
    _heard.clear()
    with pytest.raises(NotFound, match="no guard"):
        desk.decide("02 10:00", "finish")
    assert [] == _heard


def test_a_guard_given_as_a_function_is_no_definition():
    """A definition is data: what TOML cannot say, a tree cannot hold."""
    assert problems(Process.from_tree, with_(tree(), "actions.finish.guards", [lambda: True]))
