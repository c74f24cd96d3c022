"""Processes and procedures: parts that fit together, blanks that are filled, nets that are sound."""

from __future__ import annotations

import json

import pytest

from definitions import DROP, FORMS, bound, filled, problems, small, tree, with_
from qms.errors import InvalidInput, NotFound
from qms.limits import TimeLimit
from qms.process import Procedure, Process

RICH = tree("""
due = "legal"
subject = "applicant"
opens = "ask"
rule = "vn-one-stop"
parts = ["applicant"]
[dates]
promised_at = "once"
[axes]
fee = ["none", "due"]
[blanks]
mode = ["restart", "run"]
[phases]
early = ["waiting"]
[limits]
legal = { from = "procedure" }
[actions.finish]
from = "waiting"
to = "done"
roles = ["clerk"]
form = "Paper"
clocks.legal = { by = "procedure.mode", restart = "restart", run = "none" }
""")

FAULTS = [
    ("due", "loyal", "due: 'loyal' is no limit; known: legal"),
    ("subject", "owner", "subject: 'owner' is no part; known: applicant"),
    ("opens", "finish", "opens: 'finish' is no opening action; known: ask"),
    ("rule", "vn-none", "rule: no rule 'vn-none' is shipped; there are: calendar-plain, "),
    ("limits.legal.rule", "vn-none", "limits.legal.rule: no rule 'vn-none' is shipped; "),
    ("dates.promised_at", "first", "dates.promised_at: 'first' is no way to write a date; known: last, once, later"),
    ("phases.early", ["wait"], "phases.early[0]: 'wait' is no step; known: waiting, done"),
    ("phases.waiting", ["done"], "phases.waiting: a step has that name too; give the phase another"),
    ("parts", ["applicant", "clerk"], "parts: 'clerk' is a role or an action too; give the part another name"),
    ("steps.New", {}, "steps.New: names are lower-case ASCII letters, digits, dots and hyphens"),
    ("steps.new", {}, 'steps.new: "new" stands for a case that is not opened yet; choose another name'),
    ("steps.done.closes", False, "steps: no step closes a case; mark one with closes = true"),
    ("actions.finish.from", "wait", "actions.finish.from: 'wait' is no step; known: waiting, done"),
    ("actions.finish.from", DROP, "actions.finish.from: say one of from = step, from_any = [...] (alternatives) or join = "),
    ("actions.finish.from_any", ["waiting"], "actions.finish.from: say one of from = step, "),
    ("actions.finish.join", ["waiting"], "actions.finish.from: say one of from = step, "),
    ("actions.finish.need", 1, "actions.finish.need: 1 of 0 joined steps cannot be; need counts the steps of join"),
    ("actions.finish.to", "gone", "actions.finish.to: 'gone' is no step; known: waiting, done"),
    ("actions.finish.to", ["done", "gone"], "actions.finish.to[1]: 'gone' is no step; known: waiting, done"),
    (
        "actions.finish.to",
        {"by": "form.result", "ok": "gone"},
        "actions.finish.to.ok[0]: 'gone' is no step; known: waiting, done",
    ),
    (
        "actions.finish.to",
        {"by": "procedure.mode", "restart": "done"},
        "actions.finish.to: no branch for 'run', which a procedure may say",
    ),
    (
        "actions.finish.to",
        {"by": "procedure.mode", "restart": "done", "run": "done", "stop": "done"},
        "actions.finish.to.stop: 'stop' is no value of mode; known: restart, run",
    ),
    ("actions.finish.to", {"by": "procedure.mood", "a": "done"}, "actions.finish.to.by: 'mood' is no blank; known: mode"),
    ("actions.ask.to", [], "actions.ask.to: an action that opens a case must say where it goes"),
    ("actions.ask.cancels", ["*"], "actions.ask.from: what opens a case leaves no step and cancels none"),
    ("actions.finish.adds", ["gone"], "actions.finish.adds[0]: 'gone' is no step; known: waiting, done"),
    (
        "actions.finish.cancels",
        ["gone"],
        "actions.finish.cancels[0]: 'gone' is no step or phase; known: *, waiting, done, early",
    ),
    ("actions.finish.roles", DROP, "actions.finish.roles: nobody may do this; name the roles, or the clock that fires it"),
    (
        "actions.finish.roles",
        ["chef"],
        "actions.finish.roles[0]: 'chef' is no role or part; known: applicant, clerk, head, system",
    ),
    ("actions.finish.fired_by", "lunch", "actions.finish.fired_by: 'lunch' is no limit; known: legal"),
    ("actions.finish.fired_by", "legal", "actions.finish.form: the clock legal fires this, and a clock fills no form"),
    ("actions.finish.separate_from", ["sing"], "actions.finish.separate_from[0]: 'sing' is no action or part; known: ask, "),
    ("actions.finish.same_as", ["sing"], "actions.finish.same_as[0]: 'sing' is no action or part; known: ask, "),
    ("actions.finish.at_most", {"n": 1, "phase": "late"}, "actions.finish.at_most.phase: 'late' is no phase; known: early"),
    ("actions.finish.clocks.lunch", "stop", "actions.finish.clocks.lunch: 'lunch' is no limit; known: legal"),
    (
        "actions.finish.clocks.legal",
        "extend",
        'actions.finish.clocks.legal: how much more time? write { extend = "form.period" }',
    ),
    (
        "actions.finish.clocks.legal",
        {"by": "procedure.mode", "restart": "stop"},
        "actions.finish.clocks.legal: no branch for 'run', which a procedure may say",
    ),
    (
        "actions.finish.clocks.legal",
        {"effect": "stop", "at": "action:ask-again"},
        "actions.finish.clocks.legal.at: 'action:ask-again' is no instant; known: action:ask, action:finish",
    ),
    (
        "actions.ask.clocks.legal",
        {"start": "form.period"},
        "actions.ask.clocks.legal: form.period is read, but the action names no form",
    ),
    (
        "actions.finish.sets.promised_at",
        "now",
        "actions.finish.sets.promised_at: 'now' is no date to set; known: occurred, clock.legal, case.promised_at",
    ),
    ("actions.finish.sets.fee", "paid", "actions.finish.sets.fee: 'paid' is no value of fee; known: none, due"),
    ("actions.finish.sets.colour", "red", "actions.finish.sets.colour: 'colour' is no date or axis; known: promised_at, fee"),
    ("actions.ask.sets.fee", "form.fee", "actions.ask.form: form.fee is read, but the action names no form"),
    ("actions.finish.names.owner", "actor", "actions.finish.names.owner: 'owner' is no part; known: applicant"),
    (
        "actions.finish.names.applicant",
        "lan",
        'actions.finish.names.applicant: \'lan\' names nobody; write "actor" or "form.<field>"',
    ),
    ("actions.finish.outcome", "case.result", "actions.finish.outcome: 'result' is no axis; known: fee"),
    ("actions.ask.outcome", "form.result", "actions.ask.form: form.result is read, but the action names no form"),
    ("actions.ask.basis", "form.basis", "actions.ask.form: form.basis is read, but the action names no form"),
]


