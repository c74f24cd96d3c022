"""The organization: opening and acting, looking, keys, conflicts, transactions, and what is refused when it is made."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from attrs import evolve as changed

from definitions import CALENDAR, Paper, at, bound, filled, moment, problems, small, tree, with_
from office import PEOPLE, Now, denied, office
from qms.authority import Grant, Roster
from qms.calendar import WorkCalendar
from qms.case import Attempt, guard
from qms.codec import decode
from qms.errors import Conflict, Denied, InvalidInput, NotFound, Reason, UnsoundProcess
from qms.event import Acted, Opened, When, read
from qms.history import Past, PastFact
from qms.ports import Query
from qms.process import Process
from qms.publication import STREAM
from qms.stores.memory import MemoryStore
from qms.stores.sqlite import SQLiteStore
from qms.trail import commitment

CLOCKED = """
due = "legal"
[limits]
legal = "2 working days"
window = "1 working day"
[steps.late]
[actions.ask]
from = "new"
to = "waiting"
roles = ["clerk"]
clocks.legal = "start"
clocks.window = "start"
[actions.lapse]
from = "waiting"
to = "late"
fired_by = "window"
[actions.note]
from_any = ["waiting", "late"]
roles = ["clerk"]
[actions.hold]
from = "waiting"
roles = ["clerk"]
clocks.legal = "pause"
clocks.window = "pause"
[actions.finish]
from_any = ["waiting", "late"]
to = "done"
roles = ["clerk"]
separate_from = ["note"]
"""


@pytest.fixture
def now():
    """The 2nd of January, 09:00."""
    return Now()


@pytest.fixture
def org(now):
    """An office with the process CLOCKED over a fresh store."""
    return office(small(CLOCKED), now=now)


def codes(org, case, stream="denials/"):
    """What was remembered of denied attempts at *case*."""
    return [decode(entry.data)["codes"] for entry in org.store.read(stream + case)]


# Opening and acting


def test_a_case_is_opened_by_its_opening_action(org):
    """The answer is the case as it stands."""
    case = org.open("small", by="lan")
    assert ("a", "small", {"waiting"}, 2, moment("04 17:00"), org.case("a")) == (
        case.id,
        case.kind,
        case.steps,
        case.seq,
        case.due,
        case,
    )


def test_a_case_is_opened_with_the_id_and_for_the_unit_that_are_given(org):
    """Else the organization makes one."""
    case = org.open("small", by="lan", id="2024/17", unit="justice")
    assert ("2024/17", "justice") == (case.id, case.unit)


def test_an_id_of_its_own_is_made_for_each_case():
    """Without a maker of ids, they are random."""
    org = office(identify=None)
    assert 2 == len({org.open("errand", by="lan").id for _ in range(2)})


@pytest.mark.parametrize("name", [STREAM, "denials/a", "  ", "", "a\n7  b", "a\x1b[2J", "a\u2028b", "a\u202eb"])
def test_an_id_that_is_no_name_of_a_case_is_refused(org, name):
    """Streams of our own are not to be written into, and no id forges a line in a list."""
    assert [f"id: {name!r} cannot be the id of a case"] == problems(org.open, "small", by="lan", id=name)


def test_text_that_cannot_be_kept_is_refused_by_its_name(org):
    """A lone surrogate is in no store: what is written is refused, and what is read is not there."""
    org.open("small", by="lan", id="a")
    why = r"'x\ud800' is no text that can be encoded as UTF-8"
    for name in ("id", "key", "reason", "unit"):
        assert [f"{name}: {why}"] == problems(org.open, "small", by="lan", **{name: "x\ud800"})
    for name in ("id", "key", "reason"):
        assert [f"{name}: {why}"] == problems(org.act, **{"id": "a", "action": "do", "by": "lan", name: "x\ud800"})
    for look in (org.case, org.history, org.ledger, org.timetable):
        with pytest.raises(NotFound, match="no case"):
            look("x\ud800")


def test_a_case_that_exists_is_not_opened_again(org):
    """The second is told of the first."""
    org.open("small", by="lan", id="x")
    with pytest.raises(Conflict):
        org.open("small", by="lan", id="x")
    assert 2 == org.store.length("x")


def test_a_case_is_opened_by_the_first_opening_action_or_the_one_named():
    """Else by the one that the definition says."""
    text = 'opens = "%s"\nactions.tell = { from = "new", to = "done", roles = ["clerk"] }'
    process = small(text.replace('opens = "%s"\n', ""))
    org = office(process, Process.from_tree(with_(tree(text.replace("%s", "tell")), "name", "other")))
    assert ["ask", "tell", "tell"] == [
        org.history(case.id)[1].action
        for case in (org.open("small", by="lan"), org.open("small", by="lan", action="tell"), org.open("other", by="lan"))
    ]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "say which process or which procedure the case is of"),
        ({"process": "large"}, "no process 'large' here; there are: small"),
        ({"procedure": "9.9"}, "no procedure '9.9' here; there are: none"),
    ],
)
def test_a_case_of_what_is_not_in_force_is_not_opened(org, given, message):
    """The message lists what is."""
    with pytest.raises((NotFound, InvalidInput), match=message):
        org.open(by="lan", **given)


def test_a_procedure_names_its_process():
    """The case remembers both, by code and by hash."""
    process = small('due = "legal"\nlimits.legal = { from = "procedure" }')
    procedure = filled({"limits": {"legal": {"period": "5 days"}}})
    org = office(process, procedures=[procedure])
    case = org.open(procedure="1.1", by="lan")
    assert ("1.1", procedure.content_hash, process.content_hash) == (case.procedure, case.origin.definition, case.process)


def test_a_case_that_may_not_be_opened_is_not(org):
    """Nothing of it is stored but the denial."""
    with denied("no-authority") as reasons:
        org.open("small", by="hoa", id="x")
    assert (0, [["no-authority"]], ("lan", "mai", "minh")) == (
        org.store.length("x"),
        codes(org, "x"),
        reasons[0].params["holders"],
    )


def test_an_act_is_stored_and_answered(org, now):
    """The event says who, what and when."""
    org.open("small", by="lan")
    now.to("02 10:00")
    case = org.act("a", "finish", by="mai")
    event = org.history("a")[-1]
    assert ({"done"}, "finish", "mai", When(at("02 10:00"), at("02 10:00")), case) == (
        case.steps,
        event.action,
        event.by,
        event.when,
        org.case("a"),
    )


def test_a_denied_act_changes_nothing_and_is_remembered(org):
    """The trail of the case is as before; the denial stands in a stream of its own."""
    before = org.open("small", by="lan")
    for actor in ("hoa", "hoa"):
        with denied("no-authority"):
            org.act("a", "finish", by=actor)
    assert (before, 2, [["no-authority"]] * 2) == (org.case("a"), org.store.length("a"), codes(org, "a"))


def test_the_memory_of_a_denial_says_who_tried_what_and_when(org):
    """No form and no word of the person is in it."""
    org.open("small", by="lan")
    with denied("no-authority"):
        org.act("a", "finish", by="hoa")
    (entry,) = org.store.read("denials/a")
    assert {
        "stream": "denials/a",
        "seq": 1,
        "type": "denied",
        "at": at("02 09:00"),
        "by": "hoa",
        "action": "finish",
        "codes": ["no-authority"],
    } == decode(entry.data)


def test_no_case_no_act(org):
    """What was never opened is not found, for nobody."""
    for look in (
        lambda: org.act("x", "finish", by="lan"),
        lambda: org.case("x"),
        lambda: org.history("x"),
        lambda: org.explain("x", "finish", "lan"),
        lambda: org.ledger("x"),
        lambda: org.history(STREAM),
        lambda: org.history("denials/a"),
    ):
        with pytest.raises(NotFound, match="no case"):
            look()


def test_an_act_recorded_late_keeps_both_instants_and_the_reason(org, now):
    """What occurred and when it was recorded are two facts."""
    org.open("small", by="lan")
    now.to("03 10:00")
    org.act("a", "note", by="lan", occurred_at=moment("02 16:00"), reason="power cut")
    assert When(at("02 16:00"), at("03 10:00"), "power cut") == org.history("a")[-1].when


def test_a_naive_instant_is_refused(org):
    """Nothing is guessed about zones."""
    org.open("small", by="lan")
    with pytest.raises(InvalidInput, match="zone"):
        org.act("a", "note", by="lan", occurred_at=datetime(2024, 1, 2, 9))


@pytest.mark.parametrize("by", ["system", "", " "])
def test_nobody_acts_as_the_system(org, by):
    """What clocks and rules may do is not to be had by calling oneself so."""
    org.open("small", by="lan")
    told = f"by: {by!r} does nothing by hand; say who acts"
    assert [[told]] * 4 == [
        problems(org.open, "small", by=by),
        problems(org.act, "a", "lapse", by=by),
        problems(org.explain, "a", "lapse", by),
        problems(org.available, "a", by),
    ]


# What has expired


def test_what_has_expired_happens_before_the_act(org, now):
    """Both land together, the expiry dated at the end of its limit."""
    org.open("small", by="lan")
    now.to("04 10:00")
    org.act("a", "note", by="lan")
    assert [("lapse", "system", at("03 17:00")), ("note", "lan", at("04 10:00"))] == [
        (event.action, event.by, event.when.occurred) for event in org.history("a")[2:]
    ]


def test_a_late_entry_does_not_undo_what_has_lapsed(org, now):
    """It lapsed by the instant of recording; only an act of its own could undo it."""
    org.open("small", by="lan")
    now.to("04 10:00")
    with denied("after-expiry"):
        org.act("a", "hold", by="lan", occurred_at=moment("03 16:00"), reason="power cut")


def test_a_view_shows_what_has_expired_though_nothing_is_stored(org, now):
    """The case stands where it would if somebody had swept."""
    org.open("small", by="lan")
    now.to("04 10:00")
    assert ({"late"}, 3, 2) == (org.case("a").steps, org.case("a").seq, org.store.length("a"))


def test_sweep_stores_what_has_expired_in_idle_cases(org, now):
    """Each expiry once; paused and closed cases have none."""
    for name in "abc":
        org.open("small", by="lan", id=name)
    org.act("b", "hold", by="lan")
    org.act("c", "finish", by="mai")
    now.to("05 10:00")
    counts = [org.sweep(moment("03 17:00")), org.sweep(moment("04 10:00")), org.sweep()]
    assert ([0, 1, 0], ["waiting", "late"]) == (
        counts,
        [*org.store.row("b").steps, *org.store.row("a").steps],
    )


def test_sweep_takes_the_instant_of_the_office(org, now):
    """Without an instant it is now."""
    org.open("small", by="lan")
    now.to("04 10:00")
    assert (1, at("04 10:00")) == (org.sweep(), org.history("a")[-1].when.recorded)


def test_sweep_up_to_an_earlier_instant_is_recorded_now(org, now):
    """What is written down today was not written down yesterday."""
    org.open("small", by="lan")
    now.to("05 10:00")
    assert (1, When(at("03 17:00"), at("05 10:00"))) == (org.sweep(moment("04 10:00")), org.history("a")[-1].when)


def test_nothing_has_expired_by_an_instant_that_has_not_come(org):
    """Nobody records the future."""
    assert ["at: 2024-01-03 10:00:00+07:00 has not come; nothing has expired by then"] == problems(
        org.sweep, moment("03 10:00")
    )


def test_sweep_reads_what_another_worker_has_begun(tmp_path, now):
    """What a worker remembers of a case may be older than its limits."""
    text = CLOCKED + '[actions.go-on]\nfrom = "waiting"\nroles = ["clerk"]\nclocks.window = "resume"\n'
    one, other = (office(small(text), store=SQLiteStore(tmp_path / "office.db"), now=now) for _ in range(2))
    one.open("small", by="lan")
    one.act("a", "hold", by="lan")
    other.case("a")
    one.act("a", "go-on", by="lan")
    now.to("05 10:00")
    assert 1 == other.sweep()
    one.store.close()
    other.store.close()


def test_sweep_passes_over_what_its_clock_cannot_do(now):
    """A limit that ended while the case stood elsewhere is looked at and left."""
    text = CLOCKED.replace('from = "waiting"\nto = "late"', 'from = "late"\nto = "waiting"') + (
        '[actions.move]\nfrom = "waiting"\nto = "late"\nroles = ["clerk"]\n'
    )
    org = office(small(text), now=now)
    org.open("small", by="lan")
    now.to("05 10:00")
    assert 0 == org.sweep()


def test_lists_show_what_has_lapsed(org, now):
    """A query is answered by where cases stand now, not where their rows were written."""
    for name in "abc":
        org.open("small", by="lan", id=name)
    org.act("b", "hold", by="lan")
    now.to("04 10:00")
    assert [["a", "c"], ["b"], ["a"], ["a", "b", "c"]] == [
        [case.id for case in org.cases(query)]
        for query in (Query(step="late"), Query(step="waiting"), Query(step="late", limit=1), None)
    ]


def test_lists_are_answered_by_rows_where_nothing_has_lapsed(org):
    """By id, as many as are asked for."""
    for name in "ba":
        org.open("small", by="lan", id=name)
    assert [["a", "b"], ["a"], []] == [
        [case.id for case in org.cases(query)] for query in (None, Query(limit=1), Query(step="late"))
    ]


def test_overdue_are_those_whose_main_limit_runs_and_is_over(org, now):
    """The longest overdue first; at its last instant a limit is not over."""
    org.open("small", by="lan", id="later", occurred_at=None)
    now.to("02 10:00")
    org.open("small", by="lan", id="held")
    org.act("held", "hold", by="lan")
    now.to("03 10:00")
    org.open("small", by="lan", id="later still")
    now.to("12 10:00")
    assert [[], ["later"], ["later", "later still"]] == [
        [case.id for case in org.overdue(moment(when))] for when in ("04 17:00", "04 17:01", "09 10:00")
    ]
    assert ["later", "later still"] == [case.id for case in org.overdue()]


def test_overdue_is_not_what_an_expiry_has_closed(now):
    """No list depends on whether anybody swept."""
    text = CLOCKED.replace("[steps.late]", "[steps.late]\ncloses = true").replace(
        'from_any = ["waiting", "late"]\nto', 'from = "waiting"\nto'
    )
    org = office(small(text), now=now)
    org.open("small", by="lan")
    now.to("08 10:00")
    assert [] == org.overdue()


def test_overdue_has_no_case_without_a_main_limit(now):
    """What is never due is never late."""
    org = office(small(CLOCKED.replace('due = "legal"', "")), now=now)
    org.open("small", by="lan")
    now.to("08 10:00")
    assert [] == org.overdue()


# Looking


def test_explain_gives_every_reason_and_who_could(org):
    """The same reasons that an act would be denied for."""
    org.open("small", by="lan")
    org.act("a", "note", by="lan")
    reason = Reason(
        "separation-of-duties", action="finish", actor="lan", with_action="note", holders=("mai", "minh"), clause="5.3"
    )
    missing = Reason(
        "no-authority", action="finish", actor="hoa", roles=("clerk",), holders=("lan", "mai", "minh"), clause="5.3"
    )
    assert [(reason,), (missing,), ()] == [org.explain("a", "finish", actor) for actor in ("lan", "hoa", "mai")]


def test_available_and_who_can_are_two_sides_of_one_table(org):
    """Who may what, by actor and by action."""
    org.open("small", by="lan")
    org.act("a", "note", by="lan")
    assert (("note", "hold"), ("finish", "note", "hold"), (), ("mai", "minh"), ("lan", "mai", "minh"), ()) == (
        org.available("a", "lan"),
        org.available("a", "mai"),
        org.available("a", "hoa"),
        org.who_can("a", "finish"),
        org.who_can("a", "note"),
        org.who_can("a", "lapse"),
    )


def test_who_can_finds_people_by_part_and_in_their_unit(now):
    """Whoever is the applicant of this case, and officers of its unit."""
    text = """
    parts = ["applicant"]
    [actions.ask]
    from = "new"
    to = "waiting"
    roles = ["applicant"]
    form = "Paper"
    names.applicant = "form.applicant"
    [actions.finish]
    from = "waiting"
    to = "done"
    roles = ["applicant", "head"]
    """
    people = Roster({"hoa": [Grant("head", unit="justice")], "tam": [Grant("head", unit="health")]})
    org = office(small(text), now=now, people=people)
    org.open("small", by="an", form={"title": "x"}, unit="justice")
    assert ("an", "hoa") == org.who_can("a", "finish")
    with denied("no-authority") as reasons:
        org.act("a", "finish", by="tam")
    assert (("applicant", "head"), ("an", "hoa")) == (reasons[0].params["roles"], reasons[0].params["holders"])


def test_an_authority_that_nobody_holds_is_said_to_be_nobodys(now):
    """The denial does not leave the reader searching."""
    org = office(
        small("actions.finish = { from = 'waiting', to = 'done', roles = ['head'] }"), people=Roster({"lan": ["clerk"]})
    )
    org.open("small", by="lan")
    assert ("nobody",) == org.explain("a", "finish", "lan")[0].params["holders"]


def test_who_can_do_what_there_is_not(org):
    """The message lists the actions."""
    org.open("small", by="lan")
    with pytest.raises(NotFound, match="there is no action 'fly'; the process has: ask, finish, lapse, note, hold"):
        org.who_can("a", "fly")


def test_a_ledger_explains_the_end_of_a_limit(org):
    """The main one, or the one asked for."""
    org.open("small", by="lan")
    assert [True, True] == [
        end in str(org.ledger("a", clock)) for clock, end in ((None, "04/01/2024 17:00"), ("window", "03/01/2024 17:00"))
    ]


def test_a_ledger_of_a_limit_that_never_ran_is_not_found(org):
    """The message lists those that did."""
    org.open("small", by="lan")
    with pytest.raises(NotFound, match="no clock 'lunch' was started; there are: legal, window"):
        org.ledger("a", "lunch")


def test_a_case_without_limits_has_no_ledger():
    """There is nothing to explain."""
    org = office(small())
    org.open("small", by="lan")
    with pytest.raises(NotFound, match="no clock '' was started; there are: none"):
        org.ledger("a")


def test_the_trail_tells_its_size_and_root_and_verifies(org):
    """Rows are rebuilt from the records; definitions and denials have none."""
    org.open("small", by="lan")
    with denied("no-authority"):
        org.act("a", "finish", by="hoa")
    verification = org.trail.verify()
    assert ("consistent, completeness unknown", org.trail.size, org.trail.root) == (
        str(verification),
        verification.size,
        verification.root,
    )


def test_a_trail_with_a_trusted_checkpoint_can_be_complete(org):
    """What was known to be there still is."""
    trusted = (org.trail.size, org.trail.root)
    org.open("small", by="lan")
    assert True is org.trail.verify(trusted).complete


def test_a_row_that_is_not_the_fold_is_found(org):
    """Nothing but the records is believed."""
    org.open("small", by="lan")
    org.store._rows["a"] = changed(org.store._rows["a"], steps=("done",))
    assert False is org.trail.verify().consistent


# Keys


def test_a_key_makes_a_retry_safe(org, now):
    """The same request gives the first answer, whatever has happened since."""
    first = org.open("small", by="lan", key="k1")
    noted = org.act("a", "note", by="lan", key="k2")
    org.act("a", "finish", by="mai")
    now.to("05 10:00")
    assert (first, noted, 4) == (
        org.open("small", by="lan", key="k1"),
        org.act("a", "note", by="lan", key="k2"),
        org.store.length("a"),
    )


def test_a_key_of_another_request_is_refused(org):
    """One key, one request."""
    org.open("small", by="lan", key="k1")
    told = ["key: the key 'k1' was used for another request; use a new key for a new request"]
    assert [told, told, told] == [
        problems(org.open, "small", by="mai", key="k1"),
        problems(org.act, "a", "note", by="lan", key="k1"),
        problems(org.open, "small", by="lan", key="k1", occurred_at=moment("02 08:30"), reason="late"),
    ]


def test_a_key_of_a_denied_request_is_free(org):
    """What did not happen may be tried again."""
    org.open("small", by="lan")
    with denied("no-authority"):
        org.act("a", "finish", by="hoa", key="k")
    assert {"done"} == org.act("a", "finish", by="mai", key="k").steps


@pytest.mark.parametrize("form", [{"title": "x", "papers": ["a"], "day": date(2024, 1, 2)}, Paper("x", papers=("a",))])
def test_a_request_with_a_form_is_the_same_again(form):
    """Tables and instances have a digest."""
    org = office(small("actions.finish = { from = 'waiting', to = 'done', roles = ['clerk'], form = 'Paper' }"))
    org.open("small", by="lan")
    first = org.act("a", "finish", by="lan", form=form, key="k")
    assert first == org.act("a", "finish", by="lan", form=form, key="k")


def test_the_same_request_twice_at_once_happens_once(org):
    """The store knows the key though it was not there when asked before deciding."""
    org.open("small", by="lan")
    first = org.act("a", "note", by="lan", key="k")
    answers = iter([None])
    find, org.store.find = org.store.find, lambda name: next(answers, find(name))
    assert (first, 3, first) == (org.act("a", "note", by="lan", key="k"), org.store.length("a"), org.case("a"))


# Several writers


@pytest.fixture
def two(tmp_path, now):
    """Two workers over one file."""
    workers = [office(small(CLOCKED), store=SQLiteStore(tmp_path / "office.db"), now=now) for _ in range(2)]
    yield workers
    for worker in workers:
        worker.store.close()


def test_who_comes_second_decides_again(two):
    """Both acts happen, one after the other."""
    one, other = two
    one.open("small", by="lan")
    other.case("a")
    one.act("a", "note", by="lan")
    other.act("a", "note", by="mai")
    assert ["lan", "mai"] == [event.by for event in one.history("a")[2:]]


def test_what_another_writer_did_can_deny(two):
    """Deciding again is deciding on the case as it is."""
    one, other = two
    one.open("small", by="lan")
    other.case("a")
    one.act("a", "finish", by="mai")
    with denied("closed"):
        other.act("a", "note", by="lan")


def test_what_is_remembered_gives_no_false_denial(two):
    """A denial is given only by one who has read to the end."""
    one, other = two
    one.open("small", by="lan")
    other.act("a", "hold", by="mai")
    one.case("a")
    one.act("a", "note", by="minh")
    with denied("separation-of-duties"):
        other.act("a", "finish", by="minh")
    assert {"done"} == other.act("a", "finish", by="lan").steps


def test_a_stale_memory_that_would_deny_is_read_again(tmp_path, now):
    """The case has come to where the act is possible, and this worker had not looked."""
    text = """
    steps.ready = {}
    actions.prepare = { from = "waiting", to = "ready", roles = ["clerk"] }
    actions.finish = { from = "ready", to = "done", roles = ["clerk"] }
    """
    one, other = (office(small(text), store=SQLiteStore(tmp_path / "office.db"), now=now) for _ in range(2))
    one.open("small", by="lan")
    other.case("a")
    one.act("a", "prepare", by="lan")
    assert ({"done"}, []) == (other.act("a", "finish", by="lan").steps, codes(other, "a"))
    one.store.close()
    other.store.close()


def test_expected_is_what_the_caller_saw(org):
    """Another state since is a conflict, and nothing happens."""
    seen = org.open("small", by="lan")
    org.act("a", "note", by="lan", expected=seen.seq)
    with pytest.raises(Conflict, match="a is at 3, not at 2; read it again and decide again"):
        org.act("a", "note", by="lan", expected=seen.seq)
    assert 3 == org.store.length("a")


def test_expected_counts_what_has_expired(org, now):
    """A view and an act number events alike."""
    org.open("small", by="lan")
    now.to("04 10:00")
    with pytest.raises(Conflict, match="a is at 3, not at 2"):
        org.act("a", "note", by="lan", expected=2)
    assert 4 == org.act("a", "note", by="lan", expected=org.case("a").seq).seq


class Crowded(MemoryStore):
    """A store where somebody else is always first."""

    crowded = False

    def append(self, writes, key=None):
        """Conflict, while crowded."""
        if self.crowded and writes[0].stream == "a":
            raise Conflict("longer")
        return super().append(writes, key)


def test_whoever_is_never_first_gives_up(now):
    """Eight times, then the caller is told."""
    store = Crowded()
    org = office(small(CLOCKED), store=store, now=now)
    org.open("small", by="lan")
    store.crowded = True
    with pytest.raises(Conflict, match="a: other writers were first 8 times; try again"):
        org.act("a", "note", by="lan")
    now.to("05 10:00")
    assert 0 == org.sweep()


def test_a_conflict_with_ones_own_earlier_try_is_answered(now):
    """The answer was lost, the act was not."""

    class Lost(MemoryStore):
        lost = False

        def append(self, writes, key=None):
            receipt = super().append(writes, key)
            if self.lost and key is not None:
                self.lost = False
                raise Conflict("the answer was lost")
            return receipt

    store = Lost()
    org = office(small(CLOCKED), store=store, now=now)
    org.open("small", by="lan")
    store.lost = True
    assert ({"waiting"}, 3) == (org.act("a", "note", by="lan", key="k").steps, store.length("a"))


def test_a_denial_that_cannot_be_remembered_is_a_denial_still(now):
    """Who is denied is told so, whoever else writes."""

    class Busy(MemoryStore):
        def append(self, writes, key=None):
            if writes[0].stream.startswith("denials/"):
                raise Conflict("longer")
            return super().append(writes, key)

    org = office(small(CLOCKED), store=Busy(), now=now)
    org.open("small", by="lan")
    with denied("no-authority"):
        org.act("a", "finish", by="hoa")


# Transactions


@pytest.fixture(params=["memory", "sqlite"])
def kept(request, tmp_path, now):
    """An office over each kind of store."""
    store = MemoryStore() if request.param == "memory" else SQLiteStore(tmp_path / "office.db")
    yield office(small(CLOCKED), store=store, now=now)
    store.close()


def test_a_transaction_lands_whole(kept):
    """What is done inside is seen inside and after."""
    with kept.transaction():
        kept.open("small", by="lan")
        kept.act("a", "note", by="lan")
    assert 3 == kept.case("a").seq


def test_a_transaction_that_fails_leaves_nothing(kept):
    """Neither in the store nor in what the organization remembers."""
    kept.open("small", by="lan")
    size, root = kept.trail.size, kept.trail.root
    with pytest.raises(ZeroDivisionError), kept.transaction():
        kept.act("a", "note", by="lan")
        kept.open("small", by="lan", id="b")
        raise ZeroDivisionError
    with pytest.raises(NotFound):
        kept.case("b")
    assert (2, size, root, True) == (
        kept.case("a").seq,
        kept.trail.size,
        kept.trail.root,
        kept.trail.verify().consistent,
    )


def test_a_transaction_within_one_that_fails_leaves_nothing_either(kept):
    """The memory of both is forgotten."""
    kept.open("small", by="lan")
    with pytest.raises(ZeroDivisionError), kept.transaction():
        with kept.transaction():
            pass
        kept.act("a", "note", by="lan")
        raise ZeroDivisionError
    assert (2, 3) == (kept.case("a").seq, kept.act("a", "note", by="lan").seq)


def test_what_is_remembered_is_bounded(org, monkeypatch):
    """The oldest is forgotten, and read again when asked for."""
    monkeypatch.setattr("qms.casebook.KEPT_CASES", 2)
    for name in "abc":
        org.open("small", by="lan", id=name)
    assert (["b", "c"], 3) == (list(org._book._cases), org.act("a", "note", by="lan").seq)


# Cases opened by rule


@guard("hasty", reads_form=False)
def hasty(attempt: Attempt) -> Reason | None:
    """Always something to say."""
    return Reason("hasty")


RAISING = """
[[actions.finish.raises]]
when = "hasty"
process = "other"
action = "ask"
[actions.finish.raises.form]
title = "case.id"
"""
OTHER = Process.from_tree(
    with_(with_(tree(), "name", "other"), "actions.ask", {"from": "new", "to": "waiting", "roles": ["clerk"], "form": "Paper"})
)


def test_what_a_rule_raises_lands_in_the_same_batch(now):
    """The child names its source, the act names its child; the system opened it by the definition's word."""
    org = office(small(CLOCKED + RAISING), OTHER, now=now, guards=[hasty])
    org.open("small", by="lan", unit="justice")
    case = org.act("a", "finish", by="lan", key="k")
    child = org.case("a/other-1")
    assert ({"hasty": "a/other-1"}, "a", "justice", "other", {"waiting"}, ["system", "system"], "a") == (
        case.raised,
        child.source,
        child.unit,
        child.kind,
        child.steps,
        [event.by for event in org.history(child.id)],
        dict(org.history(child.id)[1].form or {})["title"],
    )
    assert (case, True) == (org.act("a", "finish", by="lan", key="k"), org.trail.verify().consistent)


