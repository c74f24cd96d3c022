"""Nonconformities: raised by rule, walked to an effective close, and refused where the record or the person is wrong."""

from __future__ import annotations

from typing import Any

import pendulum
import pytest

from district import Office, at, procedure
from qms.case import Case
from qms.records.nonconformity import describe

REPORT = {
    "requirement": "a receipt names the day of the result",
    "evidence": "three receipts of May",
    "deviation": "no day on them",
}
CAUSE = {
    "method": "5-why",
    "root_causes": ["the template has no field for the day"],
    "similar": "searched all receipts of May: none",
}


@pytest.fixture
def office() -> Office:
    """An office on the 3rd of May 2021."""
    place = Office([procedure()])
    place.now = at("04/05/2021 08:00")
    return place


def raised(office: Office, **report: Any) -> str:
    """A nonconformity that somebody reported; its id."""
    return office.org.open("nonconformity", by="an", form=REPORT | report).id


def confirmed(office: Office, severity: str = "minor", **report: Any) -> str:
    """One that is confirmed, owned by minh and contained; its id."""
    case = raised(office, **report)
    office.do(case, "confirm", "quyen", severity=severity, owner="minh", extent="the counter")
    office.do(case, "contain", "minh", what="old forms taken away")
    return case


def corrected(office: Office, severity: str = "minor", **report: Any) -> str:
    """One that is corrected and verified; its id."""
    case = confirmed(office, severity, **report)
    office.do(case, "dispose", "duc", decision="correct", actions="issue the receipts anew", authority="working rules art. 7")
    office.do(case, "correct", "tam", what="three receipts issued anew", evidence="receipts 1-3")
    office.do(case, "re-verify", "vy", result="conforming", evidence="receipts 1-3 seen")
    return case


def plan(**changes: Any) -> dict[str, Any]:
    """A corrective action by tam, judged by mai after the 1st of August."""
    return {
        "what": "a field for the day in the template",
        "doer": "tam",
        "reviewer": "mai",
        "criterion": "no receipt without a day",
        "measure_from": at("01/06/2021 00:00"),
        "measure_to": at("01/08/2021 00:00"),
    } | changes


def acted(office: Office, **report: Any) -> str:
    """One whose corrective action is done; its id."""
    case = corrected(office, **report)
    office.do(case, "evaluate-need", "quyen", reason="it can come back", similar="all receipts use the template")
    office.do(case, "record-cause", "minh", **CAUSE)
    office.do(case, "approve-plan", "phuc", **plan())
    office.do(case, "actions-done", "tam", "20/05/2021 09:00", what="template changed", evidence="version 2")
    return case


def judged(office: Office, **report: Any) -> str:
    """One whose action was judged effective; its id."""
    case = acted(office, **report)
    figures = {"indicator": "receipts without a day", "before": "3 of 400", "after": "0 of 420", "n": 420}
    office.do(case, "judge-effective", "mai", "02/08/2021 09:00", **figures)
    return case


def closed(office: Office, **report: Any) -> Case:
    """One walked to an effective close."""
    case = judged(office, **report)
    office.do(
        case, "update-risks-qms", "quyen", risks="template added to the risk list", qms="none: one template, no other uses it"
    )
    return office.do(case, "close", "hai")


def test_a_nonconformity_walks_to_an_effective_close(office: Office) -> None:
    """Reported, contained, corrected, verified, its cause removed, the effect judged by another, closed."""
    after = closed(office)
    assert ({"closed"}, "effective", False) == (after.steps, after.outcome, after.open)


def test_a_minor_output_may_end_when_it_is_verified(office: Office) -> None:
    """A minor nonconformity needs no action on its cause where a reason says so."""
    case = corrected(office)
    reason = {"reason": "one template, corrected", "similar": "searched: none"}
    assert {"form-field"} == set(office.refused(case, "no-action-needed", "quyen", reason="", similar="none"))
    assert ("corrected", {"closed"}) == ((after := office.do(case, "no-action-needed", "quyen", **reason)).outcome, after.steps)


