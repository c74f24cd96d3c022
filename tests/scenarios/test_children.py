"""Cases that wait for others, scenario by scenario: numbers are those of the reference page on the domain (sections 7 and 11)."""

from __future__ import annotations

from typing import Any

import pytest

from district import Office, at, procedure
from qms.authority import Delegation, Grant, Roster
from qms.calendar import WorkCalendar, to_us
from qms.case import Case
from qms.errors import Denied
from qms.event import Acted
from qms.organization import Organization, Past
from qms.ports import Query
from qms.process import Procedure, Process
from qms.records.correction import result_stands
from qms.records.register import timeliness_of
from qms.records.resubmission import resubmissions
from qms.records.stays import stays
from qms.stores.memory import MemoryStore

VN = WorkCalendar.load("VN")
AGENCIES = {"thu": [Grant("agency-officer", unit="tax")], "loc": [Grant("agency-signer", unit="tax")]}
ASKED = {"question": "are taxes owed", "agencies": ["tax"], "period": "2 working days"}
BY_LAW = {"silence": "consents", "basis": "Decree 217/2026 art. 54(2)c"}


def moment(us: int | None) -> str:
    """An instant as scenarios write it."""
    return "–" if us is None else VN.moment(us).format("DD/MM/YYYY HH:mm")


# 35: consultation


def consulted(when: str = "10/06/2026 10:00", **more: Any) -> tuple[Office, str, str]:
    """An office that has asked the tax agency at *when*; the dossier and the consultation."""
    office = Office([procedure()], people=AGENCIES)
    case = office.examine("08/06/2026 09:00")
    office.do(case, "agree-consultation", "dung", when, question="are taxes owed")
    (child,) = office.do(case, "consult", "minh", **ASKED | more).children
    return office, case, child


def test_35_silence_is_consent_where_a_law_says_so() -> None:
    """Delivered on Wednesday at 10:00 with two working days: consent on Friday at 17:00, once, whenever anybody looks."""
    for sweeps in ((), ("12/06/2026 18:00", "15/06/2026 08:00")):
        office, case, child = consulted(**BY_LAW)
        for instant in sweeps:
            office.now = at(instant)
            office.org.sweep()
        office.now = at("15/06/2026 09:00")
        heard = office.org.case(case).children[child]
        assert ("deemed-consent", "12/06/2026 17:00", False) == (heard.outcome, moment(heard.ended), heard.late)
        office.org.sweep()
        done = [e.when.occurred for e in office.org.history(child) if isinstance(e, Acted) and e.action == "expire-consent"]
        assert [to_us(at("12/06/2026 17:00"))] == done


def test_35_a_late_answer_undoes_nothing_and_has_to_be_read() -> None:
    """It is kept with the consultation, which stays deemed; nothing is signed before the officer has read it."""
    office, case, child = consulted(**BY_LAW)
    office.do(child, "reply-late", "loc", "15/06/2026 09:00", answer="disagree", reason="a debt of 2024")
    late = office.org.case(child)
    assert ({"deemed-consent"}, "deemed-consent") == (late.steps, late.outcome)
    assert "late-reply" in late.marks
    office.do(case, "draft-result", "minh")
    office.do(case, "approve", "dung")
    assert {"late-reply-unread"} == set(office.refused(case, "sign", "hoa"))
    office.do(case, "acknowledge-late-reply", "minh", consultation=child, note="it changes nothing")
    assert {"awaiting-issue"} == office.do(case, "sign", "hoa").steps


def test_35_without_a_basis_silence_is_silence() -> None:
    """The head is told, and it is no consent; the work goes on."""
    office, case, child = consulted()
    office.now = at("15/06/2026 09:00")
    silent = office.org.case(child)
    assert ({"silent"}, "silent", "head-told") == (silent.steps, silent.outcome, silent.axes["escalation"])
    assert ("head-told",) == office.org.case(case).children[child].marks
    assert {"awaiting-approval"} == office.do(case, "draft-result", "minh").steps


def test_silence_is_no_consent_without_a_law() -> None:
    """A request that takes silence for consent names the basis, or is refused."""
    office, case, _ = consulted()
    office.do(case, "agree-consultation", "dung", question="again")
    assert {"silence-unfounded"} == set(office.refused(case, "consult", "minh", **ASKED, silence="consents"))


