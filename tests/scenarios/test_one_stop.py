"""The one-stop dossier, scenario by scenario: numbers are those of the reference page on the domain (sections 7 and 11)."""

from __future__ import annotations

import pytest

from district import SUPPLEMENT, Office, at, procedure
from qms.calendar import WorkCalendar
from qms.case import Case
from qms.deadline import lateness, timeliness, to_us
from qms.errors import NotFound
from qms.event import Acted
from qms.limits import CountingRule, TimeLimit
from qms.process import Procedure
from qms.records.register import control_slip, register_line, timeliness_of

VN = WorkCalendar.load("VN")
RULE = CountingRule.named("vn-one-stop")


@pytest.fixture
def office() -> Office:
    """An office with a procedure of ten working days that restarts on a supplement."""
    return Office([procedure()])


def ended(case: Case) -> str | None:
    """Whether the dossier ended early, on time or late: two readings of it must agree."""
    legal = case.clocks["legal"]
    assert timeliness_of(case) == timeliness(legal.stopped or 0, legal.due or 0, VN, rule=RULE)
    return timeliness_of(case)


def test_08_supplement_resumes() -> None:
    """Where sector law resumes the limit, the days of the supplement do not count, and it is one pause."""
    office = Office([procedure(mode="resume")])
    case = office.examine("01/03/2021 09:00")
    after = office.supplement(case, "03/03/2021 10:00", "10/03/2021 10:00")
    assert at("22/03/2021 17:00") == after.due
    assert len(after.clocks["legal"].pauses) == 1


def test_09_and_26_supplement_restarts_by_default_of_2021(office: Office) -> None:
    """The general rule of 2018-2025 counts again from zero; the first promise stays, the current one follows the law."""
    case = office.examine("01/03/2021 09:00")
    after = office.supplement(case, "03/03/2021 10:00", "10/03/2021 10:00")
    assert at("24/03/2021 17:00") == after.due == after.date("statutory_due") == after.date("current_promise")
    assert at("15/03/2021 17:00") == after.date("first_promise")


def test_26_the_ledger_shows_what_the_restart_voided(office: Office) -> None:
    """The two working days consumed before a restart stay in the ledger, as void, with the article."""
    case = office.examine("01/03/2021 09:00")
    office.supplement(case, "03/03/2021 10:00", "10/03/2021 10:00")
    void = [row for row in office.org.ledger(case).rows if row.kind == "void"]
    assert [(2, "working days", "ND 61 art. 19(4)")] == [(row.amount, row.axis, row.basis) for row in void]
    assert "counted again from the start (ND 61 art. 19(4))" in str(office.org.ledger(case))


def test_the_ledger_names_the_basis_of_a_pause() -> None:
    """Every pause says what it rests on, closed or still open."""
    office = Office([procedure(mode="resume")])
    case = office.examine("01/03/2021 09:00")
    office.do(case, "request-supplement", "dung", "03/03/2021 10:00", **SUPPLEMENT)
    assert {"ND 61 art. 19(4)"} == {row.basis for row in office.org.ledger(case).rows if row.kind == "paused"}
    office.do(case, "supplement", "lan", "10/03/2021 10:00", papers=["Drawing"])
    assert {"ND 61 art. 19(4)"} == {row.basis for row in office.org.ledger(case).rows if row.kind == "paused"}


def test_supplement_runs_where_sector_law_is_silent() -> None:
    """In mode run the request moves nothing: the limit runs on."""
    office = Office([procedure(mode="run")])
    case = office.examine("01/03/2021 09:00")
    assert at("15/03/2021 17:00") == office.supplement(case, "03/03/2021 10:00", "10/03/2021 10:00").due


def test_12_a_second_supplement_in_processing_is_refused(office: Office) -> None:
    """One request a phase."""
    case = office.examine("01/03/2021 09:00")
    office.supplement(case, "02/03/2021 10:00", "03/03/2021 10:00")
    reasons = office.refused(case, "request-supplement", "dung", "03/03/2021 11:00", **SUPPLEMENT)
    assert {"at-most"} == set(reasons)


def test_13_an_apology_in_time(office: Office) -> None:
    """Signed three days before the limit ends, it moves the promise and not the law; a second one is refused."""
    case = office.examine("01/03/2021 09:00")
    after = office.do(case, "apologise", "hoa", "12/03/2021 10:00", reason="two officers ill", new_date=at("19/03/2021 17:00"))
    assert () == after.marks
    assert at("19/03/2021 17:00") == after.date("current_promise")
    assert at("15/03/2021 17:00") == after.date("statutory_due") == after.date("first_promise") == after.due
    again = office.refused(case, "apologise", "hoa", "12/03/2021 11:00", reason="still ill", new_date=at("26/03/2021 17:00"))
    assert {"at-most"} == set(again)


