"""What a definition file may say, key by key; every fault with its path."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from definitions import DROP, filled, problems, small, tree, with_
from qms.definition import AtMost, Blank, Choice, ClockEffect, GuardUse, Limit, plain
from qms.limits import TimeLimit
from qms.process import Procedure, Process

RICH = tree("""
dates = { promised_at = "once" }
axes = { fee = ["none", "due"] }
parts = ["applicant"]
blanks = { mode = ["restart", "run"] }
phases = { open = ["waiting"] }
[limits]
legal = "2 working days"
[actions.finish]
from = "waiting"
to = "done"
roles = ["clerk"]
form = "Paper"
""")

EFFECTS = "start, pause, resume, restart, extend, stop, none"

FAULTS = [
    ("colour", "red", "colour: unknown key; known here: "),
    ("name", DROP, "name: missing"),
    ("steps", DROP, "steps: missing"),
    ("name", 5, "name: text is expected, not 5"),
    ("parts", "applicant", "parts: a list of names is expected, not 'applicant'; write ['applicant']"),
    ("parts", ["a", 5, "a"], "parts[1]: a name is expected, not 5\nparts[2]: 'a' stands twice"),
    ("parts", 7, "parts: a name or a list of names is expected, not 7"),
    ("steps.waiting.closes", "yes", "steps.waiting.closes: true or false is expected, not 'yes'"),
    ("steps.waiting.colour", "red", "steps.waiting.colour: unknown key; known here: closes, codes, note, title"),
    ("steps.waiting.title", {"en": 5}, "steps.waiting.title.en: text is expected, not 5"),
    ("roles.clerk.title", "Clerk", "roles.clerk.title: "),
    (
        "actions.finish.from",
        ["waiting", "done"],
        "actions.finish.from: a list is unclear here: write from_any = [...] for alternatives, join = [...] for steps that must all",
    ),
    ("actions.finish.from", 5, "actions.finish.from: the name of a step is expected, not 5"),
    ("actions.finish.from_any", 5, "actions.finish.from_any: a name or a list of names is expected, not 5"),
    ("actions.finish.need", "two", "actions.finish.need: "),
    ("actions.finish.to", 5, "actions.finish.to: a name or a list of names is expected, not 5"),
    (
        "actions.finish.to",
        {"granted": "done"},
        'actions.finish.to.by: a choice needs by = "form.<field>" or by = "procedure.<blank>"',
    ),
    ("actions.finish.to", {"by": "form.result"}, "actions.finish.to: a choice needs at least one value = step"),
    ("actions.finish.to", {"by": "form.result", "x": 5}, "actions.finish.to: a name or a list of names is expected, not 5"),
    ("actions.finish.roles", "clerk", "actions.finish.roles: a list of names is expected, not 'clerk'; write ['clerk']"),
    ("actions.finish.roles", [5], "actions.finish.roles[0]: a name is expected, not 5"),
    ("actions.finish.guards", [5], "actions.finish.guards[0]: a guard is a name or a table with a name, not 5"),
    ("actions.finish.guards", [{"clock": "x"}], "actions.finish.guards[0]: a guard is a name or a table with a name, not "),
    ("actions.finish.at_most", 0, "actions.finish.at_most: a count of at least 1 is expected, "),
    ("actions.finish.at_most", True, "actions.finish.at_most: a count of at least 1 is expected, "),
    ("actions.finish.at_most", {"n": 1, "phases": "open"}, "actions.finish.at_most: a count of at least 1 is expected, "),
    ("actions.finish.at_most", {"n": 1, "phase": 5}, "actions.finish.at_most: a count of at least 1 is expected, "),
    ("actions.finish.clocks", {"legal": "run"}, f"actions.finish.clocks.legal: unknown effect 'run'; known: {EFFECTS}"),
    (
        "actions.finish.clocks",
        {"legal": 5},
        f"actions.finish.clocks.legal: an effect is expected ({EFFECTS}) or a table, not 5",
    ),
    ("actions.finish.clocks", {"legal": {"by": "case.x", "a": "stop"}}, "actions.finish.clocks.legal.by: a choice needs by = "),
    (
        "actions.finish.clocks",
        {"legal": {"by": "form.result", "a": "halt"}},
        f"actions.finish.clocks.legal.a: unknown effect 'halt'; known: {EFFECTS}",
    ),
    ("actions.finish.clocks", {"legal": {"effect": "halt"}}, "actions.finish.clocks.legal.effect: unknown effect 'halt'"),
    (
        "actions.finish.clocks",
        {"legal": {"effect": "stop", "at": 5}},
        'actions.finish.clocks.legal.at: an instant is "form.<field>" or "action:<action>", not 5',
    ),
    ("actions.finish.clocks", {"legal": {"extend": "5 days"}}, "actions.finish.clocks.legal.extend: a form field such as "),
    (
        "actions.finish.clocks",
        {"legal": {"effect": "start", "period": 5}},
        "actions.finish.clocks.legal.period: a form field such as ",
    ),
    (
        "actions.finish.clocks",
        {"legal": {"stop": "form.title"}},
        'actions.finish.clocks.legal: write { effect = "resume", at = ',
    ),
    ("actions.finish.clocks", {"legal": {}}, 'actions.finish.clocks.legal: write { effect = "resume", at = '),
    ("actions.finish.raises", [{"when": "late", "process": "small"}], "actions.finish.raises[0].action: missing"),
    ("limits.legal", "2.5 days", "limits.legal.period: '2.5 days' is no limit; only whole amounts are counted"),
    ("limits.legal", 5, "limits.legal: "),
    ("limits.legal", {"from": "form"}, "limits.legal.from: only from = \"procedure\" is known, not 'form'"),
    (
        "limits.legal",
        {"title": {}},
        'limits.legal: a limit is a period ("15 working days") or a blank ({ from = "procedure" })',
    ),
    (
        "limits.legal",
        {"period": "2 days", "from": "procedure"},
        'limits.legal: a limit is a period ("15 working days") or a blank ({ from = "procedure" })',
    ),
    (
        "limits.legal",
        {"period": "2 days", "source": {"levels": "law"}},
        "limits.legal.source.levels: unknown key; known here: level, text",
    ),
    ("blanks.mode", "restart", "blanks.mode: a list of allowed values is expected, not 'restart'"),
    ("blanks.mode", [], "blanks.mode: a list of allowed values is expected, not []"),
    ("blanks.mode", {"values": ["a"], "colour": 1}, "blanks.mode: a list of allowed values is expected, not "),
    ("blanks.mode", {"values": ["a"], "default": "b"}, "blanks.mode.default: 'b' is none of a"),
]


@pytest.mark.parametrize(("path", "value", "expected"), FAULTS, ids=[f"{path}={value!r}" for path, value, _ in FAULTS])
def test_a_fault_is_told_with_its_path_and_its_mend(path, value, expected):
    """One wrong place of a file is refused there, in words."""
    assert expected == "\n".join(problems(Process.from_tree, with_(RICH, path, value)))[: len(expected)]


def test_all_faults_of_a_file_come_at_once():
    """Three faults in three places are three problems."""
    wrong = with_(with_(with_(RICH, "colour", "red"), "steps.waiting.closes", 1), "actions.finish.roles", "clerk")
    assert {"colour", "steps.waiting.closes", "actions.finish.roles"} == {
        text.partition(": ")[0] for text in problems(Process.from_tree, wrong)
    }


ACTION = 'actions.finish = { from = "waiting", to = "done", roles = ["clerk"], form = "Paper", %s }'


def action(text: str, before: str = "") -> object:
    """The action ``finish`` with *text* added."""
    return small(f'{before}\nlimits.legal = "2 days"\n' + ACTION % text).definition.actions["finish"]


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ('clocks.legal = "stop"', "clocks", {"legal": ClockEffect({"": "stop"})}),
        (
            'clocks.legal = { effect = "stop", at = "form.paid_at" }',
            "clocks",
            {"legal": ClockEffect({"": "stop"}, at="form.paid_at")},
        ),
        ('clocks.legal = { start = "form.period" }', "clocks", {"legal": ClockEffect({"": "start"}, period="form.period")}),
        (
            'clocks.legal = { effect = "extend", period = "form.period" }',
            "clocks",
            {"legal": ClockEffect({"": "extend"}, period="form.period")},
        ),
        (
            'clocks.legal = { by = "form.result", a = "pause", at = "action:ask" }',
            "clocks",
            {"legal": ClockEffect({"a": "pause"}, by="form.result", at="action:ask")},
        ),
        ('guards = ["x", { name = "y", z = 1 }]', "guards", (GuardUse("x"), GuardUse("y", {"z": 1}))),
        ("at_most = 2", "at_most", AtMost(2)),
        ('codes = { national = "4" }', "codes", {"national": "4"}),
    ],
)
def test_the_short_and_the_long_spelling_of_an_action(text, key, value):
    """What a key may say, and what is read from it."""
    assert value == getattr(action(text), key)


@pytest.mark.parametrize(
    ("to", "value"),
    [
        ('"done"', ("done",)),
        ('["done"]', ("done",)),
        ('{ by = "form.result", a = "done", b = "waiting" }', Choice("form.result", {"a": ("done",), "b": ("waiting",)})),
        ('{ by = "form.result", a = ["done"], b = [] }', Choice("form.result", {"a": ("done",), "b": ()})),
    ],
)
def test_where_an_action_goes(to, value):
    """One step, several, none, or a choice of these."""
    text = f'actions.finish = {{ from = "waiting", to = {to}, roles = ["clerk"], form = "Paper" }}'
    assert value == small(text).definition.actions["finish"].to


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ('"2 working days"', Limit(TimeLimit(2, "working days"))),
        ('{ from = "procedure" }', Limit(from_="procedure")),
        ('{ from = "procedure", default = "30 days" }', Limit(from_="procedure", default=TimeLimit(30, "days"))),
        ('{ period = "1 month", rule = "vn-civil-2015" }', Limit(TimeLimit(1, "months"), rule="vn-civil-2015")),
    ],
)
def test_a_limit_is_a_period_or_a_blank(text, limit):
    """A text alone is a period."""
    assert limit == small(f"limits.legal = {text}").definition.limits["legal"]


@pytest.mark.parametrize(
    ("text", "blank"),
    [('["a", "b"]', Blank(("a", "b"))), ('{ values = ["a", "b"], default = "b" }', Blank(("a", "b"), "b"))],
)
def test_a_blank_lists_what_may_be_said(text, blank):
    """A list alone has no default."""
    assert blank == small(f"blanks.mode = {text}").definition.blanks["mode"]


def test_every_open_step_is_spelled_with_a_star():
    """``from_any = "*"`` needs no list."""
    text = 'actions.stop = { from_any = "*", to = "done", roles = ["clerk"] }'
    assert ("*",) == small(text).definition.actions["stop"].from_any


def test_the_dates_of_toml_become_text():
    """A definition has canonical bytes, and those know no dates."""
    assert {"a": ["2024-01-02", {"b": "2024-01-02T03:04:00"}]} == plain(
        {"a": [date(2024, 1, 2), {"b": datetime(2024, 1, 2, 3, 4)}]}
    )


def test_a_procedure_is_read_as_strictly():
    """Faults of a procedure have their paths too."""
    wrong = {
        "code": "1",
        "process": "small",
        "title": {"en": "x"},
        "colour": 1,
        "shares": [{"step": "waiting", "period": "soon"}],
    }
    assert ["colour", "shares[0].period"] == sorted(text.partition(": ")[0] for text in problems(Procedure.from_tree, wrong))


def test_a_procedure_keeps_what_it_tells_the_public():
    """Fee, papers, shares and facts are data of the procedure."""
    told = {
        "fee": {"amount": 8000},
        "papers": ["form"],
        "shares": [{"step": "waiting", "period": "4 hours"}],
        "facts": {"x": 1},
    }
    definition = filled(told).definition
    assert [{"amount": 8000}, ("form",), TimeLimit(4, "hours"), {"x": 1}] == [
        definition.fee,
        definition.papers,
        definition.shares[0].period,
        definition.facts,
    ]
