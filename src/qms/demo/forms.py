"""What the people of the simulation write on their forms: the same few sentences, since nobody reads them twice.

A form that says the same each time is made once. Names of applicants are drawn from common names; nobody is meant.
"""

from __future__ import annotations

from functools import cache
from random import Random

import pendulum

from ..records.dossier import (
    Apology,
    Application,
    Assignment,
    ControlSlip,
    DraftResult,
    DraftSupplement,
    FeeReceipt,
    HandOver,
    ObligationNotice,
    ObligationReceipt,
    PapersAdded,
    Reasoned,
    Receipt,
    Refusal,
    RegisterEntry,
    SettledAtOnce,
    Signature,
    StopNotice,
    SupplementRequest,
    Survey,
    VerificationMinutes,
    VerificationPlan,
    WithdrawalReceipt,
    WithdrawalRequest,
)

__all__ = [
    "SENT_BACK",
    "SLIP",
    "STOP",
    "WITHDRAWAL",
    "apology",
    "application",
    "assignment",
    "completion",
    "draft_apology",
    "draft_result",
    "draft_supplement",
    "fee_receipt",
    "hand_over",
    "minutes",
    "name",
    "obligation",
    "paid",
    "papers_added",
    "plan",
    "receipt",
    "refusal",
    "register_entry",
    "settled",
    "signature",
    "supplement_request",
    "survey",
    "withdrawal_receipt",
]

_FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Võ", "Đặng", "Bùi", "Đỗ", "Ngô")
_MIDDLE = ("Văn", "Thị", "Minh", "Ngọc", "Thanh", "Hữu", "Kim", "Quốc")
_GIVEN = ("An", "Bình", "Chi", "Dũng", "Hà", "Hương", "Lan", "Long", "Mai", "Nam", "Phúc", "Quân", "Sơn", "Thảo", "Tuấn", "Yến")

_ANSWERS = ("very-dissatisfied", "dissatisfied", "neutral", "satisfied", "very-satisfied")

SLIP = ControlSlip()
SENT_BACK = Reasoned(reason="dự thảo dẫn sai mẫu")
STOP = StopNotice(ground="object-gone", reason="đối tượng của hồ sơ không còn", basis="quy định của ngành")
WITHDRAWAL = WithdrawalRequest()


def name(random: Random) -> str:
    """A name that could be anybody's."""
    return f"{random.choice(_FAMILY)} {random.choice(_MIDDLE)} {random.choice(_GIVEN)}"


def application(applicant: str, applicant_id: str, *, online: bool) -> Application:
    """What an applicant hands in."""
    return Application(applicant=applicant, applicant_id=applicant_id, channel="online" if online else "counter")


@cache
def completion(paper: str) -> SupplementRequest:
    """What is missing at intake: everything, once."""
    return SupplementRequest(items=(f"{paper}: thiếu",), reason="hồ sơ chưa đủ thành phần", basis="NĐ 61/2018/NĐ-CP điều 15(3)")


@cache
def papers_added(paper: str) -> PapersAdded:
    """What was missing, brought."""
    return PapersAdded(papers=(paper,))


@cache
def receipt(*, fee: bool, held: bool) -> Receipt:
    """The receipt; its appointment is the due date of the case."""
    return Receipt(fee="due" if fee else "none", originals="held" if held else "none")


@cache
def settled(*, fee: bool, refused: bool) -> SettledAtOnce:
    """A result drafted at the counter."""
    owed = "due" if fee else "none"
    if refused:
        return SettledAtOnce(proposal="refused", reason="không có trong sổ gốc", basis="NĐ 23/2015/NĐ-CP", fee=owed)
    return SettledAtOnce(proposal="granted", fee=owed)


@cache
def refusal(reason: str) -> Refusal:
    """A refusal with its reason and basis."""
    return Refusal(reason=reason, basis="quy định của thủ tục")


def assignment(officer: str) -> Assignment:
    """Who examines it."""
    return Assignment(officer=officer)


def plan(at: pendulum.DateTime, people: tuple[str, str]) -> VerificationPlan:
    """Who goes to look, and when."""
    return VerificationPlan(place="tại thực địa", people=people, planned_at=at)


def minutes(people: tuple[str, str]) -> VerificationMinutes:
    """What was seen there, signed by both who went."""
    return VerificationMinutes(findings="hiện trạng phù hợp hồ sơ", signed_by=people)


@cache
def draft_supplement(paper: str) -> DraftSupplement:
    """What the officer finds missing."""
    return DraftSupplement(items=(f"{paper}: không đọc được",), reason="cần bản rõ để đối chiếu")


@cache
def supplement_request(paper: str) -> SupplementRequest:
    """What the applicant is asked for, once and through the one-stop unit."""
    return SupplementRequest(
        items=(f"{paper}: không đọc được",), reason="cần bản rõ để đối chiếu", basis="NĐ 61/2018/NĐ-CP điều 19(4)"
    )


@cache
def draft_result() -> DraftResult:
    """What most drafts propose."""
    return DraftResult(proposal="granted", summary="đủ điều kiện")


@cache
def signature(capacity: str) -> Signature:
    """How it was signed: the head in person, a deputy for the head (KT.)."""
    return Signature(capacity=capacity, evidence="wet")


def register_entry(number: int, year: int) -> RegisterEntry:
    """The number under which a result goes out."""
    return RegisterEntry(number=f"{number}/{year}")


def obligation(amount: int, basis: str) -> ObligationNotice:
    """What is owed to the state before the work goes on."""
    return ObligationNotice(kind="registration-fee", amount=amount, basis=basis)


def paid(number: int, at: pendulum.DateTime) -> ObligationReceipt:
    """That it was paid, and when."""
    return ObligationReceipt(number=f"KB-{number}", paid_at=at)


def fee_receipt(number: int, amount: int) -> FeeReceipt:
    """That the fee was paid."""
    return FeeReceipt(number=f"PT-{number}", amount=amount)


@cache
def hand_over(*, held: bool) -> HandOver:
    """The result in the applicant's hands, with the originals if there were any."""
    return HandOver(originals="returned" if held else None)


@cache
def withdrawal_receipt(*, held: bool) -> WithdrawalReceipt:
    """What the applicant got back."""
    return WithdrawalReceipt(originals="returned" if held else None)


def survey(random: Random, *, late: bool) -> Survey:
    """How the applicant found it; who waited too long is less pleased."""
    weights = (4, 6, 4, 3, 1) if late else (1, 2, 8, 40, 30)
    return Survey(overall=random.choices(_ANSWERS, weights)[0])


def draft_apology(reason: str) -> dict[str, str]:
    """Why it will be late."""
    return {"reason": reason}


def apology(reason: str, new_date: pendulum.DateTime) -> Apology:
    """That the office is sorry, and when the result will be there."""
    return Apology(reason=reason, new_date=new_date)