def test_a_draft_waits_for_whoever_was_asked() -> None:
    """Refused while an answer is open, with the case that is; an answer in time frees it."""
    office, case, child = consulted()
    reason = office.refused(case, "draft-result", "minh", "11/06/2026 09:00")["children-open"]
    assert (child,) == reason.params["children"]
    office.do(child, "acknowledge", "thu")
    office.do(child, "draft-reply", "thu", answer="agree")
    assert {"no-authority", "separation-of-duties"} == set(office.refused(child, "reply", "thu", answer="agree"))
    answered = office.do(child, "reply", "loc", "11/06/2026 10:00", answer="agree")
    assert ("agree", "tax", case) == (answered.outcome, answered.unit, answered.source)
    assert {"awaiting-approval"} == office.do(case, "draft-result", "minh").steps


def test_an_agency_is_given_no_more_time_than_there_is() -> None:
    """A period that would end after the legal limit is refused, with both ends."""
    office, case, _ = consulted()
    office.do(case, "agree-consultation", "dung", question="again")
    reason = office.refused(case, "consult", "minh", **ASKED | {"period": "9 working days"})["beyond-limit"]
    assert (at("23/06/2026 17:00"), at("22/06/2026 17:00")) == (reason.params["due"], reason.params["until"])


def test_each_consultation_is_agreed_by_a_head() -> None:
    """One agreement, one consultation; it asks somebody."""
    office, case, _ = consulted()
    assert {"not-agreed", "nobody-asked"} == set(office.refused(case, "consult", "minh", **ASKED | {"agencies": []}))


def test_a_question_made_clear_stops_the_agencys_time_alone() -> None:
    """The agency's limit waits, once; the legal limit of the dossier runs on."""
    office, case, child = consulted()
    before = office.org.case(case).due
    office.do(child, "ask-clarification", "thu", "11/06/2026 10:00", reason="which year")
    office.do(child, "clarify", "minh", "12/06/2026 10:00", text="2025")
    assert "at-most" in office.refused(child, "ask-clarification", "thu", reason="which debt")
    after = office.org.case(child)
    assert (before, at("15/06/2026 17:00")) == (office.org.case(case).due, after.due)


def test_an_agency_is_reminded_before_its_time_ends() -> None:
    """Four working hours before, in working time."""
    office, _, child = consulted()
    office.now = at("12/06/2026 13:00")
    assert "reminded" == office.org.case(child).axes["escalation"]


def test_another_organization_is_asked_by_message() -> None:
    """The question goes out with its limit, and what became of it comes back."""
    office = Office([procedure()])
    case = office.examine("08/06/2026 09:00")
    office.do(case, "agree-consultation", "dung", "10/06/2026 10:00", question="are taxes owed")
    office.do(case, "consult", "minh", **ASKED | {"agencies": [], "organizations": ["tax"]})
    there = Organization(
        store=MemoryStore(),
        processes=[Process.load("consultation")],
        calendars=[VN],
        people=Roster(AGENCIES),
        now=lambda: office.now,
        name="tax",
    )
    for message in office.org.outbox():
        there.arrive(message)
    (child,) = office.org.case(case).children
    office.now = at("11/06/2026 09:00")
    there.act(child, "reply", by="loc", form={"answer": "agree"})
    for message in there.outbox():
        office.org.arrive(message)
    heard = office.org.case(case).children[child]
    assert ("agree", False, "tax", "tax") == (heard.outcome, heard.open, heard.elsewhere, there.case(child).unit)


# 42: a group


def group() -> tuple[Office, str, dict[str, str]]:
    """Birth, residence and insurance in one submission, 15 working days from 15/03/2021; the group and its parts."""
    whole = Procedure.from_tree(
        {"code": "birth", "process": "group", "title": {"en": "Birth"}, "limits": {"legal": {"period": "15 working days"}}}
    )
    names = ("register", "residence", "insurance")
    parts = [procedure(name, limit="10 working days") for name in names]
    office = Office([whole, *parts], processes=["group"])
    office.now = at("15/03/2021 09:00")
    form = {"applicant": "Nguyễn Văn An", "applicant_id": "an"}
    case = office.org.open(procedure="birth", by="an", form=form).id
    after = office.do(case, "accept", "lan", procedures=names)
    return office, case, {office.org.case(child).procedure or "": child for child in after.children}


def settle(office: Office, part: str, day: str) -> Case:
    """A part goes its whole way, and is finished on *day* at ten."""
    office.now = at(f"{day} 08:00")
    office.do(part, "transfer", "lan")
    office.do(part, "receive-transfer", "kim")
    office.do(part, "assign", "dung", officer="minh")
    return office.finish(part, f"{day} 09:00", f"{day} 09:30", f"{day} 10:00")