def test_13_a_late_apology_is_kept_and_marked(office: Office) -> None:
    """Signed on the last day it is late: recorded, marked, and no less a promise."""
    case = office.examine("01/03/2021 09:00")
    after = office.do(case, "apologise", "hoa", "15/03/2021 09:00", reason="two officers ill", new_date=at("19/03/2021 17:00"))
    assert ("late-apology",) == after.marks
    assert at("19/03/2021 17:00") == after.date("current_promise")


def test_14_an_apology_is_not_on_time(office: Office) -> None:
    """Finished within the new promise and after the law: late by three working days, the commitment kept, a nonconformity raised."""
    case = office.examine("01/03/2021 09:00")
    office.do(case, "apologise", "hoa", "12/03/2021 10:00", reason="two officers ill", new_date=at("19/03/2021 17:00"))
    after = office.finish(case, "18/03/2021 08:00", "18/03/2021 09:00", "18/03/2021 10:00")
    dates, limit = after.dates, TimeLimit(10, "working days")
    late = lateness(dates["finished_at"], dates["statutory_due"], limit, calendar=VN, rule=RULE)
    assert TimeLimit(3, "working days") == late
    assert dates["finished_at"] <= dates["current_promise"]
    assert "late" == ended(after)
    assert {"ended-late"} == set(after.raised)


@pytest.mark.parametrize(
    ("issued", "expected"),
    [("12/03/2021 16:00", "early"), ("15/03/2021 17:00", "on-time"), ("15/03/2021 17:20", "late")],
)
def test_15_the_boundary_of_timeliness(office: Office, issued: str, expected: str) -> None:
    """An earlier day is early; the very instant is on time; twenty minutes more are late by the instant."""
    case = office.examine("01/03/2021 09:00")
    assert expected == ended(office.finish(case, "12/03/2021 08:00", "12/03/2021 09:00", issued))


def test_16_finished_is_not_collected(office: Office) -> None:
    """Processing ends at the seal; that the result is collected a week later changes nothing."""
    case = office.examine("01/03/2021 09:00")
    office.finish(case, "12/03/2021 08:00", "12/03/2021 09:00", "15/03/2021 16:00")
    after = office.do(case, "hand-over", "lan", "22/03/2021 09:00")
    assert "on-time" == ended(after)
    assert at("15/03/2021 16:00") == after.date("finished_at")
    assert at("22/03/2021 09:00") == after.date("returned_at")
    assert {"returned"} == after.steps
    assert {} == after.raised


def test_27_the_notice_window() -> None:
    """A supplement is asked for within three working days of receipt, unless sector law gives more."""
    office = Office([procedure(), procedure("sector", limits={"notice": "5 working days"})])
    in_time, late = office.examine("01/03/2021 09:00"), office.examine("01/03/2021 09:00")
    sector = office.examine("01/03/2021 09:00", "sector")
    assert {"awaiting-supplement"} == office.do(in_time, "request-supplement", "dung", "04/03/2021 16:00", **SUPPLEMENT).steps
    assert {"notice-window"} == set(office.refused(late, "request-supplement", "dung", "05/03/2021 08:00", **SUPPLEMENT))
    assert {"awaiting-supplement"} == office.do(sector, "request-supplement", "dung", **SUPPLEMENT).steps


def test_28_completion_at_intake_pauses_nothing() -> None:
    """Guided at intake and complete four days later: the limit starts then, with no pause and no supplement in processing."""
    office = Office([procedure(limit="5 working days")])
    case = office.submit("01/03/2021 09:00")
    office.do(case, "request-completion", "lan", "01/03/2021 09:20", **SUPPLEMENT)
    office.do(case, "complete", "an", "05/03/2021 14:00", papers=["Drawing"])
    after = office.do(case, "accept", "lan")
    assert at("12/03/2021 17:00") == after.due
    assert () == after.clocks["legal"].pauses
    assert "supplement_requested_at" not in after.dates


def test_29_transfer_after_three_moves_the_hand_over_alone(office: Office) -> None:
    """Accepted at 15:20, the file is due at the division when the next day starts; the legal limit does not move."""
    case = office.accept("01/03/2021 15:20")
    before = office.org.case(case)
    assert at("15/03/2021 17:00") == before.due
    assert at("02/03/2021 07:30") == VN.moment(before.clocks["hand-over"].due or 0)
    after = office.do(case, "transfer", "lan", "02/03/2021 10:00")
    assert ("late-hand-over",) == after.marks
    assert at("15/03/2021 17:00") == after.due