@pytest.mark.parametrize(("path", "value", "expected"), FAULTS, ids=[f"{path}={value!r}" for path, value, _ in FAULTS])
def test_parts_that_do_not_fit_are_told_with_their_path(path, value, expected):
    """Each name must lead somewhere, and each choice everywhere it may be asked to."""
    assert expected in [text[: len(expected)] for text in problems(Process.from_tree, with_(RICH, path, value))]


def test_a_process_that_no_action_opens_is_refused():
    """Somebody must be able to begin."""
    closed = with_(tree(), "actions.ask.from", "waiting")
    assert ['actions: no action opens a case; one must say from = "new"'] == problems(Process.from_tree, closed)


def test_an_opening_action_may_put_its_token_beside():
    """``adds`` is a place to go as well, but a net wants ``to``."""
    text = 'actions.ask = { from = "new", to = [], adds = ["waiting"], roles = ["clerk"] }'
    assert ["actions.ask.to: what opens a case must say where the case then stands"] == problems(small, text)


def test_all_that_does_not_fit_is_told_at_once():
    """Three names that lead nowhere are three problems."""
    wrong = with_(with_(with_(RICH, "due", "x"), "actions.finish.to", "x"), "actions.ask.roles", ["x"])
    assert ["due", "actions.ask.roles[0]", "actions.finish.to"] == [
        t.partition(": ")[0] for t in problems(Process.from_tree, wrong)
    ]


# Identity

ERRAND = "fe7d27ad13941542f63283fd0fd5494a0e13757a346e39e6466e0d22bd8b1635"


def test_the_content_hash_of_the_errand_is_pinned():
    """What identifies a definition does not change while the definition does not."""
    assert ERRAND == Process.load("errand").content_hash