def test_that_a_major_one_needs_no_action_is_approved_by_the_head(office: Office) -> None:
    """For a major nonconformity the head approves first."""
    case = corrected(office, "major")
    reason = {"reason": "one template, corrected", "similar": "searched: none"}
    assert {"head-approval"} == set(office.refused(case, "no-action-needed", "quyen", **reason))
    office.do(case, "approve-no-action", "hoa", reason="the template is out of use")
    assert {"closed"} == office.do(case, "no-action-needed", "quyen", **reason).steps


def test_45_a_concession_cannot_waive_the_law(office: Office) -> None:
    """A concession on a statutory requirement is refused; on a house rule it takes authority, conditions and expiry."""
    concession = {"decision": "concession", "actions": "accept as it is", "authority": "working rules art. 7"}
    statutory, house = confirmed(office, requirement_type="statutory"), confirmed(office)
    assert {"statutory-requirement"} == set(office.refused(statutory, "dispose", "duc", **concession))
    incomplete = office.refused(house, "dispose", "duc", **concession)
    assert ("concession", "conditions", "expires_at") == incomplete["concession-incomplete"].params["missing"]
    full = {"concession": "style of headings", "conditions": "this batch only", "expires_at": at("30/06/2021 00:00")}
    assert {"disposed"} == office.do(house, "dispose", "duc", **concession, **full).steps


@pytest.mark.parametrize("blame", ["human error", "Human error.", "lỗi con người", "sai sót của cán bộ", "carelessness"])
def test_human_error_alone_is_no_root_cause(office: Office, blame: str) -> None:
    """Blame is where an analysis begins; with a cause beside it, it may stand."""
    case = corrected(office)
    office.do(case, "evaluate-need", "quyen", reason="it can come back", similar="all receipts")
    assert {"form-field"} == set(office.refused(case, "record-cause", "minh", **CAUSE | {"root_causes": [blame]}))
    assert {"form-field"} == set(office.refused(case, "record-cause", "minh", **CAUSE | {"root_causes": []}))
    after = office.do(case, "record-cause", "minh", **CAUSE | {"root_causes": [blame, "the template has no field"]})
    assert {"planning"} == after.steps


def test_the_reviewer_is_not_the_doer(office: Office) -> None:
    """Refused when it is planned, and when it is judged."""
    case = corrected(office)
    office.do(case, "evaluate-need", "quyen", reason="it can come back", similar="all receipts")
    office.do(case, "record-cause", "minh", **CAUSE)
    assert {"form-field"} == set(office.refused(case, "approve-plan", "phuc", **plan(reviewer="tam")))
    office.do(case, "approve-plan", "phuc", **plan())
    office.do(case, "actions-done", "tam", "20/05/2021 09:00", what="template changed", evidence="version 2")
    assert {"no-authority", "separation-of-duties", "own-case"} <= set(
        office.refused(case, "judge-ineffective", "tam", reason="no")
    )


def test_an_effect_is_not_judged_before_its_time(office: Office) -> None:
    """Judged effective on the day before the measure ends: refused, with the day from which it is possible."""
    case = acted(office)
    figures = {"indicator": "receipts without a day", "before": "3", "after": "0", "n": 420}
    reasons = office.refused(case, "judge-effective", "mai", "31/07/2021 23:59", **figures)
    assert at("01/08/2021 00:00") == reasons["too-early"].params["until"]


def test_an_action_without_effect_goes_back_to_the_cause(office: Office) -> None:
    """The second time it is marked for the head."""
    case = acted(office)
    assert () == office.do(case, "judge-ineffective", "mai", reason="two receipts again").marks
    office.do(case, "record-cause", "minh", **CAUSE)
    office.do(case, "approve-plan", "phuc", **plan())
    office.do(case, "actions-done", "tam", what="template changed again", evidence="version 3")
    after = office.do(case, "judge-ineffective", "mai", reason="one receipt again")
    assert (("escalate-to-head",), {"analysing"}) == (after.marks, after.steps)


def test_the_owner_does_not_confirm_and_the_concerned_does_not_reject(office: Office) -> None:
    """Nobody is judge in their own matter."""
    case = raised(office, concerned="quyen")
    ownership = {"severity": "minor", "owner": "quyen", "extent": "the counter"}
    assert {"owner-confirms"} == set(office.refused(case, "confirm", "quyen", **ownership))
    assert {"own-case"} == set(office.refused(case, "reject", "quyen", reason="no"))