def test_what_is_raised_takes_an_id_that_is_free(now):
    """Another system's history, or somebody by hand, has brought the one it would have had."""
    twice = (
        RAISING
        + '[[actions.finish.raises]]\nwhen = "hasty-too"\nprocess = "other"\naction = "ask"\nform = { title = "again" }\n'
    )
    org = office(small(CLOCKED + twice), OTHER, now=now, guards=[hasty, changed(hasty, name="hasty-too")])
    for name in ("a/other-1", "a/other-3"):
        org.open("other", by="lan", id=name, form={"title": "by hand"})
    org.open("small", by="lan", id="a")
    case = org.act("a", "finish", by="lan")
    assert ({"hasty": "a/other-2", "hasty-too": "a/other-4"}, {"by hand", "a", "again"}, case, True) == (
        case.raised,
        {dict(org.history(f"a/other-{n}")[1].form or {})["title"] for n in (1, 2, 3, 4)},
        org.case("a"),
        org.trail.verify().consistent,
    )


def test_what_cannot_be_raised_hinders_the_act(now):
    """A rule that opens what its own form refuses is a fault of the definitions, told as one."""
    org = office(small(CLOCKED + RAISING.replace('title = "case.id"', "pages = 5")), OTHER, now=now, guards=[hasty])
    org.open("small", by="lan")
    assert ["small raises other: title: missing"] == problems(org.act, "a", "finish", by="lan")
    assert 2 == org.store.length("a")