def test_the_content_hash_does_not_depend_on_the_order_of_keys():
    """A table is the same in any order."""
    backwards = json.loads(json.dumps(RICH), object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    assert Process.from_tree(RICH) == Process.from_tree(backwards)


def test_the_content_hash_depends_on_every_value():
    """One title changed is another definition."""
    assert Process.from_tree(RICH) != Process.from_tree(with_(RICH, "steps.done.title", {"en": "Done"}))


def test_equal_processes_are_one_in_a_set():
    """Equality, hash and repr come from the content."""
    one, two = Process.from_tree(RICH), Process.from_tree(RICH)
    assert (1, f"<Process small {one.content_hash[:12]}>", False) == (len({one, two}), repr(one), one == "small")


def test_equal_procedures_are_one_in_a_set():
    """A procedure, too, is its content."""
    one, two = filled({}), filled({})
    assert (1, f"<Procedure 1.1 {one.content_hash[:12]}>", False) == (len({one, two}), repr(one), one == "1.1")


def test_a_process_is_read_from_toml_and_from_json(tmp_path):
    """One tree, two spellings, one hash."""
    file = tmp_path / "small.json"
    file.write_text(json.dumps(RICH), encoding="utf-8")
    toml = tmp_path / "other.toml"
    toml.write_text('code = "1"\nprocess = "small"\nvalid_from = 2024-01-01\n[title]\nen = "x"\n', encoding="utf-8")
    assert (Process.from_tree(RICH), "2024-01-01") == (Process.load(file), Procedure.load(str(toml)).definition.valid_from)


def test_a_process_that_is_not_shipped_is_not_found():
    """The message lists what is."""
    with pytest.raises(NotFound, match="there are: consultation, destruction, errand, "):
        Process.load("earrand")


def test_shipped_procedures_are_found_by_their_process():
    """All of one process, or all there are."""
    assert set(Procedure.shipped("one-stop")) <= set(Procedure.shipped())


def test_no_procedure_is_shipped_for_the_errand():
    """The errand has no blanks."""
    assert () == Procedure.shipped("errand")


# Titles


@pytest.mark.parametrize(
    ("key", "language", "title"),
    [
        ("", "vi", "Việc vặt"),
        ("waiting", "vi", "Đang chờ làm"),
        ("finish", "en", "Finish"),
        ("clerk", "fr", "Clerk"),
        ("nowhere", "en", "nowhere"),
    ],
)
def test_titles_in_the_language_asked_for(key, language, title):
    """Else in English, else the key."""
    assert title == Process.load("errand").title(key, language)


def test_a_process_without_titles_is_called_by_its_name():
    """Nothing is left nameless."""
    assert ["small", "ask"] == [small().title(), small().title("ask")]


def test_a_procedure_without_a_title_in_the_language_takes_any():
    """Vietnamese is asked for first."""
    assert ["Small", "1.1"] == [filled({}).title(), filled({"title": {}}).title()]


# Blanks

BLANKS = """
due = "legal"
blanks.mode = ["restart", "run"]
blanks.lapse = { values = ["stop", "go"], default = "stop" }
[limits.legal]
from = "procedure"
[limits.window]
from = "procedure"
default = "30 days"
rule = "vn-civil-2015"
[limits.extra]
from = "procedure"
[limits.fixed]
period = "1 working day"
[actions.finish]
from = "waiting"
to = { by = "procedure.lapse", stop = "done", go = "done" }
roles = ["clerk"]
clocks.legal = { by = "procedure.mode", restart = "restart", run = "none" }
"""
GIVEN = {"blanks": {"mode": "restart"}, "limits": {"legal": {"period": "5 days"}}}


def test_a_process_with_blanks_is_bound_by_a_procedure_that_fills_them():
    """Defaults fill the rest; a limit without any is left out, with the rule of whoever names one."""
    assert {
        "legal": (TimeLimit(5, "days"), None),
        "window": (TimeLimit(30, "days"), "vn-civil-2015"),
        "fixed": (TimeLimit(1, "working days"), None),
    } == bound(BLANKS, GIVEN).limits


def test_a_choice_of_the_procedure_is_settled_when_bound():
    """What remains is one effect, or none at all."""
    run = {**GIVEN, "blanks": {"mode": "run"}}
    assert [["restart"], []] == [
        [effect.effects[""] for _, effect in bound(BLANKS, given).plans["finish"].clocks] for given in (GIVEN, run)
    ]


def test_a_choice_of_the_procedure_is_one_move_when_bound_and_all_before():
    """The process alone has every branch."""
    text = BLANKS.replace('go = "done"', 'go = "waiting"')
    assert (1, 2) == (len(bound(text, GIVEN).net.moves_of("finish")), len(small(text).net.moves_of("finish")))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, ["blanks.mode: the procedure must say one of restart, run", "limits.legal: the procedure must say this limit"]),
        (with_(GIVEN, "blanks.mode", "walk"), ["blanks.mode: 'walk' is none of restart, run"]),
        (with_(GIVEN, "blanks.mood", "x"), ["blanks.mood: small has no such blank; it has: mode, lapse"]),
        (
            with_(GIVEN, "limits.lunch", {"period": "1 hour"}),
            ["limits.lunch: small has no such limit; it has: legal, window, extra, fixed"],
        ),
        (
            with_(GIVEN, "limits.fixed", {"period": "1 hour"}),
            ["limits.fixed: the process fixes this limit; a procedure cannot fill it"],
        ),
        ({**GIVEN, "process": "large"}, ["process: 1.1 belongs to 'large', not to 'small'"]),
        (
            {**GIVEN, "shares": [{"step": "waiting", "period": "1 hour"}, {"step": "lunch", "period": "1 hour"}]},
            ["shares[1].step: 'lunch' is no step; known: waiting, done"],
        ),
    ],
)
def test_what_a_procedure_must_fill_and_may_not(given, expected):
    """Blanks left, unknown and wrong come all at once."""
    assert expected == problems(bound, BLANKS, given)


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        ({"from": "procedure"}, ["limits.legal: a procedure fills a limit with a period"]),
        ({"period": "1 day", "rule": "vn-none"}, ["limits.legal.rule: no rule 'vn-none' is shipped; "]),
    ],
)
def test_a_procedure_says_periods(limit, expected):
    """A procedure leaves no blank of its own."""
    assert expected == [text[: len(expected[0])] for text in problems(filled, {"limits": {"legal": limit}})]


