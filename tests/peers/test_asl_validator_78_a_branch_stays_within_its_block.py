"""airware/asl-validator issue 78: a state of one parallel branch may lead into another branch, and the validator is content."""

from __future__ import annotations

from nets import CLOSED, go, join, net, opens
from qms.soundness import check


def test_a_branch_that_goes_over_into_another_is_a_finding():
    """A token of the first branch comes to a step of the second, where one may stand: two tokens would be one."""
    game = net(
        "a b a2 b2",
        opens("open", "a", "b"),
        go("do-a", "a", "a2"),
        go("do-b", "b", "b2"),
        go("over", "a", "b2"),
        join("join", "a2 b2", CLOSED),
    )
    report = check(game)
    assert report.sound is False
    assert {"unsafe", "deadlock"} & {found.code for found in report.findings}
    assert all(found.witness for found in report.findings if found.code in {"unsafe", "deadlock"})


def test_branches_that_meet_only_at_their_join_are_sound():
    """The same without the way over."""
    game = net(
        "a b a2 b2", opens("open", "a", "b"), go("do-a", "a", "a2"), go("do-b", "b", "b2"), join("join", "a2 b2", CLOSED)
    )
    assert ((), True) == (check(game).findings, check(game).sound)
