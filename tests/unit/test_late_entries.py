"""What is recorded after it occurred; cases reopened with a scope."""

from __future__ import annotations

from typing import Any

import pytest

from definitions import at, moment, small
from office import Now, denied, office
from qms.backdated import LateEntry
from qms.event import Acted
from qms.organization import Organization

PROCESS = """
due = "legal"
limits.legal = "1 working day"
limits.window = "1 working day"
[steps.late]
[actions.ask]
from = "new"
to = "waiting"
roles = ["clerk"]
clocks = { legal = "start", window = "start" }
[actions.note]
from_any = ["waiting", "late"]
roles = ["clerk"]
[actions.lapse]
from = "waiting"
to = "late"
fired_by = "window"
[actions.finish]
from_any = ["waiting", "late"]
to = "done"
roles = ["clerk"]
"""


def worked() -> Organization:
    """Two cases: one noted after the fact, the other lapsed and swept a day later."""
    now = Now("02 09:00")
    org = office(small(PROCESS), now=now)
    org.open("small", by="lan")
    now.to("02 11:30")
    org.act("a", "note", by="mai", occurred_at=moment("02 10:00"), reason="power cut")
    org.act("a", "note", by="mai")
    now.to("05 09:00")
    org.open("small", by="lan", occurred_at=moment("05 08:30"), reason="queue")
    org.sweep()
    return org


def test_late_entries_are_listed_with_lag_and_reason():
    """In the order in which they were recorded; what a clock fired is dated at its end, and is none."""
    late = list(worked().late_entries())
    assert [("a", "note", "mai", "power cut", 5_400_000_000), ("b", "ask", "lan", "queue", 1_800_000_000)] == [
        (entry.case, entry.action, entry.by, entry.reason, entry.lag) for entry in late
    ]
    assert (at("02 10:00"), at("02 11:30"), 3) == (late[0].occurred, late[0].recorded, late[0].seq)


def test_late_entries_are_read_on_from_a_position():
    """As any reader of the log does."""
    org = worked()
    first, second = org.late_entries()
    assert [second] == list(org.late_entries(first.position)) and [] == list(org.late_entries(second.position))


@pytest.mark.parametrize(
    ("lag", "language", "words"),
    [
        (5_400_000_000, "en", "a: note by mai, recorded 1 hour 30 minutes after it occurred: power cut"),
        (5_400_000_000, "vi", "a: note do mai thực hiện, ghi nhận sau 1 giờ 30 phút: power cut"),
        (2 * 86_400_000_000, "en", "a: note by mai, recorded 2 days after it occurred: power cut"),
        (1_000_000, "en", "a: note by mai, recorded 0 minutes after it occurred: power cut"),
    ],
)
def test_a_late_entry_in_words(lag, language, words):
    """Days, hours and minutes."""
    assert words == LateEntry(1, "a", 3, "note", "mai", 0, lag, "power cut").text(language)


# Reopening with a scope

REOPENED = """
due = "legal"
limits.legal = "5 working days"
[steps.drafted]
[steps.signed]
[actions.ask]
from = "new"
to = "waiting"
roles = ["clerk"]
clocks.legal = "start"
[actions.draft]
from = "waiting"
to = "drafted"
roles = ["clerk", "head"]
at_most = 1
[actions.sign]
from = "drafted"
to = "signed"
roles = ["head"]
separate_from = ["draft"]
[actions.finish]
from = "signed"
to = "done"
roles = ["clerk"]
clocks.legal = "stop"
outcome = "granted"
[actions.reopen]
from = "done"
to = { by = "form.result", all = "waiting", signature = "drafted" }
roles = ["head"]
form = "Paper"
reopens = true
"""


def closed() -> tuple[Organization, Now]:
    """A case drafted by lan, signed by hoa, done on the 3rd: on time."""
    now = Now("02 09:00")
    org = office(small(REOPENED), now=now)
    org.open("small", by="lan")
    org.act("a", "draft", by="lan")
    org.act("a", "sign", by="hoa")
    now.to("03 09:00")
    org.act("a", "finish", by="lan")
    now.to("31 09:00")
    return org, now


def reopened(scope: str) -> Organization:
    """The same, reopened with that scope."""
    org, _ = closed()
    org.act("a", "reopen", by="hoa", form={"title": "court ruling", "result": scope})
    return org


@pytest.mark.parametrize(("scope", "steps"), [("all", {"waiting"}), ("signature", {"drafted"})])
def test_a_case_is_reopened_as_far_as_its_scope_goes(scope, steps):
    """The form says how far back; the rest stands."""
    assert steps == reopened(scope).case("a").steps


def test_a_scope_that_there_is_not_reopens_nothing():
    """Nothing has changed."""
    org, _ = closed()
    with denied("form-field"):
        org.act("a", "reopen", by="hoa", form={"title": "x", "result": "half"})
    assert org.case("a").closed


def test_history_is_kept_and_counts_begin_anew():
    """Everything that was done stands in the history; who did what, and how often, is counted from the reopening."""
    org = reopened("all")
    assert ["ask", "draft", "sign", "finish", "reopen"] == [e.action for e in org.history("a") if isinstance(e, Acted)]
    assert {"reopen": ("hoa",)} == org.case("a").doers
    org.act("a", "draft", by="hoa")
    assert {"reopen": ("hoa",), "draft": ("hoa",)} == org.case("a").doers


def test_after_a_reopening_the_same_person_may_sign_what_somebody_else_drafts():
    """The duties of the first run are over with it."""
    text = REOPENED.replace("at_most = 1", "at_most = 2").replace(
        'roles = ["head"]\nseparate_from', 'roles = ["head", "clerk"]\nseparate_from'
    )
    now = Now("02 09:00")
    org = office(small(text), now=now)
    org.open("small", by="lan")
    org.act("a", "draft", by="lan")
    with denied("separation-of-duties"):
        org.act("a", "sign", by="lan")
    org.act("a", "sign", by="mai")
    org.act("a", "finish", by="lan")
    org.act("a", "reopen", by="hoa", form={"title": "x", "result": "all"})
    org.act("a", "draft", by="mai")
    assert {"signed"} == org.act("a", "sign", by="lan").steps


def figures(org: Organization) -> tuple[Any, ...]:
    """What was reckoned of the first run: the end, how it stood, the outcome."""
    clock = org.case("a").clocks["legal"]
    return clock.due, clock.started, clock.stopped, org.status("a").state, str(org.ledger("a"))


def test_earlier_figures_do_not_change():
    """The limit of the first run stays stopped when it was; weeks later nothing is overdue of it."""
    org, _ = closed()
    before = figures(org)
    after = reopened("all")
    assert before == figures(after) and [] == after.overdue()
    assert ("granted", True) == (after.case("a").outcome, after.case("a").open)