def test_42_a_group_is_due_by_its_own_limit() -> None:
    """Fifteen working days from 15/03 end on 05/04, whatever the parts take; the parts begin with it."""
    office, case, parts = group()
    assert at("05/04/2021 17:00") == office.org.case(case).due
    assert {at("29/03/2021 17:00")} == {office.org.case(part).due for part in parts.values()}


def test_42_each_result_is_returned_when_it_is_there() -> None:
    """One finished on 22/03 is handed over while the others go on."""
    office, case, parts = group()
    settle(office, parts["register"], "22/03/2021")
    assert {"returned"} == office.do(parts["register"], "hand-over", "lan", "22/03/2021 14:00").steps
    whole = office.org.case(case)
    assert ({"processing"}, "some", at("22/03/2021 10:00")) == (
        whole.steps,
        whole.axes["parts-ended"],
        whole.date("first_part_at"),
    )


def test_42_a_late_part_makes_the_whole_late_and_no_other_part() -> None:
    """The last ends on 06/04: the whole is late, the first one's figure stays early."""
    office, case, parts = group()
    settle(office, parts["register"], "22/03/2021")
    settle(office, parts["residence"], "29/03/2021")
    assert [] == office.org.at_risk()
    office.now = at("29/03/2021 17:01")
    assert [case] == [one.id for one in office.org.at_risk()]
    settle(office, parts["insurance"], "06/04/2021")
    whole = office.org.case(case)
    assert ("late", "settled", {"finished"}) == (timeliness_of(whole), whole.outcome, whole.steps)
    assert {"ended-late"} < set(whole.raised)
    told = {name: timeliness_of(office.org.case(part)) for name, part in parts.items()}
    assert {"register": "early", "residence": "on-time", "insurance": "late"} == told


def test_42_a_part_that_is_withdrawn_stops_no_other() -> None:
    """It ends with its own outcome; the whole waits for the rest, and ends with them."""
    office, case, parts = group()
    office.do(parts["insurance"], "request-withdrawal", "an", "16/03/2021 09:00")
    office.do(parts["insurance"], "confirm-withdrawal", "lan", "16/03/2021 10:00")
    settle(office, parts["register"], "22/03/2021")
    assert {"processing"} == office.org.case(case).steps
    settle(office, parts["residence"], "23/03/2021")
    outcomes = {child.outcome for child in office.org.case(case).children.values()}
    assert ({"finished"}, {"granted", "withdrawn"}) == (office.org.case(case).steps, outcomes)


# 21: units that change


def test_21_a_successor_takes_over_everything_unchanged() -> None:
    """Due, code and history go on; the time belongs to each unit as it held the file."""
    office = Office([procedure(limit="7 working days")])
    office.now = at("27/06/2025 09:00")
    case = office.org.open(procedure="test", by="lan", unit="district", form={"applicant": "An", "applicant_id": "an"}).id
    before = office.do(case, "accept", "lan")
    decision = {"receiver": "commune", "reason": "the district is abolished", "basis": "Law 72/2025"}
    after = office.do(case, "succeed", "hoa", "01/07/2025 00:00", **decision)
    assert at("08/07/2025 17:00") == before.due == after.due
    assert ("district", "commune", before.steps, before.clocks) == (before.unit, after.unit, after.steps, after.clocks)
    assert [case] == [stream for stream, _ in office.org.store.select(Query(unit="commune"))]
    held = list(stays(office.org.history(case), VN, to_us(at("03/07/2025 17:00"))))
    assert [("district", "01/07/2025 00:00"), ("commune", "–")] == [(stay.unit, moment(stay.until)) for stay in held]
    days = [stay.used / (8 * 3_600_000_000) for stay in held]
    assert [1.0, 3.0] == days


def test_21_who_belonged_to_the_old_unit_has_no_say_any_more() -> None:
    """Authority follows the unit that holds the file."""
    people = {name: [Grant("intake-officer", unit=unit)] for name, unit in (("lan", "district"), ("ha", "commune"))}
    office = Office([procedure()], people=people)
    office.now = at("27/06/2025 09:00")
    case = office.org.open(procedure="test", by="lan", unit="district", form={"applicant": "An", "applicant_id": "an"}).id
    office.do(case, "succeed", "hoa", receiver="commune", reason="abolished", basis="Law 72/2025")
    assert {"no-authority"} == set(office.refused(case, "accept", "lan"))
    assert {"accepted"} == office.do(case, "accept", "ha").steps