def test_a_shipped_process_that_is_raised_is_in_force_too():
    """One-stop raises nonconformities, consultations and corrections; all are published."""
    org = office(Process.load("one-stop"))
    raised = {"consultation", "nonconformity", "result-correction"}
    assert {"one-stop"} | raised == {name for _, name, _ in org.definitions.published("process")}


# Personal data

SEALED = "actions.finish = { from = 'waiting', to = 'done', roles = ['clerk'], form = 'Paper' }"


def test_a_personal_field_is_sealed_and_its_value_kept_beside():
    """The record holds a salted commitment that the value opens."""
    org = office(small(SEALED))
    org.open("small", by="lan")
    org.act("a", "finish", by="lan", form={"title": "x", "phone": "0901"})
    record = [decode(entry.data) for entry in org.store.read("a")][-1]
    (private,) = org.store.private("a", 3).values()
    sealed = commitment(private.salt, "form.phone", "a", 3, private.value)
    assert ({"title": "x", "urgent": False, "phone": {"sealed": sealed}}, b'"0901"', 3) == (
        record["form"],
        private.value,
        private.seq,
    )


def test_a_form_without_personal_values_is_kept_as_it_is():
    """Nothing is sealed that was not said."""
    org = office(small(SEALED))
    org.open("small", by="lan")
    org.act("a", "finish", by="lan", form={"title": "x"})
    assert ({"title": "x", "urgent": False}, {}) == (org.history("a")[-1].form, dict(org.store.private("a", 3)))


