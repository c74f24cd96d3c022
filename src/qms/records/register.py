"""Pages of the one-stop dossier: the control slip and a line of the register.

Rule 1: a page is a pure function of the case and its events. It shows what was recorded and adds nothing.
Rule 2: names of people are not in the trail; a page that needs them is given them by who may see them.
Rule 3: outcome, timeliness and step stand in columns of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pendulum
from attrs import frozen

from ..counting import is_over
from ..event import Acted, Event
from ..limits import CountingRule
from ..state import Case
from .dossier import ended_at

__all__ = ["HandedOver", "control_slip", "hand_overs", "register_line", "timeliness_of"]

_STATIONS: Mapping[str, tuple[str, str]] = {
    "submit": ("Người nộp → Bộ phận một cửa", "Applicant → one-stop unit"),
    "transfer": ("Bộ phận một cửa → phòng chuyên môn", "One-stop unit → division"),
    "route": ("Bộ phận một cửa → cơ quan giải quyết", "One-stop unit → office that decides"),
    "return-transfer": ("Phòng chuyên môn → Bộ phận một cửa", "Division → one-stop unit"),
    "assign": ("Lãnh đạo phòng → chuyên viên", "Head of division → case officer"),
    "reassign": ("Lãnh đạo phòng → chuyên viên khác", "Head of division → another officer"),
    "draft-result": ("Chuyên viên → lãnh đạo phòng", "Case officer → head of division"),
    "draft-refusal": ("Chuyên viên → lãnh đạo phòng", "Case officer → head of division"),
    "send-back": ("Trả lại chuyên viên", "Back to the case officer"),
    "approve": ("Lãnh đạo phòng → lãnh đạo cơ quan", "Head of division → head of agency"),
    "sign": ("Lãnh đạo cơ quan → văn thư", "Head of agency → clerk"),
    "return-to-signer": ("Văn thư → người ký", "Clerk → signer"),
    "issue": ("Văn thư → Bộ phận một cửa", "Clerk → one-stop unit"),
    "route-result": ("Cơ quan giải quyết → nơi trả kết quả", "Office that decides → where it is handed over"),
    "transfer-by-competence": ("Cơ quan → cơ quan có thẩm quyền", "Agency → competent agency"),
    "hand-over": ("Bộ phận một cửa → người nộp", "One-stop unit → applicant"),
}
_TIMELINESS: Mapping[str | None, tuple[str, str]] = {
    "early": ("trước hạn", "early"),
    "on-time": ("đúng hạn", "on time"),
    "late": ("quá hạn", "late"),
    None: ("đang giải quyết", "open"),
}


@frozen
class HandedOver:
    """One line of the control slip: which way, given when and by whom, taken when and by whom (None: not yet)."""

    action: str
    given_at: pendulum.DateTime
    giver: str
    taken_at: pendulum.DateTime | None
    taker: str | None


def hand_overs(case: Case, events: Iterable[Event]) -> Iterator[HandedOver]:
    """The file's way through the office; whoever acts on it next has taken it."""
    acts = [event for event in events if isinstance(event, Acted) and (event.left or event.put)]
    for event, following in zip(acts, [*acts[1:], None], strict=True):
        if event.action in _STATIONS:
            taken = None if following is None else _moment(following.when.occurred, case)
            yield HandedOver(
                event.action,
                _moment(event.when.occurred, case),
                event.by,
                taken,
                following.by if following is not None else None,
            )


def control_slip(case: Case, events: Iterable[Event], language: str = "vi") -> str:
    """The slip that follows the file (TT 01 form 05; TT 03 form 06), as text in ``vi`` or ``en``.

    Lines give and take; the last line says what the law says of the time it took.
    """
    vi = language == "vi"
    lines = [f"{'Phiếu kiểm soát quá trình giải quyết hồ sơ' if vi else 'Control slip'} {case.id}"]
    for number, row in enumerate(hand_overs(case, events), 1):
        taken = f"{row.taken_at:%H:%M %d/%m/%Y} {row.taker}" if row.taken_at else "–"
        given = f"{row.given_at:%H:%M %d/%m/%Y} {row.giver}"
        words = ("giao", "nhận") if vi else ("given", "taken")
        lines.append(f"{number}. {_STATIONS[row.action][0 if vi else 1]}: {words[0]} {given}; {words[1]} {taken}")
    result = _TIMELINESS[timeliness_of(case)][0 if vi else 1]
    lines.append(
        f"{'Kết quả giải quyết' if vi else 'Result'}: {result}"
        + (f", {'hạn' if vi else 'due'} {_day(case.due)}" if case.due else "")
    )
    return "\n".join(lines)


def register_line(case: Case, language: str = "vi") -> dict[str, str]:
    """The dossier's line in the register of dossiers (TT 01 form 06; TT 03 form 07), by column.

    The three dates of the result stand side by side: what the law says, what was first promised, what was promised last.
    """
    vi = language == "vi"
    cells: list[tuple[str, str, str | None]] = [
        ("Mã hồ sơ", "Dossier", case.id),
        ("Thủ tục", "Procedure", case.procedure),
        ("Nộp", "Submitted", _day(case.date("submitted_at"))),
        ("Tiếp nhận", "Accepted", _day(case.date("accepted_at"))),
        ("Hẹn trả lần đầu", "First promise", _day(case.date("first_promise"))),
        ("Hạn theo luật", "Statutory due", _day(case.date("statutory_due"))),
        ("Hẹn trả hiện tại", "Current promise", _day(case.date("current_promise"))),
        ("Chuyển phòng", "To the division", _day(case.date("transferred_at"))),
        ("Có kết quả", "Finished", _day(case.date("finished_at"))),
        ("Trả kết quả", "Returned", _day(case.date("returned_at"))),
        ("Kết quả", "Outcome", case.outcome),
        ("Tiến độ", "Timeliness", _TIMELINESS[timeliness_of(case)][0 if vi else 1]),
        ("Ghi chú", "Note", ", ".join(case.marks)),
    ]
    return {(first if vi else second): value or "–" for first, second, value in cells}


def timeliness_of(case: Case) -> str | None:
    """``early`` (an earlier local date), ``on-time`` or ``late`` by the instant; None while the legal clock has not stopped."""
    legal = case.clocks.get("legal")
    if legal is None or legal.due is None or (ended := ended_at(case)) is None:
        return None
    if is_over(legal.due, ended, CountingRule.named(legal.rule)):
        return "late"
    return "early" if _moment(ended, case).date() < _moment(legal.due, case).date() else "on-time"


def _moment(at: int, case: Case) -> pendulum.DateTime:
    return pendulum.from_timestamp(at // 1_000_000, case.origin.zone)


def _day(moment: pendulum.DateTime | None) -> str | None:
    return None if moment is None else f"{moment:%H:%M %d/%m/%Y}"
