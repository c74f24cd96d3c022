"""Advice on a definition: each warning with its place, its witness, and the mend after which it is silent."""

from __future__ import annotations

from pathlib import Path

import pytest

from definitions import filled, problems, small
from qms.process import Procedure, Process
from qms.records import FORMS, GUARDS
from qms.soundness import Finding, Report
from qms.stepwise import Stepwise, components, near

SHIPPED = [path.stem for path in sorted((Path(__file__).parents[2] / "src/qms/definitions/processes").glob("*.toml"))]

ROUND = """
actions.return = { from = "checked", to = "waiting", roles = ["clerk"] }
actions.look = { from = "waiting", to = "checked", roles = ["clerk"] }
steps.checked = {}
"""
LIMITED = """
due = "legal"
limits.legal = "5 working days"
actions.ask = { from = "new", to = "waiting", roles = ["clerk"], clocks.legal = "start" }
"""
PUBLIC = """
parts = ["applicant"]
subject = "applicant"
steps.back = {}
actions.ask = { from = "new", to = "waiting", roles = ["applicant"] }
actions.send-back = { from = "waiting", to = "back", roles = ["clerk"], at_most = 1 }
actions.bring = { from = "back", to = "waiting", roles = ["applicant"] }
"""
FORK = """
steps.a = {}
steps.b = {}
steps.b2 = {}
steps.left = {}
actions.split = { from = "waiting", to = ["a", "b"], roles = ["clerk"] }
actions.go = { from = "b", to = "b2", roles = ["clerk"] }
actions.meet = { join = ["a", "b2"], to = "done", roles = ["clerk"] }
"""
CHILDREN = """
steps.asked = {}
actions.consult = { from = "waiting", to = "asked", roles = ["clerk"], raises = [{ process = "x", action = "y", child = "c" }] }
actions.skip = { from = "waiting", to = "asked", roles = ["clerk"] }
actions.go-on = { from = "asked", to = "waiting", fired_by = { children = "c", need = "all" }, at_most = 1 }
"""


def codes(text: str) -> list[str]:
    """What is found in the process of *text*."""
    return [finding.code for finding in small(text).check().findings]


def only(report: Report) -> Finding:
    """The one finding there is."""
    (finding,) = report.findings
    return finding


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_processes_have_no_finding(name):
    """Neither errors nor warnings that are not argued, with every shipped procedure, form and guard."""
    process = Process.load(name)
    assert (True, ()) == ((report := process.check(Procedure.shipped(name), forms=FORMS, guards=GUARDS)).sound, report.findings)


def test_a_loop_under_no_limit_is_told_with_a_way_round():
    """Nobody is ever late in it, and it may go on for ever."""
    finding = only(small(ROUND).check())
    assert ("unbounded-loop", "warning", "steps.waiting, checked") == (finding.code, finding.severity, finding.where)
    assert ("ask", "look", "return") == finding.witness


def test_warnings_leave_a_process_sound():
    """What is only advice makes no definition unusable."""
    report = small(ROUND).check()
    assert (True, (), 1) == (report.sound, report.errors, len(report.warnings))


@pytest.mark.parametrize(
    "mend", [LIMITED, 'actions.look = { from = "waiting", to = "checked", roles = ["clerk"], at_most = 3 }']
)
def test_a_loop_under_a_limit_or_a_bound_is_none(mend):
    """Where a limit runs all the way somebody is late; where one action is bounded it ends."""
    text = (
        ROUND.replace('actions.look = { from = "waiting", to = "checked", roles = ["clerk"] }\n', "")
        if "look" in mend
        else ROUND
    )
    assert [] == codes(mend + text)


def test_a_loop_at_which_the_limit_was_stopped_is_told():
    """The clock must run in the loop, not only in the case."""
    text = ROUND.replace('to = "checked"', 'to = "checked", clocks.legal = "stop"')
    assert ["unbounded-loop"] == codes(LIMITED + text)


def test_a_reopened_case_is_no_loop():
    """What is reopened has ended before."""
    assert [] == codes('actions.reopen = { from = "done", to = "waiting", roles = ["head"], reopens = true }')


def test_a_loop_that_nobody_drives_is_told():
    """Two limits that fire each other's start go on until somebody stops them."""
    text = """
    steps.night = {}
    limits.day = "1 day"
    actions.ask = { from = "new", to = "waiting", roles = ["clerk"], clocks.day = "start" }
    actions.fall = { from = "waiting", to = "night", fired_by = "day", clocks.day = "start" }
    actions.rise = { from = "night", to = "waiting", fired_by = "day", clocks.day = "start" }
    """
    finding = only(small(text).check())
    assert ("automatic-loop", ("ask", "fall", "rise")) == (finding.code, finding.witness)