def test_a_file_may_be_received_anywhere() -> None:
    """Routed to the office that decides; the limit runs from the first acceptance."""
    office = Office([procedure()])
    case = office.accept("01/03/2021 09:00")
    before = office.org.case(case)
    after = office.do(case, "route", "lan", "01/03/2021 15:00", receiver="construction")
    assert ("construction", before.due, before.clocks["legal"]) == (after.unit, after.due, after.clocks["legal"])
    assert {"awaiting-assignment"} == office.do(case, "receive-transfer", "kim").steps


def sent_on(**more: Any) -> tuple[Office, str]:
    """A dossier that came to the wrong door, sent on to the province on 02/03."""
    office = Office([procedure()])
    case = office.accept("01/03/2021 09:00")
    letter = {"receiver": "province", "reason": "its competence", "basis": "Law on Land art. 105"}
    office.do(case, "transfer-by-competence", "hoa", "02/03/2021 10:00", **letter | more)
    return office, case


def test_the_wrong_door_sends_on_and_the_receiver_begins() -> None:
    """The first office's limit ends at the transfer, the receiver's starts with its own acceptance."""
    office, case = sent_on()
    (child,) = office.org.case(case).children
    there = office.org.case(child)
    assert ("province", {"submitted"}, {"applicant": "an"}, "test") == (there.unit, there.steps, there.parts, there.procedure)
    assert {"transfer-not-received"} == set(office.refused(case, "confirm-transfer", "lan", "02/03/2021 15:00"))
    office.do(child, "accept", "lan", "03/03/2021 09:00")
    closed = office.do(case, "confirm-transfer", "lan", "03/03/2021 10:00")
    assert ({"transferred-out"}, "transferred", "02/03/2021 10:00") == (
        closed.steps,
        closed.outcome,
        moment(closed.clocks["legal"].stopped),
    )
    assert at("17/03/2021 17:00") == office.org.case(child).due


def test_what_the_receiver_refuses_is_taken_back() -> None:
    """Not before it is refused; the limit of the first office has run on."""
    office, case = sent_on()
    before = office.org.case(case).due
    (child,) = office.org.case(case).children
    assert {"children-open"} == set(office.refused(case, "take-back", "dung", reason="refused"))
    office.do(child, "refuse-intake", "lan", "03/03/2021 09:00", reason="it is yours", basis="Law on Land art. 106")
    after = office.do(case, "take-back", "dung", "03/03/2021 10:00", reason="refused")
    assert ({"awaiting-assignment"}, before, "running") == (after.steps, after.due, after.clocks["legal"].state)


def test_a_receiver_without_a_system_is_sent_a_letter() -> None:
    """No case is opened for it."""
    office, case = sent_on(by_letter=True)
    assert {} == office.org.case(case).children
    assert {"transferred-out"} == office.do(case, "confirm-transfer", "lan").steps


# 38: correction


def returned() -> tuple[Office, str]:
    """A dossier of Minh's, returned on time on 15/03."""
    office = Office([procedure()])
    case = office.examine("01/03/2021 09:00")
    office.finish(case, "12/03/2021 09:00", "15/03/2021 09:00")
    office.do(case, "hand-over", "lan", "15/03/2021 16:00")
    return office, case


def corrected(office: Office, correction: str, error: str, remedy: str) -> Case:
    """The office finds its own error, and issues what puts it right."""
    office.do(correction, "check", "mai")
    office.do(correction, "begin-correction", "dung", error=error, evidence="the register")
    other = "revoked" if remedy == "corrected" else "corrected"
    assert {"remedy"} == set(office.refused(correction, "draft", "mai", remedy=other, summary="something else"))
    office.do(correction, "draft", "mai", remedy=remedy, summary="the right name")
    office.do(correction, "approve", "dung")
    office.do(correction, "sign", "hoa")
    return office.do(correction, "issue", "thao", number="15/DC")


def test_38_an_error_of_the_office_is_put_right_at_its_cost() -> None:
    """A linked case, no fee, the old result superseded, the first case still on time, one nonconformity."""
    office, case = returned()
    before = office.org.case(case)
    (correction,) = office.do(case, "report-error", "an", "10/04/2021 09:00", what="a wrong name").children
    done = corrected(office, correction, "form", "corrected")
    first = office.org.case(case)
    assert (case, "none", "corrected", "office") == (done.source, done.axes["fee"], done.outcome, done.axes["fault"])
    assert ("superseded", "on-time", "granted") == (result_stands(first), timeliness_of(first), first.outcome)
    assert (before.steps, before.clocks, before.dates) == (first.steps, first.clocks, first.dates)
    raised = [office.org.case(one) for one in done.raised.values()]
    assert ["nonconformity"] == [one.kind for one in raised]
    told = {"receiver": "An", "apology": "we wrote your name wrong"}
    assert {"returned"} == office.do(correction, "hand-over", "lan", **told).steps


