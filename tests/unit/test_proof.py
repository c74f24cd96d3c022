"""Invariants that a definition states: each form holds or is broken with a shortest witness; names and shapes are judged."""

from __future__ import annotations

import pytest

from definitions import problems, small, with_
from qms.codec import shipped
from qms.definition import plain
from qms.invariant import FORMS
from qms.process import Procedure, Process
from qms.soundness import Finding

PATH = """
parts = ["applicant"]
dates.first = "last"
dates.kept = "once"
axes.result = ["none", "yes"]
limits.legal = "5 working days"
phases.work = ["waiting", "checked"]
steps.checked = {}
steps.signed = {}
actions.ask = { from = "new", to = "waiting", roles = ["clerk"], clocks.legal = "start", sets.first = "occurred" }
actions.check = { from = "waiting", to = "checked", roles = ["clerk"] }
actions.back = { from = "checked", to = "waiting", roles = ["clerk"], clocks.legal = "restart" }
actions.sign = { from = "checked", to = "signed", roles = ["head"], separate_from = ["check"], outcome = "yes" }
actions.drop = { from = "waiting", to = "done", roles = ["clerk"] }
actions.finish = { from = "signed", to = "done", roles = ["applicant"], sets.kept = "occurred", clocks.legal = "stop" }
"""


def told(invariant: str, more: str = "") -> list[Finding]:
    """The broken invariants of the path above with *invariant*, and *more*."""
    report = small(PATH + f"invariants.x = {{ {invariant} }}\n" + more).check()
    return [finding for finding in report.findings if finding.code not in ("no-lapse", "unbounded-pause")]


@pytest.mark.parametrize(
    "invariant",
    [
        'never_together = ["waiting", "checked"]',
        'before = "signed", done = ["check", "sign"], apart = true',
        'before = "sign", one_of = ["check"], apart = true',
        'before = "checked", done = ["check"]',
        'at_most = 1, of = ["sign"]',
        'at_most = 1, of = ["sign"], within = "work", title.en = "x"',
        'once = ["first", "kept"]',
        'ends_without = ["head"]',
        'clock = "legal", starts_at = ["ask"], changed_by = ["back"]',
        'leaves_alone = ["legal", "first"], actions = ["check", "sign"]',
        'leaves_alone = ["first"], after = "waiting"',
        'ends_with = ["first"]',
    ],
)
def test_what_holds_is_silent(invariant):
    """Over all markings and ways of the process."""
    assert [] == told(invariant)


@pytest.mark.parametrize(
    ("invariant", "witness", "word"),
    [
        ('before = "signed", done = ["check", "sign", "back"]', ("ask", "check", "sign"), "without back"),
        ('before = "done", one_of = ["sign", "back"]', ("ask", "drop"), "without one of sign, back"),
        ('before = "sign", done = ["back"]', ("ask", "check", "sign"), "without back"),
        ('before = "finish", done = ["check", "sign"], apart = true', (), 'separate_from = ["check"] in actions.finish'),
        ('at_most = 1, of = ["check", "back"]', ("ask", "check", "back"), "more than 1 times"),
        ('at_most = 0, of = ["sign"]', ("ask", "check", "sign"), "more than 0 times"),
        ('at_most = 1, of = ["back"], within = "work"', ("ask", "check", "back", "check", "back"), "work: back"),
        ('ends_without = ["applicant"]', ("ask", "check", "sign"), "from signed no end"),
        ('clock = "legal", starts_at = ["check"]', (), "ask starts legal too"),
        ('clock = "legal", starts_at = ["ask"], changed_by = ["ask"]', (), "back changes legal too"),
        ('leaves_alone = ["legal"], actions = ["check", "back"]', (), "back changes legal"),
        ('leaves_alone = ["legal"], after = "signed"', ("ask", "check", "sign", "finish"), "after signed"),
        ('ends_with = ["outcome", "kept"]', ("ask", "drop"), "no kept, outcome"),
        ('never_together = ["signed"]', ("ask", "check", "sign"), "at signed"),
    ],
)
def test_what_does_not_hold_is_told_with_a_shortest_way(invariant, witness, word):
    """An error at the invariant, the actions that break it, and what to mend."""
    (finding,) = told(invariant)
    assert ("invariant", "invariants.x", "error", witness) == (finding.code, finding.where, finding.severity, finding.witness)
    assert word in finding.message


