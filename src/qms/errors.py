"""What can go wrong, as data: one exception tree, and the reasons why something is denied.

Rule 1: everything the library raises on purpose is a `QMSError`.
Rule 2: a denial is a value: a `Reason` has a stable code, parameters and, where one exists, a clause.
Rule 3: words for people are made at the edge, from the code and the parameters, in their language.
"""

from __future__ import annotations

import reprlib
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import field, frozen

__all__ = [
    "Conflict",
    "Denied",
    "Inconsistent",
    "InvalidInput",
    "NotFound",
    "OutsideCalendar",
    "Problem",
    "QMSError",
    "Reason",
    "RecalculationPending",
    "StoreError",
    "TryAgain",
    "Unavailable",
    "UnsoundProcess",
    "Untrusted",
    "said",
]


class QMSError(Exception):
    """Everything this library raises on purpose."""


@frozen
class Problem:
    """One fault of an input: *where* it stands (``actions.sign.roles[0]``) and what is wrong and how to mend it."""

    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message


class InvalidInput(QMSError, ValueError):
    """An input that cannot be taken; `problems` holds all its faults, not the first alone."""

    problems: tuple[Problem, ...]

    def __init__(self, problems: Iterable[Problem] | str, where: str = "") -> None:
        self.problems = (Problem(where, problems),) if isinstance(problems, str) else tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def said(value: object, what: str) -> str:
    """*value*, once it is a text that says *what* is asked for: who, why, on what basis.

    Raises:
        InvalidInput: another type, or nothing but blanks.
    """
    if not isinstance(value, str) or not value.strip():
        raise InvalidInput(f"{reprlib.repr(value)} says nothing; write a text that is not blank", what)
    return value


class OutsideCalendar(InvalidInput):
    """A question about a day that the calendar does not cover: no answer is better than a guess."""


class UnsoundProcess(InvalidInput):
    """A definition whose cases could get stuck; each problem carries a witness."""


class NotFound(QMSError, LookupError):
    """No such case, definition, procedure or record."""


class StoreError(QMSError):
    """The store cannot be opened, read or written; nothing of the batch was kept."""


class Unavailable(StoreError):
    """The store cannot be reached now, or a right is missing: that says nothing about what it holds."""


class Conflict(StoreError):
    """Another writer was first: the stream is longer than expected. Read again and decide again."""


class Untrusted(QMSError):
    """What was signed or proved does not hold: no trusted signature, one that is bad, a proof that leads elsewhere."""


class Inconsistent(QMSError):
    """The log does not continue what was signed before: it was cut short, or written anew. Nothing was signed."""


class TryAgain(StoreError):
    """Another transaction came between: nothing was kept. Take the whole transaction back, and run it again."""


class RecalculationPending(QMSError):
    """A calendar is in force by which not every open case was reckoned yet: a list of dues would hold wrong ones."""


@frozen(init=False)
class Reason:
    """Why an attempt is denied: a stable *code*, its parameters, and the clause or article that asks for it.

    >>> print(Reason("no-authority", action="sign", actor="lan", roles=("head",)))
    lan may not sign: it takes head
    """

    code: str
    params: Mapping[str, Any] = field(hash=False)
    clause: str | None

    def __init__(self, code: str, /, *, clause: str | None = None, **params: Any) -> None:
        self.__attrs_init__(code, params, clause)

    def __hash__(self) -> int:
        return hash((self.code, self.clause, tuple(sorted((k, str(v)) for k, v in self.params.items()))))

    def text(self, language: str = "en") -> str:
        """The reason in words, in ``en`` or ``vi``; a code without words of its own names its parameters."""
        variants = (f"{self.code}+{name}" for name in _POSSIBLE if name in self.params)
        more = next((variant for variant in variants if variant in _WORDS), self.code)
        words = _WORDS.get(more, {}).get(language)
        shown = {
            k: ", ".join(map(str, v)) if isinstance(v, (tuple, list, set, frozenset)) else v for k, v in self.params.items()
        }
        if words is None:
            words = self.code + "".join(f", {k.replace('_', ' ')} {v}" for k, v in shown.items())
            return words + (f" ({self.clause})" if self.clause else "")
        try:
            words = words.format(**shown) + ("" if more != self.code else self._possible(language))
        except KeyError:
            words = self.code + "".join(f", {k} {v}" for k, v in shown.items())
        return words + (f" ({self.clause})" if self.clause else "")

    def _possible(self, language: str) -> str:
        """What would make it possible, in words; nothing where it is not known."""
        for name, words in _POSSIBLE.items():
            if told := self.params.get(name):
                nobody = told == ("nobody",) and language == "vi"
                return words[language].format("không ai" if nobody else ", ".join(told))
        return ""

    def __str__(self) -> str:
        return self.text()