@pytest.mark.parametrize(
    ("error", "remedy", "stands"),
    [("form", "corrected", "superseded"), ("content", "replaced", "superseded"), ("unlawful", "revoked", "revoked")],
)
def test_the_remedy_is_that_of_the_error(error: str, remedy: str, stands: str) -> None:
    """A letter, a document in its place, a revocation."""
    office, case = returned()
    assert "standing" == result_stands(office.org.case(case))
    (correction,) = office.do(case, "report-error", "lan", "10/04/2021 09:00", what="an error").children
    corrected(office, correction, error, remedy)
    assert stands == result_stands(office.org.case(case))


def test_38_an_error_of_the_applicant_takes_the_ordinary_procedure() -> None:
    """The correction is referred, with its fee; the result stands, and nothing is raised."""
    office, case = returned()
    (correction,) = office.do(case, "report-error", "an", "10/04/2021 09:00", what="I wrote it wrong").children
    office.do(correction, "check", "mai")
    after = office.do(correction, "refer", "dung", reason="as applied for", basis="ND 61 art. 21")
    assert ("ordinary-procedure", "due", {}) == (after.outcome, after.axes["fee"], after.raised)
    assert "standing" == result_stands(office.org.case(case))


def test_who_drafted_the_first_result_decides_nothing_about_the_second() -> None:
    """Neither approves nor signs nor finds that it was right."""
    office = Office([procedure()], people={"minh": ["case-officer", "division-head", "head"]})
    case = office.examine("01/03/2021 09:00")
    office.finish(case, "12/03/2021 09:00", "15/03/2021 09:00")
    (correction,) = office.do(case, "report-error", "an", "10/04/2021 09:00", what="a wrong name").children
    office.do(correction, "check", "mai")
    assert {"own-case"} == set(office.refused(correction, "not-an-error", "minh", reason="right", basis="the register"))
    office.do(correction, "begin-correction", "dung", error="form", evidence="the register")
    office.do(correction, "draft", "mai", remedy="corrected", summary="the right name")
    assert {"own-case"} == set(office.refused(correction, "approve", "minh"))


# 36: capacities


def signing(*delegations: Delegation, **people: Any) -> tuple[Office, str]:
    """A dossier of the field Land that waits for a signature on 30/06/2021."""
    office = Office([procedure(field={"en": "Land"})], people=people, delegations=delegations)
    case = office.examine("28/06/2021 09:00")
    office.do(case, "draft-result", "minh", "30/06/2021 09:00")
    office.do(case, "approve", "dung")
    return office, case


def lent(**more: Any) -> Grant:
    """A written authority to sign results, to the end of June 2021."""
    return Grant("head", until=to_us(at("01/07/2021 00:00")), basis="12/QD-UBND", capacity="TUQ.", scope=("sign",), **more)


def test_36_a_written_authority_ends_at_its_instant() -> None:
    """To 30/06/2021: signing on 01/07 at midnight is refused; before it is signed, and printed, as TUQ."""
    office, case = signing(bach=[lent()])
    assert {"expired-delegation"} == set(office.refused(case, "sign", "bach", "01/07/2021 00:00", capacity="TUQ."))
    office, case = signing(bach=[lent()])
    assert {"capacity-not-held"} == set(office.refused(case, "sign", "bach"))
    office.do(case, "sign", "bach", capacity="TUQ.")
    event = office.org.history(case)[-1]
    assert isinstance(event, Acted)
    assert "TUQ." == event.capacity


def test_36_a_written_authority_is_not_passed_on() -> None:
    """Who was lent the signing lends it to nobody."""
    passed = Delegation("bach", "cuc", "head", to_us(at("29/06/2021 00:00")), to_us(at("01/07/2021 00:00")), "13/QD")
    office, case = signing(passed, bach=[lent()])
    assert {"sub-delegation"} == set(office.refused(case, "sign", "cuc", capacity="TUQ."))