# Definitions


def test_a_case_runs_by_what_it_began_under(tmp_path, now):
    """A later definition is for later cases; the earlier is read from the log."""
    text = "actions.note = { from = 'waiting', roles = ['clerk'] }"
    store = SQLiteStore(tmp_path / "office.db")
    office(small(text), store=store, now=now).open("small", by="lan", id="old")
    later = office(small(), store=store, now=now)
    later.open("small", by="lan", id="new")
    with denied("unknown-action"):
        later.act("new", "note", by="lan")
    assert ({"waiting"}, 2) == (later.act("old", "note", by="lan").steps, len(later.definitions.published("process")))
    store.close()


def test_definitions_calendars_and_rules_are_published_once():
    """A second organization over the same store adds nothing."""
    store = MemoryStore()
    org = office(small('rule = "vn-civil-2015"\nlimits.a = { period = "1 day", rule = "calendar-plain" }'), store=store)
    length = store.length(STREAM)
    office(small('rule = "vn-civil-2015"\nlimits.a = { period = "1 day", rule = "calendar-plain" }'), store=store)
    assert (["calendar-plain", "vn-civil-2015", "vn-one-stop"], length) == (
        [name for _, name, _ in org.definitions.published("rule")],
        store.length(STREAM),
    )


def refused(**more):
    """Why an organization of these cannot be made."""
    return problems(office, *more.pop("processes", [small()]), **more)