def test_30_accepted_on_a_closed_day() -> None:
    """A kiosk that accepts on Saturday night starts the limit then; an officer who accepts on Monday starts it on Monday."""
    office = Office([procedure(limit="1 working day")])
    kiosk = office.submit("20/02/2021 22:10", by="kiosk-1")
    assert at("22/02/2021 17:00") == office.do(kiosk, "accept", "kiosk-1").due
    officer = office.submit("20/02/2021 22:10", by="kiosk-1")
    assert at("23/02/2021 17:00") == office.do(officer, "accept", "lan", "22/02/2021 08:00").due


def test_31_a_refusal_is_a_result(office: Office) -> None:
    """Refused, signed and numbered before the limit: outcome refused, early; that it is returned later changes nothing."""
    case = office.examine("01/03/2021 09:00")
    office.do(case, "draft-refusal", "minh", "11/03/2021 09:00", reason="no right of use", basis="Law on Land art. 100")
    office.do(case, "approve", "dung")
    office.do(case, "sign", "hoa", "12/03/2021 09:00")
    finished = office.do(case, "issue", "thao", "12/03/2021 10:00", number="13/TB")
    returned = office.do(case, "hand-over", "lan", "18/03/2021 09:00")
    assert ("refused", "early") == (finished.outcome, ended(finished)) == (returned.outcome, ended(returned))


def test_31_a_late_refusal_is_refused_and_late(office: Office) -> None:
    """Signed and numbered the day after: refused, and late by one working day."""
    case = office.examine("01/03/2021 09:00")
    office.do(case, "draft-refusal", "minh", "15/03/2021 09:00", reason="no right of use", basis="Law on Land art. 100")
    office.do(case, "approve", "dung")
    office.do(case, "sign", "hoa", "16/03/2021 09:00")
    after = office.do(case, "issue", "thao", "16/03/2021 10:00", number="13/TB")
    assert ("refused", "late", {"ended-late"}) == (after.outcome, ended(after), set(after.raised))


@pytest.mark.parametrize(("signed", "marks"), [("14/03/2021 20:00", ()), ("15/03/2021 00:00", ("late-apology",))])
def test_32_the_lead_of_an_apology_is_a_calendar_day(office: Office, signed: str, marks: tuple[str, ...]) -> None:
    """For a limit that ends on Monday, Sunday evening is in time; Monday midnight is late."""
    case = office.examine("01/03/2021 09:00")
    after = office.do(case, "apologise", "hoa", signed, reason="two officers ill", new_date=at("19/03/2021 17:00"))
    assert marks == after.marks


@pytest.mark.parametrize(("signed", "marks"), [("12/03/2021 16:00", ()), ("14/03/2021 20:00", ("late-apology",))])
def test_13_and_32_an_office_may_ask_for_a_working_day(signed: str, marks: tuple[str, ...]) -> None:
    """Where the policy is a working day, Friday is the last day for a limit that ends on Monday."""
    office = Office([procedure(limits={"lead": "1 working day"})])
    case = office.examine("01/03/2021 09:00")
    after = office.do(case, "apologise", "hoa", signed, reason="two officers ill", new_date=at("19/03/2021 17:00"))
    assert marks == after.marks


@pytest.mark.parametrize("new", ["15/03/2021 17:00", "12/03/2021 17:00"])
def test_32_a_new_date_must_be_later(office: Office, new: str) -> None:
    """A new date that is not after the promised one is none."""
    case = office.examine("01/03/2021 09:00")
    reasons = office.refused(case, "apologise", "hoa", "10/03/2021 09:00", reason="two officers ill", new_date=at(new))
    assert {"new-date-not-later"} == set(reasons)


def test_33_an_obligation_resumes_at_the_payment() -> None:
    """The limit resumes when the applicant paid, though it was confirmed a day later; both instants are kept."""
    office = Office([procedure(obligation="pauses")])
    case = office.examine("01/03/2021 09:00")
    notice = {"kind": "land-use-levy", "amount": 1_000_000, "basis": "Decree 43/2014 art. 61"}
    office.do(case, "notify-obligation", "minh", "04/03/2021 10:00", **notice)
    after = office.do(case, "confirm-obligation", "nga", "12/03/2021 09:00", number="77", paid_at=at("11/03/2021 10:00"))
    assert at("22/03/2021 17:00") == after.due
    assert at("11/03/2021 10:00") == after.date("obligation_paid_at")
    assert at("12/03/2021 09:00") == after.date("obligation_confirmed_at")