def test_the_doer_does_not_verify(office: Office) -> None:
    """Who corrected does not verify that it conforms."""
    office = Office([procedure()], people={"vy": ["verifier", "staff"]})
    case = confirmed(office)
    office.do(case, "dispose", "duc", decision="correct", actions="issue anew", authority="working rules art. 7")
    office.do(case, "correct", "vy", what="issued anew", evidence="receipts")
    refused = office.refused(case, "re-verify", "vy", result="conforming", evidence="seen")
    assert {"separation-of-duties"} == set(refused)


def test_a_correction_that_does_not_conform_goes_back(office: Office) -> None:
    """Verified and found wanting, it is corrected again."""
    case = confirmed(office)
    office.do(case, "dispose", "duc", decision="correct", actions="issue anew", authority="working rules art. 7")
    office.do(case, "correct", "tam", what="issued anew", evidence="receipts")
    assert {"disposed"} == office.do(case, "re-verify", "vy", result="nonconforming", evidence="one still wrong").steps


def test_closing_is_refused_with_the_list_of_what_is_missing(office: Office) -> None:
    """No containment and no word to the customer: both are named."""
    case = raised(office, customer="to-inform")
    office.do(case, "confirm", "quyen", severity="minor", owner="minh", extent="the counter")
    office.do(case, "dispose", "duc", decision="correct", actions="issue anew", authority="working rules art. 7")
    office.do(case, "correct", "tam", what="issued anew", evidence="receipts")
    office.do(case, "re-verify", "vy", result="conforming", evidence="seen")
    reason = {"reason": "one template, corrected", "similar": "searched: none"}
    missing = office.refused(case, "no-action-needed", "quyen", **reason)["record-incomplete"].params["missing"]
    assert ("containment (10.2.1 a)", "notice to the customer (8.7.1 c)") == missing


def test_a_reporter_may_appeal_once(office: Office) -> None:
    """A rejection can be appealed by who reported, and only once."""
    case = raised(office)
    office.do(case, "reject", "quyen", reason="within the rule")
    assert "no-authority" in office.refused(case, "appeal", "minh", reason="no")
    assert {"reported"} == office.do(case, "appeal", "an", reason="the rule changed in April").steps
    office.do(case, "reject", "quyen", reason="it changed in June")
    assert {"at-most"} == set(office.refused(case, "appeal", "an", reason="no"))


def test_reopening_keeps_the_history(office: Office) -> None:
    """Taken up again, it goes back to the cause; what was recorded stays, duties are counted anew."""
    case = closed(office).id
    before = len(office.org.history(case))
    after = office.do(case, "reopen", "quyen", "01/10/2021 09:00", reason="it came back", recurrence="receipt 512")
    assert ({"analysing"}, True, before + 1) == (after.steps, after.open, len(office.org.history(case)))


def test_a_late_dossier_raises_one_nonconformity(office: Office) -> None:
    """Raised by rule in the same batch, linked both ways, statutory, and never twice."""
    dossier = office.examine("01/03/2021 09:00")
    after = office.finish(dossier, "16/03/2021 08:00", "16/03/2021 09:00")
    child = office.org.case(after.raised["ended-late"])
    assert (dossier, "statutory", {"reported"}) == (child.source, child.axes["requirement"], child.steps)
    assert 1 == len([case for case in office.org.cases() if case.kind == "nonconformity"])
    returned = office.do(dossier, "hand-over", "lan", "17/03/2021 08:00")
    assert after.raised == returned.raised


@pytest.mark.parametrize(("language", "words"), [("en", "Root cause"), ("vi", "Nguyên nhân gốc")])
def test_the_page_tells_the_whole_of_it(office: Office, language: str, words: str) -> None:
    """Problem, containment, cause, action and effect stand on one page, in both languages."""
    case = closed(office)
    page = describe(case, office.org.history(case.id), language)
    assert words in page
    assert CAUSE["root_causes"][0] in page
    assert "3 of 400" in page
    assert f"{pendulum.datetime(2021, 5, 4):%d/%m/%Y}" in page