def test_an_unsound_process_is_refused_and_nothing_is_written():
    """With the witness."""
    store = MemoryStore()
    hole = small('steps.hole = {}\nactions.fall = { from = "waiting", to = "hole", roles = ["clerk"] }')
    with pytest.raises(UnsoundProcess, match=r"small: steps\.hole: .* \(after ask > fall\)"):
        office(hole, store=store)
    assert 0 == store.size


def test_an_undecided_process_is_taken_only_when_told_so(monkeypatch):
    """Above the cap nothing is known."""
    monkeypatch.setattr(Process, "check", lambda self, *_, **__: changed(CHECKED, sound=None, findings=()))
    with pytest.raises(UnsoundProcess):
        office(small())
    assert {"waiting"} == office(small(), undecided=True).open("small", by="lan").steps


CHECKED = small().check()


def test_a_form_or_a_guard_that_nobody_registered_is_refused():
    """Before the first case would meet it."""
    text = "actions.finish = { from = 'waiting', to = 'done', roles = ['clerk'], form = 'Leaf', guards = ['x'] }"
    assert [
        "small: actions.finish.form: no form 'Leaf' is registered",
        "small: actions.finish: no guard 'x' is registered",
    ] == refused(processes=[small(text)])


def test_a_personal_field_may_not_be_written_into_the_trail():
    """An effect that reads one would put it there."""
    text = "actions.finish = { from = 'waiting', to = 'done', roles = ['clerk'], form = 'Paper', outcome = 'form.phone' }"
    assert [
        "small: actions.finish: Paper.phone is personal, and would stand in the trail; name an opaque id instead"
    ] == refused(processes=[small(text)])