def test_33_a_service_fee_never_pauses() -> None:
    """The office's own fee is no obligation: the notice is refused and the due date stays."""
    office = Office([procedure(obligation="pauses")])
    case = office.examine("01/03/2021 09:00")
    notice = {"kind": "service-fee", "amount": 50_000, "basis": "fee schedule"}
    assert {"fee-never-pauses"} == set(office.refused(case, "notify-obligation", "minh", "04/03/2021 10:00", **notice))
    assert at("15/03/2021 17:00") == office.org.case(case).due


def test_33_no_obligation_where_the_procedure_names_none(office: Office) -> None:
    """A limit is paused only where the procedure says that the law excludes the time."""
    case = office.examine("01/03/2021 09:00")
    notice = {"kind": "land-use-levy", "amount": 1_000_000, "basis": "Decree 43/2014 art. 61"}
    assert {"procedure-says"} == set(office.refused(case, "notify-obligation", "minh", "04/03/2021 10:00", **notice))


def test_37_the_seal_comes_after_the_signature(office: Office) -> None:
    """Issue is refused before a signature, and to whoever signed; issued a day late, the dossier is late."""
    office = Office([procedure()], people={"hoa": ["head", "clerk"]})
    case = office.examine("01/03/2021 09:00")
    office.do(case, "draft-result", "minh", "15/03/2021 14:00", proposal="granted")
    office.do(case, "approve", "dung")
    assert "not-in-step" in office.refused(case, "issue", "thao", number="12/GP")
    office.do(case, "sign", "hoa", "15/03/2021 16:50")
    assert {"separation-of-duties"} == set(office.refused(case, "issue", "hoa", number="12/GP"))
    after = office.do(case, "issue", "thao", "16/03/2021 08:00", number="12/GP")
    assert ("late", {"ended-late"}) == (ended(after), set(after.raised))
    assert "nonconformity" == office.org.case(after.raised["ended-late"]).kind


def test_39_a_withdrawal_ends_at_its_request(office: Office) -> None:
    """Asked on the 3rd and confirmed on the 5th, the dossier was withdrawn on the 3rd."""
    case = office.examine("01/03/2021 09:00")
    asked = office.do(case, "request-withdrawal", "an", "03/03/2021 16:00")
    assert {"examining", "withdrawal-requested"} == asked.steps
    assert {"already-standing"} == set(office.refused(case, "request-withdrawal", "an", "03/03/2021 16:30"))
    after = office.do(case, "confirm-withdrawal", "lan", "05/03/2021 09:00")
    assert ({"withdrawn"}, "withdrawn") == (after.steps, after.outcome)
    assert at("03/03/2021 16:00") == after.date("finished_at") == VN.moment(after.clocks["legal"].stopped or 0)


def test_39_after_the_signature_a_withdrawal_is_denied_with_a_basis(office: Office) -> None:
    """That a decision is signed is a ground only once it is; the denial needs a basis, and the result is delivered anyway."""
    case = office.examine("01/03/2021 09:00")
    office.do(case, "request-withdrawal", "an", "03/03/2021 16:00")
    ground = {"ground": "signed-decision", "reason": "the permit is signed", "basis": "working rules art. 9"}
    assert {"no-signed-decision"} == set(office.refused(case, "deny-withdrawal", "hoa", **ground))
    office.do(case, "draft-result", "minh", "04/03/2021 09:00", proposal="granted")
    office.do(case, "approve", "dung")
    office.do(case, "sign", "vinh")
    assert {"form-field"} == set(office.refused(case, "deny-withdrawal", "hoa", **ground | {"basis": " "}))
    assert {"awaiting-issue"} == office.do(case, "deny-withdrawal", "hoa", **ground).steps
    office.do(case, "issue", "thao", "05/03/2021 09:00", number="12/GP")
    assert {"returned"} == office.do(case, "hand-over", "lan").steps


def test_issue_ends_a_pending_withdrawal(office: Office) -> None:
    """What is issued can no longer be withdrawn: the request falls with the seal."""
    case = office.examine("01/03/2021 09:00")
    office.do(case, "request-withdrawal", "an", "03/03/2021 16:00")
    assert {"finished"} == office.finish(case, "04/03/2021 09:00", "04/03/2021 10:00").steps


