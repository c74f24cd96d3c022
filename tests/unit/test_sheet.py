"""What a process says of itself (ISO 9001:2015, 4.4), and its sheet."""

from __future__ import annotations

import pytest

from definitions import filled, problems, small
from qms.difference import diff
from qms.process import Procedure, Process
from qms.sheet import sheet_rows

SAID = """
purpose = "to answer"
owner = "head"
due = "legal"
limits.legal = "5 working days"
limits.look = "1 working day"
[inputs.letter]
title = { en = "A letter", vi = "Đơn" }
from = "clerk"
form = "Note"
[outputs.answer]
title = { en = "An answer", vi = "Trả lời" }
to = "whoever asked"
outcome = "answered"
[criteria.in-time]
title = { en = "Answered in time", vi = "Đúng hạn" }
limit = "legal"
source = "4.4.1 c"
[risks.lost]
title = { en = "The letter is lost", vi = "Mất đơn" }
likelihood = 2
consequence = 4
treatment = { en = "registered at once", vi = "vào sổ ngay" }
actions = ["look"]
[risks.phone]
kind = "opportunity"
title = { en = "Answered by phone", vi = "Trả lời qua điện thoại" }
[indicators.on-time]
title = { en = "On time", vi = "Đúng hạn" }
measure = "on-time"
target = "98 %"
period = "month"
[steps.looked]
title = { en = "Looked at", vi = "Đã xem" }
[phases]
work = ["waiting", "looked"]
[actions.ask]
from = "new"
to = "waiting"
roles = ["clerk"]
form = "Note"
clocks = { legal = "start", look = "start" }
[actions.look]
title = { en = "Look", vi = "Xem" }
from = "waiting"
to = "looked"
roles = ["clerk", "head"]
clocks.look = "stop"
[actions.finish]
from = "looked"
to = "done"
roles = ["head"]
clocks.legal = "stop"
outcome = "answered"
[actions.drop]
from_any = ["work"]
to = "done"
roles = ["head"]
"""


def test_what_a_process_says_of_itself_is_data():
    """Inputs, outputs, criteria, risks and indicators, each by name."""
    known = small(SAID).definition
    assert ("clerk", "whoever asked", "legal") == (
        known.inputs["letter"].from_,
        known.outputs["answer"].to,
        known.criteria["in-time"].limit,
    )
    assert (("look",), "opportunity", "98 %") == (
        known.risks["lost"].actions,
        known.risks["phone"].kind,
        known.indicators["on-time"].target,
    )


def test_nothing_of_it_must_be_said():
    """A definition without it is the same as ever."""
    known = small().definition
    assert ({}, {}, {}, {}, {}) == (known.inputs, known.outputs, known.criteria, known.risks, known.indicators)


def test_what_it_says_must_be_there():
    """Forms, outcomes, limits and actions that the process does not have are faults, all at once."""
    text = (
        SAID.replace('form = "Note"\n[outputs', 'form = "Paper"\n[outputs')
        .replace('outcome = "answered"\n[criteria', 'outcome = "granted"\n[criteria')
        .replace('limit = "legal"', 'limit = "loyal"')
        .replace('kind = "opportunity"', 'kind = "luck"')
        .replace("likelihood = 2", "likelihood = 6")
        .replace('actions = ["look"]', 'actions = ["fly"]')
    )
    assert [
        "inputs.letter.form: 'Paper' is no form of an action; known: Note",
        "outputs.answer.outcome: 'granted' is no outcome of an action; known: answered",
        "criteria.in-time.limit: 'loyal' is no limit; known: legal, look",
        "risks.lost.likelihood: 6 is not judged from 1 to 5",
        "risks.lost.actions[0]: 'fly' is no action; known: ask, finish, look, drop",
        "risks.phone.kind: 'luck' is no kind; known: risk, opportunity",
    ] == problems(small, text)


def test_an_outcome_that_a_form_says_may_be_any():
    """What comes of a case is then not known beforehand."""
    text = SAID.replace('clocks.legal = "stop"\noutcome = "answered"', 'form = "Paper"\noutcome = "form.result"')
    assert "granted" == small(text.replace('"answered"', '"granted"')).definition.outputs["answer"].outcome


def test_names_are_names():
    """As those of steps and actions."""
    assert ["risks.Big Risk: names are lower-case ASCII letters, digits, dots and hyphens"] == problems(
        small, '[risks."Big Risk"]\nnote = "x"'
    )