def test_no_calendar_is_refused():
    """Nothing could be counted."""
    assert ["calendars: an organization needs a calendar; WorkCalendar.load('VN') is one"] == refused(calendars=[])


def test_two_calendars_need_a_name():
    """A process says by which it counts."""
    other = changed(CALENDAR, name="other")
    named = Process.from_tree(with_(tree(), "calendar", "other"))
    assert ["small: calendar: small must name one of the calendars test, other, not None"] == refused(
        calendars=[CALENDAR, other]
    )
    assert other.version == office(named, calendars=[CALENDAR, other]).open("small", by="lan").calendar


def test_a_calendar_that_is_not_there_is_refused():
    """The message lists those that are."""
    named = Process.from_tree(with_(tree(), "calendar", "other"))
    assert ["small: calendar: small must name one of the calendars test, not 'other'"] == refused(processes=[named])


def test_two_of_one_name_are_refused():
    """Names tell things apart."""
    assert [
        "processes: two are called 'small'",
        "calendars: two are called 'test'",
        "procedures: two are called '1.1'",
    ] == refused(processes=[small(), small()], calendars=[CALENDAR, CALENDAR], procedures=[filled({}), filled({})])


def test_a_procedure_of_a_process_that_is_not_there_is_refused():
    """It could never be opened."""
    assert ["1.1: there is no process 'large' here"] == refused(procedures=[filled({"process": "large"})])