def test_work_goes_on_while_a_withdrawal_is_pending(office: Office) -> None:
    """A supplement asked for in between does not stand in the way of the answer."""
    case = office.examine("01/03/2021 09:00")
    office.do(case, "request-withdrawal", "an", "03/03/2021 16:00")
    office.do(case, "request-supplement", "dung", "04/03/2021 09:00", **SUPPLEMENT)
    after = office.do(case, "confirm-withdrawal", "lan", "05/03/2021 09:00")
    assert ({"withdrawn"}, at("03/03/2021 16:00")) == (after.steps, after.date("finished_at"))


def test_46_a_lost_original_is_on_record_and_blocks_the_archive(office: Office) -> None:
    """Originals held at intake and missing at the counter: the result is handed over, a nonconformity opened, no archiving."""
    case = office.accept("01/03/2021 09:00", originals="held")
    office.do(case, "transfer", "lan")
    office.do(case, "receive-transfer", "kim")
    office.do(case, "assign", "dung", officer="minh")
    office.finish(case, "02/03/2021 09:00", "02/03/2021 10:00")
    assert {"originals-unsettled"} == set(office.refused(case, "hand-over", "lan", "03/03/2021 09:00"))
    after = office.do(case, "hand-over", "lan", originals="lost")
    assert ("lost", {"originals-lost"}) == (after.axes["originals"], set(after.raised))
    assert {"originals-unsettled"} == set(office.refused(case, "archive", "son", lists=["a", "b"], minutes=["a", "b"]))


def test_49_direct_contact_and_a_paper_off_the_list(office: Office) -> None:
    """A division that writes to the applicant itself and asks for a paper nobody published hears both reasons at once."""
    case = office.examine("01/03/2021 09:00")
    request = SUPPLEMENT | {"items": ["Letter of a neighbour"], "sent_through": "division"}
    reasons = office.refused(case, "request-supplement", "dung", "02/03/2021 09:00", **request)
    assert {"direct-contact", "paper-not-listed"} == set(reasons)


def test_the_counter_can_submit_for_an_applicant_without_an_account(office: Office) -> None:
    """An officer who enters the dossier of somebody unknown to the system does not become its applicant."""
    case = office.submit("01/03/2021 09:00", applicant_id=None)
    assert {} == office.org.case(case).parts
    assert {"accepted"} == office.do(case, "accept", "lan").steps


def test_an_applicant_may_submit_and_is_then_the_applicant(office: Office) -> None:
    """Who submits for themselves holds the part, and only the part, of the applicant."""
    case = office.submit("01/03/2021 09:00", by="binh", applicant_id=None)
    assert {"applicant": "binh"} == office.org.case(case).parts


def test_nobody_handles_their_own_dossier() -> None:
    """An officer who is the applicant is refused whatever the office does with it."""
    office = Office([procedure()])
    case = office.submit("01/03/2021 09:00", applicant_id="lan", by="sang-not-known")
    assert {"own-case"} == set(office.refused(case, "accept", "lan"))


def test_settled_at_the_counter() -> None:
    """A same-day procedure that is settled at once goes to signature; the drafter does not sign."""
    office = Office(people={"sang": ["settling-officer", "head"]})
    case = office.submit("26/08/2021 09:00", "2.000908")
    office.do(case, "accept-now", "sang")
    assert {"separation-of-duties"} == set(office.refused(case, "sign", "sang"))
    office.do(case, "sign", "hoa", "26/08/2021 10:00")
    after = office.do(case, "issue", "thao", "26/08/2021 11:00", number="1/SL")
    assert ("granted", at("26/08/2021 17:00")) == (after.outcome, after.due)


def test_only_some_procedures_are_settled_at_the_counter(office: Office) -> None:
    """Where the procedure does not say so, nothing is settled at once."""
    case = office.submit("01/03/2021 09:00")
    assert {"procedure-says"} == set(office.refused(case, "accept-now", "sang"))


def test_a_window_that_ends_stops_the_dossier(office: Office) -> None:
    """The applicant who never answers ends at the end of the window, whenever anybody looks."""
    case = office.examine("01/03/2021 09:00")
    office.do(case, "request-supplement", "dung", "03/03/2021 10:00", **SUPPLEMENT)
    assert "after-expiry" in office.refused(case, "supplement", "lan", "12/04/2021 09:00", papers=["Drawing"])
    after = office.org.case(case)
    assert ({"stopped"}, "stopped") == (after.steps, after.outcome)
    assert at("02/04/2021 17:00") == after.date("finished_at")


