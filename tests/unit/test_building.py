"""Processes written in Python."""

from __future__ import annotations

import pytest

from definitions import problems
from qms.building import Builder
from qms.codec import parse_tree
from qms.process import Process

FILE = """
name = "permit"
title = { en = "Permit", vi = "Giấy phép" }
due = "legal"
parts = ["applicant"]
[blanks]
mode = ["restart", "resume"]
kind = { values = ["a", "b"], default = "a" }
[axes]
fee = ["none", "paid"]
[dates]
asked_at = "once"
[limits]
legal = { from = "procedure", default = "15 working days" }
window = { period = "30 days" }
[roles]
clerk = { title = { en = "Clerk" } }
[steps.waiting]
[steps.asked]
[steps.done]
closes = true
[phases]
work = ["waiting", "asked"]
[actions.ask]
from = "new"
to = ["waiting"]
roles = ["applicant"]
clocks = { legal = "start" }
sets = { asked_at = "occurred" }
[actions.ask-back]
from = "waiting"
to = "asked"
roles = ["clerk"]
clocks = { legal = { by = "procedure.mode", restart = "restart", resume = "pause" }, window = "start" }
[actions.supply]
from = "asked"
to = "waiting"
roles = ["applicant"]
clocks = { legal = "resume", window = "stop" }
[actions.finish]
from_any = ["work"]
to = "done"
roles = ["clerk"]
"""


def permit() -> Builder:
    """The process of `FILE`, built."""
    made = Builder("permit", title={"en": "Permit", "vi": "Giấy phép"}, due="legal", parts=("applicant",))
    mode = made.blank("mode", "restart", "resume")
    made.blank("kind", "a", "b", default="a")
    made.axis("fee", "none", "paid")
    made.date("asked_at", "once")
    legal = made.limit("legal", from_="procedure", default="15 working days")
    window = made.limit("window", "30 days")
    clerk = made.role("clerk", title={"en": "Clerk"})
    waiting, asked, done = made.step("waiting"), made.step("asked"), made.step("done", closes=True)
    work = made.phase("work", waiting, asked)
    sets = {"asked_at": "occurred"}
    made.action("ask", from_="new", to=[waiting], roles=["applicant"], clocks={legal: "start"}, sets=sets)
    back = {"by": mode, "restart": "restart", "resume": "pause"}
    made.action("ask-back", from_=waiting, to=asked, roles=[clerk], clocks={legal: back, window: "start"})
    ends = {legal: "resume", window: "stop"}
    made.action("supply", from_=asked, to=waiting, roles=("applicant",), clocks=ends, form=None)
    made.action("finish", from_any=[work], to=done, roles=[clerk])
    return made


def test_what_is_built_is_what_the_file_says():
    """The same definition, the same hash."""
    assert Process.from_tree(parse_tree(FILE)) == permit().process()


def test_the_tree_is_a_copy():
    """What is done to it does not reach the builder."""
    made = permit()
    made.tree["steps"].clear()
    assert Process.from_tree(parse_tree(FILE)) == made.process()


def test_names_that_stand_twice_are_told_all_at_once():
    """A second step or action of a name would hide the first."""
    made = permit()
    made.step("waiting")
    made.action("finish", from_="waiting", to="done", roles=["clerk"])
    twice = "stands twice; give one of them another name"
    assert [f"steps.waiting: {twice}", f"actions.finish: {twice}"] == problems(made.process)


def test_an_unknown_key_is_a_fault_as_in_a_file():
    """The path is the file's."""
    made = permit()
    made.action("fly", from_="waiting", to="done", roles=["clerk"], wings=2)
    with pytest.raises(ValueError, match=r"actions\.fly.*wings"):
        made.process()