def test_a_fee_with_a_fraction_has_no_canonical_form():
    """Money is whole units or text, never a float."""
    assert ["fee.amount: float 0.5 has no canonical form; use text, integers, lists and tables"] == problems(
        filled, {"fee": {"amount": 0.5}}
    )


def test_a_plan_tells_roles_from_parts():
    """Parts in roles, separate_from and same_as are people of the case, the rest roles and actions."""
    text = """
    parts = ["applicant", "assignee"]
    [actions.finish]
    from = "waiting"
    to = "done"
    roles = ["clerk", "assignee"]
    separate_from = ["ask", "applicant"]
    same_as = ["ask", "assignee"]
    """
    plan = bound(text).plans["finish"]
    assert [{"clerk"}, ("assignee",), ("ask",), ("applicant",), ("ask",), ("assignee",)] == [
        plan.roles,
        plan.parts,
        plan.separate_actions,
        plan.separate_parts,
        plan.same_actions,
        plan.same_parts,
    ]


def test_a_clock_fires_its_actions_in_the_order_of_the_file():
    """What one limit may do at its end, depending on where the case stands."""
    text = """
    limits.window = "1 day"
    actions.first = { from = "waiting", to = "done", fired_by = "window" }
    actions.second = { from = "waiting", to = "done", fired_by = "window" }
    """
    assert {"window": ("first", "second")} == bound(text).firing


# Soundness


def test_an_action_with_alternatives_is_a_move_for_each():
    """``*`` and phases are spread to their steps; closing steps are none of ``*``."""
    text = """
    steps.late = {}
    phases.open = ["waiting", "late"]
    actions.stop = { from_any = "*", to = "done", roles = ["clerk"], cancels = ["open"] }
    """
    assert [("waiting",), ("late",)] == [move.take for move in small(text).net.moves_of("stop")]


def test_an_action_that_moves_nothing_is_one_move():
    """An apology leaves the token where it is, at any of its steps."""
    text = 'actions.note = { from_any = ["waiting", "done"], roles = ["clerk"] }'
    (move,) = small(text).net.moves_of("note")
    assert (("waiting", "done"), 1, True) == (move.take, move.need, move.moves_nothing)


def test_a_sound_process_is_said_to_be_sound():
    """The smallest has two markings."""
    report = small().check()
    assert (True, (), 2) == (report.sound, report.findings, report.markings)