@pytest.mark.parametrize(("mode", "raised"), [("run", {"ended-late"}), ("restart", set()), ("resume", set())])
def test_a_dossier_that_lapses_is_late_only_where_the_limit_ran(mode: str, raised: set[str]) -> None:
    """Stopped by the window: late in mode run, where the limit had ended; a paused limit had not."""
    office = Office([procedure(mode=mode)])
    case = office.examine("01/03/2021 09:00")
    office.do(case, "request-supplement", "dung", "03/03/2021 10:00", **SUPPLEMENT)
    office.now = at("12/04/2021 09:00")
    office.org.sweep()
    after = office.org.case(case)
    assert ({"stopped"}, raised) == (after.steps, set(after.raised))
    assert [("late" if raised else "early")] == [timeliness_of(after)]
    assert raised == {name for name, child in after.raised.items() if office.org.case(child).source == case}


def test_a_window_may_end_in_a_refusal() -> None:
    """Where the procedure says so, the refusal is drafted by the rule, and signed and issued as any result."""
    office = Office([procedure(supplement_lapse="refused", limits={"refusal-window": "20 working days"})])
    case = office.examine("01/03/2021 09:00")
    office.do(case, "request-supplement", "dung", "03/03/2021 10:00", **SUPPLEMENT)
    office.do(case, "approve", "dung", "01/04/2021 09:00")
    office.do(case, "sign", "hoa")
    after = office.do(case, "issue", "thao", number="14/TB")
    assert ("refused", "early") == (after.outcome, ended(after))


def test_extension_by_law_moves_the_statutory_due(office: Office) -> None:
    """An extension counts on from the end, once, where the procedure has a law for it."""
    extending = Office([procedure(limit="3 working days", extension="once")])
    case = extending.examine("01/03/2021 09:00")
    decision = {"period": "3 working days", "reason": "facts to verify", "basis": "Law on Civil Status art. 28"}
    after = extending.do(case, "extend-by-law", "hoa", "02/03/2021 09:00", **decision)
    assert at("09/03/2021 17:00") == after.due == after.date("statutory_due")
    assert at("04/03/2021 17:00") == after.date("first_promise")
    assert {"at-most"} == set(extending.refused(case, "extend-by-law", "hoa", "03/03/2021 09:00", **decision))
    other = office.examine("01/03/2021 09:00")
    assert {"procedure-says"} == set(office.refused(other, "extend-by-law", "hoa", "02/03/2021 09:00", **decision))


def test_a_suspension_ends_by_itself(office: Office) -> None:
    """The decision names its end; on that day the work goes on and the law has waited."""
    case = office.examine("01/03/2021 09:00")
    decision = {"ground": "public-posting", "reason": "posting", "basis": "Decree 43/2014", "period": "15 days"}
    office.do(case, "suspend", "hoa", "02/03/2021 09:00", **decision)
    office.now = at("01/04/2021 09:00")
    after = office.org.case(case)
    assert {"examining"} == after.steps
    assert at("15/03/2021 17:00") < (after.due or at("15/03/2021 17:00"))


def test_an_uncollected_result_is_reminded_and_archived(office: Office) -> None:
    """Three reminders by the clock, then the archive; not before."""
    case = office.examine("01/03/2021 09:00")
    office.finish(case, "02/03/2021 09:00", "02/03/2021 10:00")
    records = {"lists": ["papers", "files"], "minutes": ["one", "two"]}
    assert "too-early" in office.refused(case, "deposit", "son", "01/07/2021 09:00", **records)
    after = office.do(case, "deposit", "son", "01/10/2021 09:00", **records)
    assert {"archived"} == after.steps
    told = {event.action: event.when.occurred for event in office.org.history(case) if isinstance(event, Acted)}
    days = [VN.moment(told[name]).format("DD/MM") for name in ("remind", "remind-again", "remind-last")]
    assert ["09/03", "01/04", "31/05"] == days


def test_a_rating_is_given_once_by_the_applicant(office: Office) -> None:
    """Once, by the applicant, also after the result is collected."""
    case = office.examine("01/03/2021 09:00")
    office.finish(case, "02/03/2021 09:00", "02/03/2021 10:00")
    office.do(case, "hand-over", "lan", "03/03/2021 09:00")
    office.do(case, "rate", "an", "04/03/2021 09:00", overall="satisfied")
    assert {"at-most"} == set(office.refused(case, "rate", "an", "05/03/2021 09:00", overall="neutral"))
    assert "no-authority" in office.refused(case, "rate", "minh", "05/03/2021 09:00", overall="very-satisfied")