def test_a_broken_invariant_makes_a_process_unsound():
    """Who states it means it."""
    assert False is small(PATH + 'invariants.x = { before = "done", done = ["sign"] }').check().sound


def test_a_date_written_by_two_is_once_only_by_its_kind():
    """`once` keeps the first; another kind would take the second."""
    more = 'actions.note = { from = "checked", roles = ["clerk"], sets.first = "occurred", sets.kept = "occurred" }'
    assert [("ask", "check", "note")] == [finding.witness for finding in told('once = ["first", "kept"]', more)]


def test_a_clock_started_twice_is_told():
    """Each by an action that may start it, and yet twice."""
    more = 'actions.again = { from = "checked", to = "waiting", roles = ["clerk"], clocks.legal = "start" }'
    (finding,) = told('clock = "legal", starts_at = ["ask", "again"]', more)
    assert ("ask", "check", "again") == finding.witness


def test_two_steps_of_two_branches_are_together():
    """The shortest way there, whatever their order."""
    more = """
    steps.a = {}
    steps.b = {}
    actions.split = { from = "waiting", to = ["a", "b"], roles = ["clerk"] }
    actions.meet = { join = ["a", "b"], to = "done", roles = ["clerk"] }
    """
    assert [("ask", "split")] == [finding.witness for finding in told('never_together = ["a", "b"]', more)]


BOUNDED = """
steps.back = {}
phases.here = ["waiting", "back"]
actions.send = { from = "waiting", to = "back", roles = ["clerk"], at_most = BOUND }
actions.come = { from = "back", to = "waiting", roles = ["clerk"] }
actions.reopen = { from = "done", to = "waiting", roles = ["head"], reopens = true }
limits.legal = "5 working days"
due = "legal"
actions.ask = { from = "new", to = "waiting", roles = ["clerk"], clocks.legal = "start" }
"""


@pytest.mark.parametrize(
    ("bound", "invariant", "expected"),
    [
        ("2", "at_most = 2", ["reopen"]),
        ("2", "at_most = 1", ["send"]),
        ("{ n = 2, phase = 'here' }", "at_most = 2, within = 'here'", []),
        ("{ n = 2, phase = 'here' }", "at_most = 2", ["reopen"]),
    ],
)
def test_a_bound_is_taken_at_its_word(bound, invariant, expected):
    """A count of an action, in the case or in a phase; a case that is reopened counts anew."""
    text = BOUNDED.replace("BOUND", bound) + f"invariants.x = {{ {invariant}, of = ['send'] }}"
    witnesses = [f.witness for f in small(text).check().findings if f.code == "invariant"]
    assert expected == [("reopen" if "reopen" in witness else witness[-1]) for witness in witnesses]


def test_above_the_cap_an_invariant_is_undecided():
    """Never held unseen, and never broken unseen."""
    process = small('invariants.x = { at_most = 9, of = ["note"] }\nactions.note = { from = "waiting", roles = ["clerk"] }')
    report = process.check(cap=4)
    assert (None, ["undecided"]) == (report.sound, [finding.code for finding in report.findings])


def test_an_unsound_process_is_told_as_that_alone():
    """One thing after the other: what is stuck is mended first."""
    text = 'steps.hole = {}\nactions.fall = { from = "waiting", to = "hole", roles = ["clerk"] }\ninvariants.x = { ends_with = ["outcome"] }'
    assert ["deadlock"] == [finding.code for finding in small(text).check().findings]


@pytest.mark.parametrize(
    ("invariant", "fault"),
    [
        ("", f"is told by one of {', '.join(FORMS)}; 0 of them stand here"),
        ('once = ["first"], ends_with = ["first"]', "2 of them stand here"),
        ('before = "done"', "before goes with done or one_of"),
        ('before = "done", done = ["ask"], one_of = ["ask"]', "before goes with done or one_of"),
        ('at_most = 1, of = ["ask"], apart = true', "invariants.x.apart: says nothing beside at_most"),
        ('at_most = -1, of = ["ask"]', "-1 is no count"),
        ("once = []", "invariants.x.once: names nothing"),
        ('once = ["frist"]', "invariants.x.once[0]: 'frist' is no date"),
        ('never_together = ["waitng"]', "'waitng' is no step"),
        ('before = "nowhere", done = ["ask"]', "'nowhere' is no step or action"),
        ('before = "done", done = ["sing"]', "'sing' is no action"),
        ('before = "done", one_of = ["sign"], apart = true', "one action has one doer"),
        ('clock = "leagl", starts_at = ["ask"]', "'leagl' is no limit"),
        ('leaves_alone = ["x"], after = "done"', "'x' is no limit, date or axis"),
        ('ends_without = ["nobody"]', "'nobody' is no part or role"),
        ('surprise = ["x"]', "surprise"),
    ],
)
def test_what_cannot_be_an_invariant_is_refused_with_its_place(invariant, fault):
    """Its shape where it is read, its names with the rest of the definition."""
    assert any(fault in problem for problem in problems(small, PATH + f"invariants.x = {{ {invariant} }}"))