@pytest.mark.parametrize(("capacity", "scope"), [("KT.", "Justice"), ("TL.", "archive")])
def test_36_outside_the_field_or_the_list_nobody_signs(capacity: str, scope: str) -> None:
    """A deputy outside the fields assigned, an order for a kind that is not listed."""
    office, case = signing(bach=[Grant("head", capacity=capacity, scope=(scope,))])
    assert {"outside-scope"} == set(office.refused(case, "sign", "bach", capacity=capacity))


@pytest.mark.parametrize(("capacity", "scope"), [("KT.", "Land"), ("TL.", "sign")])
def test_36_inside_it_is_signed_so(capacity: str, scope: str) -> None:
    """The field assigned, the kind listed."""
    office, case = signing(bach=[Grant("head", capacity=capacity, scope=(scope,))])
    assert {"awaiting-issue"} == office.do(case, "sign", "bach", capacity=capacity).steps


@pytest.mark.parametrize(
    ("asked", "given", "refused"),
    [
        ("any", "wet", set()),
        ("digital", "wet", {"signature-evidence"}),
        ("digital", "digital-personal", set()),
        ("digital-official", "digital-personal", {"signature-evidence"}),
        ("digital-official", "digital-official", set()),
    ],
)
def test_a_procedure_says_the_least_evidence_of_a_signature(asked: str, given: str, refused: set[str]) -> None:
    """Where the law takes no ink."""
    office = Office([procedure(signature=asked)])
    case = office.examine("01/03/2021 09:00")
    office.do(case, "draft-result", "minh")
    office.do(case, "approve", "dung")
    try:
        office.do(case, "sign", "hoa", evidence=given)
        told = set()
    except Denied as denied:
        told = {reason.code for reason in denied.reasons}
    assert refused == told


# The ladder


def test_a_dossier_about_to_be_late_climbs_a_ladder() -> None:
    """A working day before the limit ends the officer is warned, one after it the head is told; never at night."""
    office = Office([procedure()])
    case = office.examine("01/03/2021 09:00")
    levels = []
    for instant in ("12/03/2021 16:59", "12/03/2021 17:00", "15/03/2021 17:30", "16/03/2021 17:00"):
        office.now = at(instant)
        levels.append(office.org.case(case).axes["escalation"])
    assert ["none", "due-soon", "due-soon", "head-told"] == levels


# 48: the reform game


def test_48_a_dossier_handed_in_again_after_a_stop_is_linked() -> None:
    """Stopped on 12/03 and handed in again on 15/03 by the same applicant for the same procedure: both are told."""
    office = Office([procedure(), procedure("other")])
    case = office.examine("01/03/2021 09:00")
    notice = {"ground": "object-gone", "reason": "none left", "basis": "Law on Land"}
    office.do(case, "stop", "hoa", "12/03/2021 10:00", **notice)
    again = office.submit("15/03/2021 09:00", previous=case)
    office.submit("15/03/2021 09:00", "other")
    office.submit("15/03/2021 09:00", applicant_id="binh")
    office.submit("23/03/2021 09:00")
    found = resubmissions(office.org.cases())
    assert [(case, again, 3)] == [(one.earlier, one.later, one.days) for one in found]
    assert case == (office.org.history(again)[1].form or {})["previous"]


# 12 and 27: what another system let pass


@pytest.mark.parametrize(
    ("asked", "reason"), [(["02/03/2021 09:00", "04/03/2021 09:00"], "at-most"), (["05/03/2021 08:00"], "notice-window")]
)
def test_12_and_27_what_came_from_elsewhere_is_kept_with_its_finding(asked: list[str], reason: str) -> None:
    """A second supplement, or one asked for too late: denied here, and kept with the reason where it was done elsewhere."""
    office = Office([procedure()])
    office.now = at("01/04/2021 08:00")
    way = [("submit", "an"), ("accept", "lan"), ("transfer", "lan"), ("receive-transfer", "kim"), ("assign", "dung")]
    acts = [(action, by, "01/03/2021 09:00") for action, by in way]
    for instant in asked:
        acts += [("request-supplement", "dung", instant), ("supplement", "lan", instant)]
    past = [Past(action, by, to_us(at(when)), to_us(at(when))) for action, by, when in acts]
    case, events = office.org.record("old-1", past, process="one-stop", procedure="test")
    requests = [event for event in events if event.action == "request-supplement"]
    assert len(asked) == len(requests)
    assert [False] * (len(asked) - 1) + [True] == [reason in {r.code for r in event.deviation} for event in requests]
    assert {"examining"} == case.steps