def test_an_unpaid_fee_blocks_only_where_the_procedure_says_so(office: Office) -> None:
    """Being unpaid holds a result back by the procedure's word alone; paying frees it."""
    blocking = Office([procedure(unpaid_fee="blocks")])
    for place, refused in ((office, False), (blocking, True)):
        case = place.accept("01/03/2021 09:00", fee="due")
        place.do(case, "transfer", "lan")
        place.do(case, "receive-transfer", "kim")
        place.do(case, "assign", "dung", officer="minh")
        place.finish(case, "02/03/2021 09:00", "02/03/2021 10:00")
        if refused:
            assert {"fee-unpaid"} == set(place.refused(case, "hand-over", "lan"))
            place.do(case, "collect-fee", "nga", number="9", amount=100_000)
        assert {"returned"} == place.do(case, "hand-over", "lan").steps


def test_only_the_assignee_works_on_a_dossier(office: Office) -> None:
    """A colleague with the same role is refused until they stand in; who accepted is never assigned."""
    case = office.examine("01/03/2021 09:00")
    assert {"not-assigned"} == set(office.refused(case, "draft-result", "mai"))
    assert {"officer-not-apart"} == set(office.refused(case, "reassign", "dung", officer="lan", reason="leave"))
    assert {"conflict-of-interest"} == set(office.refused(case, "reassign", "dung", officer="an", reason="leave"))
    office.do(case, "replace-officer", "dung", officer="mai", reason="minh is ill")
    assert {"awaiting-approval"} == office.do(case, "draft-result", "mai", proposal="granted").steps


def test_a_verification_may_need_two_people() -> None:
    """Where the procedure says so, minutes that one person signed are refused."""
    office = Office([procedure(verification="two")])
    case = office.examine("01/03/2021 09:00")
    office.do(case, "verify", "minh", place="the house", people=["minh"])
    alone = office.refused(case, "record-verification", "minh", findings="as drawn", signed_by=["minh", "minh"])
    assert {"too-few-signatures"} == set(alone)
    both = office.do(case, "record-verification", "minh", findings="as drawn", signed_by=["minh", "mai"])
    assert {"examining"} == both.steps


@pytest.mark.parametrize(
    ("action", "by", "form", "steps", "outcome"),
    [
        ("refuse-intake", "lan", {"reason": "no right", "basis": "Law on Land"}, {"not-accepted"}, "not-accepted"),
        ("redirect", "lan", {"receiver": "the province", "reason": "its competence"}, {"transferred-out"}, "transferred"),
        ("cancel", "an", {}, {"withdrawn"}, "withdrawn"),
    ],
)
def test_ends_at_intake_start_no_legal_clock(
    office: Office, action: str, by: str, form: dict[str, str], steps: set[str], outcome: str
) -> None:
    """Refused, redirected or cancelled before acceptance: an outcome, and no limit of the law ever ran."""
    case = office.submit("01/03/2021 09:00")
    after = office.do(case, action, by, **form)
    assert (steps, outcome, None) == (after.steps, after.outcome, after.due)


def test_a_dossier_never_completed_is_not_accepted(office: Office) -> None:
    """The applicant has thirty days to complete; then it ends by itself, on the day they end."""
    case = office.submit("01/03/2021 09:00")
    office.do(case, "request-completion", "lan", "01/03/2021 09:20", **SUPPLEMENT)
    office.now = at("15/06/2021 08:00")
    after = office.org.case(case)
    assert ({"not-accepted"}, "not-accepted") == (after.steps, after.outcome)
    assert at("31/03/2021 17:00") == after.entered("not-accepted")


def test_07_an_online_submission_is_answered_within_eight_working_hours(office: Office) -> None:
    """Submitted on Saturday night: by Monday's close; on Friday at 16:30: by Monday 16:30."""
    saturday, friday = office.submit("20/02/2021 22:10"), office.submit("05/02/2021 16:30")
    dues = [VN.moment(office.org.case(case).clocks["intake"].due or 0) for case in (saturday, friday)]
    assert [at("22/02/2021 17:00"), at("08/02/2021 16:30")] == dues


def test_sent_back_three_times_raises_a_nonconformity(office: Office) -> None:
    """The third time a draft comes back is a nonconformity of the process, raised once."""
    case = office.examine("01/03/2021 09:00")
    for time in range(4):
        office.do(case, "draft-result", "minh", proposal="granted")
        after = office.do(case, "send-back", "dung", reason="figures do not agree")
        assert (["sent-back-often"] if time >= 2 else []) == list(after.raised)