def test_a_change_of_it_is_told_in_words():
    """A difference between two versions as any other."""
    (change,) = diff(small(SAID), small(SAID.replace("98 %", "99 %")))
    assert ("indicator on-time (On time), target: 98 % → 99 %", "chỉ số on-time (Đúng hạn), target: 98 % → 99 %") == (
        change.text(),
        change.text("vi"),
    )


def test_a_row_is_a_step_with_who_acts_when_and_on_what():
    """What opens comes first, what leaves many steps last."""
    rows = sheet_rows(small(SAID).definition)
    assert [
        ("new", ("ask",), ("clerk",), (), ("Note",), ("waiting",)),
        ("waiting", ("Look",), ("clerk", "head"), ("1 working day",), (), ("Looked at",)),
        ("looked", ("finish",), ("head",), (), (), ("done",)),
        ("work", ("drop",), ("head",), (), (), ("done",)),
    ] == [(row.step, row.actions, row.responsible, row.time, row.forms, row.results) for row in rows]


def test_a_procedure_gives_its_limits_and_shares():
    """The time of a step is its share, where the procedure says one."""
    procedure = filled({"shares": [{"step": "looked", "period": "2 working hours"}], "title": {"en": "Letter"}})
    rows = sheet_rows(small(SAID).definition, "vi", procedure.definition)
    assert [(), ("1 ngày làm việc",), ("2 giờ làm việc",), ()] == [row.time for row in rows]
    assert small(SAID).sheet("en", procedure).startswith("# Letter (1.1): small\n")


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "en",
            [
                "- Purpose: to answer",
                "- Owner: head",
                "- Time limit: legal: 5 working days",
                "- Inputs: A letter (clerk)",
                "- Outputs: An answer (whoever asked)",
                "- Criteria and methods: Answered in time (4.4.1 c)",
                "- Risks: The letter is lost (2×4): registered at once – Look",
                "- Opportunities: Answered by phone",
                "- Indicators: On time (98 %, month)",
                "| No. | Step | What is done | Responsible | Time | Form | Result |",
            ],
        ),
        (
            "vi",
            [
                "- Đầu vào: Đơn (clerk)",
                "- Rủi ro: Mất đơn (2×4): vào sổ ngay – Xem",
                "- Chỉ số: Đúng hạn (98 %, tháng)",
                "| 2 | waiting | Xem | clerk; head | 1 ngày làm việc | – | Đã xem |",
            ],
        ),
    ],
)
def test_the_sheet_in_words(language, lines):
    """What is said stands in it, in the language that was asked for; what is not said is left out."""
    text = small(SAID).sheet(language).splitlines()
    assert lines == [line for line in text if line in lines]


def test_a_limit_that_a_procedure_says_is_told_as_such():
    """Without a procedure there is no period to tell."""
    text = """
    due = "legal"
    limits.legal = { from = "procedure" }
    actions.ask = { from = "new", to = "waiting", roles = ["clerk"], clocks = { legal = "start" } }
    actions.finish = { from = "waiting", to = "done", roles = ["clerk"], clocks = { legal = "stop" } }
    """
    assert "| 2 | waiting | finish | clerk | as the procedure says | – | done |" in small(text).sheet().splitlines()


def test_the_system_answers_for_what_a_clock_fires():
    """A lapse is done by nobody else."""
    text = 'limits.window = "1 day"\nactions.lapse = { from = "waiting", to = "done", fired_by = "window" }'
    assert ("clerk", "Hệ thống") == sheet_rows(small(text).definition, "vi")[1].responsible


@pytest.mark.parametrize("name", ["one-stop", "nonconformity"])
def test_shipped_processes_say_what_the_clause_asks_for(name):
    """Owner, inputs, outputs, criteria, risks and opportunities, indicators, in both languages."""
    known = Process.load(name).definition
    tables = (known.inputs, known.outputs, known.criteria, known.risks, known.indicators)
    assert known.owner and all(tables) and {"risk", "opportunity"} == {risk.kind for risk in known.risks.values()}
    assert all({"vi", "en"} <= set(one.title) for table in tables for one in table.values())


def test_the_sheet_of_a_shipped_procedure_has_a_row_for_each_of_its_shares():
    """The internal procedure of an office, from the definition."""
    procedure = Procedure.load("2.000908")
    rows = {row.step: row.time for row in sheet_rows(Process.load("one-stop").definition, "vi", procedure.definition)}
    assert procedure.definition.shares
    assert all((share.period.text("vi"),) == rows[share.step] for share in procedure.definition.shares)