class Denied(QMSError):
    """An attempt to act that was refused; `reasons` holds all of them, and nothing has changed."""

    def __init__(self, reasons: Iterable[Reason]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("\n".join(map(str, self.reasons)))


_POSSIBLE: Mapping[str, Mapping[str, str]] = {
    "holders": {"en": "; {} could", "vi": "; người có thể: {}"},
    "way": {"en": "; the way there: {}", "vi": "; cần qua: {}"},
}
_WORDS: dict[str, dict[str, str]] = {
    "shares-do-not-fit": {
        "en": "the shares end {planned}, after the limit, {due}",
        "vi": "các khâu kết thúc {planned}, sau thời hạn {due}",
    },
    "share-overrun": {
        "en": "{step} was due {due} and ran until {ended}",
        "vi": "khâu {step} phải xong lúc {due}, kéo dài đến {ended}",
    },
    "beyond-limit": {
        "en": "{limit} ends {due}, after {within}, {until}",
        "vi": "{limit} kết thúc {due}, sau {within}, {until}",
    },
    "unknown-action": {
        "en": "there is no action {action}; the process has: {actions}",
        "vi": "không có thao tác {action}; quy trình có: {actions}",
    },
    "not-in-step": {
        "en": "{action} leaves {steps}, and the case is at {at}",
        "vi": "{action} thực hiện ở bước {steps}, hồ sơ đang ở bước {at}",
    },
    "not-in-step+way": {
        "en": "{action} leaves {steps}, and the case is at {at}; the way there: {way}",
        "vi": "{action} thực hiện ở bước {steps}, hồ sơ đang ở bước {at}; cần qua: {way}",
    },
    "no-version": {
        "en": "no version of {name} is valid on {day}",
        "vi": "không có phiên bản nào của {name} có hiệu lực ngày {day}",
    },
    "withdrawn-version": {
        "en": "{name} was withdrawn at {since}: {why}",
        "vi": "{name} đã bị bãi bỏ từ {since}: {why}",
    },
    "children-open": {
        "en": "{ended} of {needed} under {link} have ended; open: {children}",
        "vi": "{link}: đã kết thúc {ended}/{needed}; đang mở: {children}",
    },
    "on-hold": {
        "en": "{case} is on hold by {by}: {basis}",
        "vi": "{case} đang bị giữ lại theo {by}: {basis}",
    },
    "handed-over": {"en": "{case} was handed over to {to}", "vi": "{case} đã được nộp lưu cho {to}"},
    "no-lists": {
        "en": "it takes {needed} signed copies of the {what}, and there are {copies}",
        "vi": "cần {needed} bản có chữ ký của {what}, mới có {copies}",
    },
    "no-such-case": {"en": "there is no case {case}", "vi": "không có hồ sơ {case}"},
    "not-approved": {"en": "{case} was not approved by all it takes", "vi": "{case} chưa được phê duyệt đủ"},
    "still-open": {"en": "{case} is open; end it first", "vi": "{case} chưa kết thúc"},
    "retained": {
        "en": "{case} is kept {period} from its end; from {until} on it can be erased",
        "vi": "{case} phải lưu giữ {period} kể từ khi kết thúc; được xóa từ {until}",
    },
    "nothing-to-undo": {
        "en": "the last event of the case is no act that can be taken back",
        "vi": "sự kiện cuối cùng của hồ sơ không phải thao tác có thể hoàn tác",
    },
    "not-undoable": {"en": "{action} cannot be undone", "vi": "{action} không thể hoàn tác"},
    "raised-cases": {
        "en": "{action} opened {cases}; end those first, or act forward",
        "vi": "{action} đã mở {cases}; cần kết thúc các hồ sơ đó trước",
    },
    "undo-reason": {"en": "undoing {action} needs a reason", "vi": "hoàn tác {action} cần nêu lý do"},
    "already-approved": {
        "en": "{actor} has approved {action} ({done} of {needed}); it takes somebody else",
        "vi": "{actor} đã phê duyệt {action} ({done}/{needed}); cần người khác",
    },
    "already-standing": {
        "en": "{action} is already pending at {steps}",
        "vi": "{action} đang chờ ở bước {steps}",
    },
    "evidence-unknown": {
        "en": "{action} cannot be signed by {level}; known: {levels}",
        "vi": "{action} không thể ký theo cách {level}; các mức: {levels}",
    },
    "evidence-level": {
        "en": "{action} takes a signature of the level {least}; {level} is less",
        "vi": "{action} cần chữ ký mức {least}; {level} là mức thấp hơn",
    },
    "evidence-invalid": {
        "en": "the signature ({level}) for {action} was not verified as valid: {validity}",
        "vi": "chữ ký ({level}) cho {action} không được xác minh hợp lệ: {validity}",
    },
    "after-expiry": {
        "en": "{action} comes too late: {clock} ended {ended}, and the case went to {at}",
        "vi": "{action} quá muộn: {clock} đã hết lúc {ended}, hồ sơ đã chuyển sang bước {at}",
    },
    "paused": {
        "en": "{action} leaves {steps}, and the case waits at {at}, where {clock} is paused since {since}",
        "vi": "{action} thực hiện ở bước {steps}, hồ sơ đang chờ ở bước {at}, {clock} tạm dừng từ {since}",
    },
    "closed": {"en": "the case is closed at {at}", "vi": "hồ sơ đã kết thúc ở bước {at}"},
    "no-authority": {
        "en": "{actor} may not {action}: it takes {roles}",
        "vi": "{actor} không có thẩm quyền {action}: cần vai trò {roles}",
    },
    "no-authority+holders": {
        "en": "{actor} may not {action}: it takes {roles}, held by {holders}",
        "vi": "{actor} không có thẩm quyền {action}: cần vai trò {roles}, hiện do {holders} giữ",
    },
    "expired-delegation": {
        "en": "{actor} may no longer {action}: the authority lent as {role} has ended",
        "vi": "{actor} không còn được {action}: ủy quyền với vai trò {role} đã hết hạn",
    },
    "sub-delegation": {
        "en": "{actor} may not {action}: {on_behalf} was only lent the role {role}, and cannot pass it on",
        "vi": "{actor} không được {action}: {on_behalf} chỉ được ủy quyền vai trò {role}, không được ủy quyền lại",
    },
    "outside-scope": {
        "en": "{actor} may not {action}: the role {role} is held as {capacity} for other matters",
        "vi": "{actor} không được {action}: vai trò {role} ({capacity}) chỉ dành cho nội dung khác",
    },
    "expired-competence": {
        "en": "{actor} may not {action}: {competence}, which the role {role} takes, has expired",
        "vi": "{actor} không được {action}: {competence} mà vai trò {role} yêu cầu đã hết hiệu lực",
    },
    "wrong-capacity": {
        "en": "{actor} may not {action} as {capacity}; it takes {capacities}",
        "vi": "{actor} không được {action} với tư cách {capacity}; cần {capacities}",
    },
    "conflict": {
        "en": "{actor} may not {action}: they have an interest in the {part} of this case",
        "vi": "{actor} không được {action}: có lợi ích liên quan với {part} của hồ sơ này",
    },
    "fired-by-clock": {
        "en": "{action} is done by the clock {clock} when its limit ends, not by hand",
        "vi": "{action} do đồng hồ {clock} tự thực hiện khi hết hạn, không làm bằng tay",
    },
    "separation-of-duties": {
        "en": "{actor} may not {action}: the same person did {with_action}",
        "vi": "{actor} không được {action}: cùng một người đã {with_action}",
    },
    "own-case": {
        "en": "{actor} may not {action}: they are the {part} of this case",
        "vi": "{actor} không được {action}: là {part} của chính hồ sơ này",
    },
    "same-person": {
        "en": "{actor} may not {action}: only who did {with_action} may",
        "vi": "{actor} không được {action}: chỉ người đã {with_action} mới được",
    },
    "at-most": {
        "en": "{action} was done {done} times, and {limit} is the most",
        "vi": "{action} đã làm {done} lần, tối đa {limit} lần",
    },
    "pause-reason": {
        "en": "{action} would pause {clock} for {reason}; the limit may be paused for {reasons} alone",
        "vi": "{action} sẽ tạm dừng {clock} vì {reason}; thời hạn chỉ được tạm dừng vì {reasons}",
    },
    "pauses-at-most": {
        "en": "{clock} was paused {done} times, and {limit} is the most ({reason})",
        "vi": "{clock} đã tạm dừng {done} lần, tối đa {limit} lần ({reason})",
    },
    "pauses-used-up": {
        "en": "{clock} may be paused for {limit} in all, which ended at {until} ({reason})",
        "vi": "{clock} được tạm dừng tổng cộng {limit}, đã hết lúc {until} ({reason})",
    },
    "extensions-at-most": {
        "en": "{clock} was extended {done} times, and {limit} is the most",
        "vi": "{clock} đã gia hạn {done} lần, tối đa {limit} lần",
    },
    "extension-too-long": {
        "en": "{clock} may be extended by {limit}, not by {period}",
        "vi": "{clock} được gia hạn tối đa {limit}, không phải {period}",
    },
    "period-too-long": {
        "en": "{clock} lasts {limit} at the most, not {period}",
        "vi": "{clock} tối đa {limit}, không phải {period}",
    },
    "form-missing": {"en": "{action} needs the form {form}", "vi": "{action} cần biểu mẫu {form}"},
    "form-field": {"en": "{field}: {problem}", "vi": "{field}: {problem}"},
    "form-unexpected": {"en": "{action} takes no form", "vi": "{action} không có biểu mẫu"},
    "late-entry-reason": {
        "en": "recording {action} after the fact needs a reason",
        "vi": "ghi nhận {action} sau thời điểm xảy ra cần nêu lý do",
    },
    "late-entry-order": {
        "en": "{action} cannot have occurred at {occurred}, before what it follows ({after})",
        "vi": "{action} không thể xảy ra lúc {occurred}, trước sự kiện mà nó nối tiếp ({after})",
    },
    "in-the-future": {
        "en": "{action} cannot have occurred at {occurred}, after it is recorded ({recorded})",
        "vi": "{action} không thể xảy ra lúc {occurred}, sau khi được ghi nhận ({recorded})",
    },
    # what guards of shipped processes say
    "procedure-says": {
        "en": "the procedure says {blank} = {value}; it takes {needed}",
        "vi": "thủ tục quy định {blank} = {value}; cần {needed}",
    },
    "paper-not-listed": {
        "en": "not on the published list of papers: {papers}",
        "vi": "không có trong thành phần hồ sơ đã công bố: {papers}",
    },
    "no-power-of-attorney": {
        "en": "the representative {representative} has no authority on file; name it in authority",
        "vi": "người đại diện {representative} chưa có giấy ủy quyền; ghi vào authority",
    },
    "conflict-of-interest": {
        "en": "{officer} is the {part} of this case; name somebody else",
        "vi": "{officer} là {part} của hồ sơ này; chọn người khác",
    },
    "officer-not-apart": {
        "en": "{officer} did {with_action} on this case; name somebody else",
        "vi": "{officer} đã {with_action} hồ sơ này; chọn người khác",
    },
    "not-assigned": {
        "en": "the case is assigned to {assignee}, not to {actor}",
        "vi": "hồ sơ được phân công cho {assignee}, không phải {actor}",
    },
    "too-few-signatures": {
        "en": "signed by {signed_by} alone; the procedure asks for {needed}",
        "vi": "chỉ có {signed_by} ký; thủ tục yêu cầu {needed}",
    },
    "direct-contact": {
        "en": "the applicant is met at the one-stop unit alone, not through {sent_through}",
        "vi": "chỉ liên hệ với người nộp qua Bộ phận một cửa, không qua {sent_through}",
    },
    "identity-unchecked": {
        "en": "check who takes the result, or their authority",
        "vi": "cần kiểm tra người nhận kết quả hoặc giấy ủy quyền",
    },
    "notice-window": {
        "en": "a supplement could be asked for until {until} ({limit} from receipt)",
        "vi": "chỉ được yêu cầu bổ sung đến {until} ({limit} từ khi tiếp nhận)",
    },
    "too-early": {"en": "not before {until}", "vi": "chưa đến {until}"},
    "late-apology": {
        "en": "the apology comes too late: the limit ends at {due}",
        "vi": "xin lỗi quá muộn: thời hạn kết thúc lúc {due}",
    },
    "new-date-not-later": {
        "en": "the new date {new_date} is not after the promised {promised}, or has passed",
        "vi": "ngày hẹn lại {new_date} không sau ngày đã hẹn {promised}, hoặc đã qua",
    },
    "payment-out-of-order": {
        "en": "paid at {paid_at}, which is not between the notice ({noticed}) and now",
        "vi": "nộp lúc {paid_at}, không nằm giữa lúc thông báo ({noticed}) và bây giờ",
    },
    "fee-never-pauses": {
        "en": "a {kind} does not pause the limit; collect it as a fee",
        "vi": "{kind} không làm tạm dừng thời hạn; thu như phí, lệ phí",
    },
    "refusal-unreasoned": {
        "en": "{proposal} needs a reason and its basis",
        "vi": "{proposal} cần nêu lý do và căn cứ",
    },
    "no-signed-decision": {
        "en": "no decision is signed: the case is at {at}",
        "vi": "chưa có quyết định được ký: hồ sơ đang ở bước {at}",
    },
    "originals-unsettled": {
        "en": "originals are {originals}; say that they were returned or lost",
        "vi": "giấy tờ gốc đang là {originals}; ghi nhận đã trả lại hoặc bị mất",
    },
    "no-originals-held": {"en": "originals are {originals}, not held", "vi": "giấy tờ gốc là {originals}, không đang giữ"},
    "fee-unpaid": {
        "en": "the fee is not paid, and the procedure waits for it",
        "vi": "chưa nộp phí, thủ tục yêu cầu nộp trước",
    },
    "fee-is-not": {"en": "the fee is {fee}, not {needed}", "vi": "phí đang là {fee}, không phải {needed}"},
    "ended-late": {"en": "ended at {ended}, due {due}", "vi": "kết thúc lúc {ended}, hạn {due}"},
    "sent-back-often": {"en": "the draft was sent back {times} times", "vi": "dự thảo bị trả lại {times} lần"},
    "not-agreed": {
        "en": "others are asked when {needed} was done, once for each time",
        "vi": "cần {needed} trước mỗi lần lấy ý kiến",
    },
    "nobody-asked": {
        "en": "name whom to ask, in agencies or organizations",
        "vi": "chọn cơ quan được lấy ý kiến (agencies hoặc organizations)",
    },
    "silence-unfounded": {
        "en": "silence is consent only by law: name it in basis",
        "vi": "im lặng chỉ là đồng ý khi pháp luật quy định: ghi căn cứ vào basis",
    },
    "silence-means": {"en": "silence {silence} here; it takes {needed}", "vi": "im lặng ở đây là {silence}; cần {needed}"},
    "reply-unreasoned": {"en": "the answer {answer} needs {missing}", "vi": "trả lời {answer} cần có {missing}"},
    "no-late-reply": {
        "en": "no late answer has come for {consultation}",
        "vi": "không có ý kiến trả lời muộn của {consultation}",
    },
    "late-reply-unread": {
        "en": "a late answer has not been read: {consultations}",
        "vi": "chưa xem xét ý kiến trả lời muộn: {consultations}",
    },
    "transfer-not-received": {
        "en": "the receiver has not accepted {case}",
        "vi": "cơ quan nhận chưa tiếp nhận {case}",
    },
    "remedy": {
        "en": "an error of {error} takes {needed}, not {remedy}",
        "vi": "sai sót loại {error} cần {needed}, không phải {remedy}",
    },
    "signature-evidence": {
        "en": "signed as {evidence}; the procedure takes {needed} at least",
        "vi": "ký bằng {evidence}; thủ tục yêu cầu tối thiểu {needed}",
    },
    "capacity-not-held": {
        "en": "printed as {capacity}, and held as {held}",
        "vi": "ghi là {capacity}, trong khi được giao là {held}",
    },
    "owner-confirms": {
        "en": "{owner} cannot confirm what they will own; name another owner",
        "vi": "{owner} không thể tự xác nhận việc mình chủ trì; chọn người khác",
    },
    "statutory-requirement": {
        "en": "a {decision} cannot waive a statutory requirement; decide otherwise",
        "vi": "không thể {decision} đối với yêu cầu của pháp luật; chọn cách xử lý khác",
    },
    "concession-incomplete": {"en": "a concession needs {missing}", "vi": "nhân nhượng cần có {missing}"},
    "customer-not-waiting": {
        "en": "there is nothing to tell the customer: {customer}",
        "vi": "không có gì phải thông báo cho khách hàng: {customer}",
    },
    "head-approval": {
        "en": "{severity}: the head approves first ({needed})",
        "vi": "{severity}: cần lãnh đạo đồng ý trước ({needed})",
    },
    "escalate-to-head": {
        "en": "judged without effect {times} times: for the head",
        "vi": "đánh giá không hiệu lực {times} lần: báo cáo lãnh đạo",
    },
    "record-incomplete": {"en": "missing: {missing}", "vi": "còn thiếu: {missing}"},
    "late-hand-over": {"en": "handed over after {until}", "vi": "chuyển sau {until}"},
    "originals-lost": {"en": "originals in our care were lost", "vi": "giấy tờ gốc bị mất khi đang giữ"},
}
