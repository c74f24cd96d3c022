"""One defective net for each finding, with its exact shortest witness; and nets that have none."""

from __future__ import annotations

import pytest

from nets import CLOSED, go, join, net, opens, parallel, stay
from qms.net import explore
from qms.soundness import CODES, TOLD, Finding, Report, check

DEFECTIVE = {
    "no-opening": (net("a", go("end", "a", CLOSED)), "actions", ()),
    "no-closing": (net("a", opens("open", "a"), go("on", "a", "a"), closing=""), "steps", ()),
    "unreachable-step": (net("a b", opens("open", "a"), go("end", "a", CLOSED), go("on", "b", CLOSED)), "steps.b", ()),
    "dead-action": (
        net("a b", opens("open", "a"), go("on", "a", "b"), go("end", "b", CLOSED), join("both", "a b", CLOSED)),
        "actions.both",
        (),
    ),
    "deadlock": (net("a b", opens("open", "a"), go("end", "a", CLOSED), go("on", "a", "b")), "steps.b", ("open", "on")),
    "livelock": (
        net(
            "a b c", opens("open", "a"), go("end", "a", CLOSED), go("on", "a", "b"), go("there", "b", "c"), go("back", "c", "b")
        ),
        "steps.b",
        ("open", "on"),
    ),
    "improper-completion": (
        net("a b", opens("open", "a"), go("end", "a", CLOSED, "b"), go("drop", "b")),
        "steps.closed",
        ("open", "end"),
    ),
    "not-cancelled": (
        net("a b c", opens("open", "a"), go("fork", "a", "b", "c"), go("end", "b", CLOSED), go("drop", "c")),
        "actions.end",
        ("open", "fork", "end"),
    ),
    "unsafe": (
        net(
            "a b c",
            opens("open", "a"),
            go("fork", "a", "b", "c"),
            go("meet", "b", "c"),
            go("end", "c", CLOSED, cancels=("a", "b")),
        ),
        "actions.meet",
        ("open", "fork", "meet"),
    ),
    "overlap": (
        net(
            "a b",
            opens("open", "a"),
            go("end", "a", CLOSED, name="sign"),
            go("on", "a", "b", name="sign"),
            go("last", "b", CLOSED),
        ),
        "actions.end",
        ("open", "end"),
    ),
}


@pytest.mark.parametrize("code", DEFECTIVE)
def test_each_defect_is_found_where_it_is_with_its_shortest_witness(code):
    """The net made to have this defect has it, there, after exactly these actions."""
    game, where, witness = DEFECTIVE[code]
    report = check(game)
    assert [(where, witness)] == [(found.where, found.witness) for found in report.findings if found.code == code]
    assert report.sound is False


@pytest.mark.parametrize("code", sorted(set(DEFECTIVE) - {"unreachable-step", "not-cancelled", "unsafe"}))
def test_a_single_defect_is_a_single_finding(code):
    """Nothing is told besides the one cause."""
    assert [code] == [found.code for found in check(DEFECTIVE[code][0]).findings]


def test_every_code_but_undecided_has_its_net():
    """The table of defective nets is complete."""
    assert set(CODES) - {"undecided"} == set(DEFECTIVE)


