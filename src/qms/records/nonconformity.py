"""The nonconformity: forms with what 8.7.2 and 10.2.2 ask to retain, guards, and one page that tells the whole of it.

Rule 1: correction puts right this one, corrective action removes the cause; they are two forms and never one figure.
Rule 2: "human error" is where an analysis begins, not a root cause.
Rule 3: a concession waives our own rule, never the law (8.2.2 a, 8.7.1 d).
Rule 4: closing is refused with the list of what is missing, not with a no.

Clauses are those of ISO 9001:2015. That the reviewer is not the doer, and that the head approves where a major one needs no
action, is good practice here and stricter than the standard.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pendulum
from attrs import field, frozen

from ..case import Attempt, Case, guard
from ..errors import Reason
from ..event import Acted, Event
from ..state import flat_get
from .checks import Check, at_least, filled, one_of, some

__all__ = [
    "ActionDone",
    "ActionPlan",
    "Appeal",
    "CauseAnalysis",
    "Closing",
    "Confirmation",
    "Containment",
    "Correction",
    "CustomerNotice",
    "Disposition",
    "Effectiveness",
    "NeedEvaluation",
    "NoActionNeeded",
    "Nonconformity",
    "Rejection",
    "Reopening",
    "Reverification",
    "SystemUpdate",
    "describe",
]

KINDS = ("output", "process", "audit-finding", "complaint", "signal")
DECISIONS = ("correct", "segregate", "return", "suspend", "inform-customer", "concession")
METHODS = ("5-why", "ishikawa", "pareto", "timeline", "other")

# React: 8.7, 10.2.1 a


@frozen(kw_only=True)
class Nonconformity:
    """What is wrong, as a requirement, the evidence and the deviation between them (8.7.2 a, 10.2.2 a: its nature).

    `customer` says whether the output had reached the customer, who must then be told.
    """

    requirement: str = field(validator=filled)
    evidence: str = field(validator=filled)
    deviation: str = field(validator=filled)
    kind: str = field(default="output", validator=one_of(*KINDS))
    requirement_type: str = field(default="internal", validator=one_of("statutory", "customer", "internal"))
    source_case: str | None = field(default=None, validator=filled)
    source: str | None = field(default=None, validator=filled)
    procedure: str | None = field(default=None, validator=filled)
    unit: str | None = field(default=None, validator=filled)
    process: str | None = field(default=None, validator=filled)
    due: pendulum.DateTime | None = None
    occurred_at: pendulum.DateTime | None = None
    detected_at: pendulum.DateTime | None = None
    reporter: str | None = field(default=None, validator=filled)
    concerned: str | None = field(default=None, validator=filled)
    customer: str = field(default="not-concerned", validator=one_of("not-concerned", "to-inform"))


@frozen(kw_only=True)
class Confirmation:
    """How severe it is, how far it reaches, and who owns it from now on."""

    severity: str = field(validator=one_of("minor", "major"))
    owner: str = field(validator=filled)
    extent: str = field(validator=filled)


@frozen(kw_only=True)
class Rejection:
    """Why it is no nonconformity, and that the reporter was told."""

    reason: str = field(validator=filled)
    reporter_told: bool = True


@frozen(kw_only=True)
class Appeal:
    """What the reporter holds against the rejection."""

    reason: str = field(validator=filled)


@frozen(kw_only=True)
class Containment:
    """What was done at once so that it does no further harm (10.2.1 a): what, which cases it touches."""

    what: str = field(validator=filled)
    affected: tuple[str, ...] = ()


@frozen(kw_only=True)
class CustomerNotice:
    """The customer was told (8.7.1 c): how, and of what."""

    how: str = field(validator=filled)
    what: str = field(validator=filled)


@frozen(kw_only=True)
class Disposition:
    """What is decided on the nonconforming output (8.7.1), with what 8.7.2 b-d asks to retain.

    A concession names what is conceded, to whom, under which conditions and until when.
    """

    decision: str = field(validator=one_of(*DECISIONS))
    actions: str = field(validator=filled)
    authority: str = field(validator=filled)
    concession: str | None = field(default=None, validator=filled)
    conditions: str | None = field(default=None, validator=filled)
    expires_at: pendulum.DateTime | None = None


@frozen(kw_only=True)
class Correction:
    """What was done to put right this one (8.7.2 b), and the evidence of it."""

    what: str = field(validator=filled)
    evidence: str = field(validator=filled)
    cost: int | None = field(default=None, validator=at_least(0))


@frozen(kw_only=True)
class Reverification:
    """Whether the corrected output conforms now (8.7.1)."""

    result: str = field(validator=one_of("conforming", "nonconforming"))
    evidence: str = field(validator=filled)


# Remove the cause: 10.2.1 b-f


@frozen(kw_only=True)
class NeedEvaluation:
    """Why action on the cause is needed: the review, and whether similar ones exist or could occur (10.2.1 b)."""

    reason: str = field(validator=filled)
    similar: str = field(validator=filled)


@frozen(kw_only=True)
class NoActionNeeded:
    """Why no action on the cause is needed: the review, and the search for similar ones (10.2.1 b)."""

    reason: str = field(validator=filled)
    similar: str = field(validator=filled)


_BLAME = re.compile(
    r"(human|operator|staff|personal|employee)('?s)? (error|mistake|fault)s?|carelessness|negligence|"
    r"(lỗi|sai sót|nhầm lẫn)( do| của)? (con người|cá nhân|cán bộ|công chức|nhân viên)|do con người|bất cẩn|sơ suất",
    re.IGNORECASE,
)


def _not_blame_alone(causes: Any) -> str | None:
    empty = some.fault(causes)
    if empty is not None:
        return empty
    if all(_BLAME.fullmatch(cause.strip(" .")) for cause in causes):
        return f"{', '.join(causes)!r} alone is no root cause; say what let the error happen, or let it pass"
    return None


@frozen(kw_only=True)
class CauseAnalysis:
    """How the cause was looked for, what was found, and whether similar ones exist or could occur (10.2.1 b 2, b 3)."""

    method: str = field(validator=one_of(*METHODS))
    root_causes: tuple[str, ...] = field(validator=Check(_not_blame_alone))
    similar: str = field(validator=filled)
    category: str = field(default="unsorted", validator=filled)
    contributing: tuple[str, ...] = ()
    team: tuple[str, ...] = ()


def _after_start(form: ActionPlan, attribute: Any, value: pendulum.DateTime) -> None:
    del attribute
    if value <= form.measure_from:
        raise ValueError(f"measure_to {value} is not after measure_from {form.measure_from}; give the measure time to show")


def _another_than_doer(form: ActionPlan, attribute: Any, value: str) -> None:
    filled(form, attribute, value)
    if value == form.doer:
        raise ValueError(f"the reviewer {value} is the doer; name somebody else")


@frozen(kw_only=True)
class ActionPlan:
    """The corrective action (10.2.1 c): what, by whom, until when; how its effect will be measured and judged (10.2.1 d)."""

    what: str = field(validator=filled)
    doer: str = field(validator=filled)
    criterion: str = field(validator=filled)
    measure_from: pendulum.DateTime
    measure_to: pendulum.DateTime = field(validator=_after_start)
    reviewer: str = field(validator=_another_than_doer)
    due: pendulum.DateTime | None = None
    resources: str | None = field(default=None, validator=filled)


@frozen(kw_only=True)
class ActionDone:
    """What was done about the cause, and the evidence of it."""

    what: str = field(validator=filled)
    evidence: str = field(validator=filled)


@frozen(kw_only=True)
class Effectiveness:
    """What the measure showed before and after, on how many (10.2.1 d, 10.2.2 b)."""

    indicator: str = field(validator=filled)
    before: str = field(validator=filled)
    after: str = field(validator=filled)
    n: int = field(validator=at_least(1))
    conclusion: str | None = field(default=None, validator=filled)


@frozen(kw_only=True)
class SystemUpdate:
    """What changed in risks and opportunities (10.2.1 e) and in the QMS (10.2.1 f): what, or ``none`` with why."""

    risks: str = field(validator=filled)
    qms: str = field(validator=filled)


@frozen(kw_only=True)
class Closing:
    """A last word of the head of quality; none is needed."""

    note: str | None = field(default=None, validator=filled)


@frozen(kw_only=True)
class Reopening:
    """Why it is taken up again, and the recurrence that shows it."""

    reason: str = field(validator=filled)
    recurrence: str | None = field(default=None, validator=filled)


# Guards


def _axis(attempt: Attempt, name: str) -> str | None:
    value: str | None = flat_get(attempt.case.particulars.axes, name)
    return value


@guard("owner-apart", reads_form=True)
def owner_apart(attempt: Attempt) -> Reason | None:
    """Who confirms a nonconformity does not make themselves its owner (5.3)."""
    owner = attempt.form.owner
    return Reason("owner-confirms", owner=owner, clause="5.3") if owner == attempt.actor else None


@guard("statutory-requirement", reads_form=True)
def statutory_requirement(attempt: Attempt) -> Reason | None:
    """A concession cannot waive a statutory requirement (8.2.2 a); another names authority, conditions and expiry (8.7.2 c)."""
    form = attempt.form
    if form.decision != "concession":
        return None
    if _axis(attempt, "requirement") == "statutory":
        return Reason("statutory-requirement", decision="concession", clause="8.2.2 a, 8.7.1 d")
    missing = tuple(name for name in ("concession", "conditions", "expires_at") if getattr(form, name) is None)
    return Reason("concession-incomplete", missing=missing, clause="8.7.2 c") if missing else None


@guard("customer-to-inform", reads_form=False)
def customer_to_inform(attempt: Attempt) -> Reason | None:
    """The customer is told where the output had reached them (8.7.1 c), once."""
    stand = _axis(attempt, "customer")
    return None if stand == "to-inform" else Reason("customer-not-waiting", customer=stand)


@guard("head-approval", reads_form=False)
def head_approval(attempt: Attempt) -> Reason | None:
    """That a major nonconformity needs no action is approved by the head first."""
    approved = "approve-no-action" in attempt.case.doers
    if _axis(attempt, "severity") != "major" or approved:
        return None
    return Reason("head-approval", severity="major", needed="approve-no-action")


@guard("not-before", reads_form=False)
def not_before(attempt: Attempt, *, date: str) -> Reason | None:
    """Refused before the date of that name: an effect is judged when there was time to see it (10.2.1 d)."""
    first = flat_get(attempt.case.particulars.dates, date)
    if first is None or attempt.when.occurred >= first:
        return None
    return Reason("too-early", date=date, until=attempt.context.calendar.moment(first), clause="10.2.1 d")


@guard("escalate-to-head", reads_form=False)
def escalate_to_head(attempt: Attempt) -> Reason | None:
    """A second action without effect goes to the head."""
    before = flat_get(attempt.case.particulars.counts, "judge-ineffective") or 0
    return Reason("escalate-to-head", times=before + 1) if before >= 1 else None


_RETAINED = {
    "contained_at": "containment (10.2.1 a)",
    "disposed_at": "disposition and authority (8.7.2 d)",
    "corrected_at": "actions taken (8.7.2 b)",
    "verified_at": "verification of the correction (8.7.1)",
}
_RETAINED_OF_CAUSE = {
    "cause_at": "cause (10.2.1 b)",
    "planned_at": "corrective action (10.2.1 c)",
    "acted_at": "the action taken (10.2.2 a)",
    "judged_at": "result of the corrective action (10.2.2 b)",
    "updated_at": "risks and QMS (10.2.1 e, f)",
}


@guard("record-complete", reads_form=False)
def record_complete(attempt: Attempt, *, cause: bool = True) -> Reason | None:
    """What must be retained is there (8.7.2, 10.2.2); refused with the list of what is missing."""
    dates = attempt.case.dates
    missing = [words for name, words in (_RETAINED | (_RETAINED_OF_CAUSE if cause else {})).items() if name not in dates]
    if _axis(attempt, "customer") == "to-inform":
        missing.append("notice to the customer (8.7.1 c)")
    return Reason("record-incomplete", missing=tuple(missing), clause="10.2.2") if missing else None


# The page


_HEADINGS: Mapping[str, tuple[str, str]] = {
    "raise": ("Vấn đề", "Problem"),
    "confirm": ("Xác nhận", "Confirmation"),
    "reject": ("Không chấp nhận", "Rejection"),
    "appeal": ("Đề nghị xem xét lại", "Appeal"),
    "contain": ("Khoanh vùng", "Containment"),
    "inform-customer": ("Thông báo khách hàng", "Notice to the customer"),
    "dispose": ("Quyết định xử lý", "Disposition"),
    "correct": ("Sửa", "Correction"),
    "re-verify": ("Kiểm tra lại", "Verification of the correction"),
    "approve-no-action": ("Lãnh đạo đồng ý", "Approval by the head"),
    "evaluate-need": ("Sự cần thiết hành động", "Need for action"),
    "no-action-needed": ("Không cần hành động", "No action needed"),
    "record-cause": ("Nguyên nhân gốc", "Root cause"),
    "approve-plan": ("Hành động khắc phục: kế hoạch", "Corrective action: plan"),
    "actions-done": ("Hành động khắc phục: thực hiện", "Corrective action: done"),
    "judge-effective": ("Hiệu lực", "Effect"),
    "judge-ineffective": ("Không hiệu lực", "No effect"),
    "update-risks-qms": ("Rủi ro và hệ thống quản lý", "Risks and QMS"),
    "close": ("Đóng", "Closing"),
    "reopen": ("Mở lại", "Reopening"),
}
_FIELDS_VI: Mapping[str, str] = {
    "requirement": "yêu cầu",
    "evidence": "bằng chứng",
    "deviation": "sai lệch",
    "reason": "lý do",
    "severity": "mức độ",
    "owner": "chủ trì",
    "extent": "phạm vi",
    "what": "nội dung",
    "decision": "quyết định",
    "actions": "việc đã làm",
    "authority": "thẩm quyền",
    "result": "kết quả",
    "similar": "trường hợp tương tự",
    "method": "phương pháp",
    "root_causes": "nguyên nhân gốc",
    "doer": "người thực hiện",
    "reviewer": "người đánh giá",
    "criterion": "tiêu chí",
    "indicator": "chỉ số",
    "before": "trước",
    "after": "sau",
    "kind": "loại",
    "requirement_type": "loại yêu cầu",
    "source_case": "hồ sơ nguồn",
    "procedure": "thủ tục",
    "unit": "đơn vị",
    "due": "hạn",
    "occurred_at": "xảy ra lúc",
    "detected_at": "phát hiện lúc",
    "reporter": "người lập phiếu",
    "concerned": "người liên quan",
    "customer": "khách hàng",
    "affected": "hồ sơ bị ảnh hưởng",
    "concession": "nhân nhượng",
    "conditions": "điều kiện",
    "expires_at": "hết hiệu lực",
    "category": "nhóm nguyên nhân",
    "contributing": "yếu tố góp phần",
    "team": "nhóm phân tích",
    "measure_from": "đo từ",
    "measure_to": "đo đến",
    "resources": "nguồn lực",
    "n": "số trường hợp",
    "conclusion": "kết luận",
    "cost": "chi phí",
    "recurrence": "tái diễn",
    "risks": "rủi ro",
    "qms": "hệ thống",
}


def describe(case: Case, events: Iterable[Event], language: str = "en") -> str:
    """The nonconformity on one page, problem to closing, as text in ``en`` or ``vi``: each act with its day, doer and record.

    Nothing is left out and nothing is added: what the page does not show was not recorded.
    """
    title = "Sự không phù hợp" if language == "vi" else "Nonconformity"
    lines = [f"{title} {case.id}", ", ".join(_standing(case, language)), ""]
    for number, event in enumerate((e for e in events if isinstance(e, Acted)), 1):
        vi, en = _HEADINGS.get(event.action, (event.action, event.action))
        at = pendulum.from_timestamp(event.when.occurred // 1_000_000, case.origin.zone)
        lines.append(f"{number}. {vi if language == 'vi' else en}  ({at:%d/%m/%Y %H:%M}, {event.by})")
        lines += [f"   {name}: {value}" for name, value in _shown(event.form or {}, case.origin.zone, language)]
    return "\n".join(lines)


def _standing(case: Case, language: str) -> Iterator[str]:
    axes = case.axes
    words = {"vi": ("mức độ", "kết luận", "bước"), "en": ("severity", "conclusion", "at")}[language]
    yield f"{words[0]} {axes.get('severity')}"
    yield f"{words[1]} {axes.get('conclusion')}"
    yield f"{words[2]} {' + '.join(sorted(case.steps))}"
    if case.source:
        yield f"{'từ' if language == 'vi' else 'from'} {case.source}"


def _shown(form: Mapping[str, Any], zone: str, language: str) -> Iterator[tuple[str, str]]:
    for name, value in form.items():
        shown = "; ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
        if isinstance(value, str) and _INSTANT.fullmatch(value):
            shown = f"{datetime.fromisoformat(value).astimezone(ZoneInfo(zone)):%d/%m/%Y %H:%M}"
        yield (_FIELDS_VI.get(name, name) if language == "vi" else name).replace("_", " "), shown


_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