def test_a_procedure_that_does_not_fill_its_process_is_refused():
    """Each blank by its path."""
    assert ["small: blanks.mode: 1.1: the procedure must say one of a, b"] == refused(
        processes=[small('blanks.mode = ["a", "b"]')], procedures=[filled({})]
    )


@pytest.mark.parametrize("procedures", [[], [filled({})]])
def test_no_counting_rule_named_anywhere_is_refused(procedures):
    """There is no default law."""
    ruleless = changed(CALENDAR, customary_rule=None)
    where = "1.1" if procedures else "small"
    assert [f"{where}: limits.legal: no counting rule: neither the limit nor the calendar test names one"] == refused(
        processes=[small('limits.legal = "1 day"')], calendars=[ruleless], procedures=procedures
    )


def test_a_process_that_needs_a_procedure_may_be_there_without_one():
    """Nothing can be opened, and nothing is wrong; opening says what is missing."""
    org = office(small('blanks.mode = ["a", "b"]'))
    assert ["blanks.mode: the procedure must say one of a, b"] == problems(org.open, "small", by="lan")


def test_a_rule_that_opens_nothing_is_refused():
    """The action it names must open a case of that process."""
    text = CLOCKED + RAISING.replace('action = "ask"', 'action = "finish"')
    assert ["small: actions.finish.raises[0].action: 'finish' opens no case of other"] == refused(
        processes=[small(text), OTHER], guards=[hasty]
    )