def test_a_process_whose_cases_get_stuck_is_not_sound():
    """The finding has its witness."""
    report = small('steps.hole = {}\nactions.fall = { from = "waiting", to = "hole", roles = ["clerk"] }').check()
    assert (False, ["deadlock"], [("ask", "fall")]) == (
        report.sound,
        [finding.code for finding in report.findings],
        [finding.witness for finding in report.findings],
    )


def test_a_process_above_the_cap_is_undecided():
    """None is never yes."""
    assert None is small().check(cap=1).sound


def test_a_process_is_judged_for_each_procedure_bound_to_it():
    """A blank filled one way may leave a hole that the process alone does not have."""
    text = """
    blanks.mode = ["go", "rest"]
    steps.rest = {}
    actions.turn = { from = "waiting", to = { by = "procedure.mode", go = "waiting", rest = "rest" }, roles = ["clerk"] }
    actions.wake = { from = "rest", to = "waiting", roles = ["clerk"] }
    """
    process = small(text)
    reports = [process.check([filled({"blanks": {"mode": mode}})]) for mode in ("rest", "go", "run")]
    assert [[], ["unreachable-step", "dead-action"], ["procedure"]] == [
        [finding.code for finding in report.errors] for report in reports
    ]


def test_forms_guards_and_fields_that_are_not_there_are_findings():
    """Names of a definition must resolve where forms and guards are known."""
    text = """
    actions.more = { from = "waiting", to = { by = "form.kind", a = "done" }, roles = ["clerk"], form = "Leaf", marks = ["z"] }
    [actions.finish]
    from = "waiting"
    to = "done"
    roles = ["clerk"]
    form = "Paper"
    guards = ["x"]
    outcome = "form.fate"
    [[actions.finish.raises]]
    when = "y"
    process = "small"
    action = "ask"
    """
    report = small(text).check(forms=FORMS, guards={"x": None})
    assert (
        False,
        [
            "actions.finish: field-missing: Paper has no field 'fate'",
            "actions.finish: guard-missing: no guard 'y' is registered",
            "actions.more.form: form-missing: no form 'Leaf' is registered",
            "actions.more: guard-missing: no guard 'z' is registered",
        ],
    ) == (report.sound, list(map(str, report.findings)))


def test_fields_that_effects_read_are_judged_too():
    """An instant, a period, a choice, a date, a part and a basis may each name a field."""
    text = """
    parts = ["applicant"]
    dates.when = "last"
    limits.legal = "1 day"
    limits.more = "1 day"
    [actions.finish]
    from = "waiting"
    to = { by = "form.a", x = "done" }
    roles = ["clerk"]
    form = "Paper"
    basis = "form.b"
    clocks.legal = { effect = "stop", at = "form.c" }
    clocks.more = { start = "form.d" }
    sets.when = "form.e"
    names.applicant = "form.f"
    """
    assert list("abcdef") == [finding.message[-2] for finding in small(text).check(forms=FORMS).findings]


# Other shapes


def test_a_process_is_a_stock_machine():
    """States are the markings."""
    assert {"new", "waiting", "done"} == set(Process.load("errand").to_transitions().states)


def test_a_process_is_a_diagram_with_its_titles():
    """Titles in the language asked for."""
    assert "Đang chờ làm" in Process.load("errand").mermaid("vi")


def test_the_rules_of_a_limit_are_asked_of_procedure_limit_and_process_in_that_order():
    """The nearest that names a rule is followed."""
    text = 'rule = "calendar-plain"\nlimits.a = { from = "procedure", rule = "vn-one-stop" }\nlimits.b = { from = "procedure" }'
    given = {"limits": {"a": {"period": "1 day", "rule": "vn-civil-2015"}, "b": {"period": "1 day"}}}
    assert ["vn-civil-2015", "calendar-plain"] == [rule for _, rule in bound(text, given).limits.values()]


def test_no_process_is_read_from_what_is_no_file(tmp_path):
    """A path that leads nowhere is told as one."""
    with pytest.raises(InvalidInput, match="cannot be read"):
        Process.load(tmp_path / "none.toml")


def test_a_definition_that_nests_too_deep_is_refused():
    """Also where it is no file."""
    deep = []
    for _ in range(5_000):
        deep = [deep]
    for kind in (Process, Procedure):
        with pytest.raises(InvalidInput, match="nested deeper than 64"):
            kind.from_tree({"name": deep})