def test_a_refusal_without_reason_and_basis_is_no_draft(office: Office) -> None:
    """What is refused is refused with a reason and its basis."""
    case = office.examine("01/03/2021 09:00")
    assert {"refusal-unreasoned"} == set(office.refused(case, "draft-result", "minh", proposal="refused"))


def test_stopping_a_late_dossier_is_still_late(office: Office) -> None:
    """A dossier stopped after its limit ended late, and the nonconformity is raised; stopped before, it is not."""
    notice = {"ground": "object-gone", "reason": "the house burnt down", "basis": "working rules art. 12"}
    late, early = office.examine("01/03/2021 09:00"), office.examine("01/03/2021 09:00")
    assert {} == office.do(early, "stop", "hoa", "15/03/2021 16:00", **notice).raised
    assert {"ended-late"} == set(office.do(late, "stop", "hoa", "16/03/2021 09:00", **notice).raised)


def test_the_control_slip_and_the_register_tell_the_way_of_the_file(office: Office) -> None:
    """Who gave, who took, when; and the three dates of the result side by side."""
    case = office.examine("02/03/2021 08:00", accepted="01/03/2021 15:20")
    office.do(case, "apologise", "hoa", "12/03/2021 10:00", reason="two officers ill", new_date=at("19/03/2021 17:00"))
    after = office.finish(case, "18/03/2021 08:00", "18/03/2021 09:00", "18/03/2021 10:00")
    slip = control_slip(after, office.org.history(case), "en")
    assert "One-stop unit → division: given 08:00 02/03/2021 lan; taken 08:00 02/03/2021 kim" in slip
    assert "Result: late, due 17:00 15/03/2021" in slip
    line = register_line(after, "en")
    dates = [line[name] for name in ("First promise", "Statutory due", "Current promise", "Finished", "Returned")]
    assert ["17:00 15/03/2021", "17:00 15/03/2021", "17:00 19/03/2021", "10:00 18/03/2021", "–"] == dates
    assert ("granted", "late") == (line["Outcome"], line["Timeliness"])
    assert "quá hạn" == register_line(after)["Tiến độ"]


def test_8_9_and_15_how_a_dossier_stands(office: Office) -> None:
    """In time, due soon a working day before, paused for a supplement; and what if its mode were another."""
    case = office.examine("01/03/2021 09:00")
    words = [str(office.org.status(case, at=at(text))) for text in ("01/03/2021 10:00", "12/03/2021 09:00", "16/03/2021 09:00")]
    assert ["in time, 10 working days left", "due soon, 1 working day left", "overdue, by 1 working day"] == words
    assert "overdue, by 3 working days" == str(office.org.status(case, "notice", at("09/03/2021 09:00")))
    office.do(case, "request-supplement", "dung", "03/03/2021 10:00", **SUPPLEMENT)
    assert "tạm dừng" == office.org.status(case).text("vi")
    office.do(case, "supplement", "lan", "10/03/2021 10:00", papers=["Drawing"])
    other = office.org.what_if(case, mode="resume")
    assert (at("24/03/2021 17:00"), at("22/03/2021 17:00"), "earlier") == (other.due, other.other_due, other.direction)
    assert "supplement" == office.org.case(case).clocks["legal"].grounds[0].reason
    assert "due-soon" == office.org.status(case, at=at("10/03/2021 11:00"), soon=TimeLimit.parse("30 days")).word
    with pytest.raises(NotFound, match="no clock 'collect' was started"):
        office.org.status(case, "collect")


def test_12_terms_of_a_limit_stand_with_the_procedure() -> None:
    """A sector law that lets a dossier be suspended once, and for five days at the most."""
    tree = dict(procedure().tree)
    tree["limits"] = {
        "legal": {"period": "10 working days", "pauses": [{"reason": "court", "at_most": 1, "longest": "5 days"}]}
    }
    office = Office([Procedure.from_tree(tree)])
    case = office.examine("01/03/2021 09:00")
    held = {"ground": "court", "reason": "sub judice", "basis": "Civil Procedure Code", "period": "15 days"}
    office.do(case, "suspend", "hoa", "03/03/2021 10:00", **held)
    clock = office.org.case(case).clocks["legal"]
    assert (to_us(at("08/03/2021 17:00")), at("19/03/2021 14:30")) == (clock.until, office.org.case(case).due)
    office.now = at("22/03/2021 09:00")
    assert ([case], "overdue") == ([late.id for late in office.org.overdue()], office.org.status(case).word)
    assert {"pauses-at-most"} == set(office.refused(case, "suspend", "hoa", "22/03/2021 11:00", **held))