def test_shipped_procedures_come_with_their_processes():
    """Unless others are given."""
    org = office(Process.load("one-stop"), procedures=None)
    assert "2.000908" in {name for _, name, _ in org.definitions.published("procedure")}


# Histories from elsewhere


def test_a_history_from_elsewhere_is_kept_with_its_deviations(org):
    """What the definition would not have allowed is told, and happened all the same."""
    past = [
        Past("ask", "lan", at("02 10:00"), at("02 10:00")),
        PastFact("register", at("02 11:00"), dates={"promised": at("04 17:00")}, facts={"note": "by phone"}),
        Past("finish", "hoa", at("02 12:00"), at("03 09:00"), facts={"room": "12"}),
        Past("fly", "lan", at("02 13:00"), at("02 13:00")),
    ]
    case, acts = org.record("old", past, process="small")
    assert (
        {"done"},
        5,
        [(), ("no-authority",), ("unknown-action",)],
        {"room": "12"},
        case,
    ) == (
        case.steps,
        case.seq,
        [tuple(reason.code for reason in act.deviation) for act in acts],
        acts[1].form,
        org.case("old"),
    )
    assert True is org.trail.verify().consistent


def test_a_history_goes_on_where_it_ended(org):
    """A second part is added to what is there; the first may be a fact."""
    org.record("old", [PastFact("register", at("02 09:00"), start="legal")], process="small", unit="justice")
    case, _ = org.record("old", [Past("ask", "lan", at("02 10:00"), at("02 10:00"))], process="small")
    assert ("justice", 3, {"waiting"}) == (case.unit, case.seq, case.steps)


def test_an_empty_history_is_none(org):
    """There must be something to record."""
    assert ["old: a history has at least one event"] == problems(org.record, "old", [], process="small")


def test_what_is_stored_is_what_was_decided(org):
    """The history read back is the events."""
    org.open("small", by="lan")
    opened, asked = org.history("a")
    assert (Opened, Acted, [opened, asked]) == (type(opened), type(asked), [read(e.data) for e in org.store.read("a")])


def test_the_people_and_the_bound_process_of_these_tests_are_as_written():
    """Two processes of one text are one."""
    assert (("hoa", "minh"), bound(CLOCKED).process) == (PEOPLE.holders("head", None, 0), small(CLOCKED))


def test_a_calendar_of_another_country_serves_as_well():
    """Nothing in the kernel knows a country."""
    calendar = WorkCalendar.from_dates(
        zone="Europe/Berlin", week={"mon-fri": "09:00-17:00"}, first=date(2023, 1, 1), last=date(2025, 12, 31), name="DE"
    )
    org = office(small('rule = "calendar-plain"\n' + CLOCKED), calendars=[calendar])
    assert "Europe/Berlin" == org.open("small", by="lan").due.timezone_name


@pytest.mark.parametrize("unit", ["", " ", "\t"])
def test_a_blank_unit_is_none(org, unit):
    """It would be kept in the row and not in the record, and the store would no longer be consistent."""
    before = org.store.size
    with pytest.raises(InvalidInput, match="names no unit"):
        org.open("small", by="lan", unit=unit)
    assert before == org.store.size


@pytest.mark.parametrize("name", ["process", "procedure", "action", "id", "unit", "key", "reason"])
@pytest.mark.parametrize("value", [3, ["x"], {}, b"x", True])
def test_what_is_no_text_is_no_name(org, name, value):
    """Whatever an embedding system hands over, it is refused before it is looked up or kept."""
    before = org.store.size
    with pytest.raises(InvalidInput, match=f"{name}: .* is no text"):
        org.open(**{"process": "small", "by": "lan", name: value})
    if name in {"action", "id", "key", "reason"}:
        with pytest.raises(InvalidInput, match=f"{name}: .* is no text"):
            org.act(**{"id": "x", "action": "note", "by": "lan", name: value})
    assert before == org.store.size


@pytest.mark.parametrize("occurred", [datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)])
def test_an_instant_that_no_calendar_can_show_is_refused(org, occurred):
    """The last hours of the year 9999 are in the year 10000 of Vietnam."""
    before = org.store.length("x")
    with pytest.raises((InvalidInput, Denied)):
        org.open("small", by="lan", id="x", occurred_at=occurred, reason="late")
    assert before == org.store.length("x")


def test_what_a_transaction_of_the_store_took_back_is_not_remembered():
    """Begun by the caller, around acts: the case is as the log says, and can be acted on again."""
    org = office(small())
    org.open("small", by="lan", id="a")
    with pytest.raises(ZeroDivisionError), org.store.transaction():
        org.act("a", "finish", by="lan")
        raise ZeroDivisionError
    assert (2, True) == (org.case("a").seq, org.case("a").open)
    assert org.act("a", "finish", by="lan").closed