SOUND = {
    "a line": net("a b", opens("open", "a"), go("on", "a", "b"), go("end", "b", CLOSED)),
    "one step": net("", opens("open", CLOSED)),
    "two openings": net("a b", opens("submit", "a"), opens("raise", "b"), go("on", "a", "b"), go("end", "b", CLOSED)),
    "rework": net("a b", opens("open", "a"), go("on", "a", "b"), go("back", "b", "a"), go("end", "b", CLOSED)),
    "reopened": net("a", opens("open", "a"), go("end", "a", CLOSED), go("reopen", CLOSED, "a")),
    "rated when closed": net("a", opens("open", "a"), go("end", "a", CLOSED), stay("rate", CLOSED)),
    "parallel": parallel(3),
    "two of three, the rest cancelled": parallel(3, need=2),
    "a token beside, cancelled by the end": net(
        "a ask",
        opens("open", "a"),
        stay("request", "a", adds=("ask",)),
        go("drop", "ask"),
        go("end", "a", CLOSED, cancels=("ask",)),
    ),
    "withdrawn from either branch": net(
        "a b c",
        opens("open", "a"),
        go("fork", "a", "b", "c"),
        join("end", "b c", CLOSED),
        *(go("withdraw", x, CLOSED, cancels=tuple({"a", "b", "c"} - {x})) for x in "abc"),
    ),
    "chosen": net(
        "a b c",
        opens("open", "a"),
        go("sign", "a", "b", choice=("form.result", "ok")),
        go("sign", "a", "c", choice=("form.result", "no")),
        go("end", "b", CLOSED),
        go("refuse", "c", CLOSED),
    ),
    "chosen on either branch, the other cancelled": net(
        "a b",
        opens("open", "a", "b"),
        *(
            go("sign", x, to, cancels=(y,), choice=("form.result", to))
            for x, y in (("a", "b"), ("b", "a"))
            for to in (CLOSED, "refused")
        ),
        closing="closed refused",
    ),
    "one name at different steps": net(
        "a b", opens("open", "a"), go("on", "a", "b", name="sign"), go("end", "b", CLOSED, name="sign")
    ),
    "an outer branch beside a join of some, all again in a loop": net(
        "a b c d e f",
        opens("open", "a"),
        go("fork", "a", "b", "c", "d"),
        join("any", "b c", "e", need=1, cancels=("b", "c")),
        join("all", "e d", "f"),
        go("again", "f", "a"),
        go("end", "f", CLOSED),
    ),
}


@pytest.mark.parametrize("name", SOUND)
def test_a_net_that_can_always_finish_is_sound(name):
    """No finding, and the word sound."""
    report = check(SOUND[name])
    assert (True, ()) == (report.sound, report.findings)


def test_a_join_of_some_that_leaves_a_branch_behind_is_told():
    """Two of three without cancelling: the third could come late, even where the end cancels all."""
    rest = ("b", "c", "d", "e", "f", "g")
    game = net(
        "a b c d e f g h",
        opens("open", "a"),
        go("fork", "a", "b", "c", "d"),
        go("do-b", "b", "e"),
        go("do-c", "c", "f"),
        go("do-d", "d", "g"),
        join("two", "e f g", "h", need=2),
        go("end", "h", CLOSED, cancels=rest),
    )
    message = 'two does not wait for all and leaves d behind; name them in cancels (or cancels = ["*"])'
    assert Finding("not-cancelled", message, "actions.two", ("open", "fork", "do-b", "do-c", "two")) in check(game).findings


def test_two_alternatives_marked_at_once_with_different_results_overlap():
    """From either of two branches, without cancelling the other: which one is meant cannot be told."""
    game = net("a b", opens("open", "a", "b"), go("skip", "a"), go("skip", "b"), join("end", "a b", CLOSED))
    (found,) = [found for found in check(game).findings if found.code == "overlap"]
    assert ("actions.skip", ("open", "skip")) == (found.where, found.witness)
    assert (
        "skip could leave a or b, both marked, with different results; cancel the rest, or make it an action for each"
        == found.message
    )


def test_choices_by_different_fields_overlap():
    """Two alternatives chosen by different fields could both be meant."""
    moves = [go("sign", a, CLOSED, choice=(f"form.{a}", "ok")) for a in "ab"]
    game = net("a b", opens("open", "a", "b"), *moves)
    assert "overlap" in {found.code for found in check(game).findings}


def test_two_openings_of_one_name_overlap():
    """What opens a case is told apart by name, too."""
    game = net("a", opens("submit", "a", name="open"), opens("raise", "a", name="open"), go("end", "a", CLOSED))
    (found,) = check(game).findings
    assert ("overlap", ("submit",)) == (found.code, found.witness)
    assert "submit and raise are both called open and possible together; give one another name" == found.message


def test_an_opening_that_closes_and_does_not_is_improper():
    """A case born closed, with a token elsewhere."""
    game = net("a", opens("open", "a", CLOSED), go("drop", "a"))
    (found,) = check(game).findings
    assert ("improper-completion", "steps.closed", ("open",)) == (found.code, found.where, found.witness)