def test_a_name_of_a_step_and_an_action_is_unclear():
    """`before` must say which it means."""
    text = PATH + 'steps.sign = {}\nactions.x = { from = "waiting", to = "sign", roles = ["clerk"] }\n'
    text += 'actions.y = { from = "sign", to = "done", roles = ["clerk"] }\ninvariants.x = { before = "sign", done = ["ask"] }'
    assert any("is a step and an action; rename one" in problem for problem in problems(small, text))


# The invariants of the one-stop process: each holds, and each would be seen to break

ONE_STOP = plain(shipped("processes", "one-stop"))
PROCEDURE = Procedure.load("2.000908")


@pytest.mark.parametrize(
    ("path", "value", "broken"),
    [
        ("actions.transfer.clocks.legal", "restart", {"one-clock", "routing"}),
        ("actions.complete.clocks.legal", "start", {"one-clock"}),
        ("actions.notify.clocks.legal", "stop", {"finished-is-finished"}),
        ("actions.hand-over.sets.current_promise", "occurred", {"finished-is-finished"}),
        ("dates.accepted_at", "last", set()),
        ("dates.submitted_at", "last", set()),
        ("actions.issue.separate_from", ["applicant"], {"two-hands"}),
        ("actions.sign.separate_from", ["draft-result", "applicant"], {"four-eyes"}),
        ("actions.draft-result.to", "awaiting-issue", {"two-hands", "returned-is-signed"}),
        ("actions.lapse-completion.roles", ["applicant"], set()),
        ("actions.request-completion.at_most", 2, {"completion-once"}),
        ("actions.request-supplement.at_most", {"n": 2, "phase": "processing"}, {"supplement-once"}),
        ("actions.apologise.at_most", 3, {"apology-once"}),
        ("actions.assign.sets.first_promise", "occurred", {"routing"}),
    ],
)
def test_a_change_of_the_one_stop_process_breaks_what_it_states(path, value, broken):
    """Each invariant is seen to break by a change of one key; a change that breaks none is seen to break none."""
    report = Process.from_tree(with_(ONE_STOP, path, value)).check([PROCEDURE])
    assert {f"invariants.{name}" for name in broken} == {f.where for f in report.findings if f.code == "invariant"}


def test_without_a_lapse_the_applicant_holds_the_dossier():
    """Who could neither lapse, refuse nor stop would wait for the applicant for ever."""
    tree = with_(ONE_STOP, "actions.purge.fired_by", None)
    tree = with_(tree, "actions.purge.roles", ["applicant"])
    report = Process.from_tree(tree).check([PROCEDURE])
    told = {finding.where: finding.witness for finding in report.findings}
    assert {"invariants.no-hostage": ("save-draft",), "steps.draft": ("save-draft",)} == told


# What the vocabulary cannot say


@pytest.mark.parametrize("limit", ["legal"])
def test_every_pause_has_a_reason_and_its_basis(limit):
    """Whatever stops the legal clock says why, and names the law it stands on."""
    actions = Process.load("one-stop").definition.actions.values()
    pausing = [action for action in actions if limit in action.clocks and "pause" in action.clocks[limit].effects.values()]
    assert [(True, "form.basis")] * 3 == [(action.clocks[limit].reason is not None, action.basis) for action in pausing]


def test_a_case_that_ends_says_what_became_of_the_originals():
    """Archiving asks that they are accounted for."""
    archive = Process.load("one-stop").definition.actions["archive"]
    assert ["originals-accounted"] == [guard.name for guard in archive.guards]


def test_silence_is_consent_only_with_a_basis():
    """Who asks says what silence means, and is held to the law that says so."""
    send = Process.load("consultation").definition.actions["send"]
    assert ("form.silence", True) == (send.sets["silence"], "silence-needs-basis" in [guard.name for guard in send.guards])
