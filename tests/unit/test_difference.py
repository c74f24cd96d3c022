"""What changed between two definitions."""

from __future__ import annotations

from definitions import small
from qms.difference import Change, diff
from qms.process import Procedure, Process

OLD = small("""
limits.legal = "3 working days"
axes.fee = ["none", "due"]
[steps.waiting]
title = { vi = "Chờ", en = "Waiting" }
[actions.finish]
title = { vi = "Xong" }
from = "waiting"
to = "done"
roles = ["clerk", "head"]
""")
NEW = small("""
axes.fee = ["due", "none"]
[steps.waiting]
title = { vi = "Đang chờ", en = "Waiting" }
[actions.finish]
title = { vi = "Xong" }
from = "waiting"
to = "done"
roles = ["head", "clerk"]
reopens = false
[actions.drop]
from = "waiting"
to = "done"
roles = ["head"]
""")


def test_every_difference_is_told_once_at_its_path():
    """The order of names in a list is none; the start value of an axis is one."""
    paths = ["actions.drop", "actions.finish.reopens", "axes.fee", "limits", "steps.waiting.title.vi"]
    assert paths == [change.path for change in diff(OLD, NEW)]


def test_a_difference_reads_in_english():
    """Kind and name of the part, its title where it has one, and what became of it."""
    told = [
        "action drop: new",
        "action finish (Xong), reopens: new: false",
        "axis fee: none, due → due, none",
        "limit: gone",
        "step waiting (Waiting), title.vi: Chờ → Đang chờ",
    ]
    assert told == [str(change) for change in diff(OLD, NEW)]


def test_a_difference_reads_in_vietnamese():
    """The same, in the words of the office."""
    assert "bước waiting (Đang chờ), title.vi: Chờ → Đang chờ" == diff(OLD, NEW)[-1].text("vi")


def test_nothing_is_different_between_equals():
    """A definition and itself, read again."""
    assert () == diff(Process.load("one-stop"), Process.load("one-stop"))


def test_the_other_way_round_the_same_places_differ():
    """What is new one way is gone the other."""
    there, back = diff(OLD, NEW), diff(NEW, OLD)
    turned = [Change(change.path, change.after, change.before, change.names) for change in back]
    assert [(c.path, c.before, c.after) for c in there] == [(c.path, c.before, c.after) for c in turned]


def test_two_procedures_differ_in_what_they_say():
    """A limit and a table of values read as a file has them."""
    changes = diff(Procedure.load("local-house-permit"), Procedure.load("local-alcohol-retail"))
    assert {"limits.legal.period", "fee.amount"} <= {change.path for change in changes}
    assert all(change.text("vi") and change.text("en") for change in changes)


def test_values_of_every_shape_can_be_read():
    """Tables, lists of tables, nothing in a list, truth."""
    shapes = [{"a": [1, {"b": True}]}, [], "x"]
    assert ["{a = 1, {b = true}}", "–", "x"] == [
        Change("p", shape, "y").text().partition(": ")[2].partition(" →")[0] for shape in shapes
    ]