def test_a_case_that_stands_nowhere_is_a_deadlock():
    """When the last token goes without a closing step, the case can neither move nor end."""
    game = net("a", opens("open", "a"), go("drop", "a"), go("end", "a", CLOSED))
    (found,) = check(game).findings
    assert ("deadlock", "steps", ("open", "drop")) == (found.code, found.where, found.witness)


def test_a_join_that_waits_for_a_branch_that_went_elsewhere_is_a_deadlock():
    """A choice inside a parallel block: the join waits for both, and the message says for whom."""
    game = net(
        "a b c d",
        opens("open", "a"),
        go("fork", "a", "b", "c"),
        go("leave", "c", "d"),
        join("end", "b c", CLOSED),
    )
    (found,) = check(game).findings
    assert ("deadlock", "steps.b, steps.d", ("open", "fork", "leave")) == (found.code, found.where, found.witness)
    assert "the case is stuck at b and d: end waits for c as well; let that branch get there" == found.message


def test_what_runs_into_a_deadlock_is_not_called_a_livelock():
    """One cause, one finding: the steps before a deadlock are not told."""
    game = net("a b c", opens("open", "a"), go("on", "a", "b"), go("back", "b", "a"), go("stop", "b", "c"), closing=CLOSED)
    assert ["deadlock"] == [found.code for found in check(game).findings if found.code.endswith("lock")]


def test_two_rounds_without_end_are_two_findings():
    """Each trap is told once, at its door."""
    game = net(
        "a b c",
        opens("open", "a"),
        go("left", "a", "b"),
        go("right", "a", "c"),
        go("b-again", "b", "b"),
        go("c-again", "c", "c"),
        go("end", "a", CLOSED),
    )
    assert [("livelock", "steps.b"), ("livelock", "steps.c")] == [(found.code, found.where) for found in check(game).findings]


def test_many_deadlocks_are_told_up_to_a_number():
    """The first ones are told, the last of them with how many more there are."""
    steps = [f"x{i}" for i in range(TOLD + 3)]
    game = net(" ".join(["a", *steps]), opens("open", "a"), go("end", "a", CLOSED), *(go(f"to-{x}", "a", x) for x in steps))
    messages = [found.message for found in check(game).findings]
    assert (TOLD, True) == (len(messages), messages[-1].endswith("(3 more like it)"))


def test_above_the_cap_nothing_is_called_sound():
    """More markings than the cap: undecided, with the finding that says so."""
    report = check(parallel(5, need=3), cap=10)
    assert (None, ["undecided"]) == (report.sound, [found.code for found in report.findings])


def test_parallel_branches_are_judged_one_by_one():
    """Sixteen branches have 65,538 markings; folded into a step they are three."""
    report = check(parallel(16))
    assert (True, 3) == (report.sound, report.markings)


def _block(*more, steps="", fork=("b", "c"), ends="b2 c2"):
    """A block of two branches of two steps, with *more* moves."""
    moves = [opens("open", "a"), go("fork", "a", *fork), go("do-b", "b", "b2"), go("do-c", "c", "c2"), join("end", ends, "d")]
    return net(f"a b b2 c c2 d {steps}", *moves, go("close", "d", CLOSED, cancels=tuple(steps.split())), *more)


ALL = ("b", "b2", "c", "c2")
FOLDED = {
    "alone": _block(),
    "in a loop": _block(go("again", "d", "a")),
    "with a withdrawal from everywhere": _block(
        *(go("withdraw", x, CLOSED, cancels=tuple({*ALL, "a", "d"} - {x})) for x in (*ALL, "a", "d"))
    ),
    "rated at some of its steps": _block(stay("rate", "b d")),
    "with a request beside, from anywhere in a branch": _block(
        stay("ask", "b b2 d", adds=("beside",)), go("answer", "beside"), steps="beside"
    ),
    "with a choice inside": _block(*(go("pick", "b", "b2", choice=("form.x", value)) for value in ("yes", "no"))),
}