def test_a_pause_without_a_bound_is_told():
    """A limit that can be stopped again and again is none."""
    text = LIMITED + ROUND.replace('to = "checked"', 'to = "checked", clocks.legal = "pause"').replace(
        'to = "waiting"', 'to = "waiting", clocks.legal = "resume"'
    )
    finding = only(small(text).check())
    assert ("unbounded-pause", "actions.look", ("ask", "look", "return")) == (finding.code, finding.where, finding.witness)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('clocks.legal = "pause"', 'clocks.legal = "pause", at_most = 1'),
        ('limits.legal = "5 working days"', 'limits.legal = { period = "5 working days", pauses = [{ at_most = 1 }] }'),
    ],
)
def test_a_pause_is_bounded_by_a_count_or_by_the_terms_of_the_limit(old, new):
    """Both say how often."""
    text = LIMITED + ROUND.replace('to = "checked"', 'to = "checked", clocks.legal = "pause"').replace(
        'to = "waiting"', 'to = "waiting", clocks.legal = "resume"'
    )
    assert [] == codes(text.replace(old, new))


def test_a_step_that_the_public_alone_can_end_is_told():
    """Who never comes back keeps the case open for ever."""
    finding = only(small(PUBLIC).check())
    assert ("no-lapse", "steps.back", ("ask", "send-back")) == (finding.code, finding.where, finding.witness)
    assert "only applicant can end the wait at back" in finding.message


@pytest.mark.parametrize(
    "mend",
    [
        'actions.give-up = { from = "back", to = "done", roles = ["clerk"] }',
        'limits.window = "30 days"\nactions.lapse = { from = "back", to = "done", fired_by = "window" }',
    ],
)
def test_a_wait_that_a_limit_or_the_office_can_end_is_none(mend):
    """Either is enough."""
    text = PUBLIC.replace("at_most = 1", 'at_most = 1, clocks.window = "start"') if "window" in mend else PUBLIC
    assert [] == codes(mend.replace("limits", "limits") + "\n" + text)


def test_a_branch_that_comes_into_another_is_told():
    """Tokens of one fork meet in a join, or not at all."""
    report = small(FORK + 'actions.jump = { from = "a", to = "b", roles = ["clerk"] }').check()
    finding = next(finding for finding in report.findings if finding.code == "branch-escape")
    assert ("actions.jump", "warning", ("ask", "split", "jump")) == (finding.where, finding.severity, finding.witness)
    assert report.sound is False


def test_branches_that_meet_in_a_join_do_not_escape():
    """Nor does a branch that ends the case and cancels the other."""
    leave = 'actions.leave = { from = "a", to = "done", cancels = ["b", "b2"], roles = ["clerk"] }'
    assert [] == codes(FORK.replace("steps.left = {}\n", "") + leave)


def test_a_step_that_waits_for_children_that_may_not_be_is_told():
    """With no child there is no end of one."""
    finding = only(small(CHILDREN).check())
    assert ("no-children", "steps.asked", ("ask", "consult")) == (finding.code, finding.where, finding.witness)


def test_a_step_that_waits_for_a_child_opened_on_every_way_is_none():
    """The end of the child comes."""
    text = CHILDREN.replace('actions.skip = { from = "waiting", to = "asked", roles = ["clerk"] }\n', "")
    assert [] == codes(text)


def test_a_child_opened_only_sometimes_does_not_count():
    """A guard may have nothing to say."""
    text = CHILDREN.replace('action = "y",', 'action = "y", when = "late",').replace("actions.skip", "actions.other")
    assert ["no-children"] == codes(text)


def test_a_limit_that_nothing_starts_fires_nothing():
    """The action would wait for ever."""
    text = 'limits.window = "1 day"\nactions.lapse = { from = "waiting", to = "done", fired_by = "window" }'
    finding = only(small(text).check())
    assert ("dead-trigger", "actions.lapse.fired_by") == (finding.code, finding.where)


def test_a_ladder_on_a_limit_that_runs_is_none():
    """A threshold before or after the end is fired by the same clock."""
    text = LIMITED + 'actions.warn = { from = "waiting", fired_by = { limit = "legal", before = "1 working day" } }'
    assert [] == codes(text)


def test_undoing_what_opened_another_case_is_told():
    """The other case stays."""
    text = 'actions.finish = { from = "waiting", to = "done", roles = ["clerk"], undoable = true, raises = [{ process = "x", action = "y" }] }'
    finding = only(small(text).check())
    assert ("undo-leaves-cases", "actions.finish.undoable") == (finding.code, finding.where)


STEPS = """
due = "legal"
steps.one = {}
steps.two = {}
steps.aside = {}
limits.legal = "10 working days"
limits.first = "6 working days"
limits.second = "SECOND working days"
limits.short = "1 working day"
actions.ask = { from = "new", to = "one", roles = ["clerk"], clocks.legal = "start", clocks.first = "start" }
actions.go = { from = "one", to = "two", roles = ["clerk"], clocks.first = "stop", clocks.second = "start" }
actions.put = { from = "one", to = "aside", roles = ["clerk"], clocks.first = "stop", clocks.short = "start" }
actions.take = { from = "aside", to = "waiting", roles = ["clerk"], clocks.short = "stop" }
actions.end = { from = "two", to = "waiting", roles = ["clerk"], clocks.second = "stop" }
"""


def test_the_limits_of_the_steps_on_the_longest_way_fit_the_limit_of_the_case():
    """The longest way counts, not the sum of all: 6 + 5 on one, 6 + 1 on the other."""
    finding = only(small(STEPS.replace("SECOND", "5")).check())
    assert ("steps-over-limit", "limits.legal", ("ask", "go")) == (finding.code, finding.where, finding.witness)
    assert "6 working days at one + 5 working days at two are more than limits.legal, 10 working days" in finding.message


@pytest.mark.parametrize(("second", "unit"), [("4", "working days"), ("99", "hours")])
def test_limits_that_fit_or_do_not_compare_are_silent(second, unit):
    """Units never convert: 99 hours are no number of working days."""
    assert [] == codes(STEPS.replace('"SECOND working days"', f'"{second} {unit}"'))


def test_a_loop_among_the_steps_counts_each_once():
    """Going back is no plan."""
    back = 'actions.back = { from = "two", to = "one", roles = ["clerk"], clocks.second = "stop", clocks.first = "start" }\n'
    assert [] == codes(STEPS.replace("SECOND", "4") + back)


def test_shares_of_a_procedure_go_before_the_limits_of_steps():
    """The office's own division is what it plans by."""
    text = STEPS.replace("SECOND", "5").replace('limits.legal = "10 working days"', 'limits.legal = { from = "procedure" }')
    procedure = {"limits": {"legal": {"period": "10 working days"}}, "shares": [{"step": "one", "period": "2 working days"}]}
    assert [] == [finding.code for finding in small(text).check([filled(procedure)]).findings]


def test_a_choice_of_the_procedure_is_followed():
    """Where the procedure lets the limit run, nothing is paused."""
    text = """
    blanks.mode = ["pause", "run"]
    steps.checked = {}
    due = "legal"
    limits.legal = "5 working days"
    actions.ask = { from = "new", to = "waiting", roles = ["clerk"], clocks.legal = "start" }
    actions.look = { from = "waiting", to = "checked", roles = ["clerk"], clocks.legal = { by = "procedure.mode", pause = "pause", run = "none" } }
    actions.return = { from = "checked", to = "waiting", roles = ["clerk"], clocks.legal = { by = "procedure.mode", pause = "resume", run = "none" } }
    """
    process = small(text)
    told = {mode: [f.code for f in process.check([filled({"blanks": {"mode": mode}})]).findings] for mode in ("pause", "run")}
    assert {"pause": ["unbounded-pause"], "run": []} == told


def test_a_warning_that_is_argued_is_silent():
    """Who knows better says why, in the definition."""
    assert [] == codes('argued = { "unbounded-loop steps.waiting, checked" = "drafts go to and fro" }\n' + ROUND)


def test_an_argument_about_nothing_is_told():
    """What was mended needs no argument any more."""
    finding = only(small('argued = { "no-lapse steps.waiting" = "they always come" }').check())
    assert ("argued-nothing", "argued.no-lapse steps.waiting") == (finding.code, finding.where)


def test_a_defect_cannot_be_argued():
    """A case that is stuck is stuck."""
    text = 'argued = { "deadlock steps.hole" = "we like it" }\nsteps.hole = {}\nactions.fall = { from = "waiting", to = "hole", roles = ["clerk"] }'
    assert (False, ["deadlock"]) == ((report := small(text).check()).sound, [f.code for f in report.findings])


def test_a_finding_reads_as_one_line():
    """Where, what kind, which, and the way there."""
    finding = Finding("no-lapse", "nobody ends it", "steps.back", ("ask",), "warning")
    assert "steps.back: warning: no-lapse: nobody ends it (after ask)" == str(finding)


def test_the_steps_are_looked_at_one_by_one():
    """What surely runs where two branches have met is what runs in either."""
    text = """
    limits.x = "1 day"
    limits.y = "1 day"
    steps.a = {}
    steps.b = {}
    steps.met = {}
    actions.split = { from = "waiting", to = ["a", "b"], roles = ["clerk"], clocks.x = "start" }
    actions.in-b = { from = "b", roles = ["clerk"], clocks.y = "start" }
    actions.meet = { join = ["a", "b"], to = "met", roles = ["clerk"] }
    actions.end = { from = "met", to = "done", roles = ["clerk"] }
    """
    process = small(text)
    steps = Stepwise(
        process.definition, process.net, {key: action.clocks for key, action in process.definition.actions.items()}
    )
    assert (frozenset(), frozenset({"x"})) == (steps.sure["waiting"], steps.sure["met"])
    assert ("ask", "split", "meet") == near(process.net, "met")


def test_components_are_the_steps_that_lead_to_each_other():
    """Two loops that share no step are two; what only hangs on them is none."""
    edges = [("a", "b"), ("b", "a"), ("b", "c"), ("c", "d"), ("d", "e"), ("e", "c"), ("e", "f")]
    assert [frozenset("ab"), frozenset("cde")] == list(components(edges))


def test_what_an_argument_is_must_be_text():
    """A table of reasons, by code and place."""
    assert ["argued.x: expected a text, not 1"] != problems(small, "argued = { x = [] }")