@pytest.mark.parametrize("name", FOLDED)
def test_a_block_that_comes_and_goes_as_a_whole_is_folded(name):
    """Fewer markings are visited than there are, and the verdict is the same."""
    game = FOLDED[name]
    report, markings = check(game), len(explore(game, 1_000).markings)
    assert (True, True) == (report.sound, report.markings < markings)


UNFOLDED = {
    "left from one step only": _block(go("leave", "b", CLOSED, cancels=("b2", "c", "c2"))),
    "with a request beside, from one step only": _block(
        stay("ask", "b", adds=("beside",)), go("answer", "beside"), steps="beside"
    ),
    "with one name in both branches": _block(go("x-b", "b", "b2", name="work"), go("x-c", "c", "c2", name="work")),
    "with a name that is used outside too": _block(go("x-c", "c", "c2", name="work"), stay("work", "d")),
    "left by a choice of either field": _block(
        *(
            go("leave", x, CLOSED, cancels=tuple({*ALL} - {x}), choice=(by, "ok"))
            for x, by in (("b", "form.x"), ("b2", "form.x"), ("c", "form.y"), ("c2", "form.y"))
        )
    ),
    "entered beside": _block(stay("extra", "a", adds=("b",))),
    "entered in the middle": _block(go("shorter", "a", "b2", "c", name="shorter")),
    "with a step it cannot finish from": _block(go("stick", "b", "f"), go("end-all", "f", CLOSED, cancels=ALL), steps="f"),
}


@pytest.mark.parametrize("name", UNFOLDED)
def test_a_block_that_others_reach_into_is_searched_whole(name):
    """Where the block is no block to the rest, all its markings are visited."""
    game = UNFOLDED[name]
    assert len(explore(game, 1_000).markings) == check(game).markings


def test_what_only_some_orders_allow_is_still_found():
    """A token beside that only one early step can clear: later the case is stuck, and folding does not hide it."""
    game = net(
        "a b b2 c c2 d beside",
        opens("open", "a"),
        go("fork", "a", "b", "c", "beside"),
        go("do-b", "b", "b2"),
        go("do-c", "c", "c2"),
        join("end", "b2 c2", "d"),
        join("last", "d beside", "a"),
        go("leave", "b", CLOSED, cancels=("b2", "c", "c2", "beside")),
        go("close", "d", CLOSED),
    )
    assert ["improper-completion", "not-cancelled"] == [found.code for found in check(game).findings]


def test_a_defect_met_before_the_cap_is_a_defect():
    """An unfinished search that met a deadlock is not undecided about it."""
    game = net("a b", opens("open", "a"), go("stop", "a", "b"), go("fork", "a", CLOSED))
    chain = [go(f"t{i}", f"s{i}", f"s{i + 1}") for i in range(50)]
    long = net(
        " ".join(["a", "b", *(f"s{i}" for i in range(51))]), *game.moves, go("on", "a", "s0"), *chain, go("last", "s50", CLOSED)
    )
    report = check(long, cap=20)
    assert (False, ["undecided", "deadlock"]) == (report.sound, [found.code for found in report.findings])


def test_messages_name_the_mend():
    """What a dead action and an unreachable step say."""
    game = DEFECTIVE["unreachable-step"][0]
    assert [found.message for found in check(game).findings] == [
        "no case can come to b; let an action go to it, or remove it",
        "no case can do on: it never comes to b; mend that, or remove it",
    ]


def test_a_dead_join_points_to_alternatives():
    """Steps that are never marked together: the message asks whether they are alternatives."""
    (found,) = check(DEFECTIVE["dead-action"][0]).findings
    mend = "no case can do both: it never stands at a and b as that asks; use from_any for alternatives, or fork before"
    assert mend == found.message


def test_a_report_reads_as_text():
    """The verdict, the number of markings, and a line for each finding with its witness."""
    text = "not sound: 3 markings\nsteps.b: deadlock: the case is stuck at b, where no action is possible; "
    assert (
        str(check(DEFECTIVE["deadlock"][0])) == f"{text}add one that leaves it, or close it with closes = true (after open, on)"
    )
    assert ["sound: 0 markings", "undecided: 0 markings"] == [str(Report(sound, ())) for sound in (True, None)]
